"""What a node owes a case because a day has passed: deemed acceptance, deemed opinions, a word to the silent.

Pure. `alarm_on` is kept in the list of cases, so that a daily look finds the few whose day has come; what is
then owed is judged anew. Each duty makes one event, after which it is no longer owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from common.casework.rules.clocks.course import Course
from common.casework.rules.clocks.receipts import deemed_on, notice_last_day
from common.casework.rules.deadlines import Calendar, due_date, is_provisional, next_working_day
from common.casework.rules.dues import asked_of, dues_of
from common.casework.rules.event import CaseState
from common.casework.rules.facts import Pause
from common.casework.rules.flow import ENDED, UNDER_REVIEW, Party, State
from common.casework.rules.letters import posted_longest
from common.casework.rules.serving import announced_until
from common.casework.rules.waiting import Work, papers_are_here, waits_for
from common.casework.rules.words import Action
from common.catalogue.rules.item import ServiceItem

_AT_THE_DOOR = (State.RECEIVED, State.CHECKED)
# A node is rarely off for longer; after that a person looks at the clock before anything is dated by it.
_LEAP_DAYS = 31
# No break of the years whose arrangement is known took more working days than this.
_BREAK_DAYS = 5
_LICENCE = "01"
_DEEMED_NOTE = "收到材料之日起五个工作日内没有告知补正，依照行政许可法第三十二条，自收到材料之日起视为受理。"
# Of what is no licence the law does not speak; the county goes by it all the same, and its papers say so.
_DEEMED_LIKE = "收到材料之日起五个工作日内没有告知补正，参照行政许可法第三十二条，自收到材料之日起视为受理。"
_SILENCE_NOTE = "联办部门没有在期限内答复，按事项规定作内部默许处理，并记入监察；这不是对申请人的批准。"
_SERVED_NOTE = "公告之日起已满三十日，没有人来领取，参照民事诉讼法第九十五条视为送达。"
_URGE_NOTE = "联办部门没有在期限内答复，已催告并记入监察；须等待其答复。"


@dataclass(frozen=True, slots=True)
class TimedDuty:
    """A step the node takes by itself because a day has passed, and what it signs."""

    action: Action
    data: dict[str, Any]


def alarm_on(state: CaseState, since: date, calendar: Calendar) -> str:
    """Return the last day (YYYY-MM-DD) after which a case needs a look, "" when no day matters.

    Of a case that has ended and of which a letter is out that is the day on which it was posted: after how
    many days somebody asks the post is for each node to set. Nothing follows from it by itself.

    Args:
        since: local day on which the case came to its holder, as the asking node knows it; once papers were
            taken after a notice, on which that was, whatever was noted in the case afterwards.
    """
    if is_at_the_door(state) or state.state is State.SUPPLEMENTED:
        return notice_last_day(since, calendar).isoformat()
    if state.state is State.SUPPLEMENT:
        # Nothing follows from it by itself, but somebody has to bring the case to its end.
        return "" if papers_are_here(state) else last_answer_day(state, calendar).isoformat()
    until = announced_until(state)
    if until is not None:
        return until.isoformat()
    if state.state in UNDER_REVIEW:
        days = [state.due] * (waits_for(state)[0] is Work.BROUGHT and bool(state.due))
        days += [asked.due for asked in state.facts.silent if asked.deemed or not asked.urged]
        # Somebody has to see that what was promised never came, or that a procedure does not end by the day
        # that the applicant was told; nothing follows from either by itself.
        days += [state.facts.tolerance_due] * bool(state.facts.tolerated)
        pause = pause_now(state)
        days += [pause.expected] if pause else []
        return min(days, default="")
    # Until the result is served it is waited for anyhow. A file in the archive changes nothing of its terms.
    return posted_longest(state) if state.state in ENDED else ""


def last_answer_day(state: CaseState, calendar: Calendar) -> date:
    """Return the last local day on which an applicant brings in time what the notice asks for.

    Where a calendar that came since makes the day of the notice one on which nobody works, it is the next on
    which somebody does (民法典 203).
    """
    return next_working_day(date.fromisoformat(state.facts.answer_by), calendar)


def pause_now(state: CaseState) -> Pause | None:
    """Return the procedure for which the clock of a case stands now, None also once the case has ended."""
    return state.facts.pause if state.state is State.SPECIAL else None


def due_now(state: CaseState) -> str:
    """Return the day (YYYY-MM-DD) that a case is late by, as signed: while its clock stands, the one on which
    the procedure is expected to end, of what was announced the one on which it counts as served; "" before
    acceptance.
    """
    pause, until = pause_now(state), announced_until(state)
    if until is not None:
        return until.isoformat()
    return pause.expected if pause else state.due


def is_doubtful(today: date, last: date | None) -> bool:
    """Say whether a wrong clock would sign legal dates: the day went back, or leapt by more than a month.

    Args:
        last: local day on which the node last did what days bring, None when it never did.
    """
    return last is not None and not last <= today <= last + timedelta(days=_LEAP_DAYS)


def is_at_the_door(state: CaseState) -> bool:
    """Say whether the acceptor has the papers and has said nothing yet."""
    return state.state in _AT_THE_DOOR and state.holding is Party.ACCEPTOR


def deemed_since(state: CaseState, arrived: date, today: date, calendar: Calendar) -> date | None:
    """Return since when a case counts as accepted because its acceptor kept silent; None when it does not.

    At the acceptor's node this is the law's date. Another node knows only when the case passed it.
    """
    return deemed_on(arrived, today, calendar) if is_at_the_door(state) else None


def timed_duty(
    state: CaseState, arrived: date, today: date, item: ServiceItem | None, calendar: Calendar
) -> TimedDuty | None:
    """Return the next thing the holder's node owes the case because a day has passed, None for nothing."""
    since = deemed_since(state, arrived, today, calendar)
    is_sure = since is not None and is_over_for_good(since, today, calendar)
    if since is not None and is_sure and item is not None and not item.is_instant:
        return _deemed_acceptance(since, today, item, state.facts.department, calendar)
    if state.state in UNDER_REVIEW:
        return _about_the_silent(state, today.isoformat())
    until = announced_until(state)
    if until is not None and until < today:
        return TimedDuty(Action.DEEM_SERVED, {"note": _SERVED_NOTE, "served_on": until.isoformat()})
    return None


