"""The flow table: every step a case may take, and who may take it. A step that is not here does not exist.

Pure. A new state or step is a new row, never a branch elsewhere: `case.py` knows only the columns. When rows
are added, `FLOW_VERSION` rises, so that a node with the older table keeps what it cannot judge for later
instead of calling it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common.casework.errors import NotYourStep, StepNotAllowed
from common.casework.rules.words import Action, Demand, Party, Report, Role, State

__all__ = (
    "BEFORE_DECISION",
    "ENDED",
    "FLOW",
    "FLOW_VERSION",
    "REPORTS",
    "TO_HAND_OVER",
    "Action",
    "Demand",
    "Party",
    "Report",
    "ReportRule",
    "Role",
    "State",
    "Step",
    "actions_from",
    "report_rule",
    "step_for",
)

FLOW_VERSION = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed step: a node that holds the case as `by` may take it from `state`, by staff in `role`.

    `holder_after` None leaves the case where it is. `answers` is the kind of report the step exists to
    answer: it must answer at least one.
    """

    state: State
    action: Action
    next_state: State
    by: Party
    role: Role
    note: str
    demands: tuple[Demand, ...] = ()
    holder_after: Party | None = None
    answers: Report | None = None


S, A, P, R, D = State, Action, Party, Role, Demand
_PAPERS = Report.PAPERS_BROUGHT

_WHY, _LIST, _DUE = (D.REASON,), (D.LACKING,), (D.DUE,)
_NO, _YES, _HERE = (D.ANOTHER_PERSON, D.REASON), (D.ANOTHER_PERSON, D.RESULT), (D.ONE_PLACE, D.RESULT)

# fmt: off
_BY_PEOPLE = (
    #    state           action         becomes         by           role        note, demands, to, answers
    Step(S.START,        A.FILE,        S.RECEIVED,     P.ORIGIN,    R.AGENT,    "代收", (), P.FIRST),
    Step(S.START,        A.FILE,        S.RECEIVED,     P.ORIGIN,    R.CLERK,    "窗口收件", (), P.FIRST),
    Step(S.RECEIVED,     A.FORWARD,     S.CHECKED,      P.CHECKER,   R.CHECKER,  "初审转报", (), P.ACCEPTOR),
    Step(S.RECEIVED,     A.SEND_BACK,   S.SENT_BACK,    P.CHECKER,   R.CHECKER,  "初审退补", _LIST),
    Step(S.SENT_BACK,    A.RESUME,      S.RECEIVED,     P.CHECKER,   R.CHECKER,  "续审", (), None, _PAPERS),
    Step(S.RECEIVED,     A.RETURN,      S.RETURNED,     P.CHECKER,   R.CHECKER,  "初审退回", _WHY),
    Step(S.RECEIVED,     A.RETURN,      S.RETURNED,     P.ACCEPTOR,  R.CLERK,    "退回", _WHY),
    Step(S.CHECKED,      A.RETURN,      S.RETURNED,     P.ACCEPTOR,  R.CLERK,    "退回", _WHY),
    Step(S.SUPPLEMENTED, A.RETURN,      S.RETURNED,     P.ACCEPTOR,  R.CLERK,    "退回", _WHY),
    Step(S.RECEIVED,     A.ASK_PAPERS,  S.SUPPLEMENT,   P.ACCEPTOR,  R.CLERK,    "一次告知", _LIST),
    Step(S.CHECKED,      A.ASK_PAPERS,  S.SUPPLEMENT,   P.ACCEPTOR,  R.CLERK,    "一次告知", _LIST),
    Step(S.SUPPLEMENT,   A.TAKE_PAPERS, S.SUPPLEMENTED, P.ACCEPTOR,  R.CLERK,    "补齐", (), None, _PAPERS),
    Step(S.RECEIVED,     A.ACCEPT,      S.ACCEPTED,     P.ACCEPTOR,  R.CLERK,    "受理", _DUE, P.COMPETENT),
    Step(S.CHECKED,      A.ACCEPT,      S.ACCEPTED,     P.ACCEPTOR,  R.CLERK,    "受理", _DUE, P.COMPETENT),
    Step(S.SUPPLEMENTED, A.ACCEPT,      S.ACCEPTED,     P.ACCEPTOR,  R.CLERK,    "受理", _DUE, P.COMPETENT),
    Step(S.RECEIVED,     A.NOT_ACCEPT,  S.NOT_ACCEPTED, P.ACCEPTOR,  R.CLERK,    "不予受理", _WHY),
    Step(S.CHECKED,      A.NOT_ACCEPT,  S.NOT_ACCEPTED, P.ACCEPTOR,  R.CLERK,    "不予受理", _WHY),
    Step(S.SUPPLEMENTED, A.NOT_ACCEPT,  S.NOT_ACCEPTED, P.ACCEPTOR,  R.CLERK,    "不予受理", _WHY),
    Step(S.ACCEPTED,     A.REVIEW,      S.REVIEWED,     P.COMPETENT, R.REVIEWER, "审查"),
    Step(S.REVIEWED,     A.APPROVE,     S.APPROVED,     P.COMPETENT, R.APPROVER, "批准", _YES),
    Step(S.REVIEWED,     A.REFUSE,      S.REFUSED,      P.COMPETENT, R.APPROVER, "不予批准", _NO),
    Step(S.RECEIVED,     A.SETTLE,      S.APPROVED,     P.ACCEPTOR,  R.CLERK,    "即办", _HERE, P.COMPETENT),
    Step(S.RECEIVED,     A.SETTLE,      S.APPROVED,     P.ACCEPTOR,  R.AGENT,    "即办", _HERE, P.COMPETENT),
)
# fmt: on

