"""Where the date is in doubt: the page on which an administrator says that it is right, the banner that leads
there, and the question of every form that dates an act.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import days as date_doubts
from common.clock import BUILT_MS
from common.days import local_day
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node
from common.web.words import local_time

days = Blueprint("days", __name__, url_prefix="/days")


@days.get("")
@requires(Role.ADMIN)
def show() -> str:
    """Say what the clock says, and what was signed last here and elsewhere."""
    node, built_on = current_node(), local_day(BUILT_MS)
    times = [
        {"place": node.place_name(one.author), "at": local_time(one.at), "here_at": local_time(one.here_at)}
        for one in date_doubts.last_signed()
    ]
    return render_template(
        "calendar/days.html",
        doubt=date_doubts.doubt(g.now_ms),
        today=local_day(g.now_ms),
        built_on=built_on,
        is_too_early=local_day(g.now_ms) < built_on,
        now=local_time(g.now_ms),
        times=times,
    )


@days.post("")
@requires(Role.ADMIN)
def confirm() -> Response:
    """Take the date for right, if it is still the one that was looked at."""
    node = current_node()
    if request.form.get("today", "") != local_day(g.now_ms):
        flash(_("日期和刚才看到的不一样了，没有确认，请再核对一次。"), "warn")
        return redirect(url_for(".show"), 303)
    with node.unit():
        day = date_doubts.confirm(g.now_ms, g.actor.login)
        node.keeping.forget_marks()
    flash(_("已确认今天是 %(day)s，涉及法定日期的自动办理一小时内继续。", day=day))
    return redirect(url_for(".show"), 303)


@days.app_context_processor
def _of_banner() -> dict[str, Any]:
    """Give every page what its banner asks; nothing is read where none is shown."""
    return {"day_in_doubt": lambda: date_doubts.doubt(g.now_ms)}


def look_at_day(case: str) -> None:
    """See that whoever sent the form of an act has looked at today's date, where it is in doubt.

    Needs the unit of work of the act, which must be undone after anything raised.

    Raises:
        DayNotLookedAt: they have not, or the date has changed since.
    """
    date_doubts.look_at(request.form.get(date_doubts.SEEN, ""), case, g.staff.login, g.now_ms)


def day_looked_at() -> str:
    """Return what the form of many acts says of today, before the first of them; it only reads.

    Each act is then to be put in the trail by `casework.days.look_at`.

    Raises:
        DayNotLookedAt: the date is in doubt, and whoever sent it has not looked at it.
    """
    seen = request.form.get(date_doubts.SEEN, "")
    date_doubts.check_seen(seen, g.now_ms)
    return seen
