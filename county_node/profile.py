"""What a county node is, in one table."""

from __future__ import annotations

from collections.abc import Sequence

from common.desk.pages.halls import HALL_ROLES, hall_menu, hall_pages
from common.node.profile import COUNTY, TierProfile
from common.people.rules.roles import Role
from common.proofs.pages import verify
from common.web.ports import MenuEntry, Pages
from county_node.pages.calendar import calendar
from county_node.pages.home import home
from county_node.pages.item_editor import editor
from county_node.pages.items import items
from county_node.pages.roster import roster
from county_node.pages.roster_keys import roster_keys
from county_node.pages.roster_review import roster_review
from county_node.pages.roster_revoke import roster_revoke
from county_node.pages.take_over import HEADS, take_over


def blueprints() -> Sequence[Pages]:
    """Return the pages of a county."""
    trusted = (roster, roster_keys, roster_review, roster_revoke)
    return hall_pages(home, items, editor, calendar, take_over, *trusted, verify)


PROFILE = TierProfile(
    tier=COUNTY,
    title="县政务服务中心",
    roles=HALL_ROLES,
    blueprints=blueprints,
    menu=hall_menu(
        MenuEntry("事项目录", "items.index"),
        MenuEntry("接管", "take_over.index", HEADS),
        MenuEntry("名册", "roster.index", (Role.ADMIN,)),
        MenuEntry("工作日历", "calendar.index", (Role.ADMIN,)),
        MenuEntry("核验凭证", "verify.index"),
    ),
    home="home.index",
)
