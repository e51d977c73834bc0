"""The rows of the flow table: every step a case may take, and who may take it. No other step exists.

Pure. A new state or step is a new row, never a branch elsewhere: the fold knows only the columns. When rows
are added, `FLOW_VERSION` rises, so that a node with the older table keeps what it cannot judge for later
instead of calling it wrong. Sources beside the rows: 许可法 is 行政许可法 (2019).
"""
# One step, one line: the table is read down its columns.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.casework.rules.words import Action, Cause, Demand, Desk, Party, Report, Role, State

FLOW_VERSION = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed step: a node that holds the case as `by` may take it from `state`, by a `role` at a `desk`.

    `holder_after` None leaves the case where it is. `answers` names the kinds of report the step exists to
    answer: it must answer at least one.
    """

    state: State
    action: Action
    next_state: State
    by: Party
    role: Role
    desk: Desk
    note: str
    demands: tuple[Demand, ...] = ()
    holder_after: Party | None = None
    answers: tuple[Report, ...] = ()


S, A, P, R, D, K = State, Action, Party, Role, Demand, Desk
_PAPERS = (Report.PAPERS_BROUGHT,)
_ANY, _WIN, _DEP = K.ANY, K.WINDOW, K.DEPARTMENT

_WHY, _LIST, _DUE = (D.REASON,), (D.LACKING,), (D.DUE,)
_NOTICE, _AGAIN = (D.LACKING, D.ANSWER_BY), (D.LACKING, D.ANSWER_BY, D.WITHIN_NOTICE, D.SAME_CONTENT)
_YES = (D.ANOTHER_PERSON, D.RESULT, D.NO_GAP)
_NO, _HERE = (D.ANOTHER_PERSON, D.REASON), (D.ONE_PLACE, D.RESULT, D.NO_GAP)
_OUT, _LATE = (D.IN_FORCE, D.NO_DEBT, D.ORIGINALS), (D.OVERDUE, D.REASON)
_LONGER, _ABSENT = (D.REASON, D.LATER_DUE, D.DAYS), (D.DEPARTMENT, D.REASON)
_AWAY, _VIEW = (*_ABSENT, D.UNASKED), (D.OPINIONS, D.PROPOSAL)
_FIX, _MARK = (D.CORRECTION, D.REASON), (D.STANDING, D.REASON)
_OVER = (D.GROUND, D.REASON)
_GIVEN_UP = (*_OVER, D.HELD_UP)
_DAY, _VOID = (D.REASON, D.LETTER_DAY, D.UNRELIED), (D.REASON, D.LETTER_VOID, D.UNRELIED)
_KEPT, _PUBLIC = (D.REASON, D.UNSERVED), (D.REASON, D.ANNOUNCED, D.TRIED, D.WAYS)

# What a case can be taken back from, what is decided but not yet made out, what can be handed over, and where
# nothing more happens.
BEFORE_ACCEPTANCE = (S.RECEIVED, S.SENT_BACK, S.CHECKED, S.SUPPLEMENT, S.SUPPLEMENTED)
UNDER_REVIEW = (S.ACCEPTED, S.SPECIAL, S.REVIEWED)
BEFORE_DECISION = (*BEFORE_ACCEPTANCE, *UNDER_REVIEW)
MAKING = (S.APPROVED,)
TO_HAND_OVER = (S.ISSUED, S.REFUSED, S.NOT_ACCEPTED, S.RETURNED, S.LAPSED, S.TERMINATED)
ENDED = (S.WITHDRAWN, S.CLOSED, S.ARCHIVED)
_AFTER = (*MAKING, *TO_HAND_OVER, *ENDED)
_AT_DOOR = (S.RECEIVED, S.CHECKED, S.SUPPLEMENTED)
_AT_CHECKER, _AT_ACCEPTOR = (S.RECEIVED, S.SENT_BACK), (*_AT_DOOR, S.SUPPLEMENT)
_DECIDED = (S.APPROVED, S.ISSUED, S.REFUSED, S.CLOSED, S.ARCHIVED)
# What the acceptor decided without taking the case up.
_TURNED_AWAY = (S.NOT_ACCEPTED, S.CLOSED, S.ARCHIVED)
# Whose decision may be put right, or lose its force, when all is over; that is then served by itself.
_DONE_WITH = (S.CLOSED, S.ARCHIVED)

# fmt: off
_INTAKE = (
    #    state           action           becomes         by           role        desk   note, demands, to, answers
    Step(S.START,        A.FILE,          S.RECEIVED,     P.ORIGIN,    R.AGENT,    _ANY, "代收", (), P.FIRST),
    Step(S.START,        A.FILE,          S.RECEIVED,     P.ORIGIN,    R.CLERK,    _ANY, "窗口收件", (), P.FIRST),
    Step(S.RECEIVED,     A.FORWARD,       S.CHECKED,      P.CHECKER,   R.CHECKER,  _ANY, "初审转报", (), P.ACCEPTOR),
    Step(S.RECEIVED,     A.SEND_BACK,     S.SENT_BACK,    P.CHECKER,   R.CHECKER,  _ANY, "初审退补", _LIST),
    Step(S.SENT_BACK,    A.RESUME,        S.RECEIVED,     P.CHECKER,   R.CHECKER,  _ANY, "续审", (), None, _PAPERS),
    Step(S.RECEIVED,     A.RETURN,        S.RETURNED,     P.CHECKER,   R.CHECKER,  _ANY, "初审退回", _WHY),
    Step(S.SENT_BACK,    A.RETURN,        S.RETURNED,     P.CHECKER,   R.CHECKER,  _ANY, "退补未来，退回", _WHY),
)
_ACCEPTANCE = (
    # 许可法 32: at the door complete, one full notice, or refuse; in writing.
    *(Step(s,            A.RETURN,        S.RETURNED,     P.ACCEPTOR,  R.CLERK,    _WIN, "退回", _WHY) for s in _AT_DOOR),
    Step(S.RECEIVED,     A.ASK_PAPERS,    S.SUPPLEMENT,   P.ACCEPTOR,  R.CLERK,    _WIN, "一次告知", _NOTICE),
    Step(S.CHECKED,      A.ASK_PAPERS,    S.SUPPLEMENT,   P.ACCEPTOR,  R.CLERK,    _WIN, "一次告知", _NOTICE),
    Step(S.SUPPLEMENT,   A.TAKE_PAPERS,   S.SUPPLEMENTED, P.ACCEPTOR,  R.CLERK,    _WIN, "补齐", (), None, _PAPERS),
    Step(S.SUPPLEMENTED, A.STILL_LACKING, S.SUPPLEMENT,   P.ACCEPTOR,  R.CLERK,    _WIN, "仍缺", _AGAIN),
    Step(S.SUPPLEMENT,   A.LAPSE,         S.LAPSED,       P.ACCEPTOR,  R.CLERK,    _WIN, "逾期不补正", _LATE),
    *(Step(s,            A.ACCEPT,        S.ACCEPTED,     P.ACCEPTOR,  R.CLERK,    _WIN, "受理", _DUE, P.COMPETENT) for s in _AT_DOOR),
    *(Step(s,            A.NOT_ACCEPT,    S.NOT_ACCEPTED, P.ACCEPTOR,  R.CLERK,    _WIN, "不予受理", _WHY) for s in _AT_DOOR),
    *(Step(s,            A.TRANSFER,      s,              P.ACCEPTOR,  R.CLERK,    _WIN, "转办", _AWAY) for s in _AT_DOOR),
    Step(S.RECEIVED,     A.SETTLE,        S.ISSUED,       P.ACCEPTOR,  R.CLERK,    _ANY, "即办", _HERE, P.COMPETENT),
    Step(S.RECEIVED,     A.SETTLE,        S.ISSUED,       P.ACCEPTOR,  R.AGENT,    _ANY, "即办", _HERE, P.COMPETENT),
)
_REVIEW = (
    Step(S.ACCEPTED,     A.REVIEW,        S.REVIEWED,     P.COMPETENT, R.REVIEWER, _DEP, "审查", _VIEW),
    Step(S.ACCEPTED,     A.BEGIN_SPECIAL, S.SPECIAL,      P.COMPETENT, R.REVIEWER, _DEP, "特别程序", (D.SPECIAL,)),  # 许可法 45
    Step(S.SPECIAL,      A.END_SPECIAL,   S.ACCEPTED,     P.COMPETENT, R.REVIEWER, _DEP, "特别程序结束", (D.REASON, D.DUE)),
    Step(S.ACCEPTED,     A.RECORD_ABSENCE, S.ACCEPTED,    P.COMPETENT, R.LEAD,     _DEP, "缺席", _ABSENT),
    Step(S.ACCEPTED,     A.TRANSFER,      S.ACCEPTED,     P.COMPETENT, R.REVIEWER, _DEP, "转办", _AWAY),
    *(Step(s,            A.EXTEND,        s,              P.COMPETENT, R.APPROVER, _DEP, "延期", _LONGER) for s in (S.ACCEPTED, S.REVIEWED)),  # 许可法 42
    *(Step(s,            A.TAKE_PAPERS,   s,              P.COMPETENT, R.CLERK,    _WIN, "收取后补材料", (), None, _PAPERS) for s in UNDER_REVIEW),
    *(Step(s,            A.TAKE_PAPERS,   s,              P.COMPETENT, R.REVIEWER, _DEP, "收取后补材料", (), None, _PAPERS) for s in UNDER_REVIEW),
    Step(S.REVIEWED,     A.RECONSIDER,    S.ACCEPTED,     P.COMPETENT, R.APPROVER, _DEP, "退回重审", _WHY),
    Step(S.REVIEWED,     A.APPROVE,       S.APPROVED,     P.COMPETENT, R.APPROVER, _DEP, "批准", _YES),
    Step(S.REVIEWED,     A.REFUSE,        S.REFUSED,      P.COMPETENT, R.APPROVER, _DEP, "不予批准", _NO),  # 许可法 38
)
_AFTERWARDS = (
    *(Step(s,            A.ASK_FEE,       s,              P.COMPETENT, R.CLERK,    _WIN, "缴费通知", (D.FEE,)) for s in (*UNDER_REVIEW, *MAKING)),
    *(Step(s,            A.TAKE_FEE,      s,              P.COMPETENT, R.CLERK,    _WIN, "收费", (D.RECEIPT,)) for s in (*UNDER_REVIEW, *MAKING)),
    Step(S.APPROVED,     A.ISSUE,         S.ISSUED,       P.COMPETENT, R.CLERK,    _WIN, "制证", _OUT),  # 许可法 44
    *(Step(s,            A.CLOSE_UNCOLLECTED, S.CLOSED,   P.HOLDER,    r,          _ANY, "无人领取，办结", _WHY) for s in TO_HAND_OVER for r in (R.CLERK, R.AGENT)),
    *(Step(s,            A.ARCHIVE,       S.ARCHIVED,     P.HOLDER,    r,          _ANY, "归档") for s in (S.CLOSED, S.WITHDRAWN) for r in (R.CLERK, R.AGENT)),
    *(Step(s,            A.CORRECT_DECISION, s,           P.COMPETENT, R.APPROVER, _DEP, "更正决定", _FIX) for s in _DECIDED),
    *(Step(s,            A.CORRECT_DECISION, s,           P.ACCEPTOR,  R.APPROVER, _DEP, "更正决定", _FIX) for s in _TURNED_AWAY),
    *(Step(s,            A.MARK_DECISION, s,              P.COMPETENT, R.APPROVER, _DEP, "决定效力", _MARK) for s in _DECIDED),
    *(Step(s,            A.MARK_DECISION, s,              P.ACCEPTOR,  R.APPROVER, _DEP, "决定效力", _MARK) for s in _TURNED_AWAY),
    # Whoever decided is no more, and the top holds what is over in its stead: it says what others made of it.
    *(Step(s,            A.MARK_DECISION, s,              P.HAND_OVER, R.APPROVER, _DEP, "决定效力", _MARK) for s in _DONE_WITH),
    # 民事诉讼法 95: with the reason and all that was tried before on record.
    *(Step(s,            A.ANNOUNCE,      s,              P.HOLDER,    r,          _ANY, "公告送达", _PUBLIC) for s in (*TO_HAND_OVER, *_DONE_WITH) for r in (R.CLERK, R.AGENT)),
    # 民事诉讼法 91: the day is the one that the post's receipt notes, not the one that was typed.
    *(Step(s,            A.CORRECT_LETTER_DAY, s,         P.HOLDER,    r,          _ANY, "更正回执日期", _DAY) for s in (*TO_HAND_OVER, *_DONE_WITH) for r in (R.CLERK, R.AGENT)),
    # A receipt of another letter, or of another case, was registered here: nothing of this one has come yet.
    *(Step(s,            A.VOID_RECEIPT, s,              P.HOLDER,    r,          _ANY, "作废回执登记", _VOID) for s in (*TO_HAND_OVER, *_DONE_WITH) for r in (R.CLERK, R.AGENT)),
    *(Step(s,            A.KEEP_UNSERVED, s,              P.HOLDER,    r,          _ANY, "无人领取，留存", _KEPT) for s in _DONE_WITH for r in (R.CLERK, R.AGENT)),
)
_ON_THE_WAY = (
    *(Step(s,            A.EXPEDITE,      s,              P.CHECKER,   R.CHECKER,  _ANY, "绿色通道", _WHY) for s in _AT_CHECKER),
    *(Step(s,            A.EXPEDITE,      s,              P.ACCEPTOR,  R.CLERK,    _WIN, "绿色通道", _WHY) for s in _AT_ACCEPTOR),
    *(Step(s,            A.EXPEDITE,      s,              P.COMPETENT, R.CLERK,    _WIN, "绿色通道", _WHY) for s in UNDER_REVIEW),
    # What a department has in hand is not put right by another.
    *(Step(s,            A.CORRECT,       s,              P.CHECKER,   R.CHECKER,  _ANY, "更正", _FIX) for s in _AT_CHECKER),
    *(Step(s,            A.CORRECT,       s,              P.ACCEPTOR,  R.CLERK,    _WIN, "更正", _FIX) for s in _AT_ACCEPTOR),
    *(Step(s,            A.CORRECT,       s,              P.COMPETENT, R.CLERK,    _WIN, "更正", _FIX) for s in UNDER_REVIEW),
    *(Step(s,            A.CORRECT,       s,              P.COMPETENT, R.REVIEWER, _DEP, "更正", _FIX) for s in UNDER_REVIEW),
    *(Step(s,            A.TERMINATE,     S.TERMINATED,   P.CHECKER,   R.CHECKER,  _ANY, "终止", _OVER) for s in _AT_CHECKER),
    *(Step(s,            A.TERMINATE,     S.TERMINATED,   P.ACCEPTOR,  R.CLERK,    _WIN, "终止", _OVER) for s in _AT_ACCEPTOR),
    *(Step(s,            A.TERMINATE,     S.TERMINATED,   P.COMPETENT, R.APPROVER, _DEP, "终止", _OVER) for s in UNDER_REVIEW),
    # Revoked, not paid for, or never shown the originals of: it would wait for ever.
    Step(S.APPROVED,     A.TERMINATE,     S.TERMINATED,   P.COMPETENT, R.APPROVER, _DEP, "终止", _GIVEN_UP),
)
# fmt: on

# Reports that a node writes into the case as soon as they reach its holder, where they still make sense.
RECORDED = (
    Report.OPINION,
    Report.PAID,
    Report.ORIGINALS_SEEN,
    Report.COLLECT_AT,
    Report.RATED,
    Report.CALLED_BACK,
    Report.LETTER_CAME,
    Report.NOT_SERVED,
)


def _node(state: State, action: Action, to: State, note: str, demands: tuple[Demand, ...] = ()) -> Step:
    return Step(state, action, to, P.HOLDER, R.NODE, K.ANY, note, demands)


def _answer(state: State, action: Action, to: State, reports: tuple[Report, ...], note: str) -> Step:
    demands = (D.REASON,) if action is A.REFUSE_WITHDRAWAL else ()
    return Step(state, action, to, P.HOLDER, R.NODE, K.ANY, note, demands, None, reports)


_WITHDRAW, _HANDED = (Report.WITHDRAW,), (Report.HANDED_OVER,)
_DEEMED = (D.DUE, D.LEGAL_DATE)
_ALL = (*BEFORE_DECISION, *_AFTER)

_BY_THE_NODE = (
    *(_answer(s, A.GRANT_WITHDRAWAL, S.WITHDRAWN, _WITHDRAW, "撤回") for s in BEFORE_DECISION),
    *(_answer(s, A.REFUSE_WITHDRAWAL, s, _WITHDRAW, "不能撤回") for s in _AFTER),
    *(_answer(s, A.CLOSE, S.CLOSED, _HANDED, "办结") for s in TO_HAND_OVER),
    # 许可法 44 asks for service of the decision; of what changes it nothing less.
    *(
        Step(s, A.RECORD_SERVICE, s, P.HOLDER, R.NODE, K.ANY, "办结后送达", (D.SERVED,), None, _HANDED)
        for s in _DONE_WITH
    ),
    *(_node(s, A.DEEM_SERVED, S.CLOSED, "公告期满，视为送达", (D.PASSED, D.REASON)) for s in TO_HAND_OVER),
    *(_node(s, A.DEEM_SERVED, s, "公告期满，视为送达", (D.PASSED, D.REASON)) for s in _DONE_WITH),
    *(_answer(s, A.RECORD, s, RECORDED, "记入") for s in _ALL),
    # Answers what came too late or out of place, so that no report stays without an answer.
    *(_node(s, A.NOTE, s, "知悉") for s in _ALL),
    # 许可法 32: without a notice within five days the case is accepted from the day the papers were received.
    *(
        Step(s, A.DEEM_ACCEPT, S.ACCEPTED, P.ACCEPTOR, R.NODE, K.ANY, "视为受理", _DEEMED, P.COMPETENT)
        for s in (S.RECEIVED, S.CHECKED)
    ),
    # 许可法 32 (5): who brings what was asked, as it was asked, is to be accepted. Papers brought within the time
    # of the notice were brought in time, whenever the message of it arrives.
    Step(
        S.LAPSED, A.REVIVE, S.SUPPLEMENTED, P.ACCEPTOR, R.NODE, K.ANY, "恢复办理", (D.IN_TIME,), None, _PAPERS
    ),
    *(_node(s, A.DEEM_OPINION, s, "超时默许", (D.SILENT, D.REASON)) for s in UNDER_REVIEW),
    *(_node(s, A.URGE, s, "催告", (D.SILENT, D.REASON)) for s in UNDER_REVIEW),
    *(_node(s, A.DUE_CHANGED, s, "期限重算", (D.DUE, D.REASON)) for s in UNDER_REVIEW),
)

FLOW: tuple[Step, ...] = (*_INTAKE, *_ACCEPTANCE, *_REVIEW, *_AFTERWARDS, *_ON_THE_WAY, *_BY_THE_NODE)

# Demand → the table from which on steps have to meet it: what was signed under an older one stays good.
SINCE: Mapping[Demand, int] = {
    D.SAME_CONTENT: 3,
    D.DAYS: 3,
    D.PROPOSAL: 3,
    D.UNASKED: 3,
    D.TRIED: 7,
    D.WAYS: 8,
}


@dataclass(frozen=True, slots=True)
class TakeOverRule:
    """The top may take a case over for this cause: in which states, from whoever holds it in which part.

    The case stays in its state and is held in the same part, or as `held_as`; one that a checker had before the
    top would have accepted it goes on there without a check. `roles` may do so at the top: the approver, who answers for
    what is then decided in another organ's stead, and the administrator, who finds that a node is gone and
    has no part in what follows. The leads do not: they arrange the departments of one case.
    """

    cause: Cause
    states: tuple[State, ...]
    parts: tuple[Party, ...]
    roles: tuple[Role, ...]
    note: str
    held_as: Party | None = None


_HEADS = (R.APPROVER, R.ADMIN)
_OPEN = (*BEFORE_DECISION, *MAKING, *TO_HAND_OVER)
_ANY_PART = (P.ORIGIN, P.CHECKER, P.ACCEPTOR, P.COMPETENT)
# fmt: off
TAKE_OVERS = (
    # 许可法 32: the organ's silence is an acceptance; somebody has to go on from it.
    TakeOverRule(Cause.DEEMED,   (S.RECEIVED, S.CHECKED), (P.ACCEPTOR,), _HEADS, "五个工作日内没有答复，依法视为受理"),
    TakeOverRule(Cause.SILENT,   _OPEN,                   _ANY_PART,     _HEADS, "站点多日没有联系"),
    TakeOverRule(Cause.RELIEVED, _OPEN,                   _ANY_PART,     _HEADS, "站点已停用，不再办理"),
    # 许可法 44, 行政诉讼法 26 (6): whoever decided is no more; what is left of the service is done all the same, and
    # what a review or a court makes of the decision is said (`left_to_do`). Nothing is decided anew: who holds it
    # for the hand-over has no step for that.
    TakeOverRule(Cause.UNSERVED, _DONE_WITH,              _ANY_PART,     _HEADS, "站点已停用，办结以后的事由县级接着办", P.HAND_OVER),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class ReportRule:
    """Who may send a report, and in which states of the case as the sender sees it."""

    what: Report
    states: tuple[State, ...]
    roles: tuple[Role, ...]
    note: str


_DESK = (R.AGENT, R.CLERK)
_ANYONE = tuple(R)
_HALF_OPEN = (*BEFORE_DECISION, *MAKING)
_CLOSING = (*MAKING, *TO_HAND_OVER)
# fmt: off
REPORTS = (
    ReportRule(Report.PAPERS_BROUGHT, BEFORE_DECISION,                    _DESK,   "申请人补来材料"),
    ReportRule(Report.WITHDRAW,       (*BEFORE_DECISION, *_CLOSING),      _DESK,   "申请人要求撤回"),
    ReportRule(Report.HANDED_OVER,    (*TO_HAND_OVER, *_DONE_WITH),       _DESK,   "结果已交给申请人"),
    ReportRule(Report.LETTER_CAME,    (*TO_HAND_OVER, *_DONE_WITH),       _DESK,   "邮件已签收，回执已到"),
    ReportRule(Report.NOT_SERVED,     (*TO_HAND_OVER, *_DONE_WITH),       _DESK,   "上门或邮寄没有送到"),
    ReportRule(Report.REMIND,         (*BEFORE_DECISION, *_CLOSING),      _ANYONE, "催办"),
    ReportRule(Report.OPINION,        (S.RECEIVED, S.CHECKED, *UNDER_REVIEW), (R.CLERK, R.REVIEWER, R.APPROVER), "部门意见"),
    ReportRule(Report.PAID,           _HALF_OPEN,                         _DESK,   "申请人已缴费"),
    ReportRule(Report.ORIGINALS_SEEN, _HALF_OPEN,                         (*_DESK, R.CHECKER), "已核对原件"),
    ReportRule(Report.COLLECT_AT,     (*BEFORE_DECISION, *_CLOSING, *_DONE_WITH), _DESK, "改到别处领取"),
    ReportRule(Report.RATED,          (*TO_HAND_OVER, S.CLOSED, S.ARCHIVED), (*_DESK, R.NODE), "申请人评价"),
    ReportRule(Report.CALLED_BACK,    (*TO_HAND_OVER, S.CLOSED, S.ARCHIVED), _DESK, "回访"),
)
# fmt: on
