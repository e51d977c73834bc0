"""The villages in whose agents' stead this person works today: their cases wait there, and are worked here.

The acts are this node's own reports, as of a node above a party; nobody becomes agent of a village by them.
"""

from __future__ import annotations

from flask import g, url_for
from flask_babel import gettext as _

from common.casework import queues
from common.casework.rules.waiting import Work
from common.desk.pages.shown import WorkButton
from common.desk.rules import board
from common.people.rules.roles import Role
from common.web.ports import current_node

VIEW = "stood-in"
# What waits for an agent at a village and is done by a report: papers brought, results handed over.
WORKS = tuple(work.value for work in board.works_of([Role.AGENT]) if work is not Work.ACCEPTANCE)
_POSTS = (Role.AGENT, Role.CLERK)


def villages() -> list[tuple[str, str]]:
    """Return (address, name) of those villages; none for a person who takes nothing in."""
    node = current_node()
    if g.staff.acting_as(_POSTS) is None:
        return []
    found = node.stand_ins.villages(g.staff.login, g.now_ms)
    return [(address, node.place_name(address)) for address in found]


def buttons() -> list[WorkButton]:
    """Return one heap for each of those villages, empty ones included."""
    return [_button(address, name) for address, name in villages()]


def _button(address: str, name: str) -> WorkButton:
    heaps = queues.heaps(address)
    count = sum(heap.count for work, heap in heaps.items() if work in WORKS)
    title, hint = _("代岗：%(name)s", name=name), _("补来的材料、要送的结果，由您代为登记")
    return WorkButton(VIEW, str(title), str(hint), count, "", link(address))


def link(address: str) -> str:
    """Return where the waiting cases of one of those villages are listed."""
    return url_for("queue.index", view=VIEW, site=address)
