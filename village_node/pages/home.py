"""The first page of a village's desk: what can be done here, what waits, what was begun, how far it got."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, g, render_template

from common.casework import queues
from common.casework.queues import Wanted
from common.desk.pages import finding, line_speed, line_words, stood_in
from common.desk.pages.choosing import used_most
from common.desk.pages.filing import DESK
from common.desk.pages.open_draft import draft_rows
from common.desk.pages.shown import tick_word, watch_buttons, work_buttons
from common.desk.register import count_due_calls
from common.web.guard import requires
from common.web.ports import current_node

home = Blueprint("home", __name__, template_folder="../templates")

# How many of the newest cases the counts speak of.
_NEWEST = 50
# So many of the items used most can be begun from here.
_MOST = 4
_STAGES = ("SAVED", "TOWNSHIP", "COUNTY", "DECIDED")


@home.get("/")
@requires()
def index() -> str:
    """Show what can be done here and what waits for this person."""
    node = current_node()
    buttons = finding.with_late(work_buttons(g.staff.roles))
    is_filing = g.staff.acting_as(DESK) is not None
    return render_template(
        "village/home.html",
        waiting=[button for button in (*buttons, *watch_buttons(g.staff.roles)) if button.count],
        waiting_count=sum(button.count for button in buttons),
        is_filing=is_filing,
        due_calls=count_due_calls(stood_in.calling_for(), g.now_ms) if is_filing else 0,
        drafts=draft_rows(),
        most=used_most()[:_MOST] if is_filing else [],
        stages=_stages(),
        coming=line_speed.coming_said(node) if line_speed.is_new(node) else [],
        newest=_NEWEST,
        twins=line_words.twins_said(node, g.now_ms),
    )


def _stages() -> list[tuple[str, int]]:
    """Return how many of the newest cases filed here have got how far, each counted once."""
    cases = queues.newest(Wanted(origin=current_node().me), _NEWEST)
    found = Counter(tick_word(case.first_act, case.state) for case in cases)
    return [(stage, found[stage]) for stage in _STAGES]
