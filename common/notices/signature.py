"""The picture of a signature drawn on the screen, as a notice may show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from common.casework import lists
from common.errors import LiandongError
from common.notices.rules.notice import Notice
from sync.protocol.frame import BlobRef

_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
# Bytes of a chunk beside its content: its size, its kind, its check sum.
_AROUND = 12
_FIRST_CHUNK = 8
# The desk's pad gives 900 by 300 and some tens of kilobytes.
_BYTES_MAX, _SIDE_MAX = 256 * 1024, 2_000


class Contents(Protocol):
    """The papers that are here."""

    def content(self, paper: BlobRef) -> Iterator[bytes]:
        """Return the bytes of a paper; raises when they are not here or damaged."""
        ...


def shown_signature(notice: Notice, contents: Contents) -> bytes:
    """Return the PNG picture that stands for the signature on a notice, b"" where the words alone must do.

    So it is where a pen signed, where the picture has not come to this node or is damaged, and where what
    another node called a signature is no small PNG picture: the printer is not to open whatever that is.
    """
    paper = lists.paper(notice.signature) if notice.signature else None
    if paper is None or paper.size > _BYTES_MAX:
        return b""
    try:
        picture = b""
        for piece in contents.content(paper):
            picture += piece
            if len(picture) > _BYTES_MAX:
                return b""
    except LiandongError:
        return b""
    return picture if _is_small_png(picture) else b""


def _is_small_png(picture: bytes) -> bool:
    start = len(_PNG)
    sides = (int.from_bytes(picture[at : at + 4], "big") for at in (start, start + 4))
    if not picture.startswith(_PNG) or not all(0 < side <= _SIDE_MAX for side in sides):
        return False
    # A second header would name other sides, and some readers go by the last.
    kinds = list(_kinds_of_chunks(picture))
    return kinds.count(b"IHDR") == 1 and kinds[-1] == b"IEND"


def _kinds_of_chunks(picture: bytes) -> Iterator[bytes]:
    """Yield the kind of each whole chunk, up to the end that the picture names or has."""
    at = _FIRST_CHUNK
    while at + _AROUND <= len(picture):
        size, kind = int.from_bytes(picture[at : at + 4], "big"), picture[at + 4 : at + 8]
        at += _AROUND + size
        if at > len(picture):
            return
        yield kind
        if kind == b"IEND":
            return
