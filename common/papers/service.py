"""Takes papers in at the desk and gives them back to be looked at, a piece at a time.

Stores bytes only: which case a paper belongs to is said by the act that names its hash. So a paper is taken
in before the unit of work of that act, and one whose act was never made is only a file nobody names, until
`clear_unnamed` removes it.
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Protocol

from common.papers.looks import looks_of
from common.papers.rules import (
    HEAD_BYTES,
    PAPER_BYTES_MAX,
    PaperDamaged,
    PaperNotHere,
    PaperTooLarge,
    media_type,
)
from common.store.database import DiskFull, require_unit
from sync.protocol.frame import BlobRef

_PIECE_BYTES = 256 * 1024
# So long a paper must have been seen unnamed, by a clock nobody can set, before it is removed.
SECOND_LOOK_MS = 3_500_000
# What one call removes at most: the unit of work it stands in keeps everybody from writing.
REMOVED_MAX = 200
_log = logging.getLogger(__name__)
# Which of these papers are named.
Named = Callable[[Sequence[str]], set[str]]


class PaperStore(Protocol):
    """Where the bytes are kept, by hash."""

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper durably and return its reference; nothing is kept when `chunks` raises."""
        ...

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""
        ...

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper."""
        ...

    def unclaimed(self, before_ms: int) -> list[str]:
        """Return the papers last put before this time, which nobody has claimed."""
        ...

    def claim(self, blobs: Iterable[str]) -> None:
        """These papers are named for good."""
        ...

    def remove(self, blob: str, before_ms: int) -> bool:
        """Remove an unclaimed paper; False when it was claimed or put again since."""
        ...


class Papers:
    """The papers of one node.

    Args:
        bytes_max: the longest paper taken in; never above `PAPER_BYTES_MAX`, which every node accepts.
    """

    def __init__(self, blobs: PaperStore, bytes_max: int = PAPER_BYTES_MAX) -> None:
        self._blobs = blobs
        self._bytes_max = min(bytes_max, PAPER_BYTES_MAX)
        self._unnamed_since: dict[str, int] = {}

    def take_in(self, stream: BinaryIO) -> BlobRef:
        """Keep the file in `stream` durably; memory stays within one piece however long it is.

        Raises:
            NotAPaper, EmptyPaper, PaperTooLarge: it will not do; nothing is kept.
            DiskFull: no room is left; nothing is kept.
        """
        head = _read_fully(stream, HEAD_BYTES)
        found = media_type(head)
        try:
            return self._blobs.put(self._pieces(head, stream), found)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull() from error
            raise

    def take_in_looked_at(self, stream: BinaryIO) -> BlobRef:
        """Do as `take_in` with a file nobody has looked through yet; it is read into memory.

        Raises:
            PaperBomb: it would unfold to a size no real paper has; nothing is kept. Else as `take_in`.
        """
        data = _read_fully(stream, self._bytes_max + 1)
        looks_of(media_type(data[:HEAD_BYTES]), data)
        return self.take_in(io.BytesIO(data))

    def content(self, paper: BlobRef) -> Iterator[bytes]:
        """Return the bytes of a paper, a piece at a time: all of them as they were handed in, or none.

        The file is read twice, first to check it: a damaged one must not pass for good by its first pieces.

        Raises:
            PaperNotHere: its bytes have not come yet; raised at the call, before the first piece.
            PaperDamaged: they are no longer what its hash says; at the call, too.
        """
        if not self._blobs.has(paper.hash):
            raise PaperNotHere()
        if not self._fits(paper):
            raise PaperDamaged(paper=paper.hash[:16])
        return self._stored(paper)

    def is_intact(self, paper: BlobRef) -> bool:
        """Say whether a paper that is here can be shown; that one cannot is written to the log."""
        fits = self._fits(paper)
        if not fits:
            _log.error("%s paper=%s", PaperDamaged.code, paper.hash[:16])
        return fits

    def is_here(self, paper: BlobRef) -> bool:
        """Say whether the bytes of a paper have come to this node."""
        return self._blobs.has(paper.hash)

    def clear_unnamed(self, before_ms: int, mono_ms: int, named: tuple[Named, Named]) -> int:
        """Remove papers taken in here that nothing names; return how many.

        Needs an open unit of work, in which nobody can begin to name one. A paper goes only when it was last
        taken in before `before_ms` and was found unnamed by two calls about an hour apart: a wall clock that
        jumps makes a paper old whose form is still open, running time does not.

        Args:
            before_ms: UTC milliseconds.
            mono_ms: running time, milliseconds.
            named: who says which papers are named for good (by acts and cases), and who says which are for
                now (by drafts).
        """
        require_unit()
        by_acts, by_drafts = named
        waiting = self._blobs.unclaimed(before_ms)
        for_good = by_acts(waiting)
        self._blobs.claim(for_good)
        unnamed = set(waiting) - for_good - by_drafts(waiting)
        self._unnamed_since = {blob: self._unnamed_since.get(blob, mono_ms) for blob in unnamed}
        ripe = [blob for blob, since in self._unnamed_since.items() if mono_ms - since >= SECOND_LOOK_MS]
        return sum(self._blobs.remove(blob, before_ms) for blob in sorted(ripe)[:REMOVED_MAX])

    def _fits(self, paper: BlobRef) -> bool:
        digest = hashlib.sha256()
        try:
            for piece in self._stored(paper):
                digest.update(piece)
        except OSError:
            # A disk that cannot read a part of it: whatever that part was, it is not here any more.
            return False
        return digest.hexdigest() == paper.hash

    def _stored(self, paper: BlobRef) -> Iterator[bytes]:
        # To the end of the file: how long it is, is what the act says, and the act may be wrong.
        offset = 0
        while piece := self._blobs.read(paper.hash, offset, _PIECE_BYTES):
            yield piece
            offset += len(piece)

    def _pieces(self, head: bytes, stream: BinaryIO) -> Iterator[bytes]:
        size, piece = 0, head
        while piece:
            size += len(piece)
            if size > self._bytes_max:
                raise PaperTooLarge(megabytes=self._bytes_max // (1024 * 1024))
            yield piece
            piece = stream.read(_PIECE_BYTES)


def _read_fully(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    while data and len(data) < length:
        more = stream.read(length - len(data))
        if not more:
            break
        data += more
    return data
