"""Long work with sticks: bundles made and taken in beside the page (`common.web.long_work`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from common.web.long_work import DONE, KEPT_MS, RUNNING, Job, LongWork, Tell
from sync.adapters.bundle_file import export
from sync.adapters.engine import Engine, Report
from sync.protocol import signed
from sync.protocol.spool import GAP, UNKNOWN_KEY

OUT, IN = "out", "in"
_FOLDER = "sticks"
_PIECE = 1 << 18


class Sticks:
    """The jobs of one node, in its data folder: one going out and one coming in at most.

    Args:
        folder: the node's data folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._work = LongWork(self._folder)

    def job(self, kind: str) -> Job | None:
        """Return the newest job of a kind; None when there is none, or its note cannot be read."""
        found = self._work.job(kind)
        is_going_out = found is not None and found.state == RUNNING and kind == OUT
        return replace(found, done=self._written()) if found is not None and is_going_out else found

    def bundle(self) -> Path | None:
        """Return the bundle that was made, None when there is none to be fetched."""
        job = self.job(OUT)
        path = self._folder / str(job.told.get("file", "")) if job and job.state == DONE else None
        return path if path is not None and path.is_file() else None

    def begin_out(self, engine: Engine, first: Job) -> bool:
        """Begin to make a bundle for the node `first.about`; False when one is being made."""

        def work(_tell: Tell) -> Mapping[str, Any]:
            done = export(engine, first.about, self._folder)
            return {"file": done.path.name, "size": done.size, "acts": done.frames, "pieces": done.pieces}

        def ready() -> int:
            self._clear_out()
            return first.total

        return self._work.begin(first, work, ready=ready) is not None

    def begin_in(self, file: IO[bytes], receive: Callable[[Iterator[bytes]], Report], first: Job) -> bool:
        """Begin to take a bundle in, copied before this returns; False when one is being taken in."""

        def work(tell: Tell) -> Mapping[str, Any]:
            try:
                with self._incoming().open("rb") as bundle:
                    return _told(receive(_counted(bundle, tell)))
            finally:
                # Read as far as it could be: what is left of a copy only takes room.
                self._incoming().unlink(missing_ok=True)

        return self._work.begin(first, work, ready=lambda: self._copied(file)) is not None

    def sweep(self, now_ms: int) -> None:
        """Clear away the bundle that was fetched, what nobody fetched within a day, and what a cut left."""
        self._work.clear_old(self._outgoing(), now_ms - KEPT_MS, OUT)
        self._work.clear_old([self._incoming()], now_ms - KEPT_MS, IN)

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
        for old in self._outgoing():
            old.unlink(missing_ok=True)

    def _outgoing(self) -> list[Path]:
        bundles = [path for path in self._folder.glob("*.ldx*") if path != self._incoming()]
        return [*bundles, *self._folder.glob(".*.part")]

    def _written(self) -> int:
        size = 0
        for part in self._folder.glob(".*.part"):
            # Whole by now, it has got its name in between.
            with suppress(FileNotFoundError):
                size += part.stat().st_size
        return size

    def _incoming(self) -> Path:
        return self._folder / "incoming.ldx"


def take_in(node: Any, receive: Callable[[], Report]) -> Report:
    """Take a bundle in, and count what lies aside then: who reads it twice is not to take that for a loss.

    And what is no act: a stick may bring receipts alone, and make a case safe.
    """
    before = node.spool.identity().stamp
    report = receive()
    report.waits = sum(count for why in (GAP, UNKNOWN_KEY) for _, count, _ in node.aside(why))
    if report.sender:
        # This node's own receipts, for what came, are no news.
        given = [held.key.split("|") for held in node.spool.all_held(signed.RECEIPT, before)]
        report.news = {
            "receipts": sum(node.me not in key[3:] for key in given),
            "entries": len(node.spool.all_held(signed.ENTRY, before)),
            "published": len(node.spool.all_held(signed.SHELF, before)),
        }
    return report


def _counted(bundle: IO[bytes], tell: Tell) -> Iterator[bytes]:
    done = 0
    while piece := bundle.read(_PIECE):
        yield piece
        done += len(piece)
        tell(done)


def _told(report: Report) -> dict[str, Any]:
    return {
        "sender": report.sender,
        "receiver": report.receiver,
        "fresh": report.fresh,
        "rest": max(0, report.frames - report.fresh),
        "refused": report.refused,
        "waits": report.waits,
        "pieces": report.pieces,
        "news": report.news,
        "records": report.records,
        "is_complete": int(report.complete),
        "code": report.code,
        "sentence": report.sentence,
    }
