"""Every demand of the table: met, not met, and each signed part in a wrong form; fold and advance agree."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework import errors
from common.casework.rules import parts
from common.casework.rules.case import advance, fold
from common.casework.rules.flow import FLOW, SINCE, Action, Demand, Report
from tests.casework.build import COUNTY, NOON
from tests.casework.life.stories import (
    NOTICED,
    OPEN,
    REVIEWED,
    came,
    ended,
    facts_set,
    filed_with,
    handed_over,
    lapsed,
    tried,
)
from tests.casework.life.tools import OURS
from tests.casework.story import CORRECTION, LACKING, Story

A, D = Action, Demand
DAY = 86_400_000
ASKED = [{"department": "协办部门", "matter": "意见", "due": "2026-03-05", "deemed": 1}]
SUIT = {"standing": {"word": "revoked", "document": "判决1号"}}


def joint(*, verdict: str = "", asked: bool = True) -> Story:
    story = Story().go_to(A.FORWARD)
    story.move(A.ACCEPT, data={"asked": ASKED if asked else []})
    if verdict:
        actor = {"name": "某", "role": "REVIEWER", "department": "协办部门", "login": "x"}
        report = story.report(Report.OPINION, author=COUNTY, verdict=verdict, actor=actor)
        story.move(A.RECORD, answers=[report.id])
    return story


def owing() -> Story:
    return Story().go_to(*REVIEWED, A.APPROVE, A.ASK_FEE)


def revoked() -> Story:
    story = Story().go_to(*REVIEWED, A.APPROVE)
    story.move(A.MARK_DECISION, data=SUIT)
    return story


CAME = came()
NAMED = {"record": CAME.state.facts.served[0].told_by, "tracking": "EMS1", "was": "2026-03-02"}
DATED = {**NAMED, "on": "2026-03-01"}
WRONG_NAMES = ({"record": "x"}, {"tracking": "EMS2"}, {"was": "2026-03-01"})
PUBLIC = {"on": "2026-03-02", "where": "公告栏", "why": "missing"}
BY_FAILURE, NOT_POSTED = {**PUBLIC, "why": "failed"}, [{"way": "邮寄", "why": "没有邮政投递"}]


# demand: a story, the step, data that meet it, and data (with the error) that do not.
CASES: list[tuple[Demand, Any, Action, dict[str, Any], list[tuple[dict[str, Any], type[Exception]]]]] = [
    (D.REASON, Story().go_to(A.FORWARD), A.RETURN, {"note": "不归我们"}, [
        ({"note": ""}, errors.ReasonMissing), ({"note": " \u3000"}, errors.ReasonMissing)]),
    (D.LACKING, Story(), A.SEND_BACK, {"lacking": LACKING}, [({"lacking": []}, errors.LackingMissing)]),
    (D.ANSWER_BY, Story().go_to(A.FORWARD), A.ASK_PAPERS, {"answer_by": "2026-03-20"}, [
        ({"answer_by": None}, errors.AnswerByMissing),
        ({"answer_by": "2026-03-01"}, errors.AnswerByMissing)]),
    (D.ANSWER_BY, Story().go_to(A.FORWARD), A.ASK_PAPERS, {"answer_by": "2026-03-02"}, []),
    (D.WITHIN_NOTICE, Story().go_to(*NOTICED, A.TAKE_PAPERS), A.STILL_LACKING, {"lacking": LACKING}, [
        ({"lacking": [{"key": "new", "name": "新"}]}, errors.BeyondNotice),
        ({"lacking": [*LACKING, {"key": "new", "name": "新"}]}, errors.BeyondNotice)]),
    (D.SAME_CONTENT, Story().go_to(*NOTICED, A.TAKE_PAPERS), A.STILL_LACKING,
     {"lacking": [{"key": "photo", "name": " 照 片", "how": "看不清，请重拍"}]}, [
        ({"lacking": [{"key": "photo", "name": "房产证", "how": "原件"}]}, errors.BeyondNotice)]),
    (D.IN_TIME, lapsed(NOON), A.REVIVE, {}, []),
    (D.IN_TIME, lapsed(NOON + 18 * DAY), A.REVIVE, {}, []),
    (D.IN_TIME, lapsed(NOON - DAY), A.REVIVE, None, [({}, errors.NotInTime)]),
    (D.IN_TIME, lapsed(NOON + 19 * DAY), A.REVIVE, None, [({}, errors.NotInTime)]),
    (D.IN_TIME, handed_over(), A.REVIVE, None, [({}, errors.NotInTime)]),
    (D.OVERDUE, Story().go_to(*NOTICED), A.LAPSE, {"at": NOON + 40 * DAY}, [
        ({"at": NOON}, errors.NotYetOverdue), ({"at": NOON + 18 * DAY}, errors.NotYetOverdue)]),
    (D.DUE, Story().go_to(A.FORWARD), A.ACCEPT, {"due": "2026-03-09"}, [({"due": None}, errors.DueMissing)]),
    (D.LATER_DUE, Story().go_to(*OPEN), A.EXTEND, {"due": "2026-03-10"}, [
        ({"due": "2026-03-09"}, errors.DueNotLater), ({"due": "2026-03-08"}, errors.DueNotLater),
        ({"due": None}, errors.DueMissing)]),
    (D.LATER_DUE, Story().go_to(*OPEN, A.EXTEND, A.REVIEW), A.EXTEND, {}, [
        ({"due": "2027-01-01"}, errors.ExtendedBefore)]),
    (D.DAYS, Story().go_to(*OPEN), A.EXTEND, {"due": "2026-03-10", "extension_days": 1}, [
        ({"extension_days": 0}, errors.DaysMissing), ({"extension_days": None}, errors.DaysMissing)]),
    (D.PROPOSAL, Story().go_to(*OPEN), A.REVIEW, {"proposal": "refuse"}, [
        ({"proposal": None}, errors.ProposalMissing)]),
    (D.UNASKED, filed_with(joint=["协办部门"]).go_to(A.FORWARD), A.TRANSFER, {}, [
        ({"department": "协办部门"}, errors.DepartmentAsked)]),
    (D.LEGAL_DATE, Story("direct"), A.DEEM_ACCEPT, {"legal_date": "2026-03-02"}, [
        ({"legal_date": None}, errors.BadShape)]),
    (D.RESULT, Story().go_to(*REVIEWED), A.APPROVE, {"result": {"name": "证"}}, [
        ({"result": {}}, errors.ResultMissing), ({"result": {"name": " "}}, errors.ResultMissing),
        ({"result": None}, errors.ResultMissing)]),
    (D.ANOTHER_PERSON, Story().go_to(*REVIEWED), A.REFUSE, {}, [
        ({"actor": {"login": "reviewer", "name": "另名", "role": "APPROVER"}}, errors.SamePerson),
        ({"actor": {"login": "x", "name": "reviewer某", "role": "APPROVER"}}, errors.SamePerson)]),
    (D.ONE_PLACE, Story("instant"), A.SETTLE, {}, []),
    (D.ONE_PLACE, Story("town"), A.SETTLE, None, [({}, errors.NotInstant)]),
    (D.SPECIAL, Story().go_to(*OPEN), A.BEGIN_SPECIAL, {}, [
        ({"special": {"kind": "magic", "name": "x", "expected": "2026-04-01"}}, errors.SpecialMissing),
        ({"special": {"kind": "hearing", "name": " ", "expected": "2026-04-01"}}, errors.SpecialMissing),
        ({"special": None}, errors.SpecialMissing)]),
    (D.SILENT, joint(), A.DEEM_OPINION, {"at": NOON + 4 * DAY, "departments": ["协办部门"]}, [
        ({"departments": ["协办部门"]}, errors.NotSilent),
        ({"at": NOON + 3 * DAY}, errors.NotSilent),
        ({"at": NOON + 4 * DAY, "departments": []}, errors.NotSilent),
        ({"at": NOON + 4 * DAY, "departments": None}, errors.NotSilent),
        ({"at": NOON + 4 * DAY, "departments": ["协办部门", "生人"]}, errors.NotSilent)]),
    (D.OPINIONS, joint(verdict="agree"), A.REVIEW, {}, []),
    (D.OPINIONS, joint(), A.REVIEW, None, [({"note": "x"}, errors.OpinionsMissing)]),
    (D.OPINIONS, joint(verdict="disagree"), A.REVIEW, {"note": "会商后仍可批"}, [
        ({"note": " "}, errors.ReasonMissing)]),
    (D.OPINIONS, joint(verdict="conditions"), A.REVIEW, {"note": ""}, []),
    (D.DEPARTMENT, filed_with(department=OURS).go_to(A.FORWARD), A.TRANSFER, {"department": "另一部门"}, [
        ({"department": OURS}, errors.DepartmentMissing), ({"department": " "}, errors.DepartmentMissing),
        ({"department": None}, errors.DepartmentMissing)]),
    (D.NO_GAP, filed_with(data=facts_set()).go_to(A.FORWARD, A.ACCEPT, A.REVIEW), A.APPROVE, None, [
        ({}, errors.GapOpen)]),
    (D.FEE, Story().go_to(*OPEN), A.ASK_FEE, {}, [
        ({"fee": {"fen": 0, "basis": "x"}}, errors.FeeMissing),
        ({"fee": {"fen": 10**12, "basis": "x"}}, errors.FeeMissing),
        ({"fee": {"fen": 1, "basis": " "}}, errors.FeeMissing), ({"fee": None}, errors.FeeMissing)]),
    (D.FEE, owing().go_to(A.TAKE_FEE), A.ASK_FEE, None, [({}, errors.FeePaid)]),
    (D.RECEIPT, owing(), A.TAKE_FEE, {}, [
        ({"receipt": {"fen": 7_999, "number": "1"}}, errors.ReceiptMissing),
        ({"receipt": {"fen": 8_000, "number": " "}}, errors.ReceiptMissing),
        ({"receipt": None}, errors.ReceiptMissing)]),
    (D.RECEIPT, Story().go_to(*OPEN), A.TAKE_FEE, None, [({}, errors.NoFeeOpen)]),
    (D.IN_FORCE, Story().go_to(*REVIEWED, A.APPROVE), A.ISSUE, {}, []),
    (D.IN_FORCE, Story().go_to(*REVIEWED, A.APPROVE, A.MARK_DECISION), A.ISSUE, None, [
        ({}, errors.DecisionNotInForce)]),
    (D.NO_DEBT, owing().go_to(A.TAKE_FEE), A.ISSUE, {}, []),
    (D.NO_DEBT, owing(), A.ISSUE, None, [({}, errors.FeeOpen)]),
    (D.ORIGINALS, filed_with(data={"originals": "after_review"}).go_to(*REVIEWED, A.APPROVE), A.ISSUE, None, [
        ({}, errors.OriginalsMissing)]),
    (D.ORIGINALS, filed_with(data={"originals": "at_filing"}).go_to(*REVIEWED, A.APPROVE), A.ISSUE, {}, []),
    (D.HELD_UP, Story().go_to(*REVIEWED, A.APPROVE), A.TERMINATE, None, [({}, errors.NotHeldUp)]),
    (D.HELD_UP, owing().go_to(A.TAKE_FEE), A.TERMINATE, None, [({}, errors.NotHeldUp)]),
    (D.HELD_UP, owing(), A.TERMINATE, {}, []),
    (D.HELD_UP, Story().go_to(*REVIEWED, A.APPROVE, A.MARK_DECISION), A.TERMINATE, None, [
        ({}, errors.NotHeldUp)]),
    (D.HELD_UP, revoked(), A.TERMINATE, {}, []),
    (D.HELD_UP, filed_with(data={"originals": "after_review"}).go_to(*REVIEWED, A.APPROVE), A.TERMINATE,
     {}, []),
    (D.CORRECTION, Story(), A.CORRECT, {"correction": CORRECTION}, [
        ({"correction": []}, errors.CorrectionMissing), ({"correction": None}, errors.CorrectionMissing),
        ({"correction": [{**CORRECTION[0], "new": "1"}]}, errors.CorrectionMissing),
        ({"correction": [*CORRECTION, {**CORRECTION[0], "field": "applicant.name", "new": " "}]},
         errors.CorrectionMissing)]),
    (D.STANDING, Story().go_to(*REVIEWED, A.REFUSE), A.MARK_DECISION, SUIT, [
        ({"standing": {"word": "eaten", "document": "x"}}, errors.StandingMissing),
        ({"standing": {"word": "revoked", "document": " "}}, errors.StandingMissing),
        ({"standing": None}, errors.StandingMissing)]),
    (D.UNSERVED, ended(A.CORRECT_DECISION), A.KEEP_UNSERVED, {}, []),
    (D.UNSERVED, ended(), A.KEEP_UNSERVED, None, [({}, errors.NothingToServe)]),
    (D.SERVED, ended(A.ARCHIVE, A.MARK_DECISION), A.RECORD_SERVICE, {}, []),
    (D.SERVED, ended(), A.RECORD_SERVICE, None, [({}, errors.NothingToServe)]),
    (D.ANNOUNCED, Story().go_to(*REVIEWED, A.REFUSE), A.ANNOUNCE, {}, [
        ({"announced": None}, errors.AnnouncedMissing),
        ({"announced": {**PUBLIC, "why": "lazy"}}, errors.AnnouncedMissing),
        ({"announced": {**PUBLIC, "where": " "}}, errors.AnnouncedMissing),
        ({"announced": {**PUBLIC, "on": "2026-03-01"}}, errors.AnnouncedMissing),
        ({"announced": {**PUBLIC, "on": "2026-03-03"}}, errors.AnnouncedMissing)]),
    (D.ANNOUNCED, ended(), A.ANNOUNCE, None, [({}, errors.NothingToServe)]),
    (D.TRIED, tried("refused"), A.ANNOUNCE, {}, [
        ({"announced": BY_FAILURE, "not_open": NOT_POSTED}, errors.NotTried)]),
    (D.WAYS, tried("absent"), A.ANNOUNCE, {"announced": BY_FAILURE, "not_open": NOT_POSTED}, [
        ({"announced": BY_FAILURE}, errors.WaysLeft),
        ({"announced": BY_FAILURE, "not_open": [{**NOT_POSTED[0], "why": " "}]}, errors.WaysLeft),
        ({"announced": BY_FAILURE, "not_open": [{"way": "上门送达", "why": "远"}]}, errors.WaysLeft),
        ({"sought": " "}, errors.NotSought), ({"sought": None}, errors.NotSought)]),
    (D.PASSED, Story().go_to(*REVIEWED, A.REFUSE, A.ANNOUNCE), A.DEEM_SERVED, {"at": NOON + 31 * DAY}, [
        ({"at": NOON + 30 * DAY}, errors.NotPassed), ({"served_on": None}, errors.NotPassed),
        ({"served_on": "2026-03-31"}, errors.NotPassed)]),
    (D.PASSED, Story().go_to(*REVIEWED, A.REFUSE), A.DEEM_SERVED, None, [({}, errors.NotPassed)]),
    (D.LETTER_DAY, CAME, A.CORRECT_LETTER_DAY, {"letter_day": DATED}, [
        ({"letter_day": None}, errors.LetterDayMissing),
        *(({"letter_day": {**DATED, **wrong}}, errors.LetterDayMissing) for wrong in (
            *WRONG_NAMES, {"on": "2026-03-02"}, {"on": "2026-02-28"}, {"on": "2026-03-03"}))]),
    (D.LETTER_VOID, CAME, A.VOID_RECEIPT, {"letter_void": NAMED}, [
        ({"letter_void": {**NAMED, **wrong}}, errors.LetterVoidMissing) for wrong in WRONG_NAMES]),
    (D.UNRELIED, CAME, A.CORRECT_LETTER_DAY, {"letter_day": DATED}, []),
    *((D.UNRELIED, came().go_to(A.MARK_DECISION), action, None, [(data, errors.LetterDayReliedOn)])
        for action, data in ((A.VOID_RECEIPT, {"letter_void": NAMED}),
                             (A.CORRECT_LETTER_DAY, {"letter_day": DATED}))),
    (D.GROUND, Story(), A.TERMINATE, {"ground": "moot"}, [
        ({"ground": "boredom"}, errors.GroundMissing), ({"ground": None}, errors.GroundMissing)]),
]  # fmt: skip
REFUSED = [
    pytest.param(story, action, data, error, id=f"{demand}-{n}-{m}")
    for n, (demand, story, action, _, wrong) in enumerate(CASES)
    for m, (data, error) in enumerate(wrong)
]
TAKEN = [
    pytest.param(story, action, data, id=f"{demand}-{n}")
    for n, (demand, story, action, data, _) in enumerate(CASES)
    if data is not None and not (demand is D.LATER_DUE and data == {})
]


def drafted(story: Story, action: Action, data: dict[str, Any]) -> Any:
    """Return the event of a step; a part given as None is left out."""
    event = story.draft(action, data=data)
    for key in [key for key, value in data.items() if value is None]:
        del event.body["data"][key]
    return event


def test_every_demand_is_tried_met_and_not_met():
    assert {row[0] for row in CASES if row[4]} == set(Demand)
    met = {row[0] for row in CASES if row[3] is not None}
    # What comes in by a report (a filled gap) is tried with its own subject.
    assert set(Demand) - met == {D.NO_GAP}
    assert {demand for step in FLOW for demand in step.demands} == set(Demand)


@pytest.mark.parametrize(("story", "action", "data"), TAKEN)
def test_a_step_that_carries_what_its_row_demands_counts(story, action, data):
    event = drafted(story, action, data)
    state = advance(story.state, event)
    assert state.last == event.id
    assert fold([*story.events, event], apex=COUNTY) == state


def test_what_an_older_table_did_not_demand_is_not_demanded_of_what_was_signed_under_it():
    """A case of last year folds as it did then."""
    for demand, story, action, _, wrong in (row for row in CASES if row[0] in SINCE):
        for data, error in wrong:
            event = drafted(story, action, data)
            event.body["flow"] = SINCE[demand] - 1
            assert advance(story.state, event).last == event.id
            event.body["flow"] = SINCE[demand]
            with pytest.raises(error):
                advance(story.state, event)


@pytest.mark.parametrize(("story", "action", "data", "error"), REFUSED)
def test_a_step_that_does_not_is_refused_with_its_own_error(story, action, data, error):
    event = drafted(story, action, data)
    with pytest.raises(error):
        advance(story.state, event)
    whole = fold([*story.events, event], apex=COUNTY)
    assert (whole.invalid, whole.chain) == ({event.id: error.code}, story.state.chain)


# Values of each part that have a wrong form, whatever the step.
MALFORMED: dict[str, list[Any]] = {
    "announced": [[], "x", {"on": "2026-03-02"}, {"on": "", "where": "x", "why": "missing"},
                  {"on": "2026-03-02", "where": 7, "why": "missing"},
                  {"on": "2026-03-02", "where": "x", "why": ""}],
    "sought": [7, [], None],
    "not_open": [{}, "x", [7], [{"way": "", "why": "x"}], [{"way": "x", "why": 7}], NOT_POSTED * 65],
    "letter_day": [[], "x", {**DATED, "on": ""}, {**DATED, "was": "soon"}, {**DATED, "record": ""},
                   {**DATED, "tracking": 7}, {"record": "r", "on": "2026-03-02"}],
    "letter_void": [[], "x", {**NAMED, "was": ""}, {**NAMED, "record": ""}, {**NAMED, "tracking": 7}],
    "served_on": [20260401, "", "2026-02-30", [], "9999-12-31"],
    "lacking": [{}, "x", [7], [{"key": "", "name": "x"}], [{"key": "x"}], [{"key": "x", "name": 7}],
                [{"key": "x", "name": "y"}] * 65],
    "waived": [{}, "x", [7], [{"key": "", "name": "x"}], [{"key": "x"}], [{"key": "x", "name": "y"}] * 65],
    "due": [20260309, "2026-02-30", "20260309", "", [], "0001-01-01", "9999-12-31", "3000-01-01"],
    "asked": [{}, [{"department": "x"}], [{**ASKED[0], "deemed": 2}], [{**ASKED[0], "due": ""}],
              [{**ASKED[0], "department": ""}], [{**ASKED[0], "department": ["x"]}], ASKED * 65],
    "result": [[], "x", {"name": ["x"]}, {"name": {}}, {str(n): n for n in range(65)}],
    "special": [[], {"kind": "hearing"}, {"kind": ["x"], "name": "x", "expected": "2026-04-01"},
                {"kind": "hearing", "name": "x", "expected": "soon"}],
    "fee": [7, {"fen": "8000", "basis": "x"}, {"fen": -1, "basis": "x"}, {"fen": 1},
            {"fen": 2**60, "basis": "x"}],
    "receipt": [7, {"fen": "8000", "number": "x"}, {"fen": 8_000, "number": 7}, {"fen": 8_000}],
    "correction": [{}, "x", [7], [{"field": "x"}], [{**CORRECTION[0], "new": 2}], CORRECTION * 65],
    "standing": ["revoked", {"word": "revoked"}, {"word": ["revoked"], "document": "x"}],
    "ground": [7, ["moot"], {}],
    "department": [7, ["x"], {}],
    "departments": ["x", [7], [""], {}, ["x"] * 65],
    "provisional": [2, "1", -1],
    "extension_days": [-1, "10", 367, 2**53],
    "version_confirmed": [2, "1", []],
    "proposal": ["", "maybe", 1, ["approve"], None],
    **{day: ["x", 7, "2026-13-01", "9999-12-31"]
       for day in ("legal_due", "legal_date", "answer_by", "accepted_on", "received_on")},
}  # fmt: skip


def test_every_signed_part_of_a_step_has_wrong_forms_to_try():
    assert set(MALFORMED) == set(parts.MOVED_DATA)


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, values in MALFORMED.items() for v in values])
def test_a_part_of_a_wrong_form_is_bad_shape_in_whatever_step_it_stands(key, value):
    for story, action in ((Story(), A.FORWARD), (Story().go_to(*OPEN), A.REVIEW)):
        event = story.draft(action, data={key: value})
        with pytest.raises(errors.BadShape):
            advance(story.state, event)
