"""The door when the disk is nearly full: no new case, every draft kept, and paper forms to go on with."""

from __future__ import annotations

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from common.desk.pages.open_draft import draft_rows
from common.places.rules import level
from common.web.ports import current_node

CRITICAL = 2
_STATUS = 503
# Print stays readable; the browser makes photographs so small before it sends them.
_SIDE_WHEN_LOW = 1_600
# Where a new draft begins. One that is there may still be looked at, kept and left.
_DOOR = ("choose", "begin")


def size_of_photos() -> dict[str, int]:
    """Return for templates the longer side of new photographs in pixels while room is low, 0 for as ever."""
    return {"photo_side": _SIDE_WHEN_LOW if current_node().disk.state() else 0}


def refuse_when_full() -> Response | None:
    """Answer in place of a page on which a case begins when this node has no room; None when it has."""
    is_door = request.endpoint in [f"filing.{name}" for name in _DOOR]
    return full_page() if is_door and g.get("staff") is not None else None


def full_page() -> Response | None:
    """Return what is said instead of taking in papers or a case while there is no room; None while there is.

    What else was typed on the form is to be kept before.
    """
    node = current_node()
    if node.disk.state() < CRITICAL:
        return None
    items = node.catalogue.items_for(level(node.me))
    page = render_template("desk/full_disk.html", items=items, drafts=draft_rows())
    answer = make_response(page, _STATUS)
    # What leaves in the meantime makes room: it is worth looking again.
    answer.headers["Retry-After"] = "600"
    return answer
