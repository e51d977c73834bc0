"""What the oracle remembers of an act, and how it says that an invariant does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from common.casework.rules.event import CaseEvent
from common.casework.taking_back import resting_on
from sync.protocol import canonical
from sync.protocol.frame import BlobRef


class Violation(Exception):
    """An invariant does not hold."""

    def __init__(self, invariant: int, address: str, text: str) -> None:
        super().__init__(f"invariant {invariant} at {address}: {text}")
        self.invariant = invariant


class Intended(NamedTuple):
    """An act as somebody meant it at its author."""

    author: str
    kind: str
    content: bytes
    blobs: tuple[BlobRef, ...]
    to: tuple[str, ...]


def event_of(act: str, intended: Intended) -> CaseEvent:
    """Return an act as casework reads it."""
    return read_event(act, intended.kind, intended.author, intended.content, intended.blobs)


# An act is read once for all nodes that are given it: its id depends on every byte of it.
@lru_cache(maxsize=4096)
def read_event(act: str, kind: str, author: str, content: bytes, blobs: tuple[BlobRef, ...]) -> CaseEvent:
    """Return an act as casework reads it, of its parts."""
    return CaseEvent(act, kind, author, canonical.loads(content), tuple([blob.hash for blob in blobs]))


def fallen_with(acts: Mapping[str, Intended], gone: set[str]) -> set[str]:
    """Return acts that are gone, and those that rest on them and so can never count."""
    events: dict[str, list[CaseEvent]] = {}
    for act, intended in acts.items():
        event = event_of(act, intended)
        events.setdefault(event.body["case"], []).append(event)
    fallen = set(gone)
    for made in events.values():
        if any(event.id in gone for event in made):
            fallen |= resting_on(made, gone).keys()
    return fallen
