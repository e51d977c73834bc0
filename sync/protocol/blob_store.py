"""The port to where the bytes of papers are: files on a disk, or memory in simulations.

One contract suite (tests/sync/blob_contract.py) runs on every implementation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sync.protocol.frame import BlobRef


class BlobStore(Protocol):
    """Papers by content hash. Bytes acknowledged by `flush` survive a power cut."""

    def offset(self, blob: str) -> int:
        """Return how many bytes of an unfinished paper are there."""

    def append(self, blob: str, offset: int, data: bytes) -> bool:
        """Add bytes at `offset`; False (and nothing changed) when that is not where the paper ends."""

    def flush(self) -> None:
        """Make everything appended so far durable."""

    def finish(self, blob: str, size: int) -> bool:
        """Check the hash and keep the paper under it, durably; False when hash or size differ (dropped)."""

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""

    def is_sound(self, blob: str) -> bool:
        """Say whether it is there and still what its name says, looked at once after a start.

        A damaged one is put aside: it is not here any more, and may come again.
        """

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper."""

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper durably and return its reference."""
