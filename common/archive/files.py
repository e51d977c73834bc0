"""Writes and reads a package as a file, one part in memory at a time."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from common.archive.errors import NoPackage, PackageTooLarge
from common.archive.rules.container import (
    END_BYTES,
    FILE_BYTES_MAX,
    LOCAL_BYTES,
    BadContainer,
    Part,
    directory,
    local_header,
    read_directory,
    read_end,
)
from sync.durable import open_draft

_DIRECTORY_BYTES_MAX = 4 * 1024 * 1024
Content = Callable[[], bytes]


def write_package(path: Path, parts: Mapping[str, Content], case: str) -> int:
    """Write the parts to `path`, whole or not at all; return its length in bytes.

    The file is readable by its owner alone: it holds personal data.

    Raises:
        PackageTooLarge: it would pass what every ZIP program can read.
        OSError: the disk refused; what was at `path` is unchanged.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with open(open_draft(beside), "wb") as file:
            length = _write(file, parts, case)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return length


def _write(file: BinaryIO, parts: Mapping[str, Content], case: str) -> int:
    written: list[Part] = []
    at = 0
    for name in sorted(parts):
        data = parts[name]()
        part = Part(name, zlib.crc32(data), len(data), at)
        at += file.write(local_header(part)) + file.write(data)
        if at > FILE_BYTES_MAX - _DIRECTORY_BYTES_MAX:
            raise PackageTooLarge(case=case)
        written.append(part)
    return at + file.write(directory(written, at))


def counted(parts: Mapping[str, Content], tell: Callable[[int], None]) -> dict[str, Content]:
    """Return parts that tell, as each is read, how many bytes of them were read so far."""
    done = 0

    def read(part: Content) -> bytes:
        nonlocal done
        data = part()
        done += len(data)
        tell(done)
        return data

    return {name: partial(read, part) for name, part in parts.items()}


def read_package(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a package in the order of their names.

    Raises:
        NoPackage: the file is none, or a byte outside the parts was changed; raised at any step.
        OSError: it cannot be read.
    """
    try:
        yield from _read(file, file.seek(0, os.SEEK_END))
    except BadContainer as problem:
        # Which part of the container it is says nothing to people.
        raise NoPackage(sentence="这个文件不是归档包，或者已经损坏。") from problem


def _read(file: BinaryIO, length: int) -> Iterator[tuple[str, bytes]]:
    file.seek(max(0, length - END_BYTES))
    start = read_end(file.read(END_BYTES), length)
    if length - start > _DIRECTORY_BYTES_MAX:
        raise BadContainer("directory")
    file.seek(start)
    parts = read_directory(file.read(length - start), start)
    file.seek(0)
    for part in parts:
        header = file.read(LOCAL_BYTES + len(part.name))
        data = file.read(part.size)
        if header != local_header(part) or len(data) != part.size or zlib.crc32(data) != part.crc:
            raise BadContainer(part.name)
        yield part.name, data
