"""What a village node is, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from common.archive.pages import package_check
from common.authority.pages import letters
from common.calendar.pages import days
from common.desk.pages.cases import cases
from common.desk.pages.filing import filing
from common.desk.pages.guide import guide
from common.desk.pages.left_drafts import left_drafts
from common.desk.pages.line import line
from common.desk.pages.not_back import not_back
from common.desk.pages.papers import papers
from common.desk.pages.queue import queue
from common.desk.pages.receipts import receipts
from common.desk.pages.register import register
from common.desk.pages.stick import stick
from common.journal.pages import views
from common.node.profile import VILLAGE, TierProfile
from common.notices.pages import notices
from common.people.pages import accounts, away, forgotten
from common.people.rules.roles import Role
from common.proofs.pages import verify
from common.web.ports import MenuEntry, Pages
from village_node.pages.home import home


def blueprints() -> Sequence[Pages]:
    """Return the pages of a village."""
    staff = (accounts, left_drafts, away, forgotten, views, days)
    work = (queue, cases, notices, papers, filing, register, receipts, letters, guide, line, not_back, stick)
    return (home, *work, verify, package_check, *staff)


PROFILE = TierProfile(
    tier=VILLAGE,
    title="村（社区）便民服务室",
    roles=(Role.AGENT, Role.ADMIN),
    blueprints=blueprints,
    menu=(
        MenuEntry("首页", "home.index"),
        MenuEntry("收件", "filing.choose", (Role.AGENT,)),
        MenuEntry("办件", "queue.index"),
        MenuEntry("台账", "register.index", (Role.AGENT, Role.ADMIN)),
        MenuEntry("委托书登记", "letters.index", (Role.AGENT,)),
        MenuEntry("办事指南", "guide.index"),
        MenuEntry("核验凭证", "verify.index"),
        MenuEntry("线路和U盘", "line.index"),
        MenuEntry("外出代岗", "away.index", (Role.AGENT, Role.ADMIN)),
        MenuEntry("账号管理", "accounts.index", (Role.ADMIN,)),
    ),
    home="home.index",
)
