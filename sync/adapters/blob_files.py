"""Papers as files named by their content. No path comes from outside: a name is 64 hex digits or nothing.

Whole papers stand at `<folder>/ab/cd/<hash>`, unfinished ones at `<folder>/part/<hash>.part`. A whole paper
appears by rename after its bytes are on the disk, so a file under its hash is always complete.
`<folder>/part/<hash>.put` notes, by its time, a paper that was put here and that nobody has claimed yet.
`<folder>/part/<hash>.bad` is what is left of a damaged paper, kept until a good one comes.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sync.adapters.file_steps import (
    BLOB_NAME,
    check_name,
    forget,
    hash_of,
    is_before,
    is_left_over,
    make_folder,
    pour,
    reads_as,
    touch,
    write_at,
)
from sync.durable import make_durable
from sync.protocol.frame import BlobRef

_PART = ".part"
_FRESH = ".new"
_NOTE = ".put"
_BAD = ".bad"
# So many papers are remembered as looked at; beyond them the looking begins anew.
_SOUND_MAX = 100_000


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
        self._sound: set[str] = set()
        make_folder(self._parts)

    def offset(self, blob: str) -> int:
        """Return how many bytes of an unfinished paper are there."""
        if not BLOB_NAME.fullmatch(blob):
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
                write_at(file, offset, data)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file, offset)
                if not offset:
                    forget(path)
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
                    make_durable(self._part(blob))
            make_durable(self._parts)
            self._touched.clear()

    def finish(self, blob: str, size: int) -> bool:
        """Check the hash and keep the paper under it, durably; False when hash or size differ (dropped)."""
        if not BLOB_NAME.fullmatch(blob):
            return False
        whole, part = self._whole(blob), self._part(blob)
        with self._lock:
            if whole.is_file():
                forget(part)
                return whole.stat().st_size == size
            if not part.is_file():
                return False
            if part.stat().st_size != size or hash_of(part) != blob:
                forget(part)
                self._touched.discard(blob)
                return False
            make_durable(part)
            self._keep(part, whole)
            self._touched.discard(blob)
            return True

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""
        return bool(BLOB_NAME.fullmatch(blob)) and self._whole(blob).is_file()

    def is_sound(self, blob: str) -> bool:
        """Say whether it is there and still what its name says, looked at once after a start.

        A damaged one is put aside: it is not here any more, and may come again.
        """
        if not self.has(blob) or blob in self._sound:
            return self.has(blob)
        if reads_as(self._whole(blob), blob):
            self._remember(blob)
            return True
        with self._lock, suppress(FileNotFoundError):
            os.replace(self._whole(blob), self._bad(blob))
        return False

    def doubt(self, blob: str) -> None:
        """Let `is_sound` look at a paper once more: it cannot be read, or somebody says it is another."""
        self._sound.discard(blob)

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper.

        Raises:
            FileNotFoundError: the paper is not here whole.
        """
        if not BLOB_NAME.fullmatch(blob):
            raise FileNotFoundError(blob[:80])
        file = os.open(self._whole(blob), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return os.pread(file, length, offset)
        except OSError:
            self.doubt(blob)
            raise
        finally:
            os.close(file)

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper durably and return its reference; one chunk is in memory at a time.

        It is unclaimed from now on, also one that was here before.

        Raises:
            TooLarge: empty or longer than a paper may be; nothing was kept.
        """
        with self._lock:
            file, name = tempfile.mkstemp(suffix=_FRESH, dir=self._parts)
            # The lock tells `sweep`, in whatever process, that this file is being written and no leftover.
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            blob, size = pour(file, chunks)
            os.fsync(file)
            self._put(Path(name), blob)
        except BaseException:
            forget(Path(name))
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
                fresh = path.suffix == _FRESH and is_left_over(path)
                double = path.suffix == _PART and BLOB_NAME.fullmatch(path.stem) and self.has(path.stem)
                if fresh or double:
                    forget(path)
                    removed += 1
        return removed

    def unclaimed(self, before_ms: int) -> list[str]:
        """Return the papers put here and last put before this time (UTC ms), which nobody has claimed."""
        notes = [path for path in self._parts.iterdir() if path.suffix == _NOTE]
        return sorted(
            note.stem for note in notes if BLOB_NAME.fullmatch(note.stem) and is_before(note, before_ms)
        )

    def claim(self, blobs: Iterable[str]) -> None:
        """These papers are named for good: they are not `unclaimed` any more, until they are put again."""
        for blob in blobs:
            forget(self._note(blob))

    def remove(self, blob: str, before_ms: int) -> bool:
        """Remove an unclaimed paper; False (and nothing changed) when it was claimed or put again since.

        A power cut leaves it there and unclaimed, or gone. Call it where nobody can be about to name it.

        Raises:
            ValueError: `blob` is not the name of a paper.
        """
        note = self._note(blob)
        with self._alone():
            if not is_before(note, before_ms):
                return False
            forget(self._whole(blob))
            forget(note)
            self._sound.discard(blob)
            return True

    def evict(self, blob: str) -> bool:
        """Remove a whole paper that need not be here; False when it is unclaimed, for a form may be open.

        Raises:
            ValueError: `blob` is not the name of a paper.
        """
        with self._alone():
            if self._note(blob).exists() or not self.has(blob):
                return False
            forget(self._whole(blob))
            self._sound.discard(blob)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against every thread and process that puts or removes papers."""
        with self._lock:
            folder = os.open(self._parts, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)

    def _put(self, new: Path, blob: str) -> None:
        with self._alone():
            # The note comes first: a crash may leave one without its paper, never a paper without its note.
            touch(self._note(blob))
            try:
                if self.is_sound(blob):
                    os.unlink(new)
                else:
                    self._keep(new, self._whole(blob))
            except OSError:
                if not self.has(blob):
                    forget(self._note(blob))
                raise
            forget(self._part(blob))
            self._touched.discard(blob)

    def _keep(self, source: Path, target: Path) -> None:
        make_folder(target.parent)
        os.rename(source, target)
        try:
            make_durable(target.parent)
            make_durable(source.parent)
        except OSError:
            # A paper whose name may not survive a power cut must not be found by anyone.
            os.rename(target, source)
            raise
        self._remember(target.name)
        forget(self._bad(target.name))

    def _remember(self, blob: str) -> None:
        if len(self._sound) >= _SOUND_MAX:
            self._sound.clear()
        self._sound.add(blob)

    def _whole(self, blob: str) -> Path:
        check_name(blob)
        return self._folder / blob[:2] / blob[2:4] / blob

    def _part(self, blob: str) -> Path:
        check_name(blob)
        return self._parts / (blob + _PART)

    def _note(self, blob: str) -> Path:
        check_name(blob)
        return self._parts / (blob + _NOTE)

    def _bad(self, blob: str) -> Path:
        check_name(blob)
        return self._parts / (blob + _BAD)
