"""The door when the disk is nearly full: no new case, every draft kept, and paper forms to go on with."""

from __future__ import annotations

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from common.places.rules import level
from common.web.ports import current_node

CRITICAL = 2
_STATUS = 503
# Print stays readable; the browser makes photographs so small before it sends them.
_SIDE_WHEN_LOW = 1_600
# What would take more room: a new draft, papers, a filing. A draft may still be looked at, kept and left.
_DOOR = ("choose", "begin", "bring", "file")


def size_of_photos() -> dict[str, int]:
    """Return for templates the longer side of new photographs in pixels while room is low, 0 for as ever."""
    return {"photo_side": _SIDE_WHEN_LOW if current_node().disk.state() else 0}


def refuse_when_full() -> Response | None:
    """Answer in place of a page of filing when this node has no room for new cases; None when it has."""
    node = current_node()
    is_door = request.endpoint in [f"filing.{name}" for name in _DOOR]
    if not is_door or g.get("staff") is None or node.disk.state() < CRITICAL:
        return None
    items = node.catalogue.items_for(level(node.me))
    answer = make_response(render_template("desk/full_disk.html", items=items), _STATUS)
    # What leaves in the meantime makes room: it is worth looking again.
    answer.headers["Retry-After"] = "600"
    return answer
