"""The register of what was taken in here (台账), the call-backs that are due, archiving many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from common.calendar.pages import day_looked_at
from common.casework.days import look_at
from common.casework.rules.words import Action
from common.days import local_date
from common.desk import register as reads
from common.desk.pages import stood_in
from common.desk.pages.not_back import marked
from common.desk.pages.register_files import (
    DESK,
    READERS,
    files,
    lines_in,
    masked,
    may_have_numbers,
    may_look_below,
    placed,
    scope_of,
    scope_words,
)
from common.desk.pages.shown import place_words, posted_number
from common.desk.rules import register as rules
from common.desk.rules.register import Line
from common.errors import LiandongError
from common.journal.rules import Fields, What
from common.places.rules import level
from common.web import own_work
from common.web.forms import redraws
from common.web.guard import requires
from common.web.long_work import Tell
from common.web.ports import current_node
from common.web.watched import write_down

register = Blueprint("register", __name__, url_prefix="/register")

register.register_blueprint(files)

# So many cases are archived while the page waits.
AT_ONCE = 20
# So many stand on the page; more are printed from a page of their own, made beside it.
ROWS_MAX = 300


@register.get("")
@requires(*READERS)
def index() -> str:
    """Show the cases taken in here in one month, numbers masked; it prints on A4 across.

    Names stand whole, so each list with any is a row of the log of views, by its month.
    """
    month, everything = _month()
    found = _chosen(everything)
    page = render_template(
        "desk/register.html",
        month=month,
        count=len(found),
        months=rules.months(local_date(g.now_ms)),
        headings=rules.HEADINGS,
        rows=[rules.cells(line, place) for place, line in enumerate(masked(found[:ROWS_MAX]), 1)],
        items=sorted({line.item: line.item_name for line in everything}.items(), key=lambda pair: pair[1]),
        item=request.args.get("item", ""),
        standing=request.args.get("standing", ""),
        standings=rules.STANDINGS,
        may_have_numbers=may_have_numbers(),
        scope=_scope(),
        scopes=_scopes(),
        is_hall=level(current_node().me) != "village",
        **_tabs(),
    )
    if found:
        write_down(What.REGISTER, f"{month} {_scope()}", Fields.CONTACT)
    return page


@register.get("/calls")
@requires(*DESK)
def calls() -> str:
    """Show who is to be called back: the result handed over three days ago or more, the longest ago first."""
    node = current_node()
    found = reads.due_calls(stood_in.calling_for(), g.now_ms)
    rows = [
        {
            "call": call,
            "place": place_words(call.place),
            "site": place_words(call.origin) if call.origin != node.me else "",
        }
        for call in found
    ]
    return render_template("desk/calls.html", rows=rows, days=reads.CALL_AFTER_DAYS, **_tabs())


@register.get("/archive")
@requires(*DESK)
def to_archive() -> str:
    """Show the cases of this node that are over, to be ticked for the archive."""
    rows, ticked = reads.closed(current_node().me), request.form.getlist("case")
    if request.args.get("tick") == "all":
        ticked = [row.number for row in rows]
    unsure = marked(row.number for row in rows)
    return render_template("desk/archive.html", rows=rows, ticked=ticked, unsure=unsure, **_tabs())


@register.post("/archive")
@requires(*DESK)
@redraws(".to_archive")
def archive() -> Answer:
    """Archive the cases that were ticked, each by itself: one that cannot be does not hold up the others.

    Few are done at once; many beside the page, so that it can be left.
    """
    numbers = list(dict.fromkeys(request.form.getlist("case")))
    each = _archiving(numbers, day_looked_at())
    if len(numbers) > AT_ONCE:
        title, back = str(_("归档 %(n)s 件", n=len(numbers))), url_for(".to_archive")
        return own_work.begin_many(own_work.Order("archive", "", title, back, len(numbers)), each)
    done, left = each(lambda _done: None)
    if done:
        flash(_("已归档 %(n)s 件。", n=done))
    if left:
        flash(_("没有归档：%(cases)s", cases="；".join(left[:10])), "warn")
    if not done and not left:
        flash(_("没有勾选办件。"), "warn")
    return redirect(url_for(".to_archive"), 303)


def _archiving(numbers: list[str], seen: str) -> Callable[[Tell], tuple[int, list[str]]]:
    """Return what archives cases one after the other, as the person signed in, each in a unit of its own."""
    node, actor, now_ms = current_node(), g.actor, g.now_ms

    def each(tell: Tell) -> tuple[int, list[str]]:
        done, left = 0, list[str]()
        try:
            for place, number in enumerate(numbers, 1):
                try:
                    with node.unit():
                        node.casework.move_case(number, Action.ARCHIVE, actor, {}, now_ms)
                        look_at(seen, number, actor.login, now_ms)
                    done += 1
                except LiandongError as refused:
                    left.append(f"{posted_number(number)}（{refused.told(refused.sentence)}）")
                tell(place)
        finally:
            # Those before a fault are archived for good, and others wait for that.
            if done:
                node.wake()
        return done, left

    return each


def _month() -> tuple[str, list[Line]]:
    month = rules.month_of(request.args.get("month", ""), local_date(g.now_ms))
    return month, lines_in(rules.bounds(month), _scope())


def _scope() -> str:
    return scope_of(request.args.get("scope", ""))


def _scopes() -> dict[str, str]:
    """Return the choices of whose cases are listed, {} where there is none."""
    if not may_look_below():
        return {}
    return {reads.OWN: _("本站收件"), reads.BELOW: scope_words()}


def _chosen(lines: list[Line]) -> list[Line]:
    chosen = rules.kept(lines, request.args.get("item", ""), request.args.get("standing", ""))
    return placed(chosen)


def _tabs() -> dict[str, Any]:
    """Return what the tabs say; those who take no cases in have the register alone."""
    is_desk = g.staff.acting_as(DESK) is not None
    return {
        "is_desk": is_desk,
        "due_calls": reads.count_due_calls(stood_in.calling_for(), g.now_ms) if is_desk else 0,
    }
