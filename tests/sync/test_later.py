"""A flood of one author's acts hides no other's: a person at the top comes to see all of each."""

from __future__ import annotations

from pytest import MonkeyPatch, mark

from sync.protocol.acts import asked
from sync.protocol.acts.asked import LATER, PAST
from sync.protocol.acts.later import in_turn, named, to_name_again, waiting
from sync.protocol.acts.quarantine import HELD, RELEASED, STRUCK
from sync.protocol.incoming.beside import keep_loose
from sync.protocol.incoming.intake import admit
from sync.protocol.records import LOOSE
from sync.protocol.spool import Placed
from sync.protocol.trust.review import within_cut
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import bring
from tests.sync.made import OTHER
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_loose_cuts import false_at
from tests.sync.test_revocation import cut_off, once, replace_machine, said, stolen
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
    assert waiting(town.core, LATER) == {}


def test_what_was_named_keeps_its_room_though_the_later_key_is_revoked_too(monkeypatch: MonkeyPatch) -> None:
    """The node had forgotten it then, and did not see that room was made when it was struck out."""
    monkeypatch.setattr(asked, "OPEN_MAX", 4)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, _ = sites.values()
    (old, flood), (old_other, false) = rob(sites, VILLAGE, 8), rob(sites, OTHER, 6)
    upper = {COUNTY: county, TOWN: town}
    for address, key in ((VILLAGE, old), (VILLAGE, village.key.id), (OTHER, old_other)):
        cut_off(county, address, keys=(key,))
        settle(upper, 4)
    found: set[str] = set()
    while more := strike_what_is_shown(county) or _strike(county, _counting(county, flood)):
        found |= more
        settle(upper, 4)
    assert found == flood | false and not false & set(county.application.ids)


def _counting(county: Site, acts: set[str]) -> set[str]:
    with county.unit():
        return acts & {row.frame.act for row in within_cut(county.core, VILLAGE, 99)}


def _strike(county: Site, acts: set[str]) -> set[str]:
    with county.unit():
        for one in sorted(acts):
            decide(county.core, county.application, STRUCK, Said([one], "冒用"), county.now())
    return acts


class Flood:
    """A thief's acts and a good one, held back at the township: they came to it alone, so they are named.

    What goes to the township alone comes to the top by no stream: a person sees what is named. At the county
    there is room for 6, and 9 are false.
    """

    def __init__(self, order: tuple[str, str]) -> None:
        sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
        self.county, self.town, village, other = sites.values()
        self.upper = {COUNTY: self.county, TOWN: self.town}
        settle(sites, 2)
        self.false = {village.submit(said(n, TOWN), (TOWN,)) for n in range(9)}
        self.good = other.submit(said(99, TOWN), (TOWN,))
        for site in (village, other, village, other):
            exchange(site, self.town)
        for address in order:
            cut_off(self.county, address, cut={sites[address].stream(address, TOWN).id: 0})
            settle(self.upper, 4)
        assert asked.TOO_MANY in self.county.codes() and self.good not in self.town.application.ids

    def strike(self) -> set[str]:
        """Strike out what is named and false; return it."""
        found = _strike(self.county, set(asked.acts_of(self.county.core)) - {self.good})
        settle(self.upper, 4)
        return found

    def ends(self, found: set[str]) -> None:
        """Go on until all is decided; nothing was hidden, and no room is left taken."""
        while more := self.strike():
            found |= more
        assert found == self.false and asked.acts_of(self.county.core) == [self.good]
        with self.county.unit():
            said_of = Said([self.good], "查明属实")
            decide(self.county.core, self.county.application, RELEASED, said_of, self.county.now())
        settle(self.upper, 4)
        assert self.good in once(self.town)
        assert (waiting(self.town.core, PAST), named(self.town.core, PAST)) == ({}, set())


@mark.parametrize("order", [(VILLAGE, OTHER), (OTHER, VILLAGE)], ids=["the flood first", "the flood last"])
def test_where_one_floods_what_is_held_back_of_another_is_named_as_room_is_made(
    monkeypatch: MonkeyPatch, order: tuple[str, str]
) -> None:
    monkeypatch.setattr(asked, "OPEN_MAX", 6)
    Flood(order).ends(set())


