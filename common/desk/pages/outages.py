"""When the nodes below were off or cut off, by their own word and by that of who did not hear them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _

from common.desk.pages import nodes, shown
from common.desk.pages.outage_words import duration_words, outage_line, tally_words
from common.outages.rules import SILENT_MS, Outage
from common.outages.service import SPAN_DAYS
from common.outages.silences import Quiet
from common.web.guard import requires
from common.web.ports import current_node

outages = Blueprint("outages", __name__, url_prefix="/outages")

_SHOWN = 6


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
        # What a node says of those below it is as old as its own last word.
        under_heard_at=node.casework.ctx.neighbours.heard_at(under),
        days=SPAN_DAYS,
    )


def _site(address: str, contact_at: int) -> dict[str, Any]:
    """Return what is said of a node below. Of one further down the node above it says whether it is heard."""
    node, tree = current_node(), current_node().tree()
    above = tree.parent(address)
    is_next = above == node.me
    past, quiet = node.outages.past_of(address, g.now_ms), node.silences.quiet_of(address, above, g.now_ms)
    heard_at = contact_at if is_next else node.casework.ctx.neighbours.heard_at(address)
    # A node above may have been off itself: what it noted begins later than the last word, or not at all.
    silent_since = heard_at if is_next else quiet.since
    by = str(_("本站")) if is_next else node.place_name(above)
    return {
        "address": address,
        "name": node.place_name(address),
        "is_next": is_next,
        "is_out": tree.is_relieved(address),
        "heard_at": heard_at,
        "is_silent": bool(silent_since) and (not is_next or g.now_ms - heard_at > SILENT_MS),
        "is_usual": quiet.is_usual,
        "silent_since": silent_since,
        "silent_for": duration_words(max(0, g.now_ms - silent_since)),
        "light": nodes.light_of(silent_since),
        "by": by,
        "below": len(tree.children(address)),
        "tally": tally_words(past.tally),
        "unheard": tally_words(quiet.tally),
        "newest": _newest(past.newest, quiet, by),
    }


def _newest(told: tuple[Outage, ...], quiet: Quiet, by: str) -> list[dict[str, Any]]:
    """Return what a node told of itself and what the node above noted of it, the newest first."""
    own, noted = str(_("站点自报")), str(_("%(site)s记", site=by))
    found = [(one, own) for one in told] + [(one, noted) for one in quiet.newest]
    found.sort(key=lambda pair: pair[0].began_at, reverse=True)
    return [outage_line(one) | {"by": who} for one, who in found[:_SHOWN]]
