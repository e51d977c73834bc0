"""Events from other nodes: applied in bulk, parked with the reason, never a crash, never twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from common.casework import lists, records
from common.casework.incoming import Batch
from common.casework.messages import apply
from common.casework.rules.flow import Action, Report, State
from common.casework.rules.shape import STRUCK
from common.store.database import UnitMisuse, unit_of_work
from sync.protocol import canonical
from sync.protocol.deliver import Applied
from sync.protocol.frame import Act
from tests.casework.build import (
    CLERK,
    COUNTY,
    NOON,
    TOWN,
    TOWN_2,
    VILLAGE,
    VILLAGE_3,
    Story,
    a_blob,
    act_id,
    as_act,
)

A = Action


def take(casework, *acts: Act) -> Applied:
    with unit_of_work():
        return apply(casework.ctx, acts, NOON)


def acts_of(story: Story) -> list[Act]:
    return [as_act(event) for event in story.events]


def why(result: Applied, act: str) -> tuple[str, str]:
    return result.parked[act].reason, result.parked[act].waits_for


def changed(act: Act, **changes: Any) -> Act:
    """Return the act with another body, signed anew by the same author."""
    body = {**canonical.loads(act.content), **changes}
    return act._replace(id=act_id(changes), content=canonical.dumps(body))


def test_a_whole_case_in_one_call(node):
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.CLOSE)
    town = node(TOWN)
    result = take(town, *acts_of(story))
    assert (result.parked, result.woke) == ({}, {f"case:{story.case}"})
    assert town.case(story.case) == story.state
    (line,) = lists.newest()
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
    lines = {line.case: line for line in lists.newest()}
    same = ("state", "holder", "needs", "waits_at", "due")
    assert [getattr(lines[story.case], n) for n in same] == [getattr(lines[other.case], n) for n in same]


def test_many_new_cases_in_one_call(node):
    county = node(COUNTY)
    stories = [Story(counter=n) for n in range(1, 601)]
    result = take(county, *(as_act(story.filed) for story in stories))
    assert result.parked == {}
    assert lists.by_state() == {"RECEIVED": 600}
    assert lists.waiting_at(TOWN) == {"check": 600}


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
    assert why(take(town, forward), forward.id) == ("E108", f"case:{story.case}")
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
        changed(forward, action="extend", state="EXTENDED"),
        changed(report, report="opinion"),
        forward._replace(id=act_id("kind"), kind="case.due_changed"),
        changed(forward, action="approve", flow=99),
    ]
    county = node(COUNTY)
    result = take(county, as_act(story.filed), *newer)
    assert {result.parked[act.id].waits_for for act in newer} == {"version"}
    assert county.case(story.case) == story.state


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'"case"',
        b"{}",
        b'{"case":1}',
        b'{"case":["x"]}',
        b'{"case": "x"}',
        b'{"case":"511921108203-A1-00070"}',
        b'{"case":"x","case":"y"}',
        b"\xff",
        b'{"case":1.5}',
    ],
)
@pytest.mark.parametrize("kind", ["case.filed", "case.moved", "case.reported", "case.struck"])
def test_any_content_is_parked_and_nothing_raises(node, content, kind):
    act = Act(act_id(content, kind), kind, VILLAGE, content, (), "", NOON)
    result = take(node(COUNTY), act)
    assert set(result.parked) == {act.id}
    assert lists.newest() == []


def broken_bodies(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every body that lacks one part, or has a part of another type, two levels deep."""
    found = []
    for key, value in body.items():
        found.append({k: v for k, v in body.items() if k != key})
        found.extend({**body, key: wrong} for wrong in (7, "", "x", [], ["x"], [7], {}, {"x": 7}))
        if isinstance(value, dict):
            found.extend({**body, key: inner} for inner in broken_bodies(value))
    return found


