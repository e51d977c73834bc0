"""Slips of several cases printed in one go: those taken in here on one day, ticked in a list.

Printing changes nothing of a case, so it may be done for many at once; each slip is a view of its own.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import queues
from common.casework.errors import CaseNotFound
from common.casework.pages import NotYourCase, check_whole
from common.casework.queues import CaseLine, Wanted
from common.days import is_date, local_day
from common.desk.pages import finding, slips, stood_in
from common.desk.pages.shown import posted_number
from common.desk.register import OWN, count_due_calls
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.store.database import unit_of_work
from common.web.english import on_paper
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import write_down

receipts = Blueprint("receipts", __name__, url_prefix="/receipts")

DESK = (Role.AGENT, Role.CLERK)
# What is listed of a day, and what one print holds: ten drawings of codes are what a page may weigh.
LISTED, AT_ONCE = 100, 10


@receipts.get("")
@requires(*DESK)
def index() -> str:
    """Show the cases taken in here on one day, today's unless another is asked for, to be ticked.

    Today's are the work at hand; those of another day are looked up, so each such list is a row of the log.
    """
    day, today = _day(), local_day(g.now_ms)
    found = _taken_in_on(day)
    if found and day != today:
        write_down(What.REGISTER, f"{day} {OWN}", Fields.CONTACT)
    return render_template(
        "desk/receipts.html",
        day=day,
        today=today,
        rows=[{"line": line, "tick": place < AT_ONCE} for place, line in enumerate(found[:LISTED])],
        is_more=len(found) > LISTED,
        at_once=AT_ONCE,
        is_desk=True,
        due_calls=count_due_calls(stood_in.calling_for(), g.now_ms),
    )


@receipts.get("/print")
@requires(*DESK)
@on_paper
def sheets() -> str | Response:
    """Show the slips of the ticked cases, a page each, on A4 or on a roll; tell which are left out."""
    asked = list(dict.fromkeys(request.args.getlist("case")))
    found, left = _slips(asked[:AT_ONCE])
    left += asked[AT_ONCE:]
    if not found:
        none = _("勾选的办件不是本站收的，或由其他部门办理，没有凭证可打。")
        flash(none if asked else _("没有勾选办件。"), "warn")
        return redirect(url_for(".index"), 303)
    with unit_of_work():
        for slip in found:
            seen = (What.SLIP, slip["state"].case, Fields.WHOLE)
            current_node().views.record(g.staff.login, seen, g.now_ms)
    return render_template(
        "desk/receipts_print.html",
        slips=found,
        left="；".join(posted_number(one) for one in left[:AT_ONCE]),
        is_narrow=slips.is_narrow(),
        asked=[slip["state"].case for slip in found],
    )


def _slips(numbers: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the slips of the cases taken in here that one may see, and the numbers of the others."""
    found: list[dict[str, Any]] = []
    for number in numbers:
        with suppress(CaseNotFound, NotYourCase):
            check_whole(number)
            slip = slips.slip_of(number)
            if slip["state"].parties["origin"] == current_node().me:
                found.append(slip)
    own = {slip["state"].case for slip in found}
    return found, [number for number in numbers if number not in own]


def _day() -> str:
    asked = request.args.get("day", "")
    return asked if is_date(asked) else local_day(g.now_ms)


def _taken_in_on(day: str) -> list[CaseLine]:
    """Return the cases taken in here on a local day, the newest first, one more than are listed."""
    since, before = finding.start_of(day), finding.start_of(day, days=1)
    newest = queues.newest(Wanted(origin=current_node().me), LISTED + 1, (before, ""))
    return [line for line in newest if line.filed_at >= since]
