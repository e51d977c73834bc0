"""The result is fetched where the applicant asks; then the case is rated once, called back, filed away."""

from __future__ import annotations

import pytest

from common.casework.errors import (
    AlreadyThere,
    FilingIncomplete,
    NotUncollectedYet,
    NotYourStep,
    ReportNotAllowed,
    SiteNotHeard,
    StepNotAllowed,
)
from common.casework.records import CaseFile
from common.casework.rules.flow import Action, State
from common.days import local_day
from tests.casework.build import COUNTY, TOWN, TOWN_2, VILLAGE, VILLAGE_3
from tests.casework.life.tools import AGENT, APPROVER, CLERK, RECEIVER, REVIEWER, Life


def issued(life: Life, item: str = "direct") -> str:
    case = life.approved(item)
    life.move(COUNTY, case, "issue", CLERK)
    return case


def closed(life: Life) -> str:
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    return case


def waits_at(life: Life, address: str) -> list[str]:
    life.at(address)
    found = CaseFile.select().where(CaseFile.waits_at == address, CaseFile.needs == "hand_out")
    return [row.case for row in found]


def test_another_place_hears_of_the_case_and_hands_the_result_over(life):
    case = issued(life)
    life.report(VILLAGE, case, "collect_at", place=VILLAGE_3)
    state = life.agreed(case)
    assert set(life.network.states(case)) == {VILLAGE, TOWN, COUNTY, TOWN_2, VILLAGE_3}
    assert (state.facts.collect_at, waits_at(life, VILLAGE_3)) == (VILLAGE_3, [case])
    assert waits_at(life, VILLAGE) == []
    life.report(VILLAGE_3, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def test_a_place_on_another_line_hears_of_a_case_that_a_township_holds(life):
    case = life.file("town")
    life.report(VILLAGE, case, "collect_at", place=VILLAGE_3)
    state = life.agreed(case)
    assert (state.holder, state.facts.collect_at) == (TOWN, VILLAGE_3)
    assert VILLAGE_3 in life.network.states(case)
    life.move(TOWN, case, "return", CLERK, note="不归本部门")
    life.report(VILLAGE_3, case, "handed_over", **RECEIVER)
    assert life.agreed(case).state is State.CLOSED


def test_the_place_may_change_again_and_back(life):
    case = issued(life)
    for place in (VILLAGE_3, TOWN, VILLAGE):
        life.report(VILLAGE, case, "collect_at", place=place)
        assert life.agreed(case).facts.collect_at == place
    parties = life.agreed(case).parties
    assert sorted(set(parties.values())) == sorted({VILLAGE, TOWN, COUNTY, VILLAGE_3})


@pytest.mark.parametrize("place", ["", "here", "511921199", 7, ["511921104"]])
def test_a_place_that_is_no_node_is_refused(life, place):
    case = life.accepted()
    with pytest.raises(FilingIncomplete) as refused:
        life.report(VILLAGE, case, "collect_at", place=place)
    assert [problem.field for problem in refused.value.problems] == ["place"]


def test_a_wish_that_comes_after_the_end_is_noted(life):
    case = issued(life)
    life.report_unheard(VILLAGE, case, "handed_over", **RECEIVER)
    late = life.report_unheard(TOWN, case, "collect_at", CLERK, place=VILLAGE_3)
    life.network.run()
    state = life.agreed(case)
    assert (state.state, state.reports[late].is_open) == (State.CLOSED, False)


def test_a_result_is_handed_over_with_who_what_identity_and_how(life):
    case = issued(life)
    for wrong in ({}, {"receiver": {"name": "何秀英"}}, {"receiver": "何秀英"}, {"receiver": []}):
        with pytest.raises(FilingIncomplete):
            life.report(VILLAGE, case, "handed_over", **wrong)
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, life.accepted(overrule="另有一户"), "handed_over", **RECEIVER)


# --- rating and calling back


@pytest.mark.parametrize("rating", [1, 5])
def test_a_case_is_rated_once_on_five_levels(life, rating):
    case = closed(life)
    life.report(VILLAGE, case, "rated", rating=rating)
    assert life.agreed(case).facts.rating == rating
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "rated", rating=3)


@pytest.mark.parametrize("rating", [0, 6, -1, "5", None, [5]])
def test_there_is_no_other_level(life, rating):
    with pytest.raises(FilingIncomplete):
        life.report(VILLAGE, closed(life), "rated", rating=rating)


