"""What was posted, and what became of it: it came, as the post's receipt tells, or it came back. Pure.

民事诉讼法 (2023) 91: where it is hard to hand a paper over, it may be posted; it is served on the day of
receipt that the post's own receipt notes. That receipt, or the letter itself, may come back long after the
posting was registered: each is told of by the number of the letter, and speaks of what was in it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import POSTED, Service
from common.casework.rules.handed import POST, credible_day, handed_day, is_posted
from common.casework.rules.words import Report
from common.days import is_date, local_day
from common.errors import Problem

_LETTER, _CAME = "哪一封邮件", "回执收件日期"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of which the post has told nothing yet: its number, what was in it, its day of posting."""

    tracking: str
    acts: tuple[str, ...]
    posted_on: str


def letters_out(state: CaseState) -> tuple[Letter, ...]:
    """Return the letters that may still come back, or their receipts, in the order of their posting.

    What was fetched or counts as served since has left the letter empty, or makes no difference.
    """
    left = set(state.facts.uncollected)
    found: dict[str, Letter] = {}
    for one in state.facts.served:
        acts = tuple(act for act in one.acts if act in left)
        if _is_out(one) and acts and one.told_by in state.reports:
            data = state.reports[one.told_by].data
            number, on = tracking_of(data), handed_day(data)
            # Two sites may have written the same one down.
            known = found.get(number, Letter(number, (), on))
            acts = tuple(dict.fromkeys((*known.acts, *acts)))
            found[number] = Letter(number, acts, min(known.posted_on, on))
    return tuple(found.values())


def posted_longest(state: CaseState) -> str:
    """Return the local day on which the letter that has been out longest was posted; "" where none is out."""
    return min((one.posted_on for one in letters_out(state)), default="")


def tracking_of(data: Mapping[str, Any]) -> str:
    """Return the number of the letter that the report of a hand-over speaks of, "" where it names none."""
    receiver = data.get("receiver")
    number = receiver.get("tracking", "") if isinstance(receiver, Mapping) else ""
    return str(number).strip()


def with_receipts(
    served: Sequence[Service], state: CaseState, answered: Iterable[ReportState], answered_on: str
) -> tuple[Service, ...]:
    """Return the services with the days that the receipts of letters tell, as reports answered now say.

    Args:
        served: all of them, those told of by the step that answers among them.
        answered_on: local day of that step.
    """
    for report in answered:
        if report.what is Report.LETTER_CAME:
            letter = report.data["letter"]
            on, number = letter["on"], str(letter["tracking"])
            of_it = {one.told_by for one in _of_letter(served, state, number)}
            served = [
                _dated(one, _day_of(state, one, on, answered_on), report.id) if one.told_by in of_it else one
                for one in served
            ]
    return tuple(served)


def _dated(one: Service, on: str, record: str) -> Service:
    return replace(one, on=on, dated_by=record if on else "")


def came_by(state: CaseState, report: ReportState) -> bool:
    """Say whether a report tells of the receipt of a letter of which nothing else was told."""
    if report.what is not Report.LETTER_CAME:
        return False
    return bool(_of_letter(state.facts.served, state, str(report.data["letter"]["tracking"])))


def came_back(served: Iterable[Service], state: CaseState, report: ReportState) -> tuple[Service, ...]:
    """Return what was posted in the letter of which a report says that it came back."""
    if report.what is not Report.NOT_SERVED or report.data["tried"]["how"] != POST:
        return ()
    return _of_letter(served, state, str(report.data["tried"].get("tracking", "")))


def is_back(state: CaseState, report: ReportState) -> bool:
    """Say whether the letter by which a hand-over was made came back, as a step that counts has it."""
    if report.what is not Report.HANDED_OVER or any(one.told_by == report.id for one in state.facts.served):
        return False
    number, steps = tracking_of(report.data), {one.act for one in state.facts.tries if one.back}
    told = (one for one in state.reports.values() if one.answered_by in steps)
    back = {
        str(one.data["tried"].get("tracking", "")).strip() for one in told if one.what is Report.NOT_SERVED
    }
    return is_posted(report.data) and number in back


def _of_letter(served: Iterable[Service], state: CaseState, number: str) -> tuple[Service, ...]:
    return tuple(
        one
        for one in served
        if _is_out(one)
        and one.told_by in state.reports
        and tracking_of(state.reports[one.told_by].data) == number.strip()
    )


def _is_out(one: Service) -> bool:
    return one.how == POSTED and not one.on


def _day_of(state: CaseState, one: Service, on: str, answered_on: str) -> str:
    """Return the day of a receipt; "" where some clock was wrong, or it lies before the posting."""
    is_before = on < handed_day(state.reports[one.told_by].data)
    return "" if is_before else credible_day(state, on, answered_on)


def letter_problems(state: CaseState, data: Mapping[str, Any], now_ms: int) -> list[Problem]:
    """Return what is wrong with what somebody says of the receipt of a letter."""
    said, today = data.get("letter", {}), local_day(now_ms)
    known = {one.tracking: one for one in letters_out(state)}
    letter, on = known.get(str(said.get("tracking", ""))), str(said.get("on", ""))
    if letter is None:
        return [Problem("letter_number", _LETTER, "required", "请选择是哪一封邮件的回执。")]
    if not is_date(on):
        return [Problem("letter_on", _CAME, "required", "请填写邮件回执上注明的收件日期。")]
    if on > today:
        return [Problem("letter_on", _CAME, "in_future", f"回执收件日期不能晚于今天（{today}）。")]
    if on < letter.posted_on:
        sentence = f"回执收件日期不能早于交邮的那天（{letter.posted_on}）。"
        return [Problem("letter_on", _CAME, "too_early", sentence)]
    return []
