"""Papers as files named by their content. No path comes from outside: a name is 64 hex digits or nothing.

Whole papers stand at `<folder>/ab/cd/<hash>`, unfinished ones at
`<folder>/part/<hash>.part`. A whole paper appears by rename after its bytes
are on the disk, so a file under its hash is always complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sync.protocol.errors import TooLarge
from sync.protocol.frame import BLOB_BYTES_MAX, BlobRef

_NAME = re.compile(r"[0-9a-f]{64}")
_READ_BYTES = 1 << 18
_PART = ".part"
_FRESH = ".new"


def check_name(blob: str) -> None:
    """Refuse what is not the name of a paper.

    Raises:
        ValueError: not 64 hex digits.
    """
    if not _NAME.fullmatch(blob):
        raise ValueError("a paper is named by 64 hex digits")


def check_size(size: int) -> None:
    """Refuse a paper that no frame could name.

    Raises:
        TooLarge: empty or above the limit.
    """
    if not 1 <= size <= BLOB_BYTES_MAX:
        raise TooLarge(f"paper of {size} bytes")


class BlobFiles:
    """A folder of papers, for several threads; for several processes too as long as one of them receives.

    Every method that writes raises OSError when the disk does; then nothing
    half-made is left: an unfinished paper has the length it had before.
    """

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)
        self._parts = self._folder / "part"
        self._lock = threading.RLock()
        self._touched: set[str] = set()
        _make_folder(self._parts)

    def offset(self, blob: str) -> int:
        """Return how many bytes of an unfinished paper are there."""
        if not _NAME.fullmatch(blob):
            return 0
        try:
            return os.stat(self._part(blob), follow_symlinks=False).st_size
        except FileNotFoundError:
            return 0

    def append(self, blob: str, offset: int, data: bytes) -> bool:
        """Add bytes at `offset`; False (and nothing changed) when that is not where the paper ends.

        Raises:
            ValueError: `blob` is not the name of a paper.
        """
        path = self._part(blob)
        with self._lock:
            if self.has(blob) or offset != self.offset(blob):
                return False
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                _write_at(file, offset, data)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file, offset)
                if not offset:
                    _forget(path)
                raise
            finally:
                os.close(file)
            self._touched.add(blob)
            return True

    def flush(self) -> None:
        """Make everything appended so far durable."""
        with self._lock:
            if not self._touched:
                return
            for blob in sorted(self._touched):
                with suppress(FileNotFoundError):
                    _sync(self._part(blob))
            _sync(self._parts)
            self._touched.clear()

    def finish(self, blob: str, size: int) -> bool:
        """Check the hash and keep the paper under it, durably; False when hash or size differ (dropped)."""
        if not _NAME.fullmatch(blob):
            return False
        whole, part = self._whole(blob), self._part(blob)
        with self._lock:
            if whole.is_file():
                _forget(part)
                return whole.stat().st_size == size
            if not part.is_file():
                return False
            if part.stat().st_size != size or _hash_of(part) != blob:
                _forget(part)
                self._touched.discard(blob)
                return False
            _sync(part)
            self._keep(part, whole)
            self._touched.discard(blob)
            return True

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""
        return bool(_NAME.fullmatch(blob)) and self._whole(blob).is_file()

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper.

        Raises:
            FileNotFoundError: the paper is not here whole.
        """
        if not _NAME.fullmatch(blob):
            raise FileNotFoundError(blob[:80])
        file = os.open(self._whole(blob), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return os.pread(file, length, offset)
        finally:
            os.close(file)

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper durably and return its reference; one chunk is in memory at a time.

        Raises:
            TooLarge: empty or longer than a paper may be; nothing was kept.
        """
        with self._lock:
            file, name = tempfile.mkstemp(suffix=_FRESH, dir=self._parts)
            # The lock tells `sweep`, in whatever process, that this file is being written and no leftover.
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            blob, size = _pour(file, chunks)
            os.fsync(file)
            with self._lock:
                if self.has(blob):
                    os.unlink(name)
                else:
                    self._keep(Path(name), self._whole(blob))
                _forget(self._part(blob))
                self._touched.discard(blob)
        except BaseException:
            _forget(Path(name))
            raise
        finally:
            os.close(file)
        return BlobRef(blob, size, media_type)

    def sweep(self) -> int:
        """Remove what a crash left of papers being put, and parts of papers now whole; return how many files.

        Unfinished papers that were being received are kept: they go on where they ended.
        """
        removed = 0
        with self._lock:
            for path in sorted(self._parts.iterdir()):
                fresh = path.suffix == _FRESH and _is_left_over(path)
                double = path.suffix == _PART and _NAME.fullmatch(path.stem) and self.has(path.stem)
                if fresh or double:
                    _forget(path)
                    removed += 1
        return removed

    def _keep(self, source: Path, target: Path) -> None:
        _make_folder(target.parent)
        os.rename(source, target)
        try:
            _sync(target.parent)
            _sync(source.parent)
        except OSError:
            # A paper whose name may not survive a power cut must not be found by anyone.
            os.rename(target, source)
            raise

    def _whole(self, blob: str) -> Path:
        check_name(blob)
        return self._folder / blob[:2] / blob[2:4] / blob

    def _part(self, blob: str) -> Path:
        check_name(blob)
        return self._parts / (blob + _PART)


def _make_folder(folder: Path) -> None:
    """Create a folder and those above it, each durably."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _forget(path: Path) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _write_at(file: int, offset: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _pour(file: int, chunks: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        check_size(size + len(chunk) or 1)
        _write_at(file, size, chunk)
        digest.update(chunk)
        size += len(chunk)
    check_size(size)
    return digest.hexdigest(), size


def _hash_of(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _is_left_over(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(file)
