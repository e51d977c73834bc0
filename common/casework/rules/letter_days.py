"""The day on which a letter came, put right or made void where a wrong one was registered. Pure.

What was posted is served on the day that the post's own receipt notes (民事诉讼法 91), whatever was typed.
Whoever holds the case puts a wrong day right by a step of its own: it names the record whose place it takes,
which stays in the case as it was, the right day and the reason. What runs from service runs from the right
day then. Where the receipt was none of this letter, no day is right: the record is void, the letter out as
before. But where a body of review or a court has spoken on the decision since, it may have gone by the day on
record; that is for that body to hear, and nothing is put right behind its back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from common.casework.errors import FilingIncomplete
from common.casework.rules.event import CaseState
from common.casework.rules.facts import POSTED, Said, Service
from common.casework.rules.handed import credible_day, handed_day
from common.casework.rules.letters import tracking_of
from common.days import is_date, local_day
from common.errors import Problem

_LETTER, _RIGHT = "哪一封邮件", "更正后的收件日期"
# The parts of a step's data that name a record of a letter that came.
DAY, VOID = "letter_day", "letter_void"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The day on which a letter came, as it counts now: its number ("" where it has none), the day of its
    posting, that day, and the act by which it is on record: a report, or the last step that put it right.
    """

    tracking: str
    posted_on: str
    on: str
    record: str


def receipts_of(state: CaseState) -> tuple[Receipt, ...]:
    """Return the letters that came, with the day that counts, in the order of their posting."""
    found: dict[str, Receipt] = {}
    for one in state.facts.served:
        if not _has_come(one, state):
            continue
        data = state.reports[one.told_by].data
        new = Receipt(tracking_of(data), handed_day(data), one.on, one.dated_by)
        # Two sites may have written the same one down: the first of their days counts, see `service_of`.
        known = found.setdefault(_key(one, state), new)
        first = min(known, new, key=lambda each: each.on)
        found[_key(one, state)] = replace(first, posted_on=min(known.posted_on, new.posted_on))
    return tuple(found.values())


def _has_come(one: Service, state: CaseState) -> bool:
    return one.how == POSTED and bool(one.on) and bool(one.dated_by) and one.told_by in state.reports


def _key(one: Service, state: CaseState) -> str:
    """Return by what one letter is told from another: where it has no number, by the report of it."""
    return tracking_of(state.reports[one.told_by].data) or one.told_by


def named_receipt(state: CaseState, data: Mapping[str, Any], part: str = DAY) -> Receipt | None:
    """Return the receipt that a step puts right, or makes void by the `part` of its data that names it; None
    where that record does not count, or no more.
    """
    said = data.get(part)
    if not isinstance(said, Mapping):
        return None
    wanted = tuple(said.get(key) for key in ("record", "tracking", "was"))
    found = (one for one in receipts_of(state) if (one.record, one.tracking, one.on) == wanted)
    return next(found, None)


def with_right_day(served: Iterable[Service], state: CaseState, said: Said) -> tuple[Service, ...]:
    """Return the services with the day of a letter as a step that counts puts it right."""
    named, on = said.data[DAY], said.data[DAY]["on"]
    keys = _of_record(state, named["record"])
    return tuple(_dated(one, on, said.act) if _is_of(one, state, keys) else one for one in served)


def without_receipt(served: Iterable[Service], state: CaseState, said: Said) -> tuple[Service, ...]:
    """Return the services with the letter out again of which a step that counts makes the receipt void."""
    keys = _of_record(state, said.data[VOID]["record"])
    return tuple(_dated(one, "", said.act) if _is_of(one, state, keys) else one for one in served)


def _of_record(state: CaseState, record: str) -> set[str]:
    """Return of which letters a record tells."""
    found = (one for one in state.facts.served if _has_come(one, state) and one.dated_by == record)
    return {_key(one, state) for one in found}


def _is_of(one: Service, state: CaseState, keys: Collection[str]) -> bool:
    return _has_come(one, state) and _key(one, state) in keys


def _dated(one: Service, on: str, act: str) -> Service:
    return replace(one, on=on, dated_by=act)


def relied_on(state: CaseState, receipt: Receipt) -> str:
    """Return the act by which a body of review or a court has spoken on the decision since a receipt was on
    record; "" where none has.
    """
    report = state.reports.get(receipt.record)
    since = report.answered_by if report is not None else receipt.record
    later = state.chain[state.chain.index(since) + 1 :] if since in state.chain else ()
    return next((act for act in later if act in state.facts.marks), "")


def may_be_right(state: CaseState, receipt: Receipt, on: str, today: str) -> bool:
    """Say whether a letter can have come on this day, and on another than is on record; `today` is local."""
    is_new = is_date(on) and on != receipt.on and receipt.posted_on <= on <= today
    return is_new and bool(credible_day(state, on, today))


def letter_day_problems(state: CaseState, data: Mapping[str, Any], now_ms: int) -> list[Problem]:
    """Return what is wrong with what somebody says to put the day of a letter right."""
    receipt = named_receipt(state, data)
    if receipt is None:
        return [Problem("letter_record", _LETTER, "required", "请选择要更正哪一封邮件的收件日期。")]
    on, today = str(data["letter_day"].get("on", "")), local_day(now_ms)
    if not is_date(on):
        return [Problem("letter_right", _RIGHT, "required", "请照邮件回执填写正确的收件日期。")]
    if on == receipt.on:
        sentence = f"填的就是现在登记的日期（{on}），没有要更正的。"
        return [Problem("letter_right", _RIGHT, "unchanged", sentence)]
    if on > today:
        return [Problem("letter_right", _RIGHT, "in_future", f"收件日期不能晚于今天（{today}）。")]
    if on < receipt.posted_on:
        sentence = f"收件日期不能早于交邮的那天（{receipt.posted_on}）。"
        return [Problem("letter_right", _RIGHT, "too_early", sentence)]
    if not may_be_right(state, receipt, on, today):
        sentence = "收件日期不能早于文书作出的那天，请核对本站电脑的日期。"
        return [Problem("letter_right", _RIGHT, "too_early", sentence)]
    return []


def check_day(state: CaseState, data: Mapping[str, Any], now_ms: int) -> None:
    """Check what somebody says to put the day of a letter right.

    Raises:
        FilingIncomplete: it names no letter that came, or the letter cannot have come on that day.
    """
    found = letter_day_problems(state, data, now_ms)
    if found:
        raise FilingIncomplete(problems=found)


def check_void(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check what somebody says to make the receipt of a letter void.

    Raises:
        FilingIncomplete: it names no letter that came.
    """
    if named_receipt(state, data, VOID) is None:
        sentence = "请选择要作废哪一封邮件的回执登记。"
        raise FilingIncomplete(problems=[Problem("void_record", _LETTER, "required", sentence)])
