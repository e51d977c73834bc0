"""What `absorb.Absorber` does with what came, it does in an order. Here is what goes wrong in another one.

| step | stands | held by |
|---|---|---|
| `_take_evidence_again` | behind `_place` | `test_a_branch_that_is_shown_before_…` |
| `_use_what_is_new` | behind `_take_what_came_early` | `test_what_comes_early_and_lies_past_a_cut_…` |
| `settle_rollback` | before `deliver` | `test_what_is_answered_as_own_acts_come_back_…` |
| `settle_entries` | before new trust is used | `test_what_the_top_said_in_a_lost_time_…` |
| documents | behind new trust | `test_a_document_by_a_key_that_is_lost_…` |
| `settle_pointed_out` | behind trust and forks | `test_what_waits_in_vain_since_a_branch_was_taken_…` |
| `reissue` | behind forks | `test_displaced_cut.py` |
| `settle_held` | behind `reissue` | `test_what_the_top_says_again_…` |

What is made of new trust is in `test_order_of_trust.py`. What a batch of records has found out is forgotten
once it is through: so what is done too early is mostly not late but left undone.
"""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import PAST_CUT, RELEASED, STRUCK
from sync.protocol.frame import Act, StreamId
from sync.protocol.frame_items import encode_frames
from sync.protocol.incoming.left import LEFT
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.records import EVIDENCE as SHOWN
from sync.protocol.records import FRAMES, LOOSE
from sync.protocol.spool import EVIDENCE, PARKED
from sync.protocol.state_out import trust_behind
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
)
from tests.sync.test_disowned import forged, lure, words_of
from tests.sync.test_left import moved, reasons
from tests.sync.test_loose_papers import ALL, brief
from tests.sync.test_revocation import cut_off, said, stolen
from tests.sync.test_unnamed import THIEF
from tests.sync.test_verdicts import decided

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


def test_a_branch_that_is_shown_before_what_it_left_is_seen_at_the_first_reading(
    sites: dict[str, Site],
) -> None:
    """`_take_evidence_again` behind `_place`: else the township never hears of two acts at one place."""
    county, town, village = sites.values()
    twin = stolen(village)
    for number, site in enumerate((village, twin)):
        site.submit(said(number, COUNTY), (COUNTY,))
        county.take(site.out(COUNTY, STICK))
    (other,) = county.spool.asides(EVIDENCE)
    shown = encode_frames(SHOWN, [other.frame]), encode_frames(FRAMES, all_frames(county))
    town.take(county.say_items(town, *shown))
    assert [aside.frame for aside in town.spool.asides(EVIDENCE)] == [other.frame]
    assert "S120" in town.codes()


def test_what_comes_early_and_lies_past_a_cut_is_named_to_the_top_and_counts_once_that_lets_it_go() -> None:
    """`_use_what_is_new` behind `_take_what_came_early`: else who has it waits for a word for ever.

    For only whoever has named it hears what becomes of it. What waits for it came behind it on a stick.
    """
    sites = make_network(ALL)
    county, village, other = sites[COUNTY], sites[VILLAGE], sites.pop(OTHER_VILLAGE)
    settle({**sites, OTHER_VILLAGE: other}, 3)
    lost = other.submit(said(1, COUNTY), (COUNTY,))
    settle({**sites, OTHER_VILLAGE: other}, 3)
    cut_off(county, OTHER_VILLAGE, cut={other.stream(OTHER_VILLAGE, COUNTY).id: 0})
    waiting = county.submit(said(2, VILLAGE), (VILLAGE,))
    done = village.application
    done.judge = lambda act: (
        Parked("E1", f"act:{lost}") if act.id == waiting and lost not in done.ids else None
    )
    stream = (frame := county.spool.frame_of_act(lost)).header.stream
    trust = [encode_statement(one) for one in trust_behind(county.core, [(stream.src, stream.epoch)])]
    early, behind = encode_frames(LOOSE, [frame]), encode_frames(FRAMES, [county.spool.frame_of_act(waiting)])
    village.take(county.say_items(village, *trust, early, behind))
    assert village.spool.act(lost).reason == PAST_CUT
    settle(sites, 3)
    decided(county, RELEASED, lost, "genuine")
    settle(sites, 4)
    assert done.ids == [lost, waiting]


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


def test_a_document_by_a_key_that_is_lost_wakes_nothing_though_both_come_at_once(
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
