"""When the nodes below were off or cut off: now, in the last days, the newest ones."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from common.desk.pages import nodes, shown
from common.desk.pages.outage_words import duration_words, outage_line, tally_words
from common.outages.service import SPAN_DAYS
from common.web.guard import requires
from common.web.ports import current_node

outages = Blueprint("outages", __name__, url_prefix="/outages")

# A node in order asks every minute; one that was not heard for so long is silent.
SILENT_MS = 30 * 60_000


@outages.get("")
@requires()
def index() -> str:
    """Show the nodes directly below this one, or below a node below it: silent since when, how often off."""
    node = current_node()
    asked, tree = request.args.get("under", ""), node.tree()
    under = asked if asked in tree.addresses() and tree.is_below(asked, node.me) else node.me
    return render_template(
        "desk/outages.html",
        sites=[_site(address, at.contact_at) for address, at in node.standing(tree.children(under)).items()],
        under=shown.place_words(under) if under != node.me else "",
        days=SPAN_DAYS,
    )


def _site(address: str, contact_at: int) -> dict[str, Any]:
    """Return what is said of a node below. Of one further down its last word is all that is known here."""
    node, tree = current_node(), current_node().tree()
    past = node.outages.past_of(address, g.now_ms)
    is_next = address in tree.children(node.me)
    heard_at = contact_at if is_next else node.casework.ctx.neighbours.heard_at(address)
    return {
        "address": address,
        "name": node.place_name(address),
        "is_next": is_next,
        "heard_at": heard_at,
        "is_silent": is_next and bool(heard_at) and g.now_ms - heard_at > SILENT_MS,
        "silent_for": duration_words(max(0, g.now_ms - heard_at)),
        "light": nodes.light_of(heard_at) if is_next else "",
        "below": len(tree.children(address)),
        "tally": tally_words(past.tally),
        "newest": [outage_line(one) for one in past.newest],
    }
