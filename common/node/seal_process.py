"""The seal process of a node and who keeps it running. It loads no page, no peer and no key of the node."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from common.config import read_config
from common.errors import LiandongError

_ENGINE = "pyhanko"
_SEALS = "seal/organs"
_EXIT_REFUSED = 2
# How often to look for a first seal, and how long to wait before starting again after a fall, in seconds.
_LOOK_S = 15.0
_AGAIN_S = (1.0, 5.0, 30.0, 120.0)
_STEADY_S = 60.0
_STOP_S = 5.0

log = logging.getLogger(__name__)


class NoSealEngine(LiandongError):
    """The extra `seal` is not installed here."""

    code = "E417"
    status = 503
    sentence = "本站没有安装印章组件（requirements/seal.lock）。"


def serve_seals(data: Path, environment: Mapping[str, str]) -> int:
    """Be the seal process of the node in `data` until told to end; return the exit code.

    Started with a pipe as its standard input, it ends when that closes: with the node that started it.
    """
    try:
        if find_spec(_ENGINE) is None:
            raise NoSealEngine
        config = read_config(data, environment)
        _serve(data, config.address, config.log_level)
    except LiandongError as problem:
        print(problem, file=sys.stderr)
        return _EXIT_REFUSED
    except OSError as problem:
        print(f"{problem.strerror or problem}：{problem.filename or ''}", file=sys.stderr)
        return _EXIT_REFUSED
    except KeyboardInterrupt:
        return 0
    return 0


def _serve(data: Path, me: str, log_level: str) -> None:
    from common.clock import SystemClock
    from common.node.logs import configure_logs
    from common.seal.sealer import run

    configure_logs(log_level)
    has_pipe = stat.S_ISFIFO(os.fstat(0).st_mode)
    run(data, me, SystemClock(), sys.stdin.buffer if has_pipe else None)


class SealKeeper:
    """Keeps the seal process of a node running for as long as it has a seal; both ends at once."""

    def __init__(self, data: Path, package: str, environment: Mapping[str, str]) -> None:
        self._data = data.absolute()
        self._package = package
        self._environment = dict(environment)
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="seal", daemon=True)

    def start(self) -> None:
        """Begin, if the extra is installed; returns at once."""
        if find_spec(_ENGINE) is not None:
            self._thread.start()

    def stop(self) -> None:
        """End the seal process; a sealing under way finishes or comes to nothing."""
        self._stop.set()
        process = self._process
        if process is not None:
            process.terminate()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def pid(self) -> int:
        """Return the process id, 0 while none runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def _keep(self) -> None:
        falls = 0
        while not self._stop.is_set():
            if not any((self._data / _SEALS).glob("*.cer")):
                self._stop.wait(_LOOK_S)
                continue
            ran_s = self._run_or_fail()
            falls = 0 if ran_s >= _STEADY_S else min(falls + 1, len(_AGAIN_S))
            self._stop.wait(_AGAIN_S[max(0, falls - 1)])

    def _run_or_fail(self) -> float:
        """Run the process once; one that could not even be started has lived for no time."""
        try:
            return self._run()
        except OSError as problem:
            # No memory or no process to be had just now: the next try may find some.
            log.error("the seal process cannot be started: %s", problem)
            return 0.0

    def _run(self) -> float:
        """Run the process once; return roughly how long it lived, in seconds."""
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", self._package, "seal", "serve", "--data", str(self._data)],
            cwd=Path(str(resources.files("common"))).parent,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        lived_s = 0.0
        with process.stdin:
            while process.poll() is None:
                if self._stop.is_set():
                    process.terminate()
                try:
                    process.wait(1.0)
                except subprocess.TimeoutExpired:
                    lived_s += 1.0
        return lived_s
