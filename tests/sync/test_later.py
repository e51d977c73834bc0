"""A flood of one author's acts LATER hides no other's: a person at the top comes to see all of each."""

from __future__ import annotations

from pytest import MonkeyPatch, mark

from sync.protocol import asked
from sync.protocol.beside import keep_loose
from sync.protocol.intake import admit
from sync.protocol.later import in_turn, to_name_again
from sync.protocol.quarantine import STRUCK
from sync.protocol.records import LOOSE
from sync.protocol.review import within_cut
from sync.protocol.revocation import Said, decide
from sync.protocol.spool import Placed
from tests.sync.forgery import bring
from tests.sync.made import OTHER
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_loose_cuts import false_at
from tests.sync.test_revocation import cut_off, replace_machine, said, stolen
from tests.sync.test_rotation import rotate


def rob(sites: dict[str, Site], address: str, count: int) -> tuple[str, set[str]]:
    """Return the stolen key, and so many acts of a thief's that the robbed village placed by its next key.

    Their first frames are kept at the township.
    """
    village, town = sites[address], sites[TOWN]
    for n in range(count):
        village.submit(said(n, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key.id
    rotate(village, f"{address} 2")
    settle(sites, 4)
    false = [false_at(thief, n + 1) for n in range(count)]
    with town.unit():
        for frame in false:
            keep_loose(town.core, Placed(town.core.next_position(), frame))
        admit(town.core, false, {})
    for frame in false:
        bring(town, village, frame, kind=LOOSE)
    settle(sites, 4)
    return old, {frame.act for frame in false}


def strike_what_is_shown(county: Site) -> set[str]:
    with county.unit():
        shown = [row for address in (VILLAGE, OTHER) for row in within_cut(county.core, address, 9)]
        acts = [row.frame.act for row in shown if row.is_beside]
        for one in acts:
            decide(county.core, county.application, STRUCK, Said([one], "冒用"), county.now())
    return set(acts)


@mark.parametrize(
    ("order", "count", "rounds"),
    [
        ((VILLAGE, OTHER), 5, 0),
        ((VILLAGE, OTHER), 5, 3),
        ((OTHER, VILLAGE), 5, 3),
        ((VILLAGE, OTHER), 2, 3),
    ],
    ids=["both at once", "the flood first", "the flood last", "each alone has room"],
)
def test_where_one_author_floods_the_acts_of_another_are_named_too(
    monkeypatch: MonkeyPatch, order: tuple[str, str], count: int, rounds: int
) -> None:
    monkeypatch.setattr(asked, "OPEN_MAX", 2)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, *_ = sites.values()
    old_key, false = {}, set()
    for address, some in ((VILLAGE, count), (OTHER, 2)):
        old_key[address], acts = rob(sites, address, some)
        false |= acts
    upper = {COUNTY: county, TOWN: town}
    for n, address in enumerate(order):
        cut_off(county, address, keys=(old_key[address],))
        replace_machine(county, address, 3)
        settle(upper, rounds if n == 0 else 4)
    found: set[str] = set()
    while more := strike_what_is_shown(county):
        found |= more
        settle(upper, 4)
    assert found == false
    assert to_name_again(town.core, 1) == []


def test_for_a_few_that_are_struck_out_nothing_is_named_again(monkeypatch: MonkeyPatch) -> None:
    """To name them are acts that stay: a tenth of the room at the top has to be free first."""
    monkeypatch.setattr(asked, "OPEN_MAX", 30)
    _, town, *_ = make_network().values()
    with town.unit():
        in_turn(town.core, {VILLAGE: ["a"] * 39, OTHER: ["b"]})
        assert [to_name_again(town.core, struck) for struck in (0, 1, 1)] == [[], [], []]
    town.restart()
    with town.unit():
        assert [to_name_again(town.core, struck) for struck in (1, 2, 9)] == [
            [VILLAGE, OTHER],
            [],
            [VILLAGE, OTHER],
        ]
        in_turn(town.core, {VILLAGE: ["a"] * 29, OTHER: ["b"]})
        assert to_name_again(town.core, 9) == []


def test_the_last_of_a_flood_are_named_as_soon_as_there_is_room_for_them(monkeypatch: MonkeyPatch) -> None:
    """People find only these two false, and what is not named they never see."""
    monkeypatch.setattr(asked, "OPEN_MAX", 30)
    _, town, *_ = make_network().values()
    with town.unit():
        in_turn(town.core, {VILLAGE: ["a"] * 32})
        assert [to_name_again(town.core, 1) for _ in range(2)] == [[], [VILLAGE]]
        in_turn(town.core, {VILLAGE: ["a"] * 30})
        assert to_name_again(town.core, 1) == []
