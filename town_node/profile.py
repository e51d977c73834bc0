"""What a town node is, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from common.desk.pages.halls import AWAY, HALL_ROLES, hall_menu, hall_pages
from common.node.profile import TOWNSHIP, TierProfile
from common.proofs.pages import verify
from common.web.ports import MenuEntry, Pages
from town_node.pages.home import home


def blueprints() -> Sequence[Pages]:
    """Return the pages of a town."""
    return hall_pages(home, verify)


PROFILE = TierProfile(
    tier=TOWNSHIP,
    title="乡镇便民服务中心",
    roles=HALL_ROLES,
    blueprints=blueprints,
    menu=hall_menu(
        MenuEntry("办事指南", "guide.index"), MenuEntry("核验凭证", "verify.index"), staff=(AWAY,)
    ),
    home="home.index",
)
