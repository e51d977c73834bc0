"""Seals that were revoked, and what can be said of a file that bears one: before, after, or not known.

Pure. No authority stamps the time here, so each word says from whom the time is. The first row that fits:

    log of this node       decision in the chain       the file states   sealed
    -                      signed after                -                 after: no seal before its decision
    has the file, before   signed before               -                 before
    has the file, before   none stands                 -                 not known: by the log alone before
    has the file, after    -                           -                 after
    has it, clock unsure   -                           -                 not known
    not of this node       -                           after             after: it says so itself
    not of this node       signed before, held since   before            not known; the decision was there
    not of this node       signed before, held later   before            not known; the decision says it was
    not of this node       none stands                 before            not known

The time in the file is its own word, and whoever stole the seal writes it as they like. The decision in the
chain is proved, yet not that this very file was made of it then. The log at the node that sealed holds the
hash of the file, and whoever took a copy of the folder writes into the copy alone: log and decision together
show it. A file that the log of its own node lacks is a forgery, revoked or not, and comes not so far as here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a seal is revoked."""

    STOLEN = "stolen"
    CEASED = "ceased"
    REPLACED = "replaced"


REASON_WORDS = {Reason.STOLEN: "被盗或泄露", Reason.CEASED: "机关撤销或合并", Reason.REPLACED: "更换"}


@dataclass(frozen=True, slots=True)
class Revocation:
    """One seal revoked: by its certificate's number (hex). `at`: when the county said so, `since`: from when
    the seal counts no more; both UTC milliseconds."""

    serial: str
    reason: Reason
    at: int
    since: int


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What the county's root signed: the list's number, when (UTC ms), and the seals revoked, by number."""

    number: int
    at: int
    revoked: Mapping[str, Revocation]


NO_LIST = RevocationList(0, 0, {})


@dataclass(frozen=True, slots=True)
class Span:
    """Between which times a line of the log was written (UTC ms); the same with a clock that runs on."""

    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a node knows of a sealed file; all times UTC milliseconds, 0 where it knows none.

    `logged` where its own log has the file, `claimed` the file's own word, `decided` when the decision it
    names was signed, as it stands in the chain here, `held` since when this node has that.
    """

    logged: Span | None
    claimed: int
    decided: int
    held: int


class When(StrEnum):
    """On which side of the revocation a file was sealed."""

    BEFORE = "before"
    AFTER = "after"
    UNKNOWN = "unknown"


class Word(StrEnum):
    """What is said of a file with a revoked seal, and on whose word."""

    LOGGED_BEFORE = "logged_before"
    LOGGED_AFTER = "logged_after"
    LOGGED_ALONE = "logged_alone"
    LOG_UNSURE = "log_unsure"
    DECIDED_AFTER = "decided_after"
    CLAIMS_AFTER = "claims_after"
    DECISION_HELD = "decision_held"
    DECISION_SAYS = "decision_says"
    NOTHING = "nothing"

    @property
    def when(self) -> When:
        """On which side of the revocation that is."""
        return _SIDES.get(self, When.UNKNOWN)


_SIDES = {
    Word.LOGGED_BEFORE: When.BEFORE,
    Word.LOGGED_AFTER: When.AFTER,
    Word.DECIDED_AFTER: When.AFTER,
    Word.CLAIMS_AFTER: When.AFTER,
}


def weigh(since: int, known: Known) -> Word:
    """Return what can be said of a file whose seal counts no more since a time (UTC milliseconds)."""
    if known.decided >= since:
        return Word.DECIDED_AFTER
    if known.logged is not None:
        return _by_log(since, known.logged, known.decided)
    if known.claimed >= since:
        return Word.CLAIMS_AFTER
    if not known.decided:
        return Word.NOTHING
    return Word.DECISION_HELD if known.held < since else Word.DECISION_SAYS


def _by_log(since: int, logged: Span, decided: int) -> Word:
    if logged.earliest >= since:
        return Word.LOGGED_AFTER
    if logged.latest >= since:
        return Word.LOG_UNSURE
    return Word.LOGGED_BEFORE if decided else Word.LOGGED_ALONE


def span_of(times: Sequence[int], places: Sequence[int]) -> Span:
    """Return between which times the lines at these places of a log were written, by what all its lines say.

    The order of the lines is sure, the clock is not: where it was set back, what was written earlier may be
    dated later. Then both count.
    """
    first, last = min(places), max(places)
    return Span(min(times[first:]), max(times[: last + 1]))


def lacking(old: RevocationList, new: RevocationList) -> list[str]:
    """Return the numbers of seals that the older list has and the newer one lacks: no seal comes back."""
    return sorted(set(old.revoked) - set(new.revoked))


def with_one(known: RevocationList, more: Revocation) -> dict[str, Revocation] | None:
    """Return what the next list holds, None where it would say nothing new.

    A seal that is revoked already may be revoked from an earlier day on, for a theft is often found out late;
    never from a later one.
    """
    before = known.revoked.get(more.serial)
    if before is not None and before.since <= more.since:
        return None
    at = more.at if before is None else before.at
    kept = Revocation(more.serial, more.reason, at, more.since)
    return {**known.revoked, more.serial: kept}
