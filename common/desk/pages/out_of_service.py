"""The door of a site that the county has relieved or retired: no new case, and where to go instead."""

from __future__ import annotations

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from common.casework.errors import OutOfService
from common.days import local_day
from common.desk.pages import shown
from common.desk.pages.open_draft import draft_rows
from common.web.ports import current_node
from sync.protocol import signed
from sync.protocol.entries import RETIRED, read_entry

# Where a new case begins. A draft may still be looked at, to copy from or to throw away.
_DOOR = ("choose", "begin", "file")


def refuse_when_out_of_service() -> Response | None:
    """Answer in place of a page of filing where the roster has this site out of service; None elsewhere.

    What is here already is not touched: cases go on, and their results are handed over.
    """
    is_door = request.endpoint in [f"filing.{name}" for name in _DOOR]
    if not is_door or g.get("staff") is None:
        return None
    node = current_node()
    if not node.casework.ctx.neighbours.is_relieved(node.me):
        return None
    entry = read_entry(node.spool.held(signed.ENTRY, node.me).statement)
    above = node.tree().parent(node.me)
    page = render_template(
        "desk/out_of_service.html",
        is_retired=entry.status == RETIRED,
        # The day of the entry that says so now: its keys or its address may have been changed since.
        day=local_day(int(entry.statement.fields().get("since", 0))),
        above=shown.place_words(above) if above else "",
        drafts=draft_rows(),
        code=OutOfService.code,
    )
    return make_response(page, OutOfService.status)
