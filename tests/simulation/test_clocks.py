"""The same days with good clocks and with impossible ones: the same acts are applied in the same order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sync.protocol.canonical import dumps
from sync.protocol.frame import Evidence
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, make_network

SECOND = "511921108204"
DAY_MS = 86_400_000
LINES = [(VILLAGE, TOWN), (SECOND, TOWN), (TOWN, COUNTY)]
Clocks = Callable[[str, int], int]


def good(address: str, step: int) -> int:
    return START_MS + step * 60_000


def of_1970_and_2099(address: str, step: int) -> int:
    return {VILLAGE: 0, TOWN: START_MS + 73 * 365 * DAY_MS}.get(address, START_MS) + step * 60_000


def jumping(address: str, step: int) -> int:
    walls = (0, START_MS - 400 * DAY_MS, START_MS, START_MS + 26_000 * DAY_MS)
    return Random(f"{address}{step}").choice(walls)


def days_with(clocks: Clocks) -> dict[str, tuple[list[str], list[str]]]:
    """Play one and the same story; return what each application was given, in order, and what it was told."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND), 24)
    rng = Random(24)

    def look_at_clocks(step: int) -> None:
        for address, site in sites.items():
            site.now_ms = clocks(address, step)
            site.now = lambda wall=site.now_ms, mono=step * 60_000: Evidence(wall, "0badc0de", mono)

    for step in range(30):
        look_at_clocks(step)
        src, to = rng.sample(sorted(sites), 2)
        sites[src].submit(dumps({"n": step, "to": [to]}), (to,))
        _some_exchanges(sites, rng)
    for step in range(30, 38):
        look_at_clocks(step)
        for child, parent in LINES:
            _exchange(sites[child], sites[parent])
    return {
        address: ([f"{act.author} {act.content!r}" for act in site.application.acts], site.codes())
        for address, site in sites.items()
    }


def _some_exchanges(sites: dict[str, Site], rng: Random) -> None:
    for child, parent in rng.sample(LINES, rng.randrange(3)):
        if rng.random() < 0.2:
            # Its answer is lost.
            sites[parent].take(sites[child].out(parent))
        else:
            _exchange(sites[child], sites[parent])


def _exchange(child: Site, parent: Site) -> None:
    parent.take(child.out(parent.address))
    child.take(parent.out(child.address))


def test_no_clock_changes_what_is_applied_nor_its_order():
    """A village of 1970 below a township of 2099; then clocks that jump a year or seventy at every step."""
    expected = days_with(good)
    assert min(len(acts) for acts, _ in expected.values()) >= 3
    assert days_with(of_1970_and_2099) == expected
    assert days_with(jumping) == expected
