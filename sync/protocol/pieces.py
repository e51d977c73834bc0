"""Pieces of papers in an exchange: their share beside frames, more of them while nothing else waits."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sync.protocol.core import Core
from sync.protocol.items import Piece, encode_piece
from sync.protocol.packer import Packer

# What a record holds beside hash, numbers and the heads of item and record.
PIECE_BYTES = 15_900
# Less is not worth a record of its own.
PIECE_BYTES_MIN = 1_024


def _never() -> bool:
    return False


class PaperBudget(NamedTuple):
    """How pieces of papers may go.

    `extra`: so many bytes more than the exchange's own while `is_pressed` says no, asked before each piece;
    `piece`: the longest piece; `are_held`: none is sent.
    """

    extra: int = 0
    piece: int = PIECE_BYTES
    are_held: bool = False
    is_pressed: Callable[[], bool] = _never


ALL_PAPERS = PaperBudget()


class Budget(NamedTuple):
    """How much one exchange may carry.

    `bytes`: of frames and papers together, roughly, before sealing.
    `is_answered`: yes on a line, where the other says what it lacks and takes;
    no for a stick, which is written for every program and takes every paper
    that may be lacking.
    `soon_ms`: told to the other when news for it is on the way.
    `papers`: which papers go: no piece while it is not known where the other stopped, more than `bytes` of
    them as long as nothing else waits.
    `room`: told to the other: how many bytes its answer should carry; 0 for no idea.
    """

    bytes: int
    is_answered: bool = True
    soon_ms: int = 0
    papers: PaperBudget = ALL_PAPERS
    room: int = 0


def pieces(
    core: Core, packer: Packer, wanted: Sequence[tuple[str, int, int]], papers: PaperBudget, room: int
) -> Iterator[bytes]:
    """Yield record plaintexts, one a piece, of papers (hash, offset, size) in their order.

    They fill `room` bytes, and `papers.extra` beyond as long as nothing presses, within `PIECE_BYTES_MIN`.
    Read as they go, outside any unit: one that is damaged is not here any more, which the next plan notices.
    """
    left = room

    def goes_on() -> bool:
        return left > 0 or (left > -papers.extra and not papers.is_pressed())

    for blob, offset, size in wanted:
        if not goes_on() or not core.means.blobs.is_sound(blob):
            continue
        while offset < size and goes_on():
            # Beside frames the papers get their share and no more, nor does what goes beyond pass its end:
            # something on the line may refuse the whole. A few bytes are not worth a head.
            share = left if left > 0 else left + papers.extra
            length = min(papers.piece, max(share, PIECE_BYTES_MIN))
            data = _read(core, blob, offset, length)
            if not data:
                break
            yield from packer.items([encode_piece(Piece(blob, offset, size, data))])
            offset += len(data)
            left -= len(data)


def _read(core: Core, blob: str, offset: int, length: int) -> bytes:
    try:
        return core.means.blobs.read(blob, offset, length)
    except FileNotFoundError:
        # It left this node between two pieces, as papers do that their end has.
        return b""
    except OSError as fault:
        # A place of the disk that is lost must not stop all else; other faults say nothing of the paper.
        if fault.errno != errno.EIO:
            raise
        return b""
