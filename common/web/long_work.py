"""Long work beside the pages: it goes on when the page is left, tells how far it is, and may leave a file.

What is known of a job stands in a small file, and its thread holds a lock as long as it works. So every
worker of the node can show it, no two begin it, and one that a power cut or a restart ended is told as such.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from common.errors import LiandongError
from common.store.database import close_database

RUNNING, DONE, FAILED, CUT = "running", "done", "failed", "cut"
# What is never fetched is cleared away after a day: it holds people's data and takes the room of cases.
KEPT_MS = 24 * 3_600_000
# What was fetched stays a little: a page is loaded anew, a button pressed twice, a copy found to be torn.
FETCHED_KEPT_MS = 10 * 60_000
_PIECE = 1 << 18
_WRITE_EACH_S = 0.5
_log = logging.getLogger(__name__)

Tell = Callable[[int], None]
Work = Callable[[Tell], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """One job: its kind, where it stands, what it is about, by whom, when begun (UTC ms), how far.

    `told` is what the page says of it, and once it is done what came of it.
    """

    kind: str
    state: str
    about: str
    login: str
    at: int
    done: int
    total: int
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """How much is done, in hundredths; never all before it is."""
        return 100 if self.state == DONE else min(99, 100 * self.done // max(1, self.total))


def first_of(kind: str, about: str, login: str, at: int, total: int) -> Job:
    """Return a job that is about to begin."""
    return Job(kind, RUNNING, about, login, at, 0, total)


class LongWork:
    """The jobs whose notes and files lie in one folder: of each kind one for each owner.

    Of one kind one works at a time, over all workers of the node; those of other owners wait their turn.

    Args:
        folder: made at the first job, for its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def job(self, kind: str, owner: str = "") -> Job | None:
        """Return the newest job of a kind; None when there is none, or its note cannot be read."""
        name = _name(kind, owner)
        found = self._read(name)
        if found is None or found.state != RUNNING:
            return found
        with self._gate():
            lock = self._lock(name)
            if lock is None:
                return found
            lock.close()
        # It may have ended between the two looks.
        found = self._read(name)
        return replace(found, state=CUT) if found is not None and found.state == RUNNING else found

    def begin(
        self, first: Job, work: Work, owner: str = "", ready: Callable[[], int] | None = None
    ) -> threading.Thread | None:
        """Begin a job; return its thread, None when the one before still works.

        Args:
            work: does it, and returns what is to be told; it is given a way to tell how much is done.
            ready: done before this returns, as the copy of a file that was sent; it returns the total.

        Raises:
            OSError: the folder cannot be written; nothing was begun.
        """
        name = _name(first.kind, owner)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with self._gate():
            lock = self._lock(name)
        if lock is None:
            return None
        try:
            self._clear(name)
            first = replace(first, total=ready() if ready else first.total)
            self._write(name, first)
            thread = threading.Thread(
                target=self._run, args=(name, first, work, lock), name=f"work-{first.kind}", daemon=True
            )
            thread.start()
        except BaseException:
            lock.close()
            raise
        return thread

    def new_file(self, kind: str, owner: str = "") -> Path:
        """Return where a job may put its file; it goes with the next job of this kind and owner."""
        return self.folder / f"{_name(kind, owner)}.{secrets.token_hex(8)}.out"

    def sweep(self, now_ms: int) -> None:
        """Clear away what nobody fetched within a day, what was fetched, and what was left half done.

        Files go by their own age: a note may say anything, or be gone.
        """
        for file in list(self.folder.iterdir()) if self.folder.is_dir() else ():
            if file.suffix not in (".out", ".part", ".json", ".draft"):
                continue
            name = file.name.lstrip(".").partition(".")[0]
            self.clear_old([file], now_ms - KEPT_MS, name)

    def clear_old(self, files: Iterable[Path], before_ms: int, name: str) -> None:
        """Take away those of `files` last written before a time, unless the job they belong to works.

        One dated as far ahead is as old: the clock was set back since.
        """
        ahead_ms = before_ms + 2 * KEPT_MS
        old = [file for file in files if not before_ms < _written_ms(file, before_ms + 1) < ahead_ms]
        if not old:
            return
        with self._gate():
            lock = self._lock(name)
        if lock is not None:
            with lock:
                for file in old:
                    file.unlink(missing_ok=True)

    def _run(self, name: str, first: Job, work: Work, lock: IO[Any]) -> None:
        with lock:
            try:
                with self._turn(first.kind):
                    told = work(self._teller(name, first))
                done = replace(first, state=DONE, done=first.total, told={**first.told, **told})
            except Exception as fault:
                # Told on the page: nobody waits for this thread.
                _log.exception("long work %s failed", first.kind)
                self._clear(name)
                done = replace(first, state=FAILED, told={**first.told, **_why(fault)})
            finally:
                close_database()
            self._end(name, done)

    def _end(self, name: str, done: Job) -> None:
        """Write what came of a job; where even that finds no room, forget it, so that another can begin."""
        try:
            self._write(name, done)
        except OSError:
            _log.exception("what came of long work %s cannot be written", done.kind)
            self._clear(name)
            self._note(name).unlink(missing_ok=True)

    def _teller(self, name: str, first: Job) -> Tell:
        told_at = time.monotonic()

        def tell(done: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at > _WRITE_EACH_S:
                # How far it is helps nobody whose disk is full: the work itself says so.
                with suppress(OSError):
                    self._write(name, replace(first, done=done))
                told_at = time.monotonic()

        return tell

    def _clear(self, name: str) -> None:
        for pattern in (f"{name}.*.out", f".{name}.*.part"):
            for old in self.folder.glob(pattern):
                old.unlink(missing_ok=True)

    def _read(self, name: str) -> Job | None:
        try:
            return Job(**json.loads(self._note(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, name: str, job: Job) -> None:
        draft = self.folder / f".{name}.draft"
        draft.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")
        os.replace(draft, self._note(name))

    def _note(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _lock(self, name: str) -> IO[Any] | None:
        """Return the lock of a job, None while its thread holds it; looked for inside the gate alone."""
        file = (self.folder / f"{name}.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """Let one at a time look for a lock: a look would else be taken for a job that works."""
        with (self.folder / ".gate").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _turn(self, kind: str) -> Iterator[None]:
        with (self.folder / f".{kind}.turn").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def given(path: Path) -> Iterator[bytes]:
    """Yield a file; once it was given whole it goes with the sweep of some minutes later."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
    with suppress(OSError):
        _age(path)


def _age(path: Path) -> None:
    """Date a file back, so that little is left of its day, counted from now as files are dated."""
    os.utime(path)
    at = path.stat().st_mtime - (KEPT_MS - FETCHED_KEPT_MS) / 1000
    os.utime(path, (at, at))


def _written_ms(path: Path, gone: int) -> int:
    try:
        return int(path.stat().st_mtime * 1000)
    except OSError:
        return gone


def _name(kind: str, owner: str) -> str:
    # Whatever stands in a login, in the name of a file there are digits.
    return f"{kind}-{hashlib.sha256(owner.encode()).hexdigest()[:16]}" if owner else kind


def _why(fault: Exception) -> dict[str, str]:
    if isinstance(fault, LiandongError):
        return {"why": fault.code, "sentence": fault.told(fault.sentence)}
    return {"why": type(fault).__name__}
