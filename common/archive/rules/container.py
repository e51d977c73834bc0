"""The package as a ZIP file with one form only: sorted names, nothing compressed, no dates, no extra fields.

Pure. Any program opens it; yet its bytes are decided by its parts, so whoever reads it can write it again and
compare: no byte outside the parts can be changed unnoticed. The format is that of the ZIP application note,
version 2.0: a header before each part, then the directory, then the end record.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

END_BYTES = 22
LOCAL_BYTES = 30
PARTS_MAX = 20_000
PART_BYTES_MAX = 64 * 1024 * 1024
FILE_BYTES_MAX = 2**32 - 1
_ROW_BYTES = 46
# 1980-01-01 00:00, the first moment the format can write.
_DATE = 0x21
_VERSION = 20
# A plain file that its owner alone may read, as Unix programs write it.
_MADE_BY, _MODE = 3 << 8 | _VERSION, 0o100600 << 16
_NAME = re.compile(r"[a-z0-9]{1,20}(?:/[A-Za-z0-9_-]{1,80})?(?:\.[a-z0-9]{1,8})?")


class Part(NamedTuple):
    """One part as the directory names it: CRC-32, bytes, and where its header stands in the file."""

    name: str
    crc: int
    size: int
    offset: int


class BadContainer(ValueError):
    """The bytes are not the one form of any parts."""


def is_name(name: str) -> bool:
    """Say whether a part may have this name: at most one folder, plain letters, nothing that climbs out."""
    return _NAME.fullmatch(name) is not None


def local_header(part: Part) -> bytes:
    """Return what stands before a part's content."""
    name = part.name.encode()
    sizes = (part.crc, part.size, part.size, len(name), 0)
    return struct.pack("<4s5H3I2H", b"PK\3\4", _VERSION, 0, 0, 0, _DATE, *sizes) + name


def directory(parts: Sequence[Part], start: int) -> bytes:
    """Return the directory and the end record of a file whose parts end at `start`."""
    rows = b"".join(_row(part) for part in parts)
    count = len(parts)
    return rows + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(rows), start, 0)


def _row(part: Part) -> bytes:
    name = part.name.encode()
    sizes = (part.crc, part.size, part.size, len(name), 0, 0, 0, 0, _MODE, part.offset)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", _MADE_BY, _VERSION, 0, 0, 0, _DATE, *sizes) + name


def read_end(data: bytes, length: int) -> int:
    """Return where the directory begins, from the last bytes of a file of `length` bytes.

    Raises:
        BadContainer: it is not the end record of such a file.
    """
    if len(data) != END_BYTES:
        raise BadContainer("too short")
    magic, *numbers = struct.unpack("<4s4H2IH", data)
    size, start = numbers[4], numbers[5]
    if magic != b"PK\5\6" or start + size + END_BYTES != length or numbers[2] > PARTS_MAX:
        raise BadContainer("end record")
    return int(start)


def read_directory(data: bytes, start: int) -> list[Part]:
    """Return the parts that a directory with its end record names.

    Raises:
        BadContainer: the bytes differ from what those parts would give, or a part is out of place.
    """
    parts: list[Part] = []
    at = 0
    while at < len(data) - END_BYTES:
        row = data[at : at + _ROW_BYTES]
        if len(row) != _ROW_BYTES:
            raise BadContainer("directory")
        numbers = struct.unpack("<4s6H3I5H2I", row)
        length = numbers[10]
        try:
            name = data[at + _ROW_BYTES : at + _ROW_BYTES + length].decode("ascii")
        except UnicodeDecodeError:
            raise BadContainer("name") from None
        parts.append(Part(name, numbers[7], numbers[8], numbers[16]))
        at += _ROW_BYTES + length
    _check_places(parts, start)
    if directory(parts, start) != data:
        raise BadContainer("directory")
    return parts


def _check_places(parts: Sequence[Part], start: int) -> None:
    names = [part.name for part in parts]
    if names != sorted(set(names)) or not all(is_name(name) for name in names):
        raise BadContainer("names")
    at = 0
    for part in parts:
        if part.offset != at or part.size > PART_BYTES_MAX:
            raise BadContainer("places")
        at += LOCAL_BYTES + len(part.name) + part.size
    if at != start:
        raise BadContainer("places")