# What a case can be taken back from, what can be handed over, and where nothing more happens.
BEFORE_DECISION = (S.RECEIVED, S.SENT_BACK, S.CHECKED, S.SUPPLEMENT, S.SUPPLEMENTED, S.ACCEPTED, S.REVIEWED)
TO_HAND_OVER = (S.APPROVED, S.REFUSED, S.NOT_ACCEPTED, S.RETURNED)
ENDED = (S.WITHDRAWN, S.CLOSED)


def _by_the_node(state: State, action: Action, next_state: State, report: Report, note: str) -> Step:
    demands = (D.REASON,) if action is A.REFUSE_WITHDRAWAL else ()
    return Step(state, action, next_state, P.HOLDER, R.NODE, note, demands, None, report)


_BY_THE_NODE = (
    *(_by_the_node(s, A.GRANT_WITHDRAWAL, S.WITHDRAWN, Report.WITHDRAW, "撤回") for s in BEFORE_DECISION),
    *(_by_the_node(s, A.REFUSE_WITHDRAWAL, s, Report.WITHDRAW, "不能撤回") for s in (*TO_HAND_OVER, *ENDED)),
    *(_by_the_node(s, A.CLOSE, S.CLOSED, Report.HANDED_OVER, "办结") for s in TO_HAND_OVER),
    # Answers what came too late or out of place, so that no report stays without an answer.
    *(Step(s, A.NOTE, s, P.HOLDER, R.NODE, "知悉") for s in (*BEFORE_DECISION, *TO_HAND_OVER, *ENDED)),
)

FLOW: tuple[Step, ...] = (*_BY_PEOPLE, *_BY_THE_NODE)


@dataclass(frozen=True, slots=True)
class ReportRule:
    """Who may send a report, and in which states of the case as the sender sees it."""

    what: Report
    states: tuple[State, ...]
    roles: tuple[Role, ...]
    note: str


_DESK = (R.AGENT, R.CLERK)
_ANYONE = (R.AGENT, R.CLERK, R.CHECKER, R.REVIEWER, R.APPROVER, R.ADMIN, R.NODE)
# fmt: off
REPORTS = (
    ReportRule(Report.PAPERS_BROUGHT, BEFORE_DECISION,                  _DESK,   "申请人补来材料"),
    ReportRule(Report.WITHDRAW,       (*BEFORE_DECISION, *TO_HAND_OVER), _DESK,   "申请人要求撤回"),
    ReportRule(Report.HANDED_OVER,    TO_HAND_OVER,                     _DESK,   "结果已交给申请人"),
    ReportRule(Report.REMIND,         (*BEFORE_DECISION, *TO_HAND_OVER), _ANYONE, "催办"),
)
# fmt: on

_STEPS = {(s.state, s.action, s.by, s.role): s for s in FLOW}
assert len(_STEPS) == len(FLOW), "two rows for one (state, action, by, role)"
_REPORT_RULES = {rule.what: rule for rule in REPORTS}
assert len(_REPORT_RULES) == len(REPORTS), "two rows for one report"


def step_for(state: State, action: Action, party: Party, role: Role) -> Step:
    """Return the row for this step.

    Args:
        party: the part in which the acting node holds the case.

    Raises:
        StepNotAllowed: nobody may take this step from this state.
        NotYourStep: it belongs to another party or role.
    """
    for by in (party, Party.HOLDER):
        step = _STEPS.get((state, action, by, role))
        if step is not None:
            return step
    if any(s.state is state and s.action is action for s in FLOW):
        raise NotYourStep(state, action, role)
    raise StepNotAllowed(state, action, actions_from(state, party))


def actions_from(state: State, party: Party, roles: Iterable[Role] | None = None) -> tuple[Action, ...]:
    """Return what people may do to a case in `state` at the node that holds it as `party`, in table order.

    Args:
        roles: only what these roles may do; None means everyone's. The node's own steps are left out.
    """
    wanted = None if roles is None else frozenset(roles)
    found = (
        s.action
        for s in FLOW
        if s.state is state
        and s.by in (party, Party.HOLDER)
        and s.role is not Role.NODE
        and (wanted is None or s.role in wanted)
    )
    return tuple(dict.fromkeys(found))


def report_rule(what: Report) -> ReportRule:
    """Return the rule for a kind of report."""
    return _REPORT_RULES[what]
