"""Every open case lies in the heap of whoever may take its next step: state by state, post by post."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from common.casework.context import load_calendar
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import Facts
from common.casework.rules.flow import FLOW
from common.casework.rules.need_to_know import is_work_of
from common.casework.rules.offered import actions_for
from common.casework.rules.timed import alarm_on
from common.casework.rules.waiting import DONE_BY, Work, department_of, doers_of, waits_for
from common.casework.rules.words import Action, Party, Report, Role, State
from tests.casework.build import COUNTY, TOWN, VILLAGE

CALENDAR = load_calendar()
CIVIL, HALL, FARMING = "县民政局", "便民服务中心", "农业综合服务中心"
PARTIES = {"origin": VILLAGE, "checker": TOWN, "acceptor": COUNTY, "competent": COUNTY, "hand_over": VILLAGE}
# The steps by which each work is done at the node that holds the case.
NEXT = {
    Work.CHECK: {Action.FORWARD, Action.SEND_BACK},
    Work.BROUGHT: {Action.TAKE_PAPERS, Action.RESUME},
    Work.ACCEPTANCE: {Action.ACCEPT, Action.ASK_PAPERS, Action.STILL_LACKING},
    Work.EXAMINE: {Action.REVIEW},
    Work.PROCEDURE: {Action.END_SPECIAL},
    Work.APPROVAL: {Action.APPROVE, Action.REFUSE},
    Work.MAKE_OUT: {Action.ISSUE},
}
HELD = sorted(
    {(step.state, step.by) for step in FLOW if step.by not in (Party.ORIGIN, Party.HOLDER)},
    key=lambda pair: (pair[0].value, pair[1].value),
)


def case(state: State, holding: Party, window: str, *reports: Report, follows: str = "") -> CaseState:
    """Return a case of a department of the county, checked at the township."""
    told = {f"r{n}": ReportState(f"r{n}", what, VILLAGE, 0, "a", {}) for n, what in enumerate(reports)}
    return CaseState(
        "n", COUNTY, "i", 1, "低保", state, PARTIES[holding.value], holding, PARTIES, VILLAGE,
        {"name": "王秀英", "id_number": ""}, 0, 0, ("a",), reports=told, concluded="a",
        facts=Facts(department=CIVIL, window=window, collect_at=VILLAGE, answer_by="2026-03-20",
                    tolerated={follows: follows} if follows else {}, tolerance_due="2026-03-20"),
    )  # fmt: skip


@pytest.mark.parametrize(("state", "holding"), HELD, ids=str)
@pytest.mark.parametrize("reports", [(), (Report.PAPERS_BROUGHT,)], ids=["", "brought"])
def test_whoever_may_take_the_next_step_has_the_case_in_a_heap(
    state: State, holding: Party, reports: tuple[Report, ...]
) -> None:
    """All states × parts × doors × posts × departments: the heaps against what the case's page offers."""
    ways = product(("centre", "own"), ("", "photo"), Role, ("", CIVIL, HALL, FARMING))
    for window, follows, post, mine in ways:
        found = case(state, holding, window, *reports, follows=follows)
        work, where = waits_for(found)
        may = NEXT.get(work, set()) & {*actions_for(found, None, [post], mine)}
        # A reviewer may take papers, too; it is the window that is asked to.
        if not may or (work is Work.BROUGHT and post is Role.REVIEWER):
            continue
        is_listed = where == found.holder and post.value in {role.value for role in DONE_BY[work]}
        is_listed = is_listed and (mine == "" or department_of(found, work) in ("", mine))
        assert is_listed, (work, window, follows, post, mine, may)
        assert post.value in {role.value for role in doers_of(found, work)}


def test_papers_brought_to_a_checker_are_seen_by_checkers_alone() -> None:
    at_checker = case(State.SENT_BACK, Party.CHECKER, "own", Report.PAPERS_BROUGHT)
    at_window = case(State.SUPPLEMENT, Party.ACCEPTOR, "own", Report.PAPERS_BROUGHT)
    assert [role.value for role in doers_of(at_checker, Work.BROUGHT)] == ["CHECKER"]
    assert [role.value for role in doers_of(at_window, Work.BROUGHT)] == ["CLERK"]


def test_papers_that_were_to_follow_are_taken_before_anybody_is_asked_to_approve() -> None:
    """Else the case lies with the approver, who may not approve it, and nobody is told to take them."""
    brought, nothing = (Report.PAPERS_BROUGHT,), ()
    for follows, reports, work in (
        ("photo", brought, Work.BROUGHT),
        ("photo", nothing, Work.APPROVAL),
        ("", brought, Work.APPROVAL),
    ):
        found = case(State.REVIEWED, Party.COMPETENT, "own", *reports, follows=follows)
        assert waits_for(found) == (work, COUNTY)
        assert department_of(found, work) == CIVIL
        late = replace(found, due="2026-03-18")
        # Nobody loses sight of the day of the decision meanwhile.
        first = {Work.BROUGHT: "2026-03-18", Work.APPROVAL: "2026-03-20" if follows else ""}[work]
        assert alarm_on(late, date(2026, 3, 2), CALENDAR) == first


def test_once_papers_are_here_the_applicants_day_is_no_alarm() -> None:
    waits = case(State.SUPPLEMENT, Party.ACCEPTOR, "own")
    brought = case(State.SUPPLEMENT, Party.ACCEPTOR, "own", Report.PAPERS_BROUGHT)
    found = [alarm_on(one, date(2026, 3, 2), CALENDAR) for one in (waits, brought)]
    assert found == ["2026-03-20", ""]


def test_nobody_sees_a_case_whole_as_their_work_who_may_not_do_it() -> None:
    """At the hall's own window a clerk of another department could only look."""
    for (state, holding), reports in product(HELD, [(), (Report.PAPERS_BROUGHT,)]):
        found = case(state, holding, "centre", *reports)
        work, _where = waits_for(found)
        if is_work_of(found, found.holder, {"CLERK", "CHECKER"}) and work in NEXT:
            assert NEXT[work] & {*actions_for(found, None, [Role.CLERK, Role.CHECKER], FARMING)}, work
