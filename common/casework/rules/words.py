"""The words of casework events: states, actions, reports, parties, roles. Their values are what is signed.

Pure. A word this program does not know is no error of its sender: a newer program may have sent it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from common.casework.errors import UnknownWord

_Word = TypeVar("_Word", bound=StrEnum)


class State(StrEnum):
    """Where a case stands. What each means to the resident is in `labels.MEANINGS`."""

    START = "START"
    RECEIVED = "RECEIVED"
    SENT_BACK = "SENT_BACK"
    CHECKED = "CHECKED"
    SUPPLEMENT = "SUPPLEMENT"
    SUPPLEMENTED = "SUPPLEMENTED"
    ACCEPTED = "ACCEPTED"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


class Action(StrEnum):
    """What is done to a case by the node that holds it."""

    FILE = "file"
    FORWARD = "forward"
    SEND_BACK = "send_back"
    RESUME = "resume"
    RETURN = "return"
    ASK_PAPERS = "ask_papers"
    TAKE_PAPERS = "take_papers"
    ACCEPT = "accept"
    NOT_ACCEPT = "not_accept"
    REVIEW = "review"
    APPROVE = "approve"
    REFUSE = "refuse"
    SETTLE = "settle"
    GRANT_WITHDRAWAL = "grant_withdrawal"
    REFUSE_WITHDRAWAL = "refuse_withdrawal"
    CLOSE = "close"
    NOTE = "note"


class Report(StrEnum):
    """What a node that does not hold the case tells its holder; a report never moves a case."""

    PAPERS_BROUGHT = "papers_brought"
    WITHDRAW = "withdraw"
    HANDED_OVER = "handed_over"
    REMIND = "remind"


class Party(StrEnum):
    """A part that a node has in a case; the values are the keys of `parties` in the first body.

    The last two are stand-ins used by the table alone: HOLDER is whoever holds the case, FIRST the checker if
    the route has one, else the acceptor.
    """

    ORIGIN = "origin"
    CHECKER = "checker"
    ACCEPTOR = "acceptor"
    COMPETENT = "competent"
    HAND_OVER = "hand_over"
    HOLDER = "holder"
    FIRST = "first"


class Role(StrEnum):
    """The staff role in which a person acts; NODE is the node itself, acting on a rule."""

    AGENT = "AGENT"
    CLERK = "CLERK"
    CHECKER = "CHECKER"
    REVIEWER = "REVIEWER"
    APPROVER = "APPROVER"
    ADMIN = "ADMIN"
    NODE = "NODE"


class Demand(StrEnum):
    """What a step must carry, or how it must be made, beside being in the table."""

    REASON = "reason"  # `note`: the written reason the applicant will read
    LACKING = "lacking"  # a non-empty list of what is missing
    DUE = "due"  # the signed date by which the case must be decided
    RESULT = "result"  # what was decided: at least its name
    ANOTHER_PERSON = "another_person"  # not the reviewer: 一审一核 takes two people
    ONE_PLACE = "one_place"  # filed, accepted and decided at the same node


def read_state(word: str) -> State:
    """Return the state named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(State, word)


def read_action(word: str) -> Action:
    """Return the action named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Action, word)


def read_report(word: str) -> Report:
    """Return the report named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Report, word)


def read_role(word: str) -> Role:
    """Return the role named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Role, word)


def _read(kind: type[_Word], word: str) -> _Word:
    try:
        return kind(word)
    except ValueError:
        raise UnknownWord(str(word)) from None
