"""What `absorb.Absorber` does with what came has an order. Here is what goes wrong in another one."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import PAST_CUT, RELEASED, STRUCK, quarantined
from sync.protocol.frame import Act, StreamId
from sync.protocol.incoming.left import LEFT
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.spool import EVIDENCE, PARKED, UNKNOWN_KEY
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import bring
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    hello,
    make_network,
    new_site,
    settle,
)
from tests.sync.test_disowned import forged, lure, words_of
from tests.sync.test_left import moved, reasons
from tests.sync.test_loose_papers import brief
from tests.sync.test_revocation import cut_off, said
from tests.sync.test_unnamed import THIEF
from tests.sync.test_verdicts import decided

NEXT = key_pair("next computer")
STICK = Budget(10**9, is_answered=False)
PLACE = "511921108207"


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def answering(site: Site, to: str) -> list[str]:
    """Let a site answer what it applies of others, in the same unit, as casework does; return the answers."""
    answers = list[str]()

    def answer(act: Act) -> None:
        if act.author != site.address:
            answers.append(site.peer.submit(("case.answered", act.content), (to,), (), site.now()))

    site.application.judge = answer
    return answers


def epochs(site: Site, acts: list[str]) -> list[str]:
    """Return the numbers of the epochs in which a site has signed acts."""
    return [site.spool.frame_of_act(act).header.stream.epoch.split("-")[0] for act in acts]


def test_what_is_answered_as_own_acts_come_back_stands_in_the_new_epoch(
    sites: dict[str, Site],
) -> None:
    """`settle_rollback` before `deliver`: else the answer takes the place of an act of the lost life."""
    county, town, village = sites.values()
    kept = copy_of(village)
    first = village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    second = village.submit(said(2, COUNTY), (COUNTY,))
    county.take(village.out(COUNTY, STICK))
    put_back(village, kept, with_witness=1)
    answers = answering(village, COUNTY)
    # The township hears that the village lacks the first act; it never had the second.
    exchange(village, town)
    asked = county.submit(said(3, VILLAGE), (VILLAGE,))
    bring(county, town, county.spool.frame_of_act(asked))
    exchange(village, town)
    assert asked in village.application.ids and first in village.application.ids
    assert epochs(village, answers) == ["2"]
    settle(sites, 4)
    assert not any(site.spool.count_aside(EVIDENCE) for site in sites.values())
    assert {first, second, *answers} <= set(county.application.ids)


def test_what_is_answered_as_a_cut_lets_an_act_go_is_signed_by_the_key_that_counts(
    sites: dict[str, Site],
) -> None:
    """`leave_revoked_key` before `settle_cuts`: else the answer lies past a cut until a person decides."""
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 2)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    exchange(town, county)
    assert town.spool.act(act).reason == PAST_CUT
    # The township has a new computer; its disk is put back to before that, and its key file is not.
    town.means.keys[NEXT.id] = NEXT
    with county.unit():
        (gone,) = county.core.roster.entries[VILLAGE].revoked
        change = {"revoked": [{**gone, "ids": [act]}]}
        registrar.change(county.core, county.roster_key, VILLAGE, change, START_MS)
    cut_off(county, TOWN)
    with county.unit():
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    answers = answering(town, COUNTY)
    town.key = NEXT
    town.take(county.out(TOWN))
    assert town.application.ids[-1] == act and len(answers) == 1
    settle({COUNTY: county, TOWN: town}, 3)
    assert answers[0] in county.application.ids
    with county.unit():
        assert quarantined(county.core) == []


def test_what_waited_for_a_key_does_not_rest_on_what_the_same_news_cuts_off(
    sites: dict[str, Site],
) -> None:
    """`settle_cuts` before `retry_unknown`: else the township answers what rests on a thief's word."""
    county, town, village = sites.values()
    stolen = village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    place = new_site(county, PLACE)
    follows = place.submit(said(2, COUNTY), (COUNTY,))
    bring(village, town, place.spool.frame_of_act(follows))
    assert town.spool.count_aside(UNKNOWN_KEY) == 1
    answers = answering(town, COUNTY)
    answer, done = town.application.judge, town.application
    done.judge = lambda act: answer(act) if stolen in done.ids else Parked("E108", f"act:{stolen}")
    # The county has let in the one and cut off the other.
    with county.unit():
        enter(county, place.key, PLACE)
    county.take(place.out(COUNTY, STICK))
    cut_off(county, VILLAGE)
    town.take(county.out(TOWN))
    assert town.spool.act(follows).waits_for == f"act:{stolen}" and stolen not in done.ids
    assert answers == []


