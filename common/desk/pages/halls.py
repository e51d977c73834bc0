"""What township halls and the county centre have in common: their posts, their pages and their menu."""

from __future__ import annotations

from collections.abc import Sequence

from common.archive.pages import package_check, packages
from common.authority.pages import letters
from common.calendar.pages import days
from common.desk.pages.cases import cases
from common.desk.pages.checking import checking
from common.desk.pages.filing import filing
from common.desk.pages.guide import guide
from common.desk.pages.joint import READERS as JOINT_READERS
from common.desk.pages.joint import joint
from common.desk.pages.left_drafts import left_drafts
from common.desk.pages.line import line
from common.desk.pages.nodes import nodes
from common.desk.pages.not_back import not_back
from common.desk.pages.outages import outages
from common.desk.pages.papers import papers
from common.desk.pages.queue import queue
from common.desk.pages.receipts import receipts
from common.desk.pages.register import register
from common.desk.pages.settings import settings
from common.desk.pages.stick import stick
from common.desk.pages.together import together
from common.journal.pages import views
from common.notices.pages import notices
from common.people.pages import accounts, away, below, forgotten
from common.people.rules.roles import Role
from common.web.ports import MenuEntry, Pages

HALL_ROLES = (
    Role.CLERK, Role.CHECKER, Role.REVIEWER, Role.APPROVER, Role.LEAD, Role.SUPERVISOR, Role.ADMIN,
)  # fmt: skip


def hall_pages(home: Pages, *own: Pages) -> Sequence[Pages]:
    """Return the pages of a hall; `own` are those of its tier alone."""
    own_staff = (accounts, left_drafts, away, forgotten, below, views, days, settings)
    one_case = (cases, checking, packages, package_check, notices, papers)
    work = (queue, joint, together, *one_case, filing, register, receipts, letters)
    return (home, *work, guide, *own, line, not_back, stick, nodes, outages, *own_staff)


AWAY = MenuEntry("外出代岗", "away.index", (Role.ADMIN,))


def hall_menu(*own: MenuEntry, staff: Sequence[MenuEntry] = ()) -> tuple[MenuEntry, ...]:
    """Return the menu of a hall.

    Args:
        own: stand after the work of the day and before the site's own matters.
        staff: what its administrators do about people beside accounts; a county stands in for nobody.
    """
    return (
        MenuEntry("首页", "home.index"),
        MenuEntry("办件", "queue.index"),
        MenuEntry("收件", "filing.choose", (Role.CLERK,)),
        MenuEntry("联办", "joint.index", JOINT_READERS),
        MenuEntry("台账", "register.index", (Role.CLERK, Role.SUPERVISOR, Role.ADMIN)),
        MenuEntry("委托书登记", "letters.index", (Role.CLERK,)),
        *own,
        MenuEntry("线路和U盘", "line.index"),
        MenuEntry("下级站点", "nodes.index", (Role.ADMIN,)),
        MenuEntry("查阅记录", "views.index", (Role.SUPERVISOR,)),
        *staff,
        MenuEntry("账号管理", "accounts.index", (Role.ADMIN,)),
        MenuEntry("设置", "settings.index", (Role.ADMIN,)),
    )
