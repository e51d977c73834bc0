"""How a case's page offers what may be done: the next step first, grave ones last, each in one sentence.

Pure. It arranges what was found to be allowed and decides nothing; `barred` says why a usual step is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.casework.rules.event import CaseState
from common.casework.rules.flow import TO_HAND_OVER
from common.casework.rules.keeping import uncollected_on
from common.casework.rules.letter_days import receipts_of, relied_on
from common.casework.rules.result_demands import owes_originals
from common.casework.rules.waiting import Work, papers_are_here
from common.casework.rules.words import Action, Report, State
from common.desk.rules.announced import letter_name
from common.desk.rules.step_fields import yuan

Word = Action | Report
# So many buttons stand open on a small screen, with the way to the next case; the others stand in a fold.
OPEN = 2
NEXT, USUAL, RARE, GRAVE = "next", "usual", "rare", "grave"

# What ends a case or says something about its decision.
_GRAVE = frozenset(
    {
        Action.RETURN, Action.NOT_ACCEPT, Action.REFUSE, Action.LAPSE, Action.TERMINATE,
        Action.CLOSE_UNCOLLECTED, Action.KEEP_UNSERVED, Action.MARK_DECISION, Report.WITHDRAW,
    }
)  # fmt: skip
# What few cases need.
_RARE = frozenset(
    {
        Action.TRANSFER, Action.EXPEDITE, Action.CORRECT, Action.CORRECT_DECISION, Action.BEGIN_SPECIAL,
        Action.EXTEND, Action.RECORD_ABSENCE, Action.ANNOUNCE, Report.REMIND, Report.COLLECT_AT,
        Report.NOT_SERVED, Action.CORRECT_LETTER_DAY, Action.VOID_RECEIPT,
    }
)  # fmt: skip
# Which step the work that waits asks for; the first that may be taken is the one.
_NEXT: Mapping[Work, tuple[Word, ...]] = {
    Work.CHECK: (Action.FORWARD,),
    Work.ACCEPTANCE: (Action.SETTLE, Action.ACCEPT),
    Work.BROUGHT: (Action.TAKE_PAPERS, Action.RESUME),
    Work.EXAMINE: (Action.REVIEW,),
    Work.PROCEDURE: (Action.END_SPECIAL,),
    Work.APPROVAL: (Action.APPROVE,),
    Work.MAKE_OUT: (Action.ISSUE, Action.TAKE_FEE, Report.ORIGINALS_SEEN),
    Work.WAIT_PAPERS: (Report.PAPERS_BROUGHT,),
    Work.HAND_OUT: (Report.HANDED_OVER,),
    Work.ANNOUNCED: (Report.HANDED_OVER,),
}
TOLD: Mapping[Word, str] = {
    Action.FORWARD: "材料齐全，转给受理部门",
    Action.SEND_BACK: "材料不齐，列明所缺后退给收件站点补",
    Action.RESUME: "收下补来的材料，接着初审",
    Action.RETURN: "写明理由退给申请人，本件到此为止",
    Action.ASK_PAPERS: "一次写全要补的材料，告知申请人",
    Action.TAKE_PAPERS: "收下补来的材料",
    Action.STILL_LACKING: "补来的还不齐，只就告知清单再要",
    Action.LAPSE: "补正期限已过，本件不再办理",
    Action.ACCEPT: "正式受理，从今天起计算办理期限",
    Action.NOT_ACCEPT: "依法不予受理，写明理由",
    Action.TRANSFER: "不归本部门的，转给主管部门",
    Action.REVIEW: "写明审查意见和建议，交批准人决定",
    Action.RECONSIDER: "退给审查人重新审查",
    Action.BEGIN_SPECIAL: "检验、听证等，所需时间不计入期限",
    Action.END_SPECIAL: "登记结果，期限接着算",
    Action.EXTEND: "到期办不完的，延长一次",
    Action.RECORD_ABSENCE: "联办部门未到场，登记在案",
    Action.APPROVE: "准予，写明结果名称和文号",
    Action.REFUSE: "不准予，写明理由和救济途径",
    Action.ASK_FEE: "告知应缴金额和依据",
    Action.TAKE_FEE: "费用已缴，登记票据",
    Action.ISSUE: "证照或批文已制好，可以领取",
    Action.SETTLE: "当场办结，写明结果",
    Action.EXPEDITE: "急事优先办理，写明理由",
    Action.CORRECT: "登记的内容有误，改正并留痕",
    Action.CORRECT_DECISION: "决定书上的笔误，改正并留痕",
    Action.MARK_DECISION: "复议、诉讼等使决定中止、撤销或恢复",
    Action.TERMINATE: "申请人去世等，本件不再办理",
    Action.CLOSE_UNCOLLECTED: "多次通知无人领取，办结",
    Action.ANNOUNCE: "下落不明，或者别的方式都送不到，已经公告",
    Action.CORRECT_LETTER_DAY: "邮件回执的收件日期登记错了，照回执改正并留痕",
    Action.VOID_RECEIPT: "别的邮件、别的件的回执登记到了本件上，作废并留痕",
    Action.KEEP_UNSERVED: "多次通知无人领取办结后的文书，留存在卷",
    Action.ARCHIVE: "材料齐备，归入档案",
    Report.PAPERS_BROUGHT: "申请人交来材料，登记并上传",
    Report.WITHDRAW: "申请人不办了，登记其要求",
    Report.HANDED_OVER: "结果已交到申请人手里",
    Report.REMIND: "催办理站点尽快办理",
    Report.OPINION: "代表本部门答复",
    Report.PAID: "申请人已缴费，报告票据号码",
    Report.ORIGINALS_SEEN: "原件已看过，与材料一致",
    Report.COLLECT_AT: "申请人改到别处领取",
    Report.RATED: "登记申请人是否满意",
    Report.CALLED_BACK: "登记电话或上门回访",
    Report.LETTER_CAME: "邮件回执到了，登记上面的收件日期",
    Report.NOT_SERVED: "上门没有见到人，或者邮件退回来了",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be done, what it is in one sentence, and where among the others it stands."""

    word: Word
    told: str
    kind: str


