"""The window in which the acceptor must answer.

An agent taking papers in (收件) and a checker looking at them start no clock of the law: only what the
competent organ, or the one it entrusted, received does.
"""

from __future__ import annotations

from datetime import date

from common.casework.rules.deadlines import Calendar, due_date

# Administrative Licensing Law 32: what is missing is told on the spot or within five days, once and in full.
NOTICE_DAYS = 5


def notice_last_day(received: date, calendar: Calendar) -> date:
    """Return the last day on which the acceptor may ask for papers, accept or refuse: five working days.

    Args:
        received: local date of the acceptor's receipt; after the one notice, of the receipt of the papers
            that it asked for. The day itself is not counted.
    """
    return due_date(received, NOTICE_DAYS, calendar)


def deemed_on(received: date, today: date, calendar: Calendar) -> date | None:
    """Return the date on which a case left unanswered counts as accepted, None while the answer is in time.

    That date is the day of receipt itself, not the day after the window: the law takes the case as accepted
    from the day the papers were received (Administrative Licensing Law 32, item 4), so the limit for the
    decision is counted from there and part of it has run already.

    Args:
        received: as in `notice_last_day`.
        today: local date; the window has passed from the day after its last day on.
    """
    return received if today > notice_last_day(received, calendar) else None
