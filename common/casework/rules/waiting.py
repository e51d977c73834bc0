"""What a case waits for now, and at which node: the queues of the pages are this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.flow import ENDED, TO_HAND_OVER, UNDER_REVIEW, Party, Report, State
from common.casework.rules.left_to_do import OF_SERVICE
from common.casework.rules.letters import came_back, came_by
from common.casework.rules.services import collected_by
from common.casework.rules.serving import announced_until, known_at
from common.people.rules.roles import Role


class Work(StrEnum):
    """What somebody has to do next."""

    CHECK = "check"
    ACCEPTANCE = "acceptance"
    WAIT_PAPERS = "wait_papers"
    BROUGHT = "brought"
    EXAMINE = "examine"
    PROCEDURE = "procedure"
    APPROVAL = "approval"
    MAKE_OUT = "make_out"
    HAND_OUT = "hand_out"
    ANNOUNCED = "announced"
    CLOSING = "closing"
    ANSWER = "answer"
    NOTHING = ""


# A work waits at one node; there, these posts do it. At a village the agent accepts what is settled there.
DONE_BY: Mapping[Work, tuple[Role, ...]] = {
    Work.CHECK: (Role.CHECKER,),
    Work.ACCEPTANCE: (Role.CLERK, Role.AGENT),
    Work.BROUGHT: (Role.CHECKER, Role.CLERK),
    Work.EXAMINE: (Role.REVIEWER,),
    Work.PROCEDURE: (Role.REVIEWER,),
    Work.APPROVAL: (Role.APPROVER,),
    Work.MAKE_OUT: (Role.CLERK,),
    Work.WAIT_PAPERS: (Role.AGENT, Role.CLERK),
    Work.HAND_OUT: (Role.AGENT, Role.CLERK),
    Work.ANNOUNCED: (Role.AGENT, Role.CLERK),
}
# Nobody has to do anything about a case whose hand-over was reported, or a try: its holder's node answers.
assert {*DONE_BY, Work.CLOSING, Work.ANSWER, Work.NOTHING} == set(Work), (
    "every work needs somebody who does it"
)
_DEPARTMENT_WORK = (Work.EXAMINE, Work.PROCEDURE, Work.APPROVAL)
_WINDOW_WORK = (Work.ACCEPTANCE, Work.BROUGHT, Work.MAKE_OUT, Work.ANNOUNCED)
_AT_THE_DOOR = (State.RECEIVED, State.CHECKED)
_BY_STATE = {
    State.CHECKED: Work.ACCEPTANCE,
    State.SUPPLEMENTED: Work.ACCEPTANCE,
    State.ACCEPTED: Work.EXAMINE,
    State.SPECIAL: Work.PROCEDURE,
    State.REVIEWED: Work.APPROVAL,
    State.APPROVED: Work.MAKE_OUT,
}


def waits_for(state: CaseState) -> tuple[Work, str]:
    """Return what the case waits for and the address where that is done; (NOTHING, "") at its end."""
    if state.state is State.RECEIVED:
        return (Work.CHECK if state.holding is Party.CHECKER else Work.ACCEPTANCE), state.holder
    if state.state in (State.SENT_BACK, State.SUPPLEMENT):
        if papers_are_here(state):
            return Work.BROUGHT, state.holder
        origin = state.parties[Party.ORIGIN]
        # Where nobody is any more, whoever took the case over tells the applicant.
        return Work.WAIT_PAPERS, state.holder if origin in state.facts.gone else origin
    if state.state is State.REVIEWED and state.facts.tolerated and papers_are_here(state):
        # Nobody may approve it before the window has taken what was to follow.
        return Work.BROUGHT, state.holder
    if state.state in TO_HAND_OVER or state.facts.unserved:
        if is_handed_over(state):
            return Work.CLOSING, state.holder
        if announced_until(state) is not None:
            return Work.ANNOUNCED, state.holder
        return Work.HAND_OUT, state.facts.collect_at or state.parties[Party.HAND_OVER]
    if state.state in ENDED:
        return _waits_after_the_end(state)
    work = _BY_STATE.get(state.state, Work.NOTHING)
    return (work, state.holder) if work else (Work.NOTHING, "")


def _waits_after_the_end(state: CaseState) -> tuple[Work, str]:
    """Return what a case of which nothing is to be served waits for: its holder's answer to what is told.

    What came back in a letter is to be served from the word of it on.
    """
    told = state.open_reports
    if any(collected_by(state, one) or came_by(state, one) for one in told):
        return Work.CLOSING, state.holder
    if any(came_back(state.facts.served, state, one) for one in told):
        return Work.HAND_OUT, state.facts.collect_at or state.parties[Party.HAND_OVER]
    # A try in vain, or a second word of one hand-over, serves nothing; whoever gave it is answered even so.
    if any(one.what in OF_SERVICE and known_at(state, one.seen) for one in told):
        return Work.ANSWER, state.holder
    return Work.NOTHING, ""


def papers_are_here(state: CaseState) -> bool:
    """Say whether papers were brought that nobody has taken yet."""
    return any(report.what is Report.PAPERS_BROUGHT for report in state.open_reports)


def is_handed_over(state: CaseState) -> bool:
    """Say whether the present result is reported to be with the applicant, and the holder has not closed."""
    return any(r.what is Report.HANDED_OVER and is_about_the_result(state, r) for r in state.open_reports)


def is_about_the_result(state: CaseState, report: ReportState) -> bool:
    """Say whether a report was made in the knowledge of the result that stands now.

    What puts a decision right goes with it (更正决定书): who handed over without it has not handed over all.
    After the end the result is what is still to be handed over.
    """
    wanted = {state.concluded, *(one.act for one in state.facts.corrections)}
    wanted |= {one.act for one in state.facts.unserved}
    known = known_at(state, report.seen)
    return bool(known) and wanted <= known


def doers_of(state: CaseState, work: Work) -> tuple[Role, ...]:
    """Return the posts that do a work of a case: papers brought to a checker are for no window."""
    posts = DONE_BY.get(work, ())
    if work is not Work.BROUGHT:
        return posts
    mine = Role.CHECKER if state.holding is Party.CHECKER else Role.CLERK
    return tuple(post for post in posts if post is mine)


def department_of(state: CaseState, work: Work) -> str:
    """Return the department whose work it is, "" when it is for everybody of the node with the right post.

    At the door and at the counter that is everybody where the hall's own window serves the item (接办件).
    A checker's work is no department's, at whichever door the item is accepted.
    """
    if state.holding is Party.CHECKER:
        return ""
    if work in _DEPARTMENT_WORK or (is_at_a_window(state, work) and state.facts.window != "centre"):
        return state.facts.department
    return ""


def is_at_a_window(state: CaseState, work: Work) -> bool:
    """Say whether a work is done at the window that accepts the item: the hall's own or a department's."""
    return work in _WINDOW_WORK and state.holding is not Party.CHECKER


def opinions_due(state: CaseState) -> tuple[tuple[str, str], ...]:
    """Return which departments a joint case asks now, each with the last day for its answer ("": none set).

    Before acceptance that is what they lack, until the one full notice is out; then their opinion.
    """
    facts = state.facts
    if state.state in UNDER_REVIEW:
        return tuple((asked.department, asked.due) for asked in facts.silent)
    if state.state in _AT_THE_DOOR and state.holding is Party.ACCEPTOR and not facts.noticed:
        # By a transfer one of them may have become the one in charge: it asks itself nothing.
        silent = (one for one in facts.joint if one not in facts.door and one != facts.department)
        return tuple((department, "") for department in silent)
    return ()
