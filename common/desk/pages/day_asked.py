"""The question whether today is today, on each form that dates an act while the date here is in doubt."""

from __future__ import annotations

from flask import g, request

from common.casework import days
from common.casework.rules.words import Report

# What the day it was said on changes nothing for.
UNDATED = (Report.REMIND, Report.RATED)


def look_at_day(case: str) -> None:
    """See that whoever sent the form of an act has looked at today's date, where it is in doubt.

    Needs the unit of work of the act, which must be undone after anything raised.

    Raises:
        DayNotLookedAt: they have not, or the date has changed since.
    """
    days.look_at(request.form.get(days.SEEN, ""), case, g.staff.login, g.now_ms)
