"""The villages whose work this person does today: in the agent's stead, or as the site is out of service.

Their cases wait there, and are worked here. The acts are this node's own reports, as of a node above a
party; nobody becomes agent of a village by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import g, url_for
from flask_babel import gettext as _

from common.casework import queues
from common.casework.rules.waiting import Work
from common.desk.pages.shown import WorkButton
from common.desk.register import origins
from common.desk.rules import board
from common.people.rules.roles import Role
from common.places.rules import today_of
from common.web.ports import current_node
from sync.protocol.address import is_address

VIEW = "stood-in"
# What waits for an agent at a village and is done by a report: papers brought, results handed over.
WORKS = tuple(work.value for work in board.works_of([Role.AGENT]) if work is not Work.ACCEPTANCE)
_POSTS = (Role.AGENT, Role.CLERK)


def villages() -> list[tuple[str, str]]:
    """Return (address, what its list is called) of those villages; none for a person who takes nothing in."""
    node = current_node()
    if g.staff.acting_as(_POSTS) is None:
        return []
    found = dict.fromkeys(node.stand_ins.villages(g.staff.login, g.now_ms), _("代岗：%(name)s"))
    found |= dict.fromkeys(_deserted(), _("停用站点：%(name)s"))
    return [(address, str(words) % {"name": node.place_name(address)}) for address, words in found.items()]


def _deserted() -> list[str]:
    """Return the sites right below this one that are out of service and for which work still waits there."""
    node = current_node()
    tree, near = node.tree(), node.casework.ctx.neighbours
    below = (address for address in _sites(queues.open_at()) if tree.parent(address) == node.me)
    return sorted(address for address in below if near.is_relieved(address))


def calling_for() -> list[str]:
    """Return this site and those out of service whose applicants are called back from here.

    So they are from the site above, and from that of the village into which theirs was merged, where it has
    the case; whoever calls first says so to both.
    """
    node = current_node()
    tree, near = node.tree(), node.casework.ctx.neighbours
    ours = (
        address
        for address in _sites(origins())
        if address != node.me and node.me in (tree.parent(address), today_of(node.places, address))
    )
    return [node.me, *(address for address in ours if near.is_relieved(address))]


def _sites(named: Iterable[str]) -> Iterator[str]:
    """Leave out what is no address: nobody signs the rows that pages read, and one may have rotted."""
    return (address for address in named if is_address(address))


def buttons() -> list[WorkButton]:
    """Return one heap for each of those villages, empty ones included."""
    return [_button(address, title) for address, title in villages()]


def _button(address: str, title: str) -> WorkButton:
    heaps = queues.heaps(address)
    count = sum(heap.count for work, heap in heaps.items() if work in WORKS)
    return WorkButton(VIEW, title, str(_("补来的材料、要送的结果，由您代为登记")), count, "", link(address))


def link(address: str) -> str:
    """Return where the waiting cases of one of those villages are listed."""
    return url_for("queue.index", view=VIEW, site=address)