def test_a_document_by_a_key_that_the_roster_has_lost_wakes_nothing_though_both_come_at_once(
    sites: dict[str, Site],
) -> None:
    """Documents after trust: else an act that rests on a forged document is applied, and stays so."""
    county, town, village = sites.values()
    doc = forged(THIEF, COUNTY, "9999", 1)
    done = village.application
    done.judge = lambda act: None if doc in done.docs else Parked("E108", f"doc:{doc.statement.hash}")
    act = county.submit(said(1, VILLAGE), (VILLAGE,))
    settle(sites, 3)
    assert village.spool.act(act).state == PARKED
    # The village has been away while the county went over to another roster key; a thief has the former one.
    lure(sites)
    said_first = encode_statement(doc.statement, doc.content)
    village.take(town.say_items(village, hello(full=0), said_first, *words_of(county), STATE_ENDS))
    assert doc not in done.docs and village.spool.known_docs([doc.statement.hash]) == set()
    assert act not in done.ids and village.spool.act(act).state == PARKED


def test_what_the_top_said_in_a_lost_time_is_gone_by_at_once_though_the_line_breaks_behind_it(
    sites: dict[str, Site],
) -> None:
    """`settle_entries` before trust: else what a revoked key signed is in force until the next exchange."""
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 2)
    kept = copy_of(county)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    exchange(town, county)
    put_back(county, kept)
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"name": "改名"}, START_MS)
    assert county.application.ids == [act]
    entry = town.spool.held(signed.ENTRY, VILLAGE)
    county.take(town.say_items(county, encode_statement(entry.statement)))
    assert county.application.ids == [] and county.spool.act(act).reason == PAST_CUT


def test_what_waits_in_vain_since_a_branch_was_taken_is_waited_for_no_more() -> None:
    """`settle_pointed_out` behind `settle_forks`: what is parked after it nobody looks at again.

    A village has moved away. A brief has named a step of its case, which waits for what opens the case; that
    comes with the branch of another village that was put back. Then the step waits for what no brief names.
    """
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE, PLACE))
    county, town, place = sites[COUNTY], sites[TOWN], sites[PLACE]
    settle(sites, 2)
    unnamed, step = [county.submit(said(n, OTHER_TOWN), (OTHER_TOWN,)) for n in (1, 2)]
    done, opening = town.application, ""

    def judge(act: Act) -> Parked | None:
        waited = f"act:{unnamed}" if opening in done.ids else "case:A"
        return Parked("E108", waited) if act.id == step else None

    done.judge, done.woke = judge, {"case:A"}
    brief(county, TOWN, step, "ab" * 16)
    moved(sites, OTHER_TOWN)
    for _ in range(3):
        exchange(town, county)
    assert reasons(town) == {step: "E108"}
    kept = copy_of(place)
    place.submit(said(3, COUNTY), (COUNTY,))
    exchange(place, town)
    put_back(place, kept, with_witness=1)
    opening = place.submit(said(4, COUNTY), (COUNTY,))
    county.take(place.out(COUNTY, STICK))
    for _ in range(3):
        exchange(town, county)
    assert "S120" in town.codes() and opening in done.ids
    assert reasons(town) == {step: LEFT}


def test_what_the_top_says_again_stands_behind_what_it_had_said_in_its_lost_life() -> None:
    """`settle_held` behind `reissue`: a program of before goes by what comes last, and would end at that."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, other = sites[COUNTY], sites[OTHER_TOWN]
    settle(sites, 2)
    act = sites[VILLAGE].submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE, cut={sites.pop(VILLAGE).stream(VILLAGE, COUNTY).id: 0})
    brief(county, OTHER_TOWN, act)
    settle(sites, 3)
    kept = copy_of(county)
    decided(county, RELEASED, act, "genuine")
    exchange(sites[TOWN], county)
    # Put back before the other township has heard of that, it says the opposite, and both hear.
    put_back(county, kept)
    decided(county, STRUCK, act, "nobody here wrote it")
    settle(sites, 3)
    stream = StreamId(COUNTY, county.core.identity.epoch, OTHER_TOWN)
    words = [placed.frame.header.kind for placed in other.spool.frames_after({stream: 0}, 0, 9)]
    assert words == [STRUCK, RELEASED, STRUCK]
