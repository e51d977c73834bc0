"""Papers in memory with the durability of a disk, for simulations: `crash` takes what was not flushed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from sync.adapters.file_steps import check_name, check_size
from sync.protocol.frame import BlobRef


class _Part:
    """An unfinished paper: its bytes and how many of them would survive a power cut."""

    __slots__ = ("data", "durable")

    def __init__(self) -> None:
        self.data = bytearray()
        self.durable = 0


class MemoryBlobs:
    """Keeps the promises of `BlobStore` for as long as the object lives.

    Args:
        clock: UTC milliseconds, by which papers put here grow old.
    """

    def __init__(self, clock: Callable[[], int] = lambda: 0) -> None:
        self._clock = clock
        self._put_at: dict[str, int] = {}
        self._whole: dict[str, bytes] = {}
        self._parts: dict[str, _Part] = {}
        self._touched: set[str] = set()
        self._sound: set[str] = set()

    def offset(self, blob: str) -> int:
        """Return how many bytes of an unfinished paper are there."""
        part = self._parts.get(blob)
        return len(part.data) if part else 0

    def append(self, blob: str, offset: int, data: bytes) -> bool:
        """Add bytes at `offset`; False (and nothing changed) when that is not where the paper ends.

        Raises:
            ValueError: `blob` is not the name of a paper.
        """
        check_name(blob)
        if blob in self._whole or offset != self.offset(blob):
            return False
        self._parts.setdefault(blob, _Part()).data += data
        self._touched.add(blob)
        return True

    def flush(self) -> None:
        """Make everything appended so far durable."""
        for blob in self._touched:
            part = self._parts[blob]
            part.durable = len(part.data)
        self._touched.clear()

    def finish(self, blob: str, size: int) -> bool:
        """Check the hash and keep the paper under it, durably; False when hash or size differ (dropped)."""
        if blob in self._whole:
            return len(self._whole[blob]) == size
        part = self._parts.pop(blob, None)
        self._touched.discard(blob)
        if part is None or len(part.data) != size or hashlib.sha256(part.data).hexdigest() != blob:
            return False
        self._whole[blob] = bytes(part.data)
        self._sound.add(blob)
        return True

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""
        return blob in self._whole

    def is_sound(self, blob: str) -> bool:
        """Say whether it is there and still what its name says, looked at once; a damaged one is dropped."""
        if blob not in self._sound and blob in self._whole:
            if hashlib.sha256(self._whole[blob]).hexdigest() == blob:
                self._sound.add(blob)
            else:
                del self._whole[blob]
        return blob in self._whole

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper.

        Raises:
            FileNotFoundError: the paper is not here whole.
        """
        if blob not in self._whole:
            raise FileNotFoundError(blob)
        return self._whole[blob][offset : offset + length]

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper durably and return its reference.

        It is unclaimed from now on, also one that was here before.

        Raises:
            TooLarge: empty or longer than a paper may be; nothing was kept.
        """
        gathered = bytearray()
        for chunk in chunks:
            gathered += chunk
            check_size(len(gathered) or 1)
        check_size(len(gathered))
        blob = hashlib.sha256(gathered).hexdigest()
        self._sound.add(blob)
        self._whole[blob] = bytes(gathered)
        self._put_at[blob] = self._clock()
        self._parts.pop(blob, None)
        self._touched.discard(blob)
        return BlobRef(blob, len(gathered), media_type)

    def unclaimed(self, before_ms: int) -> list[str]:
        """Return the papers put here and last put before this time (UTC ms), which nobody has claimed."""
        return sorted(blob for blob, at in self._put_at.items() if at < before_ms)

    def claim(self, blobs: Iterable[str]) -> None:
        """These papers are named for good: they are not `unclaimed` any more, until they are put again."""
        for blob in blobs:
            check_name(blob)
            self._put_at.pop(blob, None)

    def remove(self, blob: str, before_ms: int) -> bool:
        """Remove an unclaimed paper; False (and nothing changed) when it was claimed or put again since.

        Raises:
            ValueError: `blob` is not the name of a paper.
        """
        check_name(blob)
        if not self._put_at.get(blob, before_ms) < before_ms:
            return False
        self._whole.pop(blob, None)
        del self._put_at[blob]
        return True

    def evict(self, blob: str) -> bool:
        """Remove a whole paper; False when it is unclaimed or not here."""
        if blob in self._put_at or blob not in self._whole:
            return False
        del self._whole[blob]
        return True

    def crash(self) -> None:
        """Cut the power: unfinished papers fall back to their last flush, whole ones stay."""
        for blob, part in list(self._parts.items()):
            del part.data[part.durable :]
            if not part.durable:
                del self._parts[blob]
        self._touched.clear()
        self._sound.clear()