def test_no_malformed_body_of_a_known_case_raises(node):
    """Method: filing, move, report and strike with each part missing or of another type."""
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW)
    county = node(COUNTY)
    take(county, *acts_of(story))
    kinds = [
        Story(counter=2).filed,
        story.draft(A.APPROVE),
        story.branch().report(Report.HANDED_OVER),
        story.strike(act_id("nobody")),
    ]
    acts = [
        Act(act_id(event.kind, n), event.kind, event.author, canonical.dumps(body), (), "", NOON)
        for event in kinds
        for n, body in enumerate(broken_bodies(dict(event.body)))
    ]
    assert len(acts) > 600
    for act in acts:
        try:
            with unit_of_work():
                result = apply(county.ctx, [act], NOON)
                county.page(story.case)
                raise _Undo
        except _Undo:
            assert set(result.parked) <= {act.id}


class _Undo(Exception):
    """Leaves the unit of work so that nothing of it stays."""


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


def test_applying_needs_a_unit_of_work(node):
    with pytest.raises(UnitMisuse):
        apply(node(COUNTY).ctx, [], NOON)


# --- forks, at the apex and elsewhere


def test_the_apex_strikes_the_second_of_two_and_tells_whoever_it_named(node):
    story = Story("town")
    twin = story.branch()
    accepted = story.move(A.ACCEPT)
    loser = twin.move(A.RETURN, parties_added={"helper": VILLAGE_3})
    county = node(COUNTY)
    take(county, as_act(story.filed), as_act(accepted), as_act(loser))
    ((kind, body),) = county.ctx.outbox.bodies()
    assert (kind, body["ids"], body["to"]) == (STRUCK, [loser.id], sorted([VILLAGE, VILLAGE_3]))
    assert county.case(story.case).state is State.ACCEPTED
    standings = [entry.standing for entry in county.page(story.case).timeline]
    assert standings == ["stands", "stands", "struck", "stands"]
    with unit_of_work():
        county.do_duties([story.case], NOON)
    assert len(county.ctx.outbox.acts) == 1


def test_a_node_that_saw_the_other_first_comes_round_with_the_strike(node):
    story = Story("town")
    twin = story.branch()
    accepted, loser = story.move(A.ACCEPT), twin.move(A.RETURN)
    village = node(VILLAGE)
    take(village, as_act(story.filed), as_act(loser), as_act(accepted))
    assert village.case(story.case).state is State.RETURNED
    assert village.ctx.outbox.acts == []
    take(village, as_act(story.strike(loser.id)))
    assert village.case(story.case).state is State.ACCEPTED
    (line,) = lists.newest()
    assert (line.state, line.needs, line.waits_at) == ("ACCEPTED", "examine", TOWN)


def test_a_strike_before_its_act_keeps_it_out(node):
    story = Story("town")
    twin = story.branch()
    accepted, loser = story.move(A.ACCEPT), twin.move(A.RETURN)
    village = node(VILLAGE)
    take(village, as_act(story.filed), as_act(story.strike(loser.id)), as_act(loser))
    assert village.case(story.case).state is State.RECEIVED
    take(village, as_act(accepted))
    assert village.case(story.case).state is State.ACCEPTED
    assert {row.act: row.struck for row in records.events_of(story.case)}[loser.id] == 1


def test_a_second_filing_under_one_number_is_struck(node):
    story = Story()
    again = changed(as_act(story.filed), place=TOWN)
    county = node(COUNTY)
    take(county, as_act(story.filed))
    assert take(county, again).parked == {}
    assert [body["ids"] for _, body in county.ctx.outbox.bodies()] == [[again.id]]
    assert lists.by_state() == {"RECEIVED": 1}


# --- briefings


def test_the_apex_points_out_to_a_new_party_what_it_was_not_sent(node):
    story = Story("direct")
    county = node(COUNTY)
    take(county, as_act(story.filed))
    with unit_of_work():
        added = {"parties_added": {"helper": VILLAGE_3}, "lacking": [{"key": "k", "name": "n"}]}
        county.move_case(story.case, "ask_papers", CLERK, added, NOON)
    brief = next(body for kind, body in county.ctx.outbox.bodies() if kind == "sync.brief")
    assert (brief["to"], brief["ids"]) == ([VILLAGE_3], [story.filed.id])
    with unit_of_work():
        county.do_duties([story.case], NOON)
    assert len([kind for kind, _ in county.ctx.outbox.bodies() if kind == "sync.brief"]) == 1
