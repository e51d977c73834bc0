"""What a town node is, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from common.desk.pages.cases import cases
from common.desk.pages.filing import filing
from common.desk.pages.line import line
from common.desk.pages.nodes import nodes
from common.desk.pages.papers import papers
from common.desk.pages.queue import queue
from common.node.profile import TOWNSHIP, TierProfile
from common.people.pages import accounts
from common.people.rules.roles import Role
from common.web.ports import MenuEntry, Pages
from town_node.pages.home import home


def blueprints() -> Sequence[Pages]:
    """Return the pages of a town."""
    return (home, queue, cases, papers, filing, line, nodes, accounts)


PROFILE = TierProfile(
    tier=TOWNSHIP,
    title="乡镇便民服务中心",
    roles=(Role.CLERK, Role.CHECKER, Role.REVIEWER, Role.APPROVER, Role.ADMIN),
    blueprints=blueprints,
    menu=(
        MenuEntry("首页", "home.index"),
        MenuEntry("办件", "queue.index"),
        MenuEntry("收件", "filing.choose", (Role.CLERK,)),
        MenuEntry("线路和U盘", "line.index"),
        MenuEntry("下级站点", "nodes.index", (Role.ADMIN,)),
        MenuEntry("账号", "accounts.index", (Role.ADMIN,)),
    ),
    home="home.index",
)
