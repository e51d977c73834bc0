"""`sync now` asks whoever is above until somebody answers, and says with whom it spoke."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from common.config import write_config
from common.node.cli import main
from common.node.verbs import sync_now as verb
from common.node.verbs import told
from common.store.database import close_database
from sync.adapters.line import LineFault, NotKnownThere, ParentBusy, Refused
from sync.adapters.runner import Pace, Runner
from sync.adapters.ways import Uplink
from tests.desk.three import PROFILES, ThreeNodes
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network
from tests.sync.wire import Wire

NAMES = {TOWN: "青峪镇", COUNTY: "通江县"}


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def wire(sites: dict[str, Site]) -> Wire:
    return Wire(sites)


def asked(
    sites: dict[str, Site],
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
    uplinks: Sequence[Uplink] = (Uplink(TOWN, TOWN), Uplink(COUNTY, COUNTY)),
) -> dict[str, Any]:
    """Ask as the village does, which knows where both nodes above it answer."""
    village = sites[VILLAGE]
    runner = Runner(village.engine(), wire, lambda: uplinks, Pace(60_000, 100_000), lambda: 2**31)
    node: Any = SimpleNamespace(
        runner=runner, profile=PROFILES["511921126204"], has_joined=lambda: True, peer=village.peer
    )
    monkeypatch.setattr(verb, "is_fetching", lambda node: False)
    monkeypatch.setattr(verb, "_waits", lambda node, address: node.peer.waits_for(address))
    return verb.sync_now(node)


def test_while_the_township_is_silent_the_county_is_asked_at_once(sites, wire, monkeypatch) -> None:
    """Also from one exchange to the next: whoever was silent is asked no second time."""
    wire.down[TOWN] = LineFault("cut")
    village = sites[VILLAGE]
    acts = [village.submit(b"{}", (COUNTY,), (village.paper(bytes(range(256)) * 3_000),))]
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["with"], done["code"]) == (1, COUNTY, "")
    assert [(one["to"], one["code"]) for one in done["failed"]] == [(TOWN, "S401")]
    assert sites[COUNTY].application.ids == acts
    assert wire.tried.count(TOWN) == 1 and wire.tried.count(COUNTY) > 1
    assert told.sync_lines(done, NAMES.__getitem__) == [
        "已改与通江县交换，现在没有要传给通江县的内容。",
        f"没有交换成（青峪镇）：{LineFault.sentence}（S401）",
    ]


def test_a_township_that_breaks_off_half_way_is_passed_over_from_then_on(sites, wire, monkeypatch) -> None:
    village, plain = sites[VILLAGE], wire.exchange
    village.submit(b"{}", (COUNTY,), (village.paper(bytes(range(256)) * 3_000),))

    def breaks_off(url: str, chunks: Any) -> Any:
        if wire.tried.count(TOWN) == 2:
            wire.down[TOWN] = LineFault("cut")
        return plain(url, chunks)

    monkeypatch.setattr(wire, "exchange", breaks_off)
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["with"]) == (1, COUNTY) and wire.tried.count(TOWN) == 3
    assert sites[COUNTY].application.ids


def test_who_learns_from_the_refusal_that_it_stands_elsewhere_asks_whoever_is_above_now(
    sites, wire, monkeypatch
) -> None:
    """The township that it has left goes from the list: the first of those that are there is no longer it."""
    village, above = sites[VILLAGE], [Uplink(TOWN, TOWN), Uplink(COUNTY, COUNTY)]
    act, plain = village.submit(b"{}", (COUNTY,)), wire.exchange

    def refuses(url: str, chunks: Any) -> Any:
        if url == TOWN:
            above[:] = [Uplink(COUNTY, COUNTY)]
            raise Refused("S106")
        return plain(url, chunks)

    monkeypatch.setattr(wire, "exchange", refuses)
    done = asked(sites, wire, monkeypatch, above)
    assert (done["ok"], done["with"]) == (1, COUNTY) and sites[COUNTY].application.ids == [act]


def test_only_where_nobody_answered_it_has_failed_and_each_one_asked_is_named(
    sites, wire, monkeypatch
) -> None:
    wire.down = {TOWN: LineFault("cut"), COUNTY: LineFault("cut")}
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["with"], done["code"], wire.tried) == (0, "", "S401", [TOWN, COUNTY])
    lines = told.sync_lines(done, NAMES.__getitem__)
    assert lines[0] == f"没有交换成（青峪镇、通江县）：{LineFault.sentence}（S401）" and len(lines) == 2
    wire.down[TOWN] = NotKnownThere("S107")
    lines = told.sync_lines(asked(sites, wire, monkeypatch), NAMES.__getitem__)
    assert [line.partition("：")[0] for line in lines[:2]] == ["没有交换成（青峪镇）", "没有交换成（通江县）"]


def test_a_township_that_asks_for_patience_is_left_for_nobody(sites, wire, monkeypatch) -> None:
    """All villages of a busy township at once would fill the county's door."""
    wire.down[TOWN] = ParentBusy("503", retry_after_s=5)
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["code"], wire.tried) == (0, "S403", [TOWN])


def test_with_whom_it_went_well_is_named(sites, wire, monkeypatch) -> None:
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["with"], done["failed"]) == (1, TOWN, [])
    (line,) = told.sync_lines(done, NAMES.__getitem__)
    assert line == f"已与青峪镇交换 {done['rounds']} 次，现在没有待传的内容。"


def test_what_fifty_exchanges_have_left_is_not_said_to_be_nothing(sites, wire, monkeypatch) -> None:
    """After weeks without a line more waits than that: whoever is told that nothing does pulls the plug."""
    sites[VILLAGE].submit(b"{}", (COUNTY,), (sites[VILLAGE].paper(bytes(range(256)) * 3_000),))
    monkeypatch.setattr(verb, "_ROUNDS_MAX", 2)
    done = asked(sites, wire, monkeypatch)
    assert (done["ok"], done["left"], done["rounds"]) == (1, 1, 2)
    (line,) = told.sync_lines(done, NAMES.__getitem__)
    assert line == "已与青峪镇交换 2 次，还有内容没有传完，会自动再传，也可以再执行一次。"
    monkeypatch.setattr(verb, "_ROUNDS_MAX", 50)
    assert asked(sites, wire, monkeypatch)["left"] == 0


def test_the_command_asks_both(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = "http://127.0.0.1:1"
    village = "511921126204"
    write_config(three.folder / village, {"address": village, "parent_url": nobody, "ancestor_urls": nobody})
    words = ["sync", "now", "--data", str(three.folder / village)]
    close_database()
    assert main(PROFILES[village], words) == 1
    assert "没有交换成（青峪镇、通江县）：" in capsys.readouterr().out
    close_database()
    assert main(PROFILES[village], [*words, "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert [one["to"] for one in facts["failed"]] == ["511921126", "511921"]
