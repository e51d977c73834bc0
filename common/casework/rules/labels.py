"""The words of casework in Chinese, for pages, slips and messages: one table, and what each state means."""

from __future__ import annotations

from collections.abc import Mapping

# Signed word (state, action, report, role, waiting work) → label.
LABELS: Mapping[str, str] = {
    "START": "未收件",
    "RECEIVED": "已收件",
    "SENT_BACK": "初审退补",
    "CHECKED": "已初审",
    "SUPPLEMENT": "待补正",
    "SUPPLEMENTED": "已补正",
    "ACCEPTED": "已受理",
    "REVIEWED": "已审查",
    "APPROVED": "已批准",
    "REFUSED": "不予批准",
    "NOT_ACCEPTED": "不予受理",
    "RETURNED": "已退回",
    "WITHDRAWN": "已撤回",
    "CLOSED": "已办结",
    "file": "收件",
    "forward": "转报",
    "send_back": "退补",
    "resume": "继续初审",
    "return": "退回",
    "ask_papers": "补正告知",
    "take_papers": "收取补正材料",
    "accept": "受理",
    "not_accept": "不予受理",
    "review": "审查",
    "approve": "批准",
    "refuse": "不予批准",
    "settle": "即办",
    "grant_withdrawal": "同意撤回",
    "refuse_withdrawal": "不同意撤回",
    "close": "办结",
    "note": "知悉",
    "papers_brought": "补来材料",
    "withdraw": "申请撤回",
    "handed_over": "结果送达",
    "remind": "催办",
    "struck": "撤销重复办理",
    "origin": "收件点",
    "checker": "初审",
    "acceptor": "受理",
    "competent": "决定",
    "hand_over": "领取点",
    "AGENT": "代办员",
    "CLERK": "窗口人员",
    "CHECKER": "初审员",
    "REVIEWER": "审查员",
    "APPROVER": "批准人",
    "ADMIN": "管理员",
    "NODE": "系统",
    "check": "待初审",
    "acceptance": "待受理",
    "wait_papers": "待申请人补材料",
    "brought": "补来材料待收取",
    "examine": "待审查",
    "approval": "待批准",
    "hand_out": "待送达",
}

# What each state means to the resident who asks.
MEANINGS: Mapping[str, str] = {
    "START": "材料还没有交。",
    "RECEIVED": "材料已交到收件点并登记。收件不是受理：主管部门还没有正式接下，法定时限尚未开始计算。",
    "SENT_BACK": "乡镇初审时发现材料不齐，请按清单把材料补到收件的站点或它的上级站点。这不是正式的补正告知。",
    "CHECKED": "乡镇已初审通过并转报，等待受理部门决定是否受理。",
    "SUPPLEMENT": "受理部门已一次性告知要补正的全部材料，请按清单补交；补齐之前时限不计算。",
    "SUPPLEMENTED": "补正的材料已收到，等待受理部门决定是否受理。",
    "ACCEPTED": "主管部门已正式受理，将在所示日期前作出决定。",
    "REVIEWED": "审查已完成，等待批准人决定。",
    "APPROVED": "已批准，结果等待送到您手中。",
    "REFUSED": "未予批准，书面理由和救济途径等待送到您手中。",
    "NOT_ACCEPTED": "主管部门决定不予受理，书面理由等待送到您手中。",
    "RETURNED": "申请已退回，书面理由等待送到您手中；改好后可以重新申请。",
    "WITHDRAWN": "已按您的要求撤回，不再办理；需要时可以重新申请。",
    "CLOSED": "结果已送达，本件办结。",
}


def label(word: str) -> str:
    """Return the Chinese label of a signed word; a word of a newer program is shown as it is."""
    return LABELS.get(word, word)
