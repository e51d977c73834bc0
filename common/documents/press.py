"""Keeps the printing process: starts it for the first paper, bounds it, replaces it when it has died."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from common.documents import wire
from common.documents.errors import (
    ForeignResource,
    PaperTooLarge,
    PrinterBusy,
    PrintFailed,
    PrintFromBrowser,
)

_ENGINE = "weasyprint"
# A printer that died before the paper (killed, at its last paper, or just gone to rest) is replaced once.
_TRIES = 2


@dataclass(frozen=True, slots=True)
class PressLimits:
    """Bounds of printing. Times in seconds.

    `paper_s` is how long one paper may take, `start_s` the start of the process, `wait_s` how long a person
    waits for the papers of others, `idle_s` after what time without a paper the process ends.
    """

    paper_s: float = 20.0
    start_s: float = 30.0
    wait_s: float = 30.0
    idle_s: float = 60.0
    memory_bytes: int = 1_000_000_000
    page_bytes: int = 2_000_000


class _Gone(Exception):
    """The process ended without an answer."""


class _Child:
    """One run of the printing process with the folder for its scratch files."""

    def __init__(self, limits: PressLimits) -> None:
        self.folder = tempfile.mkdtemp(prefix="liandong-print-")
        self.line, other = socket.socketpair()
        try:
            self.process = self._start(other, limits)
        except OSError:
            self.line.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            other.close()
        threading.Thread(target=self._bury, name="printer", daemon=True).start()

    def _start(self, other: socket.socket, limits: PressLimits) -> subprocess.Popen[bytes]:
        program = Path(str(resources.files("common")))
        fonts = str(program / "documents" / "data" / "fonts.conf")
        words = [str(other.fileno()), str(limits.idle_s), str(limits.memory_bytes), self.folder]
        return subprocess.Popen(
            [sys.executable, "-m", "common.documents.printer", *words],
            cwd=program.parent,
            env={
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "HOME": self.folder,
                "TMPDIR": self.folder,
                "FONTCONFIG_FILE": fonts,
                "PYTHONDONTWRITEBYTECODE": "1",
                "MALLOC_ARENA_MAX": "2",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(other.fileno(),),
        )

    def _bury(self) -> None:
        """Wait for the end however it comes, so that neither a dead process nor its files are left."""
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self) -> None:
        """Kill it, at once."""
        self.line.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class Press:
    """One printing process at a time for all threads of a node; none until the first paper."""

    def __init__(self, limits: PressLimits | None = None) -> None:
        self.limits = limits or PressLimits()
        self._lock = threading.Lock()
        self._child: _Child | None = None

    @staticmethod
    def is_installed() -> bool:
        """Say whether the printing engine is there; whether its system libraries are shows when it starts."""
        return find_spec(_ENGINE) is not None

    def pid(self) -> int:
        """Return the process id of the printer that runs, 0 while none does."""
        child = self._child
        return child.process.pid if child is not None and child.process.poll() is None else 0

    def close(self) -> None:
        """End the printer, if one runs; the next paper starts another."""
        with self._lock:
            self._drop()

    def pdf(self, page: bytes) -> bytes:
        """Return a page as PDF.

        Raises:
            PrintFromBrowser: engine, fonts or system libraries are not installed.
            PrinterBusy: other papers took longer than a person waits.
            PaperTooLarge: the page is larger than any notice.
            ForeignResource: it asks for a file that is not ours.
            PrintFailed: it could not be laid out within the bounds of time and memory.
        """
        if not self.is_installed():
            raise PrintFromBrowser
        if len(page) > self.limits.page_bytes:
            raise PaperTooLarge
        if not self._lock.acquire(timeout=self.limits.wait_s):
            raise PrinterBusy
        try:
            for _ in range(_TRIES):
                with contextlib.suppress(_Gone):
                    return self._print(page)
            raise PrintFailed
        finally:
            self._lock.release()

    def _print(self, page: bytes) -> bytes:
        child = self._child
        if child is None or child.process.poll() is not None:
            child = self._start()
        mark, content = self._exchange(child, page)
        if mark == wire.PDF:
            return content
        raise ForeignResource if mark == wire.FOREIGN else PrintFailed

    def _start(self) -> _Child:
        self._drop()
        self._child = child = _Child(self.limits)
        mark, _ = self._receive(child, self.limits.start_s)
        if mark != wire.READY:
            self._drop()
            raise PrintFromBrowser
        return child

    def _exchange(self, child: _Child, page: bytes) -> tuple[bytes, bytes]:
        try:
            child.line.settimeout(self.limits.paper_s)
            wire.send(child.line, wire.PAGE, page)
        except OSError as problem:
            self._drop()
            raise _Gone from problem
        return self._receive(child, self.limits.paper_s)

    def _receive(self, child: _Child, within_s: float) -> tuple[bytes, bytes]:
        # A printer that hangs is killed by the clock even while it sends a byte now and then.
        killer = threading.Timer(within_s, child.process.kill)
        killer.daemon = True
        killer.start()
        ends_at = time.monotonic() + within_s
        try:
            child.line.settimeout(within_s + 1)
            return wire.receive(child.line)
        except (EOFError, OSError) as problem:
            self._drop()
            # Out of time: once more would only take as long again.
            raise (PrintFailed if time.monotonic() >= ends_at else _Gone) from problem
        finally:
            killer.cancel()

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None
