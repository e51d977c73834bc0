"""Which version of an item is in force on a day. Pure: days are local dates written YYYY-MM-DD.

The newest version whose date has come is in force; a newer one with a later date waits. A version that ends
the item counts like any other: while it is in force, nothing may be filed. An end that was set for a day is
not undone by what is published in between, a new telephone perhaps: only by a later version that begins on
that day or after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Standing(NamedTuple):
    """What decides whether a version is in force: number, date it names ("": at once), day of publication."""

    version: int
    effective_from: str
    published_on: str
    is_withdrawn: bool

    @property
    def begins(self) -> str:
        """The day from which it counts, never before it was published."""
        return max(self.effective_from, self.published_on)

    @property
    def is_dated(self) -> bool:
        """Whether it begins with a day, not somewhere within the day of its publication."""
        return self.effective_from > self.published_on


def in_force(versions: Iterable[Standing], day: str) -> Standing | None:
    """Return the version in force on `day`, None when there is none yet or the item has ended.

    A version that takes effect at once is in force whatever the clock says: no wrong clock stops intake.
    """
    come = [version for version in versions if version.effective_from <= day]
    newest = max(come, default=None)
    return None if newest is None or newest.is_withdrawn or _has_ended(come) else newest


def _has_ended(come: Iterable[Standing]) -> bool:
    """Say whether one of these versions ended the item on its day, and none after it began it anew."""
    known = list(come)
    return any(
        end.is_withdrawn
        and end.is_dated
        and not any(later.version > end.version and later.begins >= end.begins for later in known)
        for end in known
    )


def that_come(versions: Iterable[Standing], day: str) -> list[Standing]:
    """Return those that wait on `day` and will take effect, the next first.

    One that a later version replaces before its day never does.
    """
    known = list(versions)
    waiting = sorted((one for one in known if one.effective_from > day), key=lambda one: one.effective_from)
    return [one for one in waiting if _takes_effect(one, known)]


def _takes_effect(own: Standing, known: Iterable[Standing]) -> bool:
    then = in_force(known, own.effective_from)
    return then is None if own.is_withdrawn else then == own


def was_in_force(versions: Iterable[Standing], number: int, day: str) -> bool:
    """Say whether a version was in force at any time of `day`, as far as versions were published by then.

    On the day a newer one was published at once, both were; a dated one has its first day for itself.
    """
    known = {version.version: version for version in versions}
    own = known.get(number)
    if own is None or own.is_withdrawn or own.begins > day:
        return False
    if _has_ended(version for version in known.values() if version.begins <= day):
        return False
    return not any(
        later.version > number and (later.begins < day or (later.begins == day and later.is_dated))
        for later in known.values()
    )
