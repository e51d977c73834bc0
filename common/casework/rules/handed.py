"""On which day, and when, something was handed over: as whoever did says, not when it was typed in. Pure.

What runs from service runs from that day (民事诉讼法 87: the date noted on the receipt is that of service).
What is posted is served on the day of receipt that the post's own receipt notes (91 of the same law), however
long it was on the way: that day is signed beside the one on which it was posted, as soon as it is known.
The moment of the report itself is signed beside it, as it is in every act.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from common.casework.rules.event import CaseState
from common.casework.rules.serving import made_on
from common.days import is_date, local_day, local_minute
from common.errors import Problem

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
# As a keyboard for Chinese gives it, and as people write it.
_TYPED = re.compile(r"([0-9]{1,2})[:：.点时]([0-9]{2})分?")
# How the desk's form signs that something is posted, or brought to a door. Of what is posted the post's own
# receipt tells the day of service.
POST, VISIT = "邮寄", "上门送达"
_MINUTE_MS, _DAY_MS, _LOCAL_MS = 60_000, 86_400_000, 8 * 3_600_000
_ON, _AT, _CAME = "送达日期", "送达时刻", "回执收件日期"


def served_day(data: Mapping[str, Any]) -> str:
    """Return the local day (YYYY-MM-DD) on which it was served, by the signed data of the report.

    Of what was posted that is the day on which it came, where the report tells that.
    """
    return delivered_on(data) or handed_day(data)


def handed_day(data: Mapping[str, Any]) -> str:
    """Return the local day (YYYY-MM-DD) on which it was handed over, to the post where it was posted.

    A report that names none, or one after itself, speaks of its own day.
    """
    own, said = local_day(data["at"]), data.get("served_on")
    return said if type(said) is str and is_date(said) and said <= own else own


def is_posted(data: Mapping[str, Any]) -> bool:
    """Say whether what was handed over was given to the post."""
    receiver = data.get("receiver")
    return isinstance(receiver, Mapping) and receiver.get("how") == POST


def delivered_on(data: Mapping[str, Any]) -> str:
    """Return the day of receipt that the post's own receipt notes; "" where the report does not tell it.

    Former programs let through whatever stands there: what is no day, one before the posting or one after
    the report, tells nothing.
    """
    said = data.get("delivered_on")
    if not is_posted(data) or type(said) is not str or not is_date(said):
        return ""
    return said if handed_day(data) <= said <= local_day(data["at"]) else ""


def credible_day(state: CaseState, on: str, answered_on: str) -> str:
    """Return a day that is told; "" where a clock was wrong: before the papers, or after it was heard.

    Two clocks that are both right may be a midnight apart.

    Args:
        answered_on: local day of the step that answers whoever tells it.
    """
    made, said, heard = (
        date.fromisoformat(day).toordinal() for day in (local_day(state.concluded_at), on, answered_on)
    )
    return on if made - 1 <= said <= heard + 1 else ""


def served_minute(data: Mapping[str, Any]) -> str:
    """Return at what time (HH:MM) that was; "" where a day was said and no time."""
    if "served_on" not in data:
        return _time_of(data["at"])
    said = data.get("served_time", "")
    return said if type(said) is str and _TIME.fullmatch(said) else ""


def served_at(data: Mapping[str, Any]) -> int:
    """Return when it was served as an instant (UTC milliseconds), of a day alone its beginning."""
    on = delivered_on(data)
    return _instant(on, "00:00") if on else handed_at(data)


def handed_at(data: Mapping[str, Any]) -> int:
    """Return when it was handed over, to the post where it was posted, as such an instant."""
    if "served_on" not in data:
        return int(data["at"])
    return _instant(handed_day(data), served_minute(data) or "00:00")


def _instant(on: str, at: str) -> int:
    hours, _, minutes = at.partition(":")
    day = (date.fromisoformat(on) - date(1970, 1, 1)).days
    return day * _DAY_MS - _LOCAL_MS + (int(hours) * 60 + int(minutes)) * _MINUTE_MS


def tidy_time(typed: str) -> str:
    """Return a time as it is signed (HH:MM); what is none as it was typed."""
    found = _TYPED.fullmatch("".join(typed.split()))
    return f"{found[1]:0>2}:{found[2]}" if found else typed


def served_problems(state: CaseState, data: Mapping[str, Any], now_ms: int) -> list[Problem]:
    """Return what is wrong with the day and time that somebody says; none where they say none.

    Nothing is handed over before it was made. A clock here that stands before that day is not held against
    the day it shows.
    """
    on, at, today = str(data.get("served_on", "")), str(data.get("served_time", "")), local_day(now_ms)
    if not on:
        sentence = "填了时刻的，请也填送达日期。"
        return [Problem("served_on", _ON, "required", sentence)] if at else []
    if not is_date(on):
        return [Problem("served_on", _ON, "date", "送达日期要写成年月日，如 2026-03-02。")]
    if on > today:
        return [Problem("served_on", _ON, "in_future", f"送达日期不能晚于今天（{today}）。")]
    made = min(made_on(state), today)
    if on < made:
        return [Problem("served_on", _ON, "too_early", f"送达日期不能早于文书作出的那天（{made}）。")]
    if at and not _TIME.fullmatch(at):
        return [Problem("served_time", _AT, "time", "送达时刻要写成几点几分，如 15:30。")]
    if at and on == today and at > _time_of(now_ms):
        return [Problem("served_time", _AT, "in_future", "送达时刻不能晚于现在。")]
    return []


def delivered_problems(data: Mapping[str, Any], now_ms: int) -> list[Problem]:
    """Return what is wrong with the day that the post's receipt is said to note; none where none is said.

    Args:
        data: its days of posting are right, see `served_problems`.
    """
    on, today = str(data.get("delivered_on", "")), local_day(now_ms)
    if not on:
        return []
    sent = str(data.get("served_on", "")) or today
    if not is_date(on):
        sentence = "回执收件日期要写成年月日，如 2026-03-02。"
        return [Problem("delivered_on", _CAME, "date", sentence)]
    if on > today:
        return [Problem("delivered_on", _CAME, "in_future", f"回执收件日期不能晚于今天（{today}）。")]
    if on < sent:
        sentence = f"回执收件日期不能早于交邮的那天（{sent}），交邮的日期填在“送达日期”里。"
        return [Problem("delivered_on", _CAME, "too_early", sentence)]
    return []


def _time_of(at_ms: int) -> str:
    return local_minute(at_ms)[-5:]
