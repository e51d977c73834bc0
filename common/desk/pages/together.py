"""Forwarding several cases at once: only those whose check list this person has gone through to the end.

Nothing else is done in bulk here: what accepts, refuses or decides is looked at case by case.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.calendar.pages import day_looked_at, look_at_day
from common.casework.errors import CaseNotFound
from common.casework.lists import CasePage
from common.casework.rules.words import Action
from common.desk import check_lists
from common.desk.pages import checking, dossier, not_back, shown
from common.desk.rules import check_list
from common.errors import BadInput, LiandongError, Problem
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node

together = Blueprint("together", __name__, url_prefix="/together")

# Each is folded anew and looked through; so many are an afternoon's work.
LOOKED_AT = 60
_REFUSALS_SHOWN = 10


@together.get("")
@requires(Role.CHECKER)
def index() -> str:
    """Show the cases whose list is complete without a fault, to be ticked and forwarded."""
    pages = _ready()
    unsure = not_back.marked(page.state.case for page in pages)
    rows = [{**_row(page), "is_unsure": page.state.case in unsure} for page in pages]
    ticked = request.form.getlist("case")
    if request.args.get("tick") == "all":
        ticked = [row["number"] for row in rows if not row["is_unsure"]]
    return render_template("desk/together.html", rows=rows, ticked=ticked)


@together.post("")
@requires(Role.CHECKER)
@redraws(".index")
def forward() -> Response:
    """Forward the ticked cases, each by itself: one that cannot be does not hold up the others.

    Before the first of them it is seen to that some are ticked, and today's date where it is in doubt.
    """
    node, done, left = current_node(), 0, []
    if not request.form.getlist("case"):
        sentence = str(_("请先勾选要转报的办件。"))
        raise BadInput(problems=[Problem("case", str(_("办件")), "required", sentence)])
    day_looked_at()
    actor = g.staff.acting_as([Role.CHECKER])
    ready = {page.state.case for page in _ready()}
    for number in dict.fromkeys(request.form.getlist("case")):
        if number not in ready:
            left.append(shown.posted_number(number))
            continue
        try:
            with node.unit():
                node.casework.move_case(number, Action.FORWARD, actor, {"note": ""}, g.now_ms)
                look_at_day(number)
            done += 1
        except LiandongError as refused:
            left.append(f"{shown.posted_number(number)}（{refused.told(refused.sentence)}）")
    if done:
        node.wake()
        flash(_("已转报 %(n)s 件。", n=done))
    if left:
        flash(_("没有转报，请逐件办理：%(cases)s", cases="；".join(left[:_REFUSALS_SHOWN])), "warn")
    return redirect(url_for(".index"), 303)


def _ready() -> list[CasePage]:
    found = []
    for number in check_lists.cases_of(g.staff.login, LOOKED_AT):
        try:
            page = current_node().casework.page(number)
        except CaseNotFound:
            continue
        if _is_ready(page):
            found.append(page)
    return found


def _is_ready(page: CasePage) -> bool:
    """Say whether a case may be forwarded, lacks nothing, and each line was looked at and found right.

    A list of other copies than those that lie there now says nothing of the new ones.
    """
    if Action.FORWARD not in checking.offered(page.state) or page.state.open_reports:
        return False
    marks = check_lists.marks_of(page.state.case, g.staff.login)
    if marks.get(check_list.SEEN) != check_list.seen_of(paper.hash for paper in page.papers):
        return False
    standing = check_list.standing_of(checking.lines_of(page), marks)
    is_whole = not dossier.missing(page)
    return is_whole and standing.ok > 0 and not standing.bad and not standing.open


def _row(page: CasePage) -> dict[str, Any]:
    state = page.state
    return {
        "number": state.case,
        "item_name": state.item_name,
        "applicant": state.applicant["name"],
        "place": shown.place_words(state.place),
        "papers": len(page.papers),
    }