def arranged(found: Sequence[Word], work: Work) -> list[Offer]:
    """Return all that may be done in the order in which it is offered; at most one is the usual next step.

    Args:
        found: what this person may do and report, in the order of the tables.
        work: what waits at this node, NOTHING when it waits elsewhere.
    """
    first = _first(found, work)
    offers = [Offer(word, TOLD[word], _kind(word, first)) for word in found]
    order = (NEXT, USUAL, RARE, GRAVE)
    return sorted(offers, key=lambda offer: order.index(offer.kind))


def _first(found: Sequence[Word], work: Work) -> Word | None:
    wanted = (*_NEXT.get(work, ()), Report.OPINION)
    usual = [word for word in found if isinstance(word, Action) and word not in _GRAVE | _RARE]
    return next((word for word in (*wanted, *usual) if word in found), None)


def _kind(word: Word, first: Word | None) -> str:
    if word is first:
        return NEXT
    if word in _GRAVE:
        return GRAVE
    return RARE if word in _RARE else USUAL


def is_grave(word: Word) -> bool:
    """Say whether a step is grave or final, and looks so."""
    return word in _GRAVE


def barred(state: CaseState, today: str, answer_by: str) -> Iterable[str]:
    """Yield why a usual step of the holder cannot be taken yet.

    Args:
        today: local, YYYY-MM-DD.
        answer_by: the last day for what a notice asked for, as the calendar has it now; "" without a notice.
    """
    facts = state.facts
    if state.state is State.ACCEPTED and facts.silent:
        names = "、".join(f"{a.department}（{a.due} 前答复）" for a in facts.silent)
        yield f"还不能审查：等待{names}。"
    if state.state is State.REVIEWED and facts.tolerated:
        names = "、".join(facts.tolerated.values())
        if papers_are_here(state):
            yield f"还不能批准：申请人已补来材料，先由窗口或审查人员收取（容缺的有{names}）。"
        else:
            yield f"还不能批准：容缺的{names}还没有补齐（{facts.tolerance_due} 前补交）。"
    if state.state is State.APPROVED:
        yield from (f"还不能制证：{reason}。" for reason in _not_made_out(state))
    if state.state is State.SUPPLEMENT and not papers_are_here(state) and today <= answer_by:
        yield f"补正期限到 {answer_by}，过后才能按逾期不补正办理。"
    if state.facts.unserved and today < uncollected_on(state):
        yield f"办结以后的文书无人领取的，{uncollected_on(state)} 起才能留存在卷。"
    for one in receipts_of(state):
        if relied_on(state, one):
            name = letter_name(one.tracking)
            yield f"{name} 的回执收件日期不能再更正或者作废：登记以后，复议、诉讼等已经动过决定的效力。"
    if state.state in TO_HAND_OVER and today < uncollected_on(state):
        yield f"结果无人领取的，{uncollected_on(state)} 起才能办结。"


def _not_made_out(state: CaseState) -> Iterable[str]:
    if state.facts.owes_fee:
        yield f"应缴 {yuan(int(state.facts.fee['fen']))} 元还没有缴"
    if owes_originals(state):
        yield "原件还没有核对"
    if state.facts.standing:
        yield "决定现在不具效力"
