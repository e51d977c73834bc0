"""A village that joined under the county, and whose township joins later: which address belongs to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import NodeConfig
from common.node.line import uplinks_of
from sync.adapters.http_client import HttpLine
from sync.adapters.runner import Pace, Runner
from sync.adapters.ways import ASTRAY_MS, Uplink
from sync.protocol.address import Tree
from tests.sync.http_site import QUICK, Parent, serving
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network

ALONE = Tree({COUNTY: "", VILLAGE: ""}, COUNTY)
WHOLE = Tree({COUNTY: "", TOWN: "", VILLAGE: ""}, COUNTY)
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def county(sites: dict[str, Site]) -> Iterator[Parent]:
    with serving(sites[COUNTY]) as found:
        yield found


@pytest.fixture
def town(sites: dict[str, Site]) -> Iterator[Parent]:
    with serving(sites[TOWN]) as found:
        yield found


def runner(site: Site, parent_url: str, roster: dict[str, str]) -> Runner:
    config = NodeConfig(data_dir=Path(), address=VILLAGE, parent_url=parent_url)
    uplinks = uplinks_of(config, lambda: WHOLE, lambda address: roster.get(address, ""))
    return Runner(site.engine(), HttpLine(QUICK), uplinks, Pace(60_000, 100_000), lambda: 2**31)


def primary(tree: Tree, parent_url: str, roster: dict[str, str]) -> list[tuple[str, str]]:
    config = NodeConfig(data_dir=Path(), address=VILLAGE, parent_url=parent_url)
    found = uplinks_of(config, lambda: tree, lambda address: roster.get(address, ""))()
    return [(one.address, one.url) for one in found if not one.is_spare]


def test_where_the_county_answers_at_what_is_taken_for_the_townships_address_it_is_asked_itself(
    sites: dict[str, Site], county: Parent
) -> None:
    assert primary(ALONE, county.url, {}) == [(COUNTY, county.url)]
    act = sites[VILLAGE].submit(b"{}", (COUNTY,))
    line = runner(sites[VILLAGE], county.url, {})
    line.step()
    assert (line.state.last_code, line.state.failures, line.state.uplink) == ("", 0, COUNTY)
    assert sites[COUNTY].application.ids == [act]
    # The page can say that this is no address of the township.
    assert line.ways.astray() == [Uplink(TOWN, county.url)]


def test_what_the_roster_says_of_the_township_comes_before_the_county(
    sites: dict[str, Site], county: Parent, town: Parent
) -> None:
    sites[VILLAGE].submit(b"{}", (COUNTY,))
    line = runner(sites[VILLAGE], county.url, {TOWN: town.url})
    line.step()
    assert (line.state.last_code, line.state.uplink) == ("", TOWN)


def test_an_address_of_the_township_in_the_settings_stays_the_townships(
    sites: dict[str, Site], town: Parent
) -> None:
    line = runner(sites[VILLAGE], town.url, {TOWN: NOBODY, COUNTY: NOBODY})
    line.step()
    assert (line.state.last_code, line.state.uplink, line.ways.astray()) == ("", TOWN, [])


def test_a_silent_line_leads_nobody_astray(sites: dict[str, Site]) -> None:
    """No guess is tried for it, however often."""
    line = runner(sites[VILLAGE], NOBODY, {})
    for _ in range(7):
        line.step()
    assert (line.state.failures, line.state.last_code, line.state.uplink) == (7, "S401", TOWN)
    assert list(line.ways.open()) == [Uplink(TOWN, NOBODY)]


def test_with_nobody_else_to_ask_the_wrong_node_is_told_and_asked_again(
    sites: dict[str, Site],
) -> None:
    with serving(sites[VILLAGE]) as itself:
        line = runner(sites[VILLAGE], itself.url, {})
        for n in (1, 2):
            line.step()
            assert (line.state.failures, line.state.last_code) == (n, "S415")


def test_what_led_astray_is_asked_again_after_an_hour(
    sites: dict[str, Site], county: Parent, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = runner(sites[VILLAGE], county.url, {})
    line.step()
    assert line.ways.astray()
    later = line.engine.world.evidence().mono + ASTRAY_MS
    monkeypatch.setattr(line.ways, "_mono", lambda: later)
    assert not line.ways.astray() and list(line.ways.open()) == [Uplink(TOWN, county.url)]
