"""What differs from tier to tier, as one table; everything else is the same program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.people.rules.roles import Role
from common.web.ports import MenuEntry, Pages

VILLAGE, TOWNSHIP, COUNTY = "village", "township", "county"


@dataclass(frozen=True, slots=True)
class TierProfile:
    """One kind of node.

    `tier` is VILLAGE, TOWNSHIP or COUNTY, `title` what people call such a
    site, `roles` who may have an account there, `blueprints` makes its pages,
    `menu` names them, `home` is the endpoint after signing in.
    """

    tier: str
    title: str
    roles: tuple[Role, ...]
    blueprints: Callable[[], Sequence[Pages]]
    menu: tuple[MenuEntry, ...]
    home: str
