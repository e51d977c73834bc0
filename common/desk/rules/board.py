"""Whose work is whose: which of the waiting works a person with certain posts is asked to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.casework.rules.waiting import DONE_BY, Work
from common.people.rules.roles import Role

# What each work asks of the person, in one short sentence.
TOLD: Mapping[Work, str] = {
    Work.CHECK: "看材料是否齐全，转报或退补",
    Work.ACCEPTANCE: "五个工作日内受理，或一次告知",
    Work.BROUGHT: "申请人补来材料，请查收",
    Work.EXAMINE: "按期提出审查意见",
    Work.PROCEDURE: "特别程序进行中，结束后登记结果",
    Work.APPROVAL: "批准或不予批准，须与审查人不同",
    Work.MAKE_OUT: "制作证照或批文，十日内送达",
    Work.WAIT_PAPERS: "请通知申请人把材料补齐",
    Work.HAND_OUT: "十个工作日内交给申请人",
    Work.ANNOUNCED: "满三十日自动视为送达",
}

# Beside the works: joint cases on which a person's department is asked, or on which others are silent for the
# lead, late cases for who supervises, those that the window has to end as the applicant's day has passed, and
# those of which a letter was posted and neither it nor its receipt came back.
ASKED, SILENT, OVERDUE, UNANSWERED, UNRECEIPTED = "asked", "silent", "overdue", "unanswered", "letters"
# A letter may be inquired after for a year from its posting (邮政法 49); nobody is reminded of older ones.
INQUIRY_DAYS = 365
TITLES: Mapping[str, str] = {
    ASKED: "待本部门会办",
    SILENT: "会办未答复",
    OVERDUE: "超期",
    UNANSWERED: "补正期限已过",
    UNRECEIPTED: "邮件没有回执",
}
HINTS: Mapping[str, str] = {
    ASKED: "请代表本部门答复",
    SILENT: "请催联办部门，或登记缺席",
    OVERDUE: "已过期限还没有决定的件",
    UNANSWERED: "材料没有补来：请联系收件站点，或按逾期不补正办理",
    UNRECEIPTED: "寄出多日没有回音：请向邮局查询，登记回执或没有送到",
}
_ANSWERS = (Role.CLERK, Role.REVIEWER, Role.APPROVER)


def lists_of(roles: Iterable[str], department: str) -> tuple[str, ...]:
    """Return which of these lists are for a person with these posts in this department."""
    held = {str(role) for role in roles}
    is_asked = bool(department) and any(role.value in held for role in _ANSWERS)
    wanted = {
        ASKED: is_asked,
        UNANSWERED: Role.CLERK.value in held,
        UNRECEIPTED: bool({Role.CLERK.value, Role.AGENT.value} & held),
        SILENT: Role.LEAD.value in held,
        OVERDUE: Role.SUPERVISOR.value in held,
    }
    return tuple(name for name, is_wanted in wanted.items() if is_wanted)


def works_of(roles: Iterable[str]) -> tuple[Work, ...]:
    """Return the works of a person with these posts, in the order of the table."""
    held = {str(role) for role in roles}
    return tuple(work for work, posts in DONE_BY.items() if any(post.value in held for post in posts))
