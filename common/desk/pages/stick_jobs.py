"""Long work with sticks, done beside the pages: it goes on when the page is left, and tells how far it is.

What is known of a job stands in a small file beside its bundle, so every worker of the node can show it, and
a job that a power cut ended is told as such.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from common.store.database import close_database
from sync.adapters.bundle_file import export
from sync.adapters.engine import Engine, Report

RUNNING, DONE, FAILED, CUT = "running", "done", "failed", "cut"
OUT, IN = "out", "in"
_FOLDER = "sticks"
_PIECE = 1 << 18
_WRITE_EACH_S = 0.5
# Names this run of this worker: a job of another run that is not done was ended by a power cut.
_RUN = secrets.token_hex(8)
_lock = threading.Lock()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `kind` OUT or IN, where it stands, for which node, by whom, when begun (UTC ms), how far.

    `told` is what came of it: the file's name, or what was taken in.
    """

    kind: str
    state: str
    address: str
    login: str
    at: int
    done: int
    total: int
    pid: int
    run: str
    told: Mapping[str, Any]

    @property
    def percent(self) -> int:
        """How much is done, in hundredths; never all before it is."""
        return 100 if self.state == DONE else min(99, 100 * self.done // max(1, self.total))


class Sticks:
    """The jobs of one node, in its data folder: one going out and one coming in at most.

    Args:
        folder: the node's data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER

    def job(self, kind: str) -> Job | None:
        """Return the newest job of a kind; None when there is none, or its note cannot be read."""
        try:
            found = Job(**json.loads(self._note(kind).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        if found.state == RUNNING and not _is_alive(found):
            return replace(found, state=CUT)
        return replace(found, done=self._written()) if found.state == RUNNING and kind == OUT else found

    def bundle(self) -> Path | None:
        """Return the bundle that was made, None when there is none to be fetched."""
        job = self.job(OUT)
        path = self._folder / str(job.told.get("file", "")) if job and job.state == DONE else None
        return path if path is not None and path.is_file() else None

    def begin_out(self, engine: Engine, first: Job) -> bool:
        """Begin to make a bundle for `first.address`; False when one is being made."""

        def work() -> Mapping[str, Any]:
            done = export(engine, first.address, self._folder)
            return {"file": done.path.name, "size": done.size, "acts": done.frames, "pieces": done.pieces}

        return self._begin(first, work)

    def begin_in(self, file: IO[bytes], receive: Callable[[Iterator[bytes]], Report], first: Job) -> bool:
        """Begin to take a bundle in, copied before this returns; False when one is being taken in."""

        def work() -> Mapping[str, Any]:
            with self._incoming().open("rb") as bundle:
                return _told(receive(self._counted(bundle, first)))

        return self._begin(first, work, file)

    def _begin(
        self, first: Job, work: Callable[[], Mapping[str, Any]], file: IO[bytes] | None = None
    ) -> bool:
        with _lock:
            before = self.job(first.kind)
            if before is not None and before.state == RUNNING:
                return False
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if first.kind == OUT:
                self._clear_out()
            first = replace(first, total=self._copied(file) if file is not None else first.total)
            self._write(first)
        threading.Thread(
            target=self._run, args=(first, work), name=f"stick-{first.kind}", daemon=True
        ).start()
        return True

    def _run(self, first: Job, work: Callable[[], Mapping[str, Any]]) -> None:
        try:
            done = replace(first, state=DONE, done=first.total, told=work())
        except Exception as fault:
            # Told on the page: nobody waits for this thread.
            _log.exception("stick %s failed", first.kind)
            done = replace(first, state=FAILED, told={"why": type(fault).__name__})
        finally:
            close_database()
            if first.kind == IN:
                # Read as far as it could be: what is left of a copy only takes room.
                self._incoming().unlink(missing_ok=True)
        self._tell(done)

    def _tell(self, done: Job) -> None:
        """Write what came of a job; where even that finds no room, forget it, so that another can begin."""
        try:
            self._write(done)
        except OSError:
            _log.exception("what came of stick %s cannot be written", done.kind)
            self._note(done.kind).unlink(missing_ok=True)

    def _counted(self, bundle: IO[bytes], first: Job) -> Iterator[bytes]:
        done, told_at = 0, time.monotonic()
        while piece := bundle.read(_PIECE):
            yield piece
            done += len(piece)
            if time.monotonic() - told_at > _WRITE_EACH_S:
                self._write(replace(first, done=done))
                told_at = time.monotonic()

    def _copied(self, file: IO[bytes]) -> int:
        size = 0
        try:
            with self._incoming().open("wb") as copy:
                while piece := file.read(_PIECE):
                    size += copy.write(piece)
        except OSError:
            self._incoming().unlink(missing_ok=True)
            raise
        return size

    def _clear_out(self) -> None:
        for old in self._folder.glob("*.ldx*"):
            if old != self._incoming():
                old.unlink(missing_ok=True)
        for old in self._folder.glob(".*.part"):
            old.unlink(missing_ok=True)

    def _written(self) -> int:
        return sum(part.stat().st_size for part in self._folder.glob(".*.part"))

    def _write(self, job: Job) -> None:
        draft = self._folder / f".{job.kind}.{_RUN}.json"
        draft.write_text(json.dumps(asdict(job), ensure_ascii=False), encoding="utf-8")
        os.replace(draft, self._note(job.kind))

    def _note(self, kind: str) -> Path:
        return self._folder / f"{kind}.json"

    def _incoming(self) -> Path:
        return self._folder / "incoming.ldx"


def first_of(kind: str, address: str, login: str, at: int, total: int) -> Job:
    """Return a job that is about to begin."""
    return Job(kind, RUNNING, address, login, at, 0, total, os.getpid(), _RUN, {})


def _is_alive(job: Job) -> bool:
    if job.run == _RUN:
        return True
    if job.pid == os.getpid():
        return False
    try:
        os.kill(job.pid, 0)
    except OSError:
        return False
    return True


def _told(report: Report) -> dict[str, Any]:
    return {
        "sender": report.sender,
        "fresh": report.fresh,
        "known": max(0, report.frames - report.fresh),
        "refused": report.refused,
        "pieces": report.pieces,
        "records": report.records,
        "is_complete": int(report.complete),
        "code": report.code,
        "sentence": report.sentence,
    }
