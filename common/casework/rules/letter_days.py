"""The day on which a letter came, put right where a wrong one was registered. Pure.

What was posted is served on the day that the post's own receipt notes (民事诉讼法 91), whatever was typed.
Whoever holds the case puts a wrong day right by a step of its own: it names the record whose place it takes,
which stays in the case as it was, the right day and the reason. What runs from service runs from the right
day then. But where a body of review or a court has spoken on the decision since, it may have gone by the day
on record; that is for that body to hear, and nothing is put right behind its back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def named_receipt(state: CaseState, data: Mapping[str, Any]) -> Receipt | None:
    """Return the receipt that a step puts right; None where that record does not count, or no more."""
    said = data.get("letter_day")
    if not isinstance(said, Mapping):
        return None
    wanted = tuple(said.get(key) for key in ("record", "tracking", "was"))
    found = (one for one in receipts_of(state) if (one.record, one.tracking, one.on) == wanted)
    return next(found, None)


def with_right_day(served: Iterable[Service], state: CaseState, said: Said) -> tuple[Service, ...]:
    """Return the services with the day of a letter as a step that counts puts it right."""
    right = said.data["letter_day"]
    keys = {
        _key(one, state)
        for one in state.facts.served
        if _has_come(one, state) and one.dated_by == right["record"]
    }
    return tuple(
        replace(one, on=right["on"], dated_by=said.act)
        if _has_come(one, state) and _key(one, state) in keys
        else one
        for one in served
    )


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
