"""What the oracle remembers of an act, and how it says that an invariant does not hold."""

from __future__ import annotations

from typing import NamedTuple

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
