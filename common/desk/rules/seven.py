"""The seven steps of filing by an agent (委托、受理、办理、送达、归档、上报、回访) and the day of each. Pure.

They are read off the events of a case; none of them is kept anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from common.casework.rules.words import Action, Report
from common.days import local_date

STEPS = ("委托", "受理", "办理", "送达", "归档", "上报", "回访")
ENTRUSTED, ACCEPTED, DECIDED, HANDED, ARCHIVED, REPORTED_UP, CALLED = STEPS
_ACCEPTS = {Action.ACCEPT, Action.DEEM_ACCEPT, Action.SETTLE}
_DECIDES = {
    Action.APPROVE, Action.REFUSE, Action.SETTLE, Action.NOT_ACCEPT, Action.RETURN, Action.LAPSE,
    Action.TERMINATE, Action.GRANT_WITHDRAWAL,
}  # fmt: skip
_ENDS = (Action.CLOSE, Action.CLOSE_UNCOLLECTED, Action.DEEM_SERVED, Action.ARCHIVE)
_SERVES = (Report.HANDED_OVER, Action.DEEM_SERVED)
_BY_THE_HOLDER = (Action.CORRECT_LETTER_DAY, Action.VOID_RECEIPT)
_OF_LETTERS = (Report.LETTER_CAME, Report.NOT_SERVED, *_BY_THE_HOLDER)


@dataclass(frozen=True, slots=True)
class Mark:
    """One event that counts: action or report, author, time (UTC ms), the days it signs ("" = none),
    whether it is a filing under a letter of authority, the number of the letter of which it tells, and the
    day on which that was posted: `served_on` is the one on which it came, once that is told.
    """

    word: str
    author: str
    at: int
    accepted_on: str = ""
    received_on: str = ""
    served_on: str = ""
    has_letter: bool = False
    posted_as: str = ""
    sent_on: str = ""


def seven_steps(marks: Iterable[Mark]) -> dict[str, str]:
    """Return the local day of each step, "" where it has not happened; the filing comes first in `marks`.

    上报 is the day on which a node above first signed that it had the papers.
    """
    found = dict.fromkeys(STEPS, "")
    origin, is_over, posted_as, sent = "", False, "", ""
    for mark in marks:
        origin = origin or mark.author
        if mark.word in _OF_LETTERS:
            # Only what the holder puts right speaks also of a letter that has no number.
            if mark.posted_as == posted_as and (posted_as or mark.word in _BY_THE_HOLDER):
                found[HANDED] = _handed_on(mark, sent)
            continue
        if is_over and found[HANDED] and mark.word in _SERVES:
            # What puts a decision right after the end is served by itself, and the result was before.
            continue
        day = local_date(mark.at).isoformat()
        if mark.word in _SERVES:
            posted_as, sent = mark.posted_as, min(mark.sent_on or day, day)
        is_over = is_over or mark.word in _ENDS
        for step in _steps_of(mark, origin):
            # No day of service comes after the word of it.
            served = min(mark.served_on, day)
            given = {ACCEPTED: mark.accepted_on, REPORTED_UP: mark.received_on, HANDED: served}.get(step, "")
            # The last hand-over and the last decision count: what was decided anew replaces what was.
            if not found[step] or step in (HANDED, DECIDED):
                found[step] = given or day
    return found


def _handed_on(mark: Mark, sent: str) -> str:
    """Return the day of service by what is told of a letter that was posted on the day `sent`.

    What came back was not handed over; of what came the post's receipt tells the day. Where that was none of
    this letter, it has been sent, and no more is known.
    """
    if mark.word == Report.NOT_SERVED:
        return ""
    if mark.word == Action.VOID_RECEIPT:
        return sent
    return min(mark.served_on, local_date(mark.at).isoformat())


def _steps_of(mark: Mark, origin: str) -> Iterable[str]:
    if mark.word == Action.FILE and mark.has_letter:
        yield ENTRUSTED
    if mark.received_on and mark.author != origin:
        yield REPORTED_UP
    if mark.word in _ACCEPTS:
        yield ACCEPTED
    if mark.word in _DECIDES:
        yield DECIDED
    if mark.word in _SERVES:
        yield HANDED
    if mark.word == Action.ARCHIVE:
        yield ARCHIVED
    if mark.word == Report.CALLED_BACK:
        yield CALLED
