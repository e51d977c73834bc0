"""The county takes cases over from nodes that are gone or let the law's time pass: choose, confirm, do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.calendar.pages import day_looked_at
from common.casework import held, queues, taking_over
from common.casework.days import look_at
from common.casework.errors import CaseNotFound
from common.casework.rules.labels import label
from common.casework.rules.left_to_do import NOTES, left_to_do
from common.casework.rules.taking_over import BY_THE_ROSTER, SILENT_DAYS
from common.casework.rules.words import Cause
from common.casework.taking_over import Taken
from common.days import later, local_day
from common.desk.pages import not_back, shown
from common.desk.rules.board import INQUIRY_DAYS
from common.errors import BadInput, Problem
from common.people.rules.roles import Role
from common.web.forms import redraws, said
from common.web.guard import requires
from common.web.ports import current_node
from sync.protocol.address import is_address
from sync.protocol.entries import LIVE

take_over = Blueprint("take_over", __name__, url_prefix="/take-over", template_folder="../templates")

# Who may; see the table of take-overs.
HEADS = (Role.APPROVER, Role.ADMIN)
PAGE_CASES = 100
# So many can be confirmed at once.
CHOSEN_MAX = 200
NOTE_MAX = 500
# Instead of the address of a node: the cases left unanswered at the door of any.
UNANSWERED = "unanswered"


@take_over.get("")
@requires(*HEADS)
def index() -> str:
    """Show which nodes hold cases to be worked on and how they are, and what was left unanswered."""
    node = current_node()
    neighbours = node.casework.ctx.neighbours
    sites = [
        {
            "href": url_for(".choose", holder=heap.holder),
            "name": shown.place_words(heap.holder),
            "count": heap.cases,
            "unserved": heap.unserved,
            "letters": heap.letters,
            "filed_at": heap.filed_at,
            "heard_at": neighbours.heard_at(heap.holder),
            "standing": _standing(heap.holder),
        }
        for heap in held.holders(node.me, _letters())
        # Who is at work serves what it made by itself, and nobody else may.
        if heap.cases or neighbours.is_relieved(heap.holder)
    ]
    return render_template(
        "county/take_over.html",
        sites=sites,
        unanswered=len(_unanswered()),
        days=SILENT_DAYS,
        question=_question(),
    )


@take_over.post("/day")
@requires(*HEADS)
def confirm_day() -> Response:
    """Take the date for right though most nodes look silent, if it is still the one that was looked at."""
    if request.form.get("today", "") != local_day(g.now_ms):
        flash(_("日期和刚才看到的不一样了，没有确认，请再核对一次。"), "warn")
        return redirect(url_for(".index"), 303)
    with current_node().unit():
        day = taking_over.confirm_day(g.now_ms, g.actor.login)
    flash(_("已确认今天是 %(day)s，可以接管失去联系的站点的件。", day=day))
    return redirect(url_for(".index"), 303)


@take_over.get("/<holder>")
@requires(*HEADS)
def choose(holder: str) -> str | Response:
    """Show the cases of a node, those that may be taken over with a box to tick."""
    if holder != UNANSWERED and not is_address(holder):
        return redirect(url_for(".index"), 303)
    found, after = _cases(holder)
    question = _question()
    chosen = request.form.getlist("case") or request.args.getlist("case")
    rows = [_row(case, question) for case in found]
    return render_template(
        "county/take_over_choose.html",
        holder=holder,
        title=_title(holder),
        rows=[*_asked_for(chosen, holder, found, question), *(row for row in rows if row)],
        chosen=chosen,
        next_page=url_for(".choose", holder=holder, at=after) if after else "",
        days=SILENT_DAYS,
        question=question,
    )


@take_over.post("/<holder>/check")
@requires(*HEADS)
@redraws(".choose")
def check(holder: str) -> str:
    """Show what would be done, to be confirmed; nothing is changed."""
    chosen, note = _read()
    seen, question = day_looked_at(), _question()
    rows = [row for row in (_row(case, question) for case in chosen) if row and row["cause"]]
    return render_template(
        "county/take_over_check.html",
        holder=holder,
        title=_title(holder),
        rows=rows,
        note=note,
        seen=seen,
        left_out=len(chosen) - len(rows),
    )


@take_over.post("/<holder>")
@requires(*HEADS)
@redraws(".choose")
def take(holder: str) -> str | Response:
    """Take the cases over; those that cannot be are listed with the reason."""
    chosen, note = _read()
    seen, node = day_looked_at(), current_node()
    with node.unit():
        taken = node.casework.take_over(chosen, g.actor, note, g.now_ms)
        for case in taken.done:
            look_at(seen, case, g.actor.login, g.now_ms)
    if not taken.done:
        # Nothing was changed: the first reason is the answer, and the list comes back as it was filled in.
        raise next(iter(taken.left.values()))
    node.wake()
    flash(_("已接管 %(n)s 件，有关站点将自动收到通知。", n=len(taken.done)))
    if taken.left:
        return _not_taken(holder, taken)
    return redirect(url_for(".index"), 303)


def _not_taken(holder: str, taken: Taken) -> str:
    rows = [(case, said(fault, "sentence")) for case, fault in taken.left.items()]
    return render_template("county/take_over_left.html", holder=holder, rows=rows, done=len(taken.done))


def _read() -> tuple[list[str], str]:
    """Return the cases ticked and the reason.

    Raises:
        BadInput: nothing is ticked, too much is, or no reason is given; all problems are listed.
    """
    chosen = list(dict.fromkeys(request.form.getlist("case")))
    note = request.form.get("note", "").strip()
    problems = []
    if not chosen:
        problems.append(Problem("case", str(_("办件")), "required", str(_("请勾选要接管的办件。"))))
    if len(chosen) > CHOSEN_MAX:
        sentence = str(_("一次最多接管 %(n)s 件，请分几次办理。", n=CHOSEN_MAX))
        problems.append(Problem("case", str(_("办件")), "too_many", sentence))
    if not note:
        sentence = str(_("请写明接管的理由，各级站点和申请人都能看到。"))
        problems.append(Problem("note", str(_("理由")), "required", sentence))
    elif len(note) > NOTE_MAX:
        sentence = str(_("理由最多 %(n)s 个字。", n=NOTE_MAX))
        problems.append(Problem("note", str(_("理由")), "too_long", sentence))
    if problems:
        raise BadInput(problems=problems)
    return chosen, note


def _cases(holder: str) -> tuple[list[str], str]:
    """Return the cases of one page, and where the next one begins ("" at the end)."""
    if holder == UNANSWERED:
        return _unanswered(), ""
    found = held.held_by(holder, _mark(), PAGE_CASES, _letters())
    last = f"{found[-1][0]}_{found[-1][1]}" if len(found) == PAGE_CASES else ""
    return [case for _filed_at, case in found], last


def _unanswered() -> list[str]:
    node = current_node()
    instant = {item.code for item in node.catalogue.all_items() if item.is_instant}
    return held.left_unanswered(node.me, local_day(g.now_ms), instant, CHOSEN_MAX)


def _asked_for(
    chosen: Sequence[str], holder: str, listed: Collection[str], question: str
) -> list[dict[str, Any]]:
    """Return the cases that somebody comes here for and that are on another page of the list, or on none."""
    missing = [case for case in dict.fromkeys(chosen[:CHOSEN_MAX]) if case not in listed]
    rows = (_row(case, question) for case in missing if holder != UNANSWERED)
    return [row for row in rows if row and row["address"] == holder]


def _letters() -> held.Letters:
    """Return whose letters nobody asks the post about any more, as long as one may ask."""
    gone = [entry.address for entry in current_node().trust.entries() if entry.status != LIVE]
    return held.Letters(gone, later(local_day(g.now_ms), -INQUIRY_DAYS))


def _mark() -> tuple[int, str]:
    moment, _sep, case = request.args.get("at", "").partition("_")
    is_one = moment.isascii() and moment.isdecimal() and len(moment) < 16
    return (int(moment), case) if is_one else (0, "")


def _question() -> str:
    """Return the present day where it has to be confirmed before anything is offered, "" where it is sure."""
    is_asked = taking_over.is_day_in_question(current_node().casework.ctx, g.now_ms)
    return local_day(g.now_ms) if is_asked else ""


def _row(case: str, question: str) -> dict[str, Any] | None:
    """Return a case as the list shows it, with why it may be taken over; None when it is not here.

    While the day is in question, only what does not rest on it is a cause.
    """
    node = current_node()
    try:
        causes = node.casework.causes_to_take_over(case, g.now_ms)
    except CaseNotFound:
        return None
    is_unsure = bool(not_back.marked([case]))
    if question:
        causes = {cause: day for cause, day in causes.items() if cause in BY_THE_ROSTER}
    (line,) = queues.find(case, 1)
    return {
        "number": case,
        "href": url_for("cases.show", number=case),
        "item_name": line.item_name,
        "applicant": line.applicant,
        "state": line.state_label,
        "state_light": shown.state_light(line.state),
        "address": line.holder,
        "holder": shown.place_words(line.holder),
        "filed_at": line.filed_at,
        "is_over": Cause.UNSERVED in causes,
        "cause": ""
        if is_unsure
        else "、".join(_cause_words(case, cause, day) for cause, day in causes.items()),
        "is_unsure": is_unsure,
    }


def _cause_words(case: str, cause: Cause, day: str) -> str:
    if cause is Cause.DEEMED:
        return str(_("自 %(day)s 起视为受理", day=day))
    if cause is Cause.SILENT:
        return str(_("%(day)s 以后没有联系", day=day))
    # Between two looks at a case its holder may have come back and done what was left.
    if cause is Cause.UNSERVED and (left := left_to_do(current_node().casework.case(case))):
        return str(_("站点已停用，%(left)s", left=_(NOTES[left[0]])))
    return label(cause.value)


def _standing(holder: str) -> str:
    """Return "relieved", "silent" or "" for a node, as its cases may be taken over for it."""
    neighbours = current_node().casework.ctx.neighbours
    if neighbours.is_relieved(holder):
        return Cause.RELIEVED.value
    heard = neighbours.heard_at(holder)
    is_silent = heard and g.now_ms - heard >= SILENT_DAYS * 86_400_000
    return Cause.SILENT.value if is_silent else ""


def _title(holder: str) -> str:
    return str(_("没有按期答复的件")) if holder == UNANSWERED else shown.place_words(holder)