def is_over_for_good(received: date, today: date, calendar: Calendar) -> bool:
    """Say whether the five days are over whatever days turn out to be free.

    What is signed is never taken back. Of a year without its official arrangement the holidays of the law are
    known at most, not what is given for those at weekends nor what is moved to them: so it waits until no
    such break can have been in between. The day from which the case counts as accepted is the same.
    """
    last = notice_last_day(received, calendar)
    if is_provisional(received, last, calendar):
        last = due_date(last, _BREAK_DAYS, calendar)
    return today > last


def is_licence(item: ServiceItem | None) -> bool:
    """Say whether the licensing law applies to an item (依照); else, or unknown, it is gone by (参照)."""
    return item is not None and item.type_code == _LICENCE


def _deemed_acceptance(
    since: date, today: date, item: ServiceItem, in_charge: str, calendar: Calendar
) -> TimedDuty:
    day = since.isoformat()
    note = _DEEMED_NOTE if is_licence(item) else _DEEMED_LIKE
    data: dict[str, Any] = {"accepted_on": day, "legal_date": day, "note": note, "received_on": day}
    data |= dues_of(item, Course(since), calendar).as_data()
    # The other departments hear of it only now: their days do not run from before they were asked.
    asked = asked_of(item, in_charge, today, calendar)
    if asked:
        data["asked"] = asked
    return TimedDuty(Action.DEEM_ACCEPT, data)


def _about_the_silent(state: CaseState, today: str) -> TimedDuty | None:
    late = [asked for asked in state.facts.silent if asked.due < today]
    deemed = [asked.department for asked in late if asked.deemed]
    if deemed:
        return TimedDuty(Action.DEEM_OPINION, {"departments": deemed, "note": _SILENCE_NOTE})
    unurged = [asked.department for asked in late if not asked.urged]
    return TimedDuty(Action.URGE, {"departments": unurged, "note": _URGE_NOTE}) if unurged else None
