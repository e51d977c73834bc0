"""Lights, whose work is whose, and what a step's form asks: read off the tables, all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework.context import load_calendar
from common.casework.errors import NotYourStep, StepNotAllowed
from common.casework.rules.event import CaseState
from common.casework.rules.flow import FLOW, Demand, Party, Role, State, Step
from common.casework.rules.waiting import Work
from common.casework.rules.words import Action
from common.catalogue.rules.item import PaperSpec
from common.desk.rules import action_form, board
from common.desk.rules.around import Around
from common.desk.rules.lights import Light, Waiting, limit_of

CALENDAR = load_calendar()
MONDAY = date(2026, 3, 2)
CARD = PaperSpec("card", "身份证", True, 1, 1, "")
CASE = CaseState(
    case="511921126204-A1-K7QMX",
    apex="511921",
    item="i",
    item_version=1,
    item_name="低保",
    state=State.RECEIVED,
    holder="511921126",
    holding=Party.CHECKER,
    parties={"origin": "511921126204", "hand_over": "511921126204"},
    place="511921126204",
    applicant={},
    filed_at=0,
    changed_at=0,
    chain=("a",),
)


@pytest.mark.parametrize(
    ("today", "light"),
    [
        (date(2026, 3, 2), Light.GOOD),
        (date(2026, 3, 4), Light.GOOD),
        (date(2026, 3, 5), Light.WARN),
        (date(2026, 3, 9), Light.WARN),
        (date(2026, 3, 10), Light.BAD),
    ],
)
def test_a_notice_is_due_on_the_fifth_working_day(today: date, light: Light) -> None:
    """Filed on a Monday; the day itself is not counted, the week-end neither."""
    limit = limit_of(Waiting(Work.ACCEPTANCE, MONDAY, MONDAY, None), today, CALENDAR)
    assert (limit.day, limit.light) == (date(2026, 3, 9), light)


def test_what_is_to_be_accepted_counts_from_when_it_came_or_its_papers_were_taken() -> None:
    """Not from the filing at a village whose line was down: nobody answers for the time on the way."""
    late = date(2026, 4, 1)
    came = Waiting(Work.ACCEPTANCE, MONDAY, MONDAY, date(2026, 4, 8))
    assert limit_of(came, late, CALENDAR).day == date(2026, 4, 8)
    taken = Waiting(Work.ACCEPTANCE, MONDAY, late, None)
    assert limit_of(taken, late, CALENDAR).light is Light.GOOD


def test_a_decision_goes_by_its_signed_date_and_a_result_by_ten_working_days() -> None:
    due = Waiting(Work.EXAMINE, MONDAY, MONDAY, date(2026, 4, 13))
    assert limit_of(due, date(2026, 4, 14), CALENDAR).light is Light.BAD
    result = Waiting(Work.HAND_OUT, MONDAY, date(2026, 3, 3), date(2026, 3, 4))
    assert limit_of(result, MONDAY, CALENDAR).day == date(2026, 3, 17)


def test_the_applicants_last_day_shows_where_papers_are_awaited() -> None:
    waits = Waiting(Work.WAIT_PAPERS, MONDAY, MONDAY, date(2026, 3, 20))
    assert limit_of(waits, date(2026, 3, 19), CALENDAR).light is Light.WARN
    assert limit_of(waits, date(2026, 3, 21), CALENDAR).light is Light.BAD
    sent_back = Waiting(Work.WAIT_PAPERS, MONDAY, MONDAY, None)
    assert limit_of(sent_back, date(2026, 3, 21), CALENDAR).light is Light.NONE


@pytest.mark.parametrize("work", [Work.NOTHING, "a word of tomorrow"])
def test_what_has_no_limit_has_no_light(work: str) -> None:
    assert limit_of(Waiting(work, MONDAY, MONDAY, MONDAY), MONDAY, CALENDAR).light is Light.NONE


@pytest.mark.parametrize("work", [w for w in Work if w not in (Work.CLOSING, Work.ANSWER, Work.NOTHING)])
def test_every_work_is_somebodys(work: Work) -> None:
    for role in board.DONE_BY[work]:
        assert work in board.works_of([role])
        assert work in board.works_of([role.value])
    assert board.works_of([]) == ()
    assert board.TOLD[work]


def rows_by_people() -> list[Step]:
    return [step for step in FLOW if step.role is not Role.NODE and step.state is not State.START]


@pytest.mark.parametrize("step", rows_by_people(), ids=lambda s: f"{s.state}-{s.action}-{s.by}-{s.role}")
def test_the_form_asks_exactly_what_the_row_demands(step: Step) -> None:
    case = replace(CASE, state=step.state, holding=step.by)
    form = action_form.form_of(case, step.action, [step.role])
    assert form.step == step
    assert ("lacking" in form.parts) == (Demand.LACKING in step.demands)
    assert ("due" in form.parts) == (Demand.DUE in step.demands)
    assert ("result" in form.parts) == (Demand.RESULT in step.demands)
    assert ("another_person" in form.parts) == (Demand.ANOTHER_PERSON in step.demands)
    assert form.needs_reason == (Demand.REASON in step.demands)
    assert form.parts[-1] == "note"


def test_a_step_of_others_or_of_nobody_has_no_form() -> None:
    with pytest.raises(NotYourStep):
        action_form.form_of(CASE, Action.FORWARD, ["CLERK", "ADMIN"])
    with pytest.raises(NotYourStep):
        action_form.form_of(CASE, Action.FORWARD, [])
    with pytest.raises(NotYourStep):
        action_form.form_of(replace(CASE, state=State.ISSUED), Action.CLOSE, ["CLERK", "NODE"])
    with pytest.raises(StepNotAllowed):
        action_form.form_of(CASE, Action.APPROVE, ["CHECKER"])


AROUND = Around(CASE, None)


def form(action: Action) -> action_form.ActionForm:
    return action_form.form_of(CASE, action, ["CHECKER"])


def test_typed_lists_become_data() -> None:
    typed = {"lack-card": "1", "how-card": " 反面 ", "other-2-name": "证明", "note": " 请补 \r\n齐 "}
    data, problems = action_form.read_data(form(Action.SEND_BACK), typed, [CARD], AROUND)
    assert problems == []
    assert data["note"] == "请补 \n齐"
    card, other = data["lacking"]
    assert card == {"key": "card", "name": "身份证", "how": "反面"}
    assert (other["name"], other["how"]) == ("证明", "")


def test_a_paper_on_no_list_has_a_key_of_its_own_on_whichever_line_it_stands() -> None:
    def key(line: int, name: str) -> str:
        data, _ = action_form.read_data(form(Action.SEND_BACK), {f"other-{line}-name": name}, [CARD], AROUND)
        return str(data["lacking"][0]["key"])

    assert key(1, "证明") == key(3, "证明") != key(1, "公证书")


def test_all_problems_come_at_once() -> None:
    typed = {"how-card": "x", "other-1-how": "y", "note": "长" * 2_001}
    _, problems = action_form.read_data(form(Action.SEND_BACK), typed, [CARD], AROUND)
    assert {p.field for p in problems} == {"note", "lack-card", "other-1-name"}


def test_a_reviewer_is_barred_by_login_and_by_name() -> None:
    case = replace(CASE, state=State.REVIEWED, holding=Party.COMPETENT, reviewer=("wu", "吴审查"))
    step = action_form.form_of(case, Action.APPROVE, ["APPROVER"]).step
    assert action_form.is_barred(case, step, {"login": "wu", "name": "别名"})
    assert action_form.is_barred(case, step, {"login": "wu2", "name": "吴审查"})
    assert not action_form.is_barred(case, step, {"login": "zheng", "name": "郑批准"})


def test_without_its_item_a_case_names_the_papers_it_was_brought() -> None:
    assert action_form.asked_papers(None, []) == ()
