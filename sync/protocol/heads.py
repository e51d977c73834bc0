"""The heads of all streams here, beside what each destination has signed of them: proof against omission.

A head is a hash over everything before it. Whoever keeps one on paper can show later that nothing up to it
was changed, taken out or put in between.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from sync.protocol import canonical
from sync.protocol.core import Core
from sync.protocol.endings import begins_by_word, ending_of
from sync.protocol.frame import Frame, StreamId, is_epoch, is_hash
from sync.protocol.paging import UNREADABLE, frames_upto
from sync.protocol.streams import Stream

# The verdict on a line that this copy cannot look at, and on one of which it can see the end alone.
BEFORE, PART = "before", "part"


class HeadLine(NamedTuple):
    """One stream: how far and with which head it is here, and how far and with which head its end signed."""

    src: str
    epoch: str
    dst: str
    upto: int
    head: str
    end_upto: int
    end_head: str


def heads(core: Core) -> list[HeadLine]:
    """Return a line for every stream, sorted; call it inside a unit of work or while reading."""
    found = []
    for stream in core.streams():
        if stream.upto:
            end = ending_of(core, stream)
            found.append(HeadLine(*stream.id, stream.upto, stream.head.hex(), end.upto, end.head))
    return sorted(found)


def hash_of(lines: list[HeadLine]) -> str:
    """Return the one hash over all heads: SHA-256 of the lines as canonical JSON."""
    return hashlib.sha256(canonical.dumps([list(line) for line in lines])).hexdigest()


def read_lines(value: Any) -> list[HeadLine]:
    """Return the lines that were kept in a file.

    Raises:
        ValueError: malformed.
    """
    if type(value) is not list:
        raise ValueError("lines")
    return [_line(one) for one in value]


def _line(value: Any) -> HeadLine:
    if type(value) is not list or len(value) != len(HeadLine._fields):
        raise ValueError("line")
    line = HeadLine(*value)
    texts = all(type(text) is str for text in (line.src, line.epoch, line.dst, line.head, line.end_head))
    numbers = all(type(number) is int and number >= 0 for number in (line.upto, line.end_upto))
    if not (texts and numbers and is_epoch(line.epoch) and is_hash(line.head)):
        raise ValueError("line")
    return line


def compare(core: Core, lines: list[HeadLine]) -> list[tuple[HeadLine, str]]:
    """Return the lines that are not wholly seen to hold, each with why: `gone`, `shorter`, `changed` or else.

    `before`: the place is below what this copy keeps. It speaks neither for the line nor against it. `part`:
    so it is with the first places, and what follows them is as it was. Where a copy begins so without a word
    that is kept, something was taken out.
    """
    found = []
    for line in lines:
        stream = core.stream(StreamId(line.src, line.epoch, line.dst))
        if stream is None:
            found.append((line, "gone"))
        elif stream.upto < line.upto:
            found.append((line, "shorter"))
        elif not begins_by_word(core, stream):
            found.append((line, "changed"))
        elif line.upto < stream.base:
            found.append((line, BEFORE))
        elif _head_at(core, stream, line.upto).hex() != line.head:
            found.append((line, "changed"))
        elif stream.base:
            found.append((line, PART))
    return found


def _head_at(core: Core, stream: Stream, upto: int) -> bytes:
    """Return the head at a place, worked out anew from every frame before it; b"" where one is not as it was.

    What is noted of a stream says nothing: who takes frames out, or writes others in, leaves the note.
    """
    seq, head = stream.base, stream.base_head
    try:
        for placed in frames_upto(core.spool, stream.id, upto, upto - stream.base):
            frame = placed.frame
            seq += 1
            if (frame.header.seq, frame.header.prev) != (seq, head) or not _is_whole(frame):
                return b""
            head = frame.hash
    except UNREADABLE:
        return b""
    return head if seq == upto else b""


def _is_whole(frame: Frame) -> bool:
    """Say whether the body is the one the header names, or has left."""
    return not frame.body or hashlib.sha256(frame.body).digest() == frame.header.body_hash
