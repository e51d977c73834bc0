"""What each state of a case means for those who work on it: who does what next. Pure.

Residents have sentences of their own (`labels.MEANINGS`): on the slip and wherever the public asks.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.casework.rules.words import State

# State → the next work, by whom. What depends on who holds the case is in `BY_WORK`.
SENTENCES: Mapping[str, str] = {
    "START": "还没有收件，请先登记申请人、表单和材料。",
    "RECEIVED": "已收件登记，等收到件的站点接着办。法定时限从受理之日起算。",
    "SENT_BACK": "初审退补：请收件站点通知申请人按清单补材料，补来后由初审员继续初审。",
    "CHECKED": "初审已转报：请受理窗口五个工作日内决定受理、不予受理，或一次告知补正。",
    "SUPPLEMENT": "已一次告知补正：请收件站点通知申请人按清单补齐，补来后由受理窗口收取；补齐前时限不计。",
    "SUPPLEMENTED": "补正材料已收取：请受理窗口决定是否受理，不得再次要求补正。",
    "ACCEPTED": "已受理，时限在走：请审查员在办理期限前提出审查意见。",
    "SPECIAL": "特别程序进行中，时限暂停：结束后请审查员登记结果，恢复计时。",
    "REVIEWED": "已审查：请批准人作出决定，批准人不得是审查人本人。",
    "APPROVED": "已批准：请窗口制作证照或批文，有费用的先收费，要核对原件的先核对。",
    "ISSUED": "结果已制好：请领取地点十个工作日内交给申请人，并登记送达。",
    "REFUSED": "不予批准：请领取地点十个工作日内把书面决定交给申请人，说明理由和救济途径，并登记送达。",
    "NOT_ACCEPTED": "不予受理：请领取地点把书面理由交给申请人，并登记送达。",
    "RETURNED": "已退回：请领取地点把书面理由交给申请人，并登记送达；改好后可以另收新件。",
    "LAPSED": "逾期未补正：请领取地点把书面通知交给申请人，并登记送达；备齐后可以另收新件。",
    "TERMINATED": "已终止办理：请领取地点把书面说明交给申请人或其家属，并登记送达。",
    "WITHDRAWN": "申请人已撤回，不用再办；申请人需要时可以另收新件。",
    "CLOSED": "本件已办结（结果已送达，或多次通知无人领取）；请窗口归档。",
    "ARCHIVED": "本件已归档，不用再办。",
}

# (state, work it waits for) → the sentence where the state alone does not say who is next.
BY_WORK: Mapping[tuple[str, str], str] = {
    ("RECEIVED", "check"): "等初审：请初审员看材料是否齐全，齐的转报，不齐的退补。法定时限尚未起算。",
    ("RECEIVED", "acceptance"): "等受理：请受理窗口五个工作日内决定受理、不予受理，或一次告知补正。",
    ("SENT_BACK", "brought"): "申请人已补来材料：请初审员查收，继续初审。",
    ("SUPPLEMENT", "brought"): "申请人已补来材料：请受理窗口查收。",
    (
        "CLOSED",
        "hand_out",
    ): "已办结，但邮件退回的或者办结后作出的文书还没有送达：请领取地点十个工作日内交给申请人并登记。",
    (
        "ARCHIVED",
        "hand_out",
    ): "已归档，但邮件退回的或者办结后作出的文书还没有送达：请领取地点十个工作日内交给申请人并登记。",
    ("REVIEWED", "brought"): "申请人已补来容缺的材料：请窗口或审查人员收取，收取后由批准人作出决定。",
}

# Work → the sentence that holds in every state.
BY_WORK_ALONE: Mapping[str, str] = {
    "announced": "已公告送达，满三十日由系统登记视为送达；申请人来了的，仍可当面交给并登记送达。",
}

# The result is with the applicant, the node that holds the case has not answered yet.
HANDED_OVER = "已送达，等待办结确认"
HANDED_OVER_SENTENCE = "已登记送达，等办理站点收到后自动办结；领取地点不用再做什么。"


# The same of what was made after the end of the case.
SERVED_LATER = "已送达，等待办理站点登记"
SERVED_LATER_SENTENCE = "已登记送达，等办理站点收到后自动记入；领取地点不用再做什么。"


def handed_over_words(state: State | str) -> tuple[str, str]:
    """Return, in short and in a sentence, that a hand-over is told and not yet answered."""
    if state in (State.CLOSED, State.ARCHIVED):
        return SERVED_LATER, SERVED_LATER_SENTENCE
    return HANDED_OVER, HANDED_OVER_SENTENCE


def staff_sentence(state: State | str, work: str = "") -> str:
    """Return what a state means for the work; `work` is what the case waits for. Empty for unknown states."""
    return BY_WORK.get((str(state), work)) or BY_WORK_ALONE.get(work) or SENTENCES.get(str(state), "")
