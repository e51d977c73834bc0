"""The log of sealings: one line each, only ever added, each with the hash of all before it. No personal data.

A line is on the disk before the seal is set, and its number stands inside the seal: a seal without a line
cannot come about, and lines cut off at the end are shown by the documents that name them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
from array import array
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common.seal.errors import SealLogBroken
from common.seal.rules.revoked import Span, span_of

FILE = "seal.log"
START = "0" * 64
# What a line begins with, as `_encode` writes it.
_AT = re.compile(rb'^\{"pos":\d+,"at":(-?\d+),', re.MULTILINE)
_FIELDS = ("pos", "at", "case", "act", "organ", "document", "serial")


@dataclass(frozen=True, slots=True)
class Sealing:
    """One sealing. `at` is UTC milliseconds, `document` the SHA-256 of the file before it was sealed, in hex,
    `serial` the number of the seal's certificate."""

    at: int
    case: str
    act: str
    organ: str
    document: str
    serial: str


class SealLog:
    """The log in a folder; used by one process at a time, which the file's lock sees to."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        # Size and time of the file after our own last line, with that line's number and hash: a file that is
        # still so need not be read from its beginning again.
        self._left: tuple[int, int] = (0, 0)
        self._last: tuple[int, str] = (0, START)

    def add(self, sealing: Sealing) -> int:
        """Write one line, durably, and return its number.

        Raises:
            SealLogBroken: what is there was changed by other hands; nothing was written.
            OSError: the disk failed.
        """
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._drop_torn_end(file)
            pos, before = self._head(file)
            fields = {"pos": pos + 1, **asdict(sealing)}
            chain = _chained(before, fields)
            _write_whole(file, _encode({**fields, "chain": chain}) + b"\n")
            os.fsync(file.fileno())
            self._left, self._last = _stamp(file), (pos + 1, chain)
        return pos + 1

    def _head(self, file: Any) -> tuple[int, str]:
        if _stamp(file) == self._left:
            return self._last
        head = (0, START)
        for line in self._checked():
            head = (line["pos"], line["chain"])
        return head

    def lines(self) -> list[dict[str, Any]]:
        """Return every sealing, oldest first.

        Raises:
            SealLogBroken: a line was changed, taken out or put in.
        """
        return list(self._checked())

    def span(self, serial: str, documents: Container[str]) -> Span | None:
        """Return when a seal was set here on one of these files, by all the log says; None where it was not.

        Raises:
            SealLogBroken: as `lines`.
        """
        lines = self.lines()
        places = [
            place
            for place, line in enumerate(lines)
            if line["serial"] == serial and line["document"] in documents
        ]
        return span_of([line["at"] for line in lines], places) if places else None

    def of_act(self, act: str) -> list[tuple[str, Span]]:
        """Return each sealing of an act here: the number of the seal's certificate, and when.

        Raises:
            SealLogBroken: as `lines`.
        """
        content = self._whole()
        wanted = f'"act":{json.dumps(act, ensure_ascii=False)},'.encode()
        found = list[tuple[str, int]]()
        at = content.find(wanted)
        while at >= 0:
            start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
            found.append((json.loads(content[start:end])["serial"], content.count(b"\n", 0, start)))
            at = content.find(wanted, end)
        times = array("q", map(int, _AT.findall(content))) if found else ()
        return [(serial, span_of(times, [place])) for serial, place in found]

    def has(self, serial: str, documents: Container[str]) -> bool | None:
        """Say whether a seal was set here, by its certificate's number, on one of these files (SHA-256, hex).

        None where the log knows nothing of such a certificate: whether another node's does, it cannot say.

        Raises:
            SealLogBroken: as `lines`.
        """
        known = [line["document"] for line in self._checked() if line["serial"] == serial]
        return any(one in documents for one in known) if known else None

    def _whole(self) -> bytes:
        """Return all whole lines; they are walked through only where they are not as they were left."""
        if not self._path.exists():
            return b""
        with self._path.open("rb") as file:
            stamp = _stamp(file)
            if stamp != self._left:
                head = (0, START)
                for line in self._checked():
                    head = (line["pos"], line["chain"])
                self._last = head
            content = file.read(stamp[0])
        whole = content[: content.rfind(b"\n") + 1]
        if whole == content:
            # Of a torn end `add` has to know.
            self._left = stamp
        return whole

    def _checked(self) -> Iterator[dict[str, Any]]:
        chain = START
        for pos, text in enumerate(self._texts(), 1):
            try:
                line = json.loads(text)
                fields = {name: line[name] for name in _FIELDS}
                is_good = line["pos"] == pos and line["chain"] == _chained(chain, fields)
                # The very bytes, so that nothing can stand in a line beside its fields.
                is_good = is_good and text == _encode({**fields, "chain": line["chain"]})
            except (ValueError, KeyError, TypeError) as problem:
                raise SealLogBroken(pos=pos) from problem
            if not is_good:
                raise SealLogBroken(pos=pos)
            chain = line["chain"]
            yield line

    def _texts(self) -> list[bytes]:
        # What a power cut left of a line at the end is none: no seal was set for it.
        content = self._path.read_bytes() if self._path.exists() else b""
        return content[: content.rfind(b"\n") + 1].splitlines()

    def _drop_torn_end(self, file: Any) -> None:
        """Cut off what a power cut left of a line."""
        if _stamp(file) == self._left:
            return
        content = self._path.read_bytes()
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)


def _write_whole(file: Any, line: bytes) -> None:
    """Write a line, or leave none of it: on a disk that fills up a part of it counts as written."""
    before = os.fstat(file.fileno()).st_size
    if file.write(line) != len(line):
        file.truncate(before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _stamp(file: Any) -> tuple[int, int]:
    seen = os.fstat(file.fileno())
    return seen.st_size, seen.st_mtime_ns


def _encode(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def _chained(before: str, fields: dict[str, Any]) -> str:
    return hashlib.sha256(f"{before}\n".encode() + _encode(fields)).hexdigest()
