"""The check list of a case beside its papers: what is in order, missing or wrong, kept as it is ticked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework.lists import CasePage
from common.casework.pages import whole_case
from common.casework.rules.event import CaseState
from common.casework.rules.labels import label
from common.casework.rules.words import Action
from common.days import local_date
from common.desk import check_lists
from common.desk.pages import dossier, shown, step_parts
from common.desk.rules import check_list
from common.desk.rules.check_list import Line
from common.journal.rules import What
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows

checking = Blueprint("checking", __name__, url_prefix="/case")

CHECKERS = (Role.CHECKER, Role.CLERK, Role.AGENT, Role.REVIEWER)
# Steps that say what is missing or wrong; the first that may be taken is the one a list leads to.
_TELLING = (Action.ASK_PAPERS, Action.SEND_BACK, Action.STILL_LACKING)
# Steps taken when all is in order.
_GOING_ON = (Action.FORWARD, Action.ACCEPT, Action.SETTLE, Action.REVIEW, Action.RESUME)


@checking.get("/<number>/checklist")
@requires(*CHECKERS)
@shows(What.CASE, of="number")
@whole_case(of="number")
def show(number: str) -> str:
    """Show the list, with what this person found so far, beside the papers."""
    page = current_node().casework.page(number)
    lines, marks = lines_of(page), check_lists.marks_of(number, g.staff.login)
    steps = offered(page.state)
    return render_template(
        "desk/check_list.html",
        case=dossier.dossier_of(page),
        title=_("对照清单"),
        papers=[_paper_row(page, line, marks) for line in lines if line.is_paper],
        answers=[_answer_row(page, line, marks) for line in lines if not line.is_paper],
        standing=check_list.standing_of(lines, marks),
        telling=_step(_TELLING, steps),
        going_on=_step(_GOING_ON, steps),
        paper_marks=check_list.PAPER_MARKS,
        answer_marks=check_list.ANSWER_MARKS,
        post_to=url_for(".keep", number=number),
    )


@checking.post("/<number>/checklist")
@requires(*CHECKERS)
@whole_case(of="number")
def keep(number: str) -> Response | str:
    """Keep what was ticked and written, and lead back to the list or on to the step it is for.

    A script that sends each tick gets the counts alone: the case is not shown anew, so that is no view.
    """
    node = current_node()
    page = node.casework.page(number)
    lines, seen = lines_of(page), {check_list.SEEN: check_list.seen_of(paper.hash for paper in page.papers)}
    marks = check_list.read_marks(lines, request.form)
    with node.unit():
        check_lists.keep(number, g.staff.login, marks | seen, g.now_ms)
    wanted = request.form.get("then", "")
    if wanted in {action.value for action in (*_TELLING, *_GOING_ON)}:
        return redirect(url_for("cases.ask", number=number, action=wanted), 303)
    if request.headers.get("HX-Request"):
        standing = check_list.standing_of(lines, marks)
        return render_template("desk/parts/standing.html", standing=standing)
    flash(_("清单已保存。"))
    return redirect(url_for(".show", number=number, paper=request.form.get("paper") or None), 303)


def lines_of(page: CasePage) -> list[Line]:
    """Return the lines of a case's list: the papers that may be asked for, then the answers of the form."""
    item = dossier.item_of(page.state)
    needed = {paper.key for paper in item.papers if paper.required} if item else set()
    papers = [Line(f"paper.{spec.key}", spec.name, spec.key in needed) for spec in step_parts.askable(page)]
    # After the one full notice nothing new may be asked for.
    fields = () if page.state.facts.noticed or item is None else item.fields
    return papers + [
        Line(f"answer.{spec.key}", spec.label, False) for spec in fields if spec.key in page.form
    ]


def first_lacking(page: CasePage, action: Action) -> dict[str, str]:
    """Return what the form of a step that names what is missing begins with, out of this person's list."""
    if action not in _TELLING:
        return {}
    typed = check_list.as_lacking(lines_of(page), check_lists.marks_of(page.state.case, g.staff.login))
    # Of what joint departments miss nothing may be left out of the one full notice.
    missed = page.state.facts.door.values() if action is Action.ASK_PAPERS else ()
    return check_list.gathered(typed, (paper for lacking in missed for paper in lacking))


def link_of(state: CaseState) -> str:
    """Return where the list of a case is, "" where there is nothing to check for this person."""
    # A village has no such page: there nobody checks what somebody else took in.
    is_here = "checking.show" in current_app.view_functions
    found = is_here and _step(_TELLING, offered(state))
    return url_for("checking.show", number=state.case) if found else ""


def offered(state: CaseState) -> tuple[Action, ...]:
    """Return the steps this person may take on a case, none where another node holds it."""
    today = local_date(g.now_ms).isoformat()
    node = current_node()
    if state.holder != node.me:
        return ()
    return tuple(node.casework.actions_for(state, shown.my_posts(), g.staff.department, today))


def _step(wanted: tuple[Action, ...], steps: tuple[Action, ...]) -> dict[str, str]:
    action = next((one for one in wanted if one in steps), None)
    if action is None:
        return {}
    return {"action": action.value, "words": label(action)}


def _paper_row(page: CasePage, line: Line, marks: check_list.Marks) -> dict[str, Any]:
    papers = dossier.in_list_order(page.papers, dossier.item_of(page.state))
    places = [n for n, paper in enumerate(papers, 1) if paper.key == line.plain_key]
    mark, how = marks.get(line.key, ("", ""))
    return {"line": line, "places": places, "mark": mark, "how": how}


def _answer_row(page: CasePage, line: Line, marks: check_list.Marks) -> dict[str, Any]:
    mark, how = marks.get(line.key, ("", ""))
    return {"line": line, "value": dossier.answer_words(page, line.plain_key), "mark": mark, "how": how}