def test_of_two_ratings_under_way_the_first_at_the_holder_counts(life):
    case = closed(life)
    first = life.report_unheard(VILLAGE, case, "rated", rating=2)
    second = life.report_unheard(TOWN, case, "rated", CLERK, rating=5)
    life.network.run()
    state = life.agreed(case)
    assert state.facts.rating in (2, 5)
    assert not state.reports[first].is_open and not state.reports[second].is_open
    with pytest.raises((ReportNotAllowed, AlreadyThere)):
        life.report(VILLAGE, case, "rated", rating=1)


def test_nothing_is_rated_before_there_is_an_answer(life):
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, life.accepted(), "rated", rating=5)


def test_who_files_for_others_calls_back_once_and_says_what_they_said(life):
    case = closed(life)
    with pytest.raises(FilingIncomplete):
        life.report(VILLAGE, case, "called_back")
    act = life.report(VILLAGE, case, "called_back", note="电话回访，本人满意")
    facts = life.agreed(case).facts
    assert facts.called_back and facts.called_back != act
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "called_back", note="再次回访")


# --- uncollected, archive


def test_what_nobody_fetches_is_closed_with_a_reason(life):
    case = issued(life)
    life.wait(10)
    life.report(VILLAGE, case, "remind", note="请来领取")
    life.wait(19)
    today = local_day(life.now)
    asked = life.state(case), ["CLERK"], CLERK.department
    assert Action.CLOSE_UNCOLLECTED not in life.at(COUNTY).actions_for(*asked, today)
    with pytest.raises(NotUncollectedYet) as refused:
        life.move(COUNTY, case, "close_uncollected", CLERK, note="三次通知无人领取")
    assert "2026-04-01 起" in str(refused.value)
    life.wait(1)
    assert Action.CLOSE_UNCOLLECTED in life.at(COUNTY).actions_for(*asked, local_day(life.now))
    life.move(COUNTY, case, "close_uncollected", CLERK, note="三次通知无人领取")
    assert life.agreed(case).state is State.CLOSED
    assert waits_at(life, VILLAGE) == []


def test_nothing_is_closed_as_not_fetched_while_it_may_have_been_fetched_where_the_line_is_down(life):
    """The resident has it since the second week; the village's word of that has not come through."""
    case = issued(life)
    life.wait(29)
    life.line.heard[VILLAGE] = life.now
    life.report_unheard(VILLAGE, case, "handed_over", AGENT, **RECEIVER)
    life.wait(20)
    with pytest.raises(SiteNotHeard, match=f"没有和{VILLAGE}站联系上"):
        life.move_unheard(COUNTY, case, "close_uncollected", CLERK, note="三次通知无人领取")
    life.network.run()
    assert life.agreed(case).state is State.CLOSED
    other = life.approved(overrule="另有一户")
    life.move(COUNTY, other, "issue", CLERK)
    life.wait(40)
    life.line.heard[VILLAGE], life.line.relieved = 0, {VILLAGE}
    life.move(COUNTY, other, "close_uncollected", CLERK, note="站点已停用")
    assert life.agreed(other).state is State.CLOSED


@pytest.mark.parametrize("way", ["closed", "withdrawn"])
def test_only_an_ended_case_is_filed_away_and_once(life, way):
    case = life.accepted()
    with pytest.raises(StepNotAllowed):
        life.move(COUNTY, case, "archive", CLERK)
    if way == "closed":
        case = closed_of(life, case)
    else:
        life.report(VILLAGE, case, "withdraw", AGENT)
    life.move(COUNTY, case, "archive", CLERK)
    assert life.agreed(case).state is State.ARCHIVED
    with pytest.raises((StepNotAllowed, NotYourStep)):
        life.move(COUNTY, case, "archive", CLERK)


def test_a_case_that_is_filed_away_can_still_be_rated(life):
    case = closed(life)
    life.move(COUNTY, case, "archive", CLERK)
    life.report(VILLAGE, case, "rated", rating=1)
    state = life.agreed(case)
    assert (state.state, state.facts.rating) == (State.ARCHIVED, 1)


def closed_of(life: Life, case: str) -> str:
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "refuse", APPROVER, note="不符合条件")
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    return case


def test_what_puts_a_decision_right_is_kept_for_thirty_days_too(life):
    """It was made on the thirtieth day, and the case closed as uncollected on the next."""
    case = issued(life)
    life.wait(29)
    fix = {"correction": [{"field": "result.number", "label": "文号", "old": "", "new": "7"}], "note": "漏写"}
    life.move(COUNTY, case, "correct_decision", APPROVER, **fix)
    life.wait(2)
    with pytest.raises(NotUncollectedYet):
        life.move(COUNTY, case, "close_uncollected", CLERK, note="无人来领")
    life.wait(28)
    life.move(COUNTY, case, "close_uncollected", CLERK, note="无人来领")
    assert life.agreed(case).state is State.CLOSED
