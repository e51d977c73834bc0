"""Events from other nodes: applied in bulk, parked with the reason, never a crash, never twice."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from common.casework import queues, records
from common.casework.incoming import Batch
from common.casework.messages import apply
from common.casework.rules.flow import Action, Report, State
from common.store.database import UnitMisuse, unit_of_work
from sync.protocol.acts.deliver import Applied
from sync.protocol.errors import NotEnrolled
from tests.casework.build import COUNTY, NOON, TOWN, TOWN_2, VILLAGE, VILLAGE_3, a_blob, act_id, as_act
from tests.casework.nodes import acts_of, changed, take
from tests.casework.story import Story

A = Action


def why(result: Applied, act: str) -> tuple[str, str]:
    return result.parked[act].reason, result.parked[act].waits_for


def test_a_whole_case_in_one_call(node):
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE)
    town = node(TOWN)
    result = take(town, *acts_of(story))
    assert (result.parked, result.woke) == ({}, {f"case:{story.case}"})
    assert town.case(story.case) == story.state
    (line,) = queues.newest()
    assert (line.state, line.holder, line.due) == ("CLOSED", COUNTY, "2026-03-09")
    assert town.ctx.outbox.acts == []


def test_one_call_or_many_make_the_same_rows(node):
    story = Story().go_to(A.FORWARD, A.ASK_PAPERS, A.TAKE_PAPERS, A.ACCEPT)
    town = node(TOWN)
    for act in acts_of(story):
        take(town, act)
    other = Story(counter=2).go_to(A.FORWARD, A.ASK_PAPERS, A.TAKE_PAPERS, A.ACCEPT)
    take(town, *acts_of(other))
    one, two = records.events_of(story.case), records.events_of(other.case)
    assert [(row.pos, row.kind) for row in one] == [(row.pos, row.kind) for row in two]
    lines = {line.case: line for line in queues.newest()}
    same = ("state", "holder", "needs", "waits_at", "due")
    assert [getattr(lines[story.case], n) for n in same] == [getattr(lines[other.case], n) for n in same]


def test_many_new_cases_in_one_call(node):
    county = node(COUNTY)
    stories = [Story(counter=n) for n in range(1, 601)]
    result = take(county, *(as_act(story.filed) for story in stories))
    assert result.parked == {}
    assert queues.by_state() == {"RECEIVED": 600}
    assert queues.heaps(TOWN)["check"].count == 600


def test_the_same_acts_again_change_nothing(node):
    county = node(COUNTY)
    story = Story("direct")
    story.report(Report.WITHDRAW)
    take(county, *acts_of(story))
    before, sent = county.case(story.case), len(county.ctx.outbox.acts)
    assert before.state is State.WITHDRAWN
    assert take(county, *acts_of(story), *acts_of(story)).parked == {}
    assert (county.case(story.case), len(county.ctx.outbox.acts)) == (before, sent)


def test_papers_are_listed_with_the_act_that_brought_them(node):
    county = node(COUNTY)
    story, blob = Story(), a_blob("photo")
    data = {
        **story.filed.body["data"],
        "papers": [{"key": "photo", "name": "照片", "blob": 0, "pages": 2}],
    }
    act = as_act(replace(story.filed, body={**story.filed.body, "data": data}), [blob])
    take(county, act)
    (paper,) = county.page(story.case).papers
    assert (paper.hash, paper.size, paper.pages, paper.author) == (blob.hash, blob.size, 2, VILLAGE)


# --- parked


def test_a_move_before_its_predecessor_waits_for_it(node):
    story = Story().go_to(A.FORWARD, A.ACCEPT)
    town = node(TOWN)
    filed, forward, accept = acts_of(story)
    assert why(take(town, forward), forward.id) == ("E108", f"act:{filed.id}")
    take(town, filed)
    assert why(take(town, accept), accept.id) == ("E123", f"act:{forward.id}")
    assert take(town, forward, accept).parked == {}
    assert town.case(story.case) == story.state


def test_a_report_before_its_case_waits_for_the_case(node):
    story = Story()
    report = as_act(story.report(Report.REMIND))
    result = take(node(COUNTY), report, as_act(story.filed))
    assert why(result, report.id) == ("E108", f"case:{story.case}")
    assert f"case:{story.case}" in result.woke


def test_a_move_that_answers_a_report_not_yet_here_waits_for_it(node):
    story = Story().go_to(A.SEND_BACK)
    report = story.report(Report.PAPERS_BROUGHT)
    resumed = story.move(A.RESUME)
    county = node(COUNTY)
    filed, sent_back = acts_of(story)[:2]
    result = take(county, filed, sent_back, as_act(resumed))
    assert why(result, resumed.id) == ("E123", f"act:{report.id}")
    assert take(county, as_act(report), as_act(resumed)).parked == {}
    assert county.case(story.case) == story.state


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"author": VILLAGE}, "E103"),
        ({"author": COUNTY}, "E103"),
        ({"holder": TOWN}, "E114"),
        ({"data": {"actor": {"name": "某", "role": "CLERK"}}}, "E102"),
        ({"to": []}, "E118"),
        ({"follows": "not an act"}, "E118"),
        ({"answers": ["x"]}, "E118"),
    ],
)
def test_a_move_against_the_rules_is_shown_to_a_person(node, changes, code):
    story = Story()
    event = story.draft(A.FORWARD, **changes)
    town = node(TOWN_2)
    assert why(take(town, as_act(story.filed), as_act(event)), event.id) == (code, "person")
    assert town.case(story.case) == story.state


def test_words_of_a_newer_program_wait_for_the_upgrade(node):
    """A new action, a new report, a new kind, and a known action that only a newer table allows."""
    story = Story()
    forward = as_act(story.draft(A.FORWARD))
    report = as_act(Story().report(Report.REMIND))
    newer = [
        changed(forward, action="levitate", state="FLOATING"),
        changed(report, report="horoscope"),
        forward._replace(id=act_id("kind"), kind="case.due_changed"),
        changed(forward, action="approve", flow=99),
    ]
    county = node(COUNTY)
    result = take(county, as_act(story.filed), *newer)
    assert {result.parked[act.id].waits_for for act in newer} == {"version"}
    assert county.case(story.case) == story.state


def test_a_report_of_a_node_without_a_part_waits_until_it_has_one(node):
    story = Story()
    stranger = as_act(story.branch().report(Report.REMIND, author=VILLAGE_3))
    county = node(COUNTY)
    result = take(county, as_act(story.filed), stranger)
    assert why(result, stranger.id) == ("E117", f"case:{story.case}")
    added = story.move(A.FORWARD, parties_added={"helper": VILLAGE_3})
    result = take(county, as_act(added))
    assert f"case:{story.case}" in result.woke
    assert take(county, stranger).parked == {}


def test_who_stood_above_the_village_once_reports_of_no_case_that_it_has_never_had(node):
    story, county = Story("direct"), node(COUNTY)
    line = SimpleNamespace(stood_above=lambda address: {TOWN_2} if address == VILLAGE else set())
    county.ctx = replace(county.ctx, neighbours=line)
    seen = as_act(story.branch().report(Report.REMIND, author=TOWN_2))
    blind = as_act(story.branch().report(Report.REMIND, author=TOWN_2, seen=""))
    ahead = as_act(story.branch().report(Report.REMIND, author=TOWN_2, seen="ab" * 16))
    stranger = as_act(story.branch().report(Report.REMIND, author=VILLAGE_3))
    result = take(county, as_act(story.filed), seen, blind, ahead, stranger)
    assert set(county.case(story.case).reports) == {seen.id}
    assert why(result, ahead.id) == ("E123", f"act:{'ab' * 16}")
    for other in (blind, stranger):
        assert why(result, other.id) == ("E117", f"case:{story.case}")


def test_a_filing_that_names_another_top_is_shown_to_a_person(node):
    act = changed(as_act(Story().filed), apex=TOWN)
    assert why(take(node(COUNTY), act), act.id) == ("E116", "person")


def test_a_strike_by_another_than_the_apex_is_shown_to_a_person(node):
    story = Story().go_to(A.FORWARD)
    strike = as_act(story.strike(story.state.last, author=TOWN))
    village = node(VILLAGE)
    assert why(take(village, *acts_of(story), strike), strike.id) == ("E116", "person")
    assert village.case(story.case).state is State.CHECKED


# --- bulk and singly


def test_when_the_bulk_fails_each_act_is_taken_alone(node, monkeypatch):
    """One act the database refuses costs no other its place."""
    bad, good = Story(counter=1), Story(counter=2)
    write = Batch.write

    def refusing(batch: Batch) -> None:
        write(batch)
        if bad.case in records.known_cases([bad.case]):
            raise records.IntegrityError("refused")

    monkeypatch.setattr(Batch, "write", refusing)
    result = take(node(COUNTY), as_act(bad.filed), as_act(good.filed))
    assert {act: parked.waits_for for act, parked in result.parked.items()} == {bad.filed.id: "person"}
    assert records.known_cases([bad.case, good.case]) == {good.case}


def test_a_duty_that_cannot_be_done_now_does_not_undo_what_has_come(node, monkeypatch):
    county = node(COUNTY)
    story = Story("direct")
    story.report(Report.WITHDRAW)

    def refuse(*_: object) -> str:
        raise NotEnrolled("no epoch")

    with monkeypatch.context() as broken:
        broken.setattr(county.ctx.outbox, "announce", refuse)
        assert take(county, *acts_of(story)).parked == {}
    assert county.case(story.case).state is State.RECEIVED
    with unit_of_work():
        county.do_duties([story.case], NOON)
    assert county.case(story.case).state is State.WITHDRAWN


def test_applying_needs_a_unit_of_work(node):
    with pytest.raises(UnitMisuse):
        apply(node(COUNTY).ctx, [], NOON)
