"""What a county node is, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from common.desk.pages.cases import cases
from common.desk.pages.filing import filing
from common.desk.pages.line import line
from common.desk.pages.nodes import nodes
from common.desk.pages.papers import papers
from common.desk.pages.queue import queue
from common.node.profile import COUNTY, TierProfile
from common.people.pages import accounts
from common.people.rules.roles import Role
from common.web.ports import MenuEntry, Pages
from county_node.pages.calendar import calendar
from county_node.pages.home import home
from county_node.pages.items import items


def blueprints() -> Sequence[Pages]:
    """Return the pages of a county."""
    return (home, queue, cases, papers, filing, items, calendar, line, nodes, accounts)


PROFILE = TierProfile(
    tier=COUNTY,
    title="县政务服务中心",
    roles=(Role.CLERK, Role.CHECKER, Role.REVIEWER, Role.APPROVER, Role.ADMIN),
    blueprints=blueprints,
    menu=(
        MenuEntry("首页", "home.index"),
        MenuEntry("办件", "queue.index"),
        MenuEntry("收件", "filing.choose", (Role.CLERK,)),
        MenuEntry("事项", "items.index"),
        MenuEntry("工作日历", "calendar.index", (Role.ADMIN,)),
        MenuEntry("线路和U盘", "line.index"),
        MenuEntry("下级站点", "nodes.index", (Role.ADMIN,)),
        MenuEntry("账号", "accounts.index", (Role.ADMIN,)),
    ),
    home="home.index",
)
