"""What a case's page says of service, and of the terms for review and suit that run from it. Pure.

On paper the terms stand with what they run from, the day of service: the papers are made before it, and
say the same at every node, whichever calendar has reached it. The days themselves are worked out here, for
whoever asks at the desk; what counts is the law.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from common.casework.rules.clocks.remedies import LastDays, Remedies, Told, last_days
from common.casework.rules.deadlines import Calendar
from common.casework.rules.event import CaseState
from common.casework.rules.facts import DEEMED, POSTED, Service
from common.casework.rules.services import collectable, service_of
from common.casework.rules.table import BEFORE_DECISION, MAKING

Pair = tuple[str, str]
_UNTOLD = "文书没有写全复议机关或者期限，最长一年"
_BY_POST = "以邮件回执上的收件日期为准，救济期限从第二天起算；回执到了登记“邮件回执”，退回来登记“没有送到”"
_BY_ITSELF = "按文书写明的期限"
_HOW = {DEEMED: "（公告期满视为送达）", POSTED: "（邮件回执上的收件日期）"}
_PUT_RIGHT = "（邮件回执上的收件日期，登记错了，已更正）"
_BACK = "没有送达：邮件退回来了，请再送一次或者换一种方式，送到了登记“结果送达”"


def service_lines(state: CaseState, told: Remedies, calendar: Calendar) -> list[Pair]:
    """Return when the result was served and until when review and suit may be asked for, in words.

    Of what was put right after that the same, where it was served on another day.
    """
    if state.state in (*BEFORE_DECISION, *MAKING) or not state.concluded:
        return []
    first = service_of(state, state.concluded)
    lines = _lines("", first, told, calendar, state) or _not_served(state)
    right = [one.act for one in state.facts.corrections if service_of(state, one.act) not in (None, first)]
    later = service_of(state, right[-1]) if right else None
    return [*lines, *_lines("更正决定书", later, told, calendar, state)]


def _not_served(state: CaseState) -> list[Pair]:
    is_back = any(state.concluded in one.back for one in state.facts.tries)
    if is_back and state.concluded in {one.act for one in state.facts.unserved}:
        return [("送达", _BACK)]
    if state.concluded not in collectable(state):
        return []
    return [
        ("送达", "没有送达：无人领取，结果留存在卷，来领取的请登记“结果送达”，从领取之日的第二天起算救济期限")
    ]


def _lines(
    of: str, service: Service | None, told: Remedies, calendar: Calendar, state: CaseState
) -> list[Pair]:
    if service is None:
        return []
    if not service.on:
        return [(f"{of}送达日期", _unknown(service))]
    try:
        found = last_days(date.fromisoformat(service.on), told, calendar)
    except (OverflowError, ValueError):
        # The end of all calendars: some clock was wrong, and no date is made up.
        return [(f"{of}送达日期", _unknown(service))]
    # A step stands in the chain; what was first told of it is a report.
    how = _PUT_RIGHT if service.dated_by in state.chain else _HOW.get(service.how, "")
    return [(f"{of}送达日期", f"{service.on}{how}"), *_ends(of, told, found)]


def _unknown(service: Service) -> str:
    if service.how == POSTED:
        return _BY_POST
    return "登记的日期与办理经过不符，可能是时钟不准，请查送达回证；救济期限从实际送达的第二天起算"


def _ends(of: str, told: Remedies, found: LastDays) -> Iterable[Pair]:
    may_move = "（暂定，待年度放假安排公布后核定）" if found.provisional else ""
    for name, how, last in (
        (f"{of}申请行政复议最后一日", told.review, found.review),
        (f"{of}提起行政诉讼最后一日", told.suit, found.suit),
    ):
        words = f"{last}{may_move}" if last else _BY_ITSELF
        yield name, f"{words}（{_UNTOLD}）" if how is Told.TOO_LITTLE else words
