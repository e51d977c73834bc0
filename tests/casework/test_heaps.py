"""Every open case lies in the heap of whoever may take its next step: state by state, post by post."""

from __future__ import annotations

from itertools import product

import pytest

from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import Facts
from common.casework.rules.flow import FLOW
from common.casework.rules.offered import actions_for
from common.casework.rules.waiting import DONE_BY, Work, department_of, doers_of, waits_for
from common.casework.rules.words import Action, Party, Report, Role, State
from tests.casework.build import COUNTY, TOWN, VILLAGE

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


def case(state: State, holding: Party, window: str, *reports: Report) -> CaseState:
    """Return a case of a department of the county, checked at the township."""
    told = {f"r{n}": ReportState(f"r{n}", what, VILLAGE, 0, "a", {}) for n, what in enumerate(reports)}
    return CaseState(
        "n", COUNTY, "i", 1, "低保", state, PARTIES[holding.value], holding, PARTIES, VILLAGE,
        {"name": "王秀英", "id_number": ""}, 0, 0, ("a",), reports=told, concluded="a",
        facts=Facts(department=CIVIL, window=window, collect_at=VILLAGE, answer_by="2026-03-20"),
    )  # fmt: skip


@pytest.mark.parametrize(("state", "holding"), HELD, ids=str)
@pytest.mark.parametrize("reports", [(), (Report.PAPERS_BROUGHT,)], ids=["", "brought"])
def test_whoever_may_take_the_next_step_has_the_case_in_a_heap(
    state: State, holding: Party, reports: tuple[Report, ...]
) -> None:
    """All states × parts × doors × posts × departments: the heaps against what the case's page offers."""
    for window, post, mine in product(("centre", "own"), Role, ("", CIVIL, HALL, FARMING)):
        found = case(state, holding, window, *reports)
        work, where = waits_for(found)
        may = NEXT.get(work, set()) & {*actions_for(found, None, [post], mine)}
        if not may:
            continue
        is_listed = where == found.holder and post.value in {role.value for role in DONE_BY[work]}
        is_listed = is_listed and (mine == "" or department_of(found, work) in ("", mine))
        assert is_listed, (work, window, post, mine, may)
        assert post.value in {role.value for role in doers_of(found, work)}


def test_papers_brought_to_a_checker_are_seen_by_checkers_alone() -> None:
    at_checker = case(State.SENT_BACK, Party.CHECKER, "own", Report.PAPERS_BROUGHT)
    at_window = case(State.SUPPLEMENT, Party.ACCEPTOR, "own", Report.PAPERS_BROUGHT)
    assert [role.value for role in doers_of(at_checker, Work.BROUGHT)] == ["CHECKER"]
    assert [role.value for role in doers_of(at_window, Work.BROUGHT)] == ["CLERK"]