def test_what_a_revoked_key_had_named_is_named_by_the_next_one_by_turn(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "OPEN_MAX", 6)
    flood = Flood((VILLAGE, OTHER))
    was = flood.town.key.id
    rotate(flood.town, "town 2")
    settle(flood.upper, 4)
    cut_off(flood.county, TOWN, keys=(was,))
    settle(flood.upper, 6)
    assert flood.good in asked.acts_of(flood.county.core)
    flood.ends(set())


@mark.parametrize("address", [COUNTY, TOWN])
def test_who_is_put_back_meanwhile_hides_nothing_by_that(monkeypatch: MonkeyPatch, address: str) -> None:
    """All that was ever named comes back to the top, more than it has room for, and its answers with it."""
    monkeypatch.setattr(asked, "OPEN_MAX", 6)
    flood = Flood((VILLAGE, OTHER))
    kept = copy_of(flood.upper[address])
    found = flood.strike()
    put_back(flood.upper[address], kept)
    settle(flood.upper, 6)
    flood.ends(found)


def test_for_a_few_that_are_struck_out_nothing_is_named_again(monkeypatch: MonkeyPatch) -> None:
    """To name them are acts that stay: a tenth of the room at the top has to be free first."""
    monkeypatch.setattr(asked, "OPEN_MAX", 30)
    _, town, *_ = make_network().values()
    flood = [f"a{n}" for n in range(39)]
    with town.unit():
        assert in_turn(town.core, LATER, {VILLAGE: flood, OTHER: ["b"]}) == ["a0", "b", *flood[1:30]]
        assert in_turn(town.core, LATER, {VILLAGE: flood}) == [], "once is enough for the top to tell"
        assert [to_name_again(town.core, STRUCK, [one]) for one in ("a0", "a1")] == [[], []]
    town.restart()
    with town.unit():
        for again in ("a1", "a1", "never named"):
            assert to_name_again(town.core, STRUCK, [again]) == [], "said again it makes no more room"
        assert to_name_again(town.core, RELEASED, ["a2"]) == [], "what is LATER stays"
        assert to_name_again(town.core, STRUCK, ["b"]) == [VILLAGE]
        assert in_turn(town.core, LATER, {VILLAGE: flood[2:]}) == flood[29:33]
        assert to_name_again(town.core, STRUCK, flood[:9]) == [VILLAGE]
        in_turn(town.core, LATER, {VILLAGE: flood[9:]})
        assert to_name_again(town.core, STRUCK, flood) == []


def test_the_last_of_a_flood_are_named_as_soon_as_there_is_room_for_them(monkeypatch: MonkeyPatch) -> None:
    """People find only these two false, and what is not named they never see."""
    monkeypatch.setattr(asked, "OPEN_MAX", 30)
    _, town, *_ = make_network().values()
    flood = [f"a{n}" for n in range(32)]
    with town.unit():
        in_turn(town.core, LATER, {VILLAGE: flood})
        assert [to_name_again(town.core, STRUCK, [one]) for one in flood[:2]] == [[], [VILLAGE]]
        assert in_turn(town.core, LATER, {VILLAGE: flood[2:]}) == flood[30:]
        assert to_name_again(town.core, STRUCK, flood[2:3]) == []


def test_strikes_of_what_was_never_named_so_name_nothing_again(
    monkeypatch: MonkeyPatch,
) -> None:
    """A few more than there is room for, so that few strikes are due: a thief chooses how many."""
    monkeypatch.setattr(asked, "OPEN_MAX", 30)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, _, other = sites.values()
    old, _ = rob(sites, VILLAGE, 31)
    late = [other.submit(said(n, COUNTY), (COUNTY,)) for n in range(6)]
    settle(sites, 3)
    upper = {COUNTY: county, TOWN: town}
    cut_off(county, VILLAGE, keys=(old,))
    replace_machine(county, VILLAGE, 3)
    cut_off(county, OTHER, cut={other.stream(OTHER, COUNTY).id: 0})
    settle(upper, 4)
    before = _namings(town)
    for act in late:
        with county.unit():
            decide(county.core, county.application, STRUCK, Said([act], "冒用"), county.now())
        settle(upper, 3)
    assert _namings(town) == before


def _namings(site: Site) -> int:
    """Return how many acts a site has made to name what it holds back."""
    own = {stream.id: stream.base for stream in site.spool.streams() if stream.id.src == site.address}
    return sum(placed.frame.header.kind == HELD for placed in site.spool.frames_after(own, 0, 9_999))
