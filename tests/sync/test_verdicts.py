"""Of two verdicts on one act every node makes the same, in whatever order they come, and people are told."""

from __future__ import annotations

from itertools import permutations

import pytest

from sync.protocol.acts import quarantine
from sync.protocol.acts.quarantine import RELEASED, STRUCK, WITHIN
from sync.protocol.canonical import dumps
from sync.protocol.records import LOOSE
from sync.protocol.trust.revocation import STOLEN, Revocation, Said, decide, revoke
from sync.protocol.verdicts import (
    MET,
    UNCOUNTED,
    Decided,
    read_body,
    take_down,
    turn_of,
    verdict_body,
    verdict_on,
)
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_loose_papers import brief

ACT = "ab" * 16


def decided(county: Site, kind: str, act: str, reason: str) -> None:
    with county.unit():
        decide(county.core, county.application, kind, Said([act], reason), county.now())


def known(sites: list[Site], act: str) -> set[tuple[str, bool]]:
    return {(verdict_on(site.core, act), act in site.application.ids) for site in sites}


@pytest.mark.parametrize("with_witness", [0, 1])
def test_a_county_put_back_to_before_a_strike_lets_the_act_through_and_all_agree_once_it_hears(with_witness):
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, town, village, other = sites[COUNTY], sites[TOWN], sites.pop(VILLAGE), sites[OTHER_TOWN]
    settle({**sites, VILLAGE: village}, 2)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle({**sites, VILLAGE: village}, 3)
    with county.unit():
        cut = {village.stream(VILLAGE, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    settle(sites, 2)
    kept = copy_of(county)
    decided(county, STRUCK, act, "nobody here wrote it")
    settle(sites, 2)
    put_back(county, kept, with_witness)
    # Who gets the act only now hears of the second verdict alone.
    brief(county, OTHER_TOWN, act)
    decided(county, RELEASED, act, "genuine")
    assert known([county], act) == {(RELEASED, True)}
    for _ in range(2):
        settle({COUNTY: county, OTHER_TOWN: other}, 1)
    assert known([other], act) == {(RELEASED, True)}
    county.codes()
    settle(sites, 3)
    assert county.codes().count(MET) == 1
    settle(sites, 3)
    town.restart()
    assert known([county, town, other], act) == {(STRUCK, False)} and MET not in county.codes()
    rest = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == rest
    # A person who knows of both decides, and that is the last word everywhere.
    decided(county, RELEASED, act, "genuine after all")
    settle(sites, 3)
    assert known([county, town, other], act) == {(RELEASED, True)} and MET not in county.codes()


@pytest.mark.parametrize(("former", "since"), [(RELEASED, STRUCK), (STRUCK, RELEASED)])
def test_of_what_a_former_program_said_and_what_was_said_since_all_make_the_same(former, since, monkeypatch):
    """The county was put back to before it; some hear that one first, and the county last."""
    sites = make_network()
    county, town, village = sites[COUNTY], sites[TOWN], sites.pop(VILLAGE)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle({**sites, VILLAGE: village}, 3)
    with county.unit():
        cut = {village.stream(VILLAGE, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    settle(sites, 2)
    kept = copy_of(county)
    with monkeypatch.context() as before:
        before.setattr(quarantine, "verdict_body", lambda *said: verdict_body(*said[:3]))
        decided(county, former, act, "said without a number")
    settle(sites, 2)
    put_back(county, kept)
    decided(county, since, act, "thought otherwise")
    settle(sites, 4)
    # Nothing that somebody has struck out counts before a person has seen both.
    assert known([county, town], act) == {(STRUCK, False)} and county.codes().count(MET) == 1
    county.restart()
    assert known([county, town], act) == {(STRUCK, False)}
    decided(county, since, act, "once more")
    settle(sites, 3)
    assert {kind for kind, _ in known([county, town], act)} == {since} and MET not in county.codes()


def heard(order: tuple[Decided, ...]) -> str:
    county = make_network((COUNTY, TOWN))[COUNTY]
    with county.unit():
        for one in order:
            take_down(county.core, ACT, one)
        return verdict_on(county.core, ACT)


def test_what_counts_depends_on_no_order_but_among_verdicts_of_programs_that_do_not_number_them():
    struck, let_through = Decided(STRUCK, 1, "a"), Decided(RELEASED, 1, "b")
    again, by_itself = Decided(RELEASED, 2, "c"), Decided(RELEASED, 0, "d")
    for order in permutations((struck, let_through, by_itself)):
        assert heard(order) == STRUCK
    for order in permutations((struck, let_through, again)):
        assert heard(order) == RELEASED
    former = Decided(RELEASED, UNCOUNTED, "e"), Decided(STRUCK, UNCOUNTED, "f")
    assert heard(former) == heard(former[::-1]) == heard((struck, former[0])) == STRUCK
    assert heard(former[:1]) == RELEASED


def test_a_verdict_counts_those_it_knows_of_and_the_top_by_itself_overrules_nobody():
    county = make_network((COUNTY, TOWN))[COUNTY]
    with county.unit():
        core = county.core
        assert (turn_of(core, ACT, STRUCK, "x"), turn_of(core, ACT, RELEASED, WITHIN)) == (1, 0)
        take_down(core, ACT, Decided(STRUCK, 1, "a"))
        assert (turn_of(core, ACT, STRUCK, "x"), turn_of(core, ACT, RELEASED, "x")) == (1, 2)
        assert turn_of(core, ACT, RELEASED, WITHIN) == 0
        take_down(core, ACT, Decided(RELEASED, 2, "b"))
        # Said again to who asks, it is the verdict that stands.
        assert turn_of(core, ACT, RELEASED, WITHIN) == 2


@pytest.mark.parametrize("turn", ["1", -1, 2**40, None, []])
def test_a_number_that_is_none_makes_a_verdict_as_of_a_program_of_before(turn):
    body = {"ids": [ACT], "reason": "x", "to": [COUNTY]}
    given = dumps({**body, "turn": turn}) if turn is not None else verdict_body([ACT], "x", (COUNTY,))
    assert read_body(given) == ([ACT], "x", UNCOUNTED)
    assert read_body(dumps({**body, "turn": 3})) == read_body(verdict_body([ACT], "x", (COUNTY,), 3))
    assert read_body(dumps([ACT])) == read_body(b"{") == ([], "", UNCOUNTED)


def test_what_a_top_put_back_had_let_through_and_nobody_has_any_more_is_asked_for_until_it_turns_up():
    """Seed 4400206: its own word came back and named it; its author's machine was lost before."""
    county, town, village = make_network().values()
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 2)
    kept = copy_of(county)
    act = town.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    exchange(town, county)
    lost = next(frame for frame in all_frames(county) if frame.act == act)
    with county.unit():
        cut = {town.stream(TOWN, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(TOWN, STOLEN, cut=cut), county.now())
    decided(county, RELEASED, act, "genuine")
    exchange(village, county)
    assert known([county], act) == {(RELEASED, True)} and known([village], act) == {(RELEASED, False)}
    put_back(county, kept)
    exchange(village, county)
    for _ in range(4):
        exchange(village, county)
        assert known([county], act) == {(RELEASED, False)} and county.spool.wants(9) == [act]
    bring(village, county, lost, kind=LOOSE)
    assert known([county], act) == {(RELEASED, True)} and county.spool.wants(9) == []
