"""What a search of the desk asks for, as its form says it, and which cases are late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask import g, request
from flask_babel import gettext as _

from common.casework.late import count_past
from common.casework.queues import Past, Wanted
from common.casework.rules.sought import LETTERS_MIN, Kind, kind_of
from common.casework.rules.waiting import Work
from common.casework.search import Sought
from common.days import is_date, local_date
from common.desk.pages.scanned import number_on
from common.desk.pages.shown import WorkButton
from common.desk.rules import board
from common.desk.rules.lights import Light, day_before_which
from common.web.ports import current_node

# More would be no answer: who sees so many adds what else they know.
LINES = 50
# So many late cases are counted for a home page; the list has them all.
LATE, LATE_COUNTED = "late", 99
_LIGHTS = {LATE: (Light.BAD,), "soon": (Light.BAD, Light.WARN)}
_LOCAL_MS, _DAY_MS = 8 * 3_600_000, 86_400_000
_EPOCH = date(1970, 1, 1)


def sought_now() -> Sought:
    """Return what the form of this request asks for; a day that is none narrows nothing."""
    typed = request.form.get("q", "").strip()
    since, until = (request.form.get(key, "") for key in ("since", "until"))
    found = Sought(
        who=number_on(typed) or typed,
        item=request.form.get("item", ""),
        place=request.form.get("place", ""),
        state=request.form.get("state", ""),
    )
    return Sought(
        found.who,
        found.item,
        found.place,
        found.state,
        since=start_of(since) if is_date(since) else found.since,
        until=start_of(until, days=1) if is_date(until) else found.until,
    )


def claim_scanned() -> str:
    """Return what a scanner read when that is the code of a paper, "" for anything else."""
    typed = request.form.get("q", "").strip()
    return typed if number_on(typed) else ""


def past_of(asked: str) -> Past | None:
    """Return which cases of a queue a filter by time leaves: those late, those late or nearly; None: all."""
    lights = _LIGHTS.get(asked)
    if lights is None:
        return None
    today, calendar = local_date(g.now_ms), current_node().casework.ctx.calendar()
    due, filed, changed = (
        day_before_which(work, today, lights, calendar).isoformat()
        for work in (Work.EXAMINE, Work.CHECK, Work.HAND_OUT)
    )
    return Past(due, start_of(filed), start_of(changed))


def with_late(buttons: Sequence[WorkButton]) -> list[WorkButton]:
    """Return the heaps of work, those with a red light telling how many of their cases are late."""
    past = past_of(LATE)
    # A case is due, or was last changed, no earlier than it was filed.
    filed_before = max(start_of(past.due), past.filed_at, past.changed_at) if past else 0
    found = []
    for button in buttons:
        if button.light == Light.BAD.value and button.count and button.work != board.ASKED:
            wanted = Wanted(
                waits_at=current_node().me, works=(button.work,), department=g.staff.department, past=past
            )
            late = count_past(wanted, filed_before, LATE_COUNTED + 1)
            button = replace(button, hint=_late_words(late)) if late else button
        found.append(button)
    return found


def _late_words(late: int) -> str:
    if late > LATE_COUNTED:
        return str(_("超期 %(n)s 件以上，请先办", n=LATE_COUNTED))
    return str(_("超期 %(n)s 件，请先办", n=late))


def is_too_short(sought: Sought) -> bool:
    """Say whether only one letter was typed, which stands for a tenth of all people."""
    who = sought.who
    return kind_of(who) is Kind.NAME and who.isascii() and who.isalpha() and len(who) < LETTERS_MIN


def start_of(day: str, days: int = 0) -> int:
    """Return when a local day, or one so many days after it, begins; UTC milliseconds."""
    begun = date.fromisoformat(day) - _EPOCH + timedelta(days=days)
    return max(0, begun.days * _DAY_MS - _LOCAL_MS)
