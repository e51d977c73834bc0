"""The one full notice: given once, by the acceptor; what it named may be asked again, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework.errors import (
    BeyondNotice,
    NotYetOverdue,
    NotYourStep,
    OriginSilent,
    PapersWaiting,
    StepNotAllowed,
)
from common.casework.late import count_unanswered, unanswered
from common.casework.rules.demands import may_act
from common.casework.rules.flow import Action, Desk, State
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE, a_paper
from tests.casework.life.tools import (
    APPROVER,
    CENTRE,
    CHECKER,
    CLERK,
    DAY,
    HELPS,
    NOTICE,
    OTHER,
    OURS,
    Life,
    staff,
)

TWO = [{"key": "photo", "name": "照片", "how": "原件"}, {"key": "map", "name": "图", "how": "原件"}]


def noticed(life: Life, **data) -> str:
    case = life.file()
    life.move(COUNTY, case, "ask_papers", CLERK, **{**NOTICE, **data})
    return case


def bring(life: Life, case: str, key: str = "photo") -> None:
    life.report(VILLAGE, case, "papers_brought", papers=[a_paper(key, key)])


def test_a_second_notice_is_refused_before_and_after_the_papers_came(life):
    case = noticed(life)
    for _ in range(2):
        with pytest.raises(StepNotAllowed):
            life.move(COUNTY, case, "ask_papers", CLERK, lacking=TWO)
        if life.state(case).state is State.SUPPLEMENT:
            bring(life, case)
            life.move(COUNTY, case, "take_papers", CLERK)
    assert life.agreed(case).state is State.SUPPLEMENTED


def test_only_what_the_notice_named_may_be_asked_for_again(life):
    case = noticed(life, lacking=TWO)
    bring(life, case)
    life.move(COUNTY, case, "take_papers", CLERK)
    new = [{"key": "id_card", "name": "身份证", "how": "原件"}]
    with pytest.raises(BeyondNotice) as refused:
        life.move(COUNTY, case, "still_lacking", CLERK, lacking=[*TWO, *new])
    assert refused.value.details == {"papers": "id_card"}
    life.move(COUNTY, case, "still_lacking", CLERK, lacking=TWO[1:], answer_by="2026-04-10")
    state = life.agreed(case)
    assert (state.state, state.facts.noticed) == (State.SUPPLEMENT, ("photo", "map"))
    assert (state.facts.answer_by, state.lacking) == ("2026-04-10", (TWO[1],))


def test_the_notice_keeps_its_own_act_when_papers_still_lack(life):
    case = noticed(life)
    first = life.state(case).facts.notice_act
    bring(life, case)
    life.move(COUNTY, case, "take_papers", CLERK)
    life.move(COUNTY, case, "still_lacking", CLERK, **NOTICE)
    assert life.agreed(case).facts.notice_act == first != ""


def test_without_a_day_the_applicant_has_fifteen_working_days(life):
    assert life.agreed(noticed(life)).facts.answer_by == "2026-03-23"


def test_a_case_lapses_only_after_the_last_day_for_bringing_papers(life):
    case = noticed(life, answer_by="2026-03-06")
    life.wait(4)  # Friday 6 March, the last day
    with pytest.raises(NotYetOverdue):
        life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    life.wait(0.5)  # two hours after midnight in Shanghai it is the 7th
    life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    assert life.agreed(case).state is State.LAPSED


def test_a_last_day_on_which_nobody_works_gives_way_to_the_next_that_is_worked(life):
    """The village is shut on the Saturday; who comes on Monday comes in time (民法典 203)."""
    assert life.agreed(noticed(life, answer_by="2026-03-07")).facts.answer_by == "2026-03-09"
    # 28 February is a Saturday on which offices work.
    life.wait(-4)
    case = life.file(overrule="另有一户")
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE, answer_by="2026-02-28")
    assert life.agreed(case).facts.answer_by == "2026-02-28"


def test_a_day_that_a_new_calendar_gives_off_ends_no_case(life):
    case = noticed(life, answer_by="2026-03-06")
    life.calendar = replace(life.calendar, off=life.calendar.off | {date(2026, 3, 6)})
    for days, day in ((5, "2026-03-07"), (2, "2026-03-09")):
        life.wait(days)
        with pytest.raises(NotYetOverdue):
            life.move(COUNTY, case, "lapse", CLERK, note="逾期")
        assert Action.LAPSE not in life.at(COUNTY).actions_for(life.state(case), ["CLERK"], "", day)
    life.wait(1)
    life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    assert life.agreed(case).state is State.LAPSED


def test_no_list_says_that_the_time_is_over_on_a_last_day_that_a_new_calendar_moves(life):
    case = noticed(life, answer_by="2026-03-06")
    off = life.calendar.off | {date(2026, 3, 6)}
    life.new_calendar(replace(life.calendar, off=off))
    life.at(COUNTY)
    assert [unanswered(COUNTY, "", day) for day in ("2026-03-07", "2026-03-09")] == [[], []]
    assert [line.case for line in unanswered(COUNTY, "", "2026-03-10")] == [case]


def test_each_window_sees_what_it_has_to_end_however_much_the_others_leave(life):
    """A hundred cases of one department, left for long, were all that was looked at for the others."""
    items = life.shelf.items
    items["other"] = replace(
        items["direct"], code="other", route=replace(items["direct"].route, department=OTHER)
    )
    cases = {}
    for at, code in enumerate(("direct", "centre", "other")):
        case = cases[code] = life.file(code)
        clerk = staff("CLERK", OTHER) if code == "other" else CLERK
        life.move(COUNTY, case, "ask_papers", clerk, **NOTICE, answer_by=f"2026-03-{9 + at:02d}")
    # The department of a township that is gone is none of the county's: its hall takes its place.
    life.staffed, life.line.relieved = {CENTRE: frozenset({"CLERK", "REVIEWER", "APPROVER"})}, {TOWN}
    gone = cases["gone"] = life.file("town")
    life.move(TOWN, gone, "ask_papers", CLERK, **NOTICE, answer_by="2026-03-12")
    casework = life.at(COUNTY)
    with unit_of_work():
        assert casework.take_over((gone,), APPROVER, "青峪镇的电脑已经损坏。", life.now).done == (gone,)
    assert life.state(gone).facts.department == CENTRE
    day = "2026-03-20"
    for department in ("", OURS, OTHER, CENTRE, HELPS):
        own = [one for one in cases.values() if may_act(life.state(one), Desk.WINDOW, department)]
        assert [line.case for line in unanswered(COUNTY, department, day)] == own
        assert [line.case for line in unanswered(COUNTY, department, day, 1)] == own[:1]
        assert count_unanswered(COUNTY, department, day) == len(own)


def test_a_case_does_not_lapse_while_papers_that_came_wait_to_be_taken(life):
    case = noticed(life, answer_by="2026-03-06")
    bring(life, case)
    life.wait(10)
    with pytest.raises(PapersWaiting):
        life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    life.move(COUNTY, case, "take_papers", CLERK)
    assert life.agreed(case).state is State.SUPPLEMENTED


def test_a_case_lapses_only_when_its_village_was_heard_after_the_last_day(life):
    """Papers may have been brought in time where the line is down; where nobody is, nobody is waited for."""
    case = noticed(life, answer_by="2026-03-06")
    life.wait(10)
    life.line.heard[VILLAGE] = NOON + 4 * DAY  # the last day itself
    with pytest.raises(OriginSilent):
        life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    offered = life.at(COUNTY).actions_for(life.state(case), ["CLERK"], CLERK.department, "2026-03-12")
    assert Action.LAPSE not in offered
    assert life.at(COUNTY).waits_for_origin(case)
    life.line.heard[VILLAGE] += DAY
    offered = life.at(COUNTY).actions_for(life.state(case), ["CLERK"], CLERK.department, "2026-03-12")
    assert Action.LAPSE in offered and not life.at(COUNTY).waits_for_origin(case)
    life.line.heard[VILLAGE], life.line.relieved = 0, {VILLAGE}
    life.move(COUNTY, case, "lapse", CLERK, note="逾期")
    assert life.agreed(case).state is State.LAPSED


def test_a_lapsed_case_goes_on_when_papers_brought_in_time_arrive(life):
    """The village took them on the last day, its line was down, and the county let the case lapse."""
    case = noticed(life, answer_by="2026-03-06")
    life.wait(4)
    brought = life.report_unheard(VILLAGE, case, "papers_brought", papers=[a_paper("photo", "p")])
    life.wait(6)
    life.move_unheard(COUNTY, case, "lapse", CLERK, note="逾期")
    life.network.run()
    state = life.agreed(case)
    assert (state.state, state.holder, state.lacking) == (State.SUPPLEMENTED, COUNTY, ())
    assert not state.reports[brought].is_open and set(state.papers) == {"photo"}
    (said,) = life.said(COUNTY, case, "revive")
    assert "补正期限内" in said["note"] and said["actor"]["role"] == "NODE"
    life.move(COUNTY, case, "accept", CLERK)
    assert life.agreed(case).state is State.ACCEPTED


def test_papers_brought_too_late_are_answered_with_what_to_do(life):
    case = noticed(life, answer_by="2026-03-06")
    life.wait(5)
    brought = life.report_unheard(VILLAGE, case, "papers_brought", note="晚了一天")
    life.move_unheard(COUNTY, case, "lapse", CLERK, note="逾期未补")
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.LAPSED and not state.reports[brought].is_open
    (said,) = life.said(COUNTY, case, "note")
    assert "补正期限内交来" in said["note"] and "受理窗口" in said["note"]


def test_papers_of_a_day_before_the_notice_are_left_to_a_person(life):
    """The clock of the village is years behind: its day says nothing of when they were brought."""
    case = noticed(life, answer_by="2026-03-06")
    life.wait(-700)
    brought = life.report_unheard(VILLAGE, case, "papers_brought", papers=[a_paper("photo", "p")])
    life.wait(710)
    life.move_unheard(COUNTY, case, "lapse", CLERK, note="逾期")
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.LAPSED and not state.reports[brought].is_open
    (said,) = life.said(COUNTY, case, "note")
    assert "早于补正告知" in said["note"] and "核对" in said["note"]
    assert life.said(COUNTY, case, "revive") == []


def test_the_list_of_a_checker_is_no_notice(life):
    """After a checker has sent papers back the acceptor still has its one notice, for other papers too."""
    case = life.file("checked")
    life.move(TOWN, case, "send_back", CHECKER, **NOTICE)
    assert life.state(case).facts.noticed == ()
    bring(life, case)
    life.move(TOWN, case, "resume", CHECKER)
    life.move(TOWN, case, "send_back", CHECKER, lacking=TWO)
    bring(life, case, "map")
    life.move(TOWN, case, "resume", CHECKER)
    life.move(TOWN, case, "forward", CHECKER)
    life.move(COUNTY, case, "ask_papers", CLERK, lacking=TWO[1:])
    assert life.agreed(case).facts.noticed == ("map",)


def test_a_checker_gives_no_notice(life):
    case = life.file("checked")
    with pytest.raises(NotYourStep):
        life.move(TOWN, case, "ask_papers", CHECKER, **NOTICE)


def test_what_was_sent_back_and_never_brought_is_returned(life):
    case = life.file("checked")
    life.move(TOWN, case, "send_back", CHECKER, **NOTICE)
    life.move(TOWN, case, "return", CHECKER, note="两个月未补来")
    state = life.agreed(case)
    assert (state.state, state.facts.acceptor_on) == (State.RETURNED, "")
