"""The sites of a demonstration or a measurement as processes: started, killed, stopped, given commands."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from common.config import NodeConfig, read_config

ROOT = Path(__file__).resolve().parents[3]
START_S = 60.0
STOP_S = 15.0
VERB_S = 120.0
_PACKAGES = {6: "county_node", 9: "town_node", 12: "village_node"}
_LOG = "serve.log"
_TAIL = 2_000
_PORTS, _PORT_TRIES = range(15_000, 32_000), 1_000
_claims: list[socket.socket] = []


class SiteTrouble(RuntimeError):
    """A process of a site did not do what it was asked; the message holds the end of what it said."""


def free_ports(count: int) -> list[int]:
    """Return so many different ports of this machine that are this process's own until it ends.

    They lie below those that the kernel gives to connections by itself, and none is
    returned to two programs that ask here: a site may start long after its port was chosen.

    Raises:
        SiteTrouble: none was to be had.
    """
    found: list[int] = []
    for _ in range(_PORT_TRIES):
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        if len(found) < count and _claimed(port):
            found.append(port)
        if len(found) == count:
            return found
    raise SiteTrouble("本机没有空闲的端口")


def _claimed(port: int) -> bool:
    """Say whether a port is free, and claim it: a name of the kernel's own goes when the process does."""
    claim, probe = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket()
    try:
        claim.bind(f"\0liandong-port-{port}")
        probe.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    finally:
        probe.close()
    _claims.append(claim)
    return True


@dataclass(slots=True)
class NodeProcess:
    """One node: its address, data folder and port, and its process while it serves."""

    address: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    is_retired: bool = False
    # Words before its command, for a process that has to start somewhere else (a network namespace).
    before: tuple[str, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def package(self) -> str:
        """The program of its tier."""
        return _PACKAGES[len(self.address)]

    def run(self, *words: str) -> str:
        """Run a verb of its command line to its end and return what it printed.

        Raises:
            SiteTrouble: it ended with another code than 0.
        """
        return run_module(self.package, words[0], "--data", str(self.folder), *words[1:])

    def start(self, **settings: str) -> None:
        """Serve, with these settings; returns once it listens.

        Raises:
            SiteTrouble: it ended, or does not listen in time.
        """
        self.launch(**settings)
        self.await_listening()

    def launch(self, **settings: str) -> None:
        """Begin to serve, and do not wait.

        Raises:
            SiteTrouble: it was retired.
        """
        command = [*self.before, sys.executable, "-m", self.package, "serve", "--data", str(self.folder)]
        command += said_at_start(read_config(self.folder, {}))
        environment = {**os.environ, **settings}
        with self._lock, (self.folder / _LOG).open("ab") as log:
            if self.is_retired:
                raise SiteTrouble(f"{self.address} is retired")
            # A session of its own: keys typed at the terminal reach only whoever started it, who ends it.
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def await_listening(self) -> None:
        """Return once it listens.

        Raises:
            SiteTrouble: it ended, or does not listen in time.
        """
        limit = time.monotonic() + START_S
        while time.monotonic() < limit and self.process is not None and self.process.poll() is None:
            if self._listens():
                return
            time.sleep(0.02)
        raise SiteTrouble(f"{self.address} does not listen: {self.log_tail()}")

    def log_tail(self) -> str:
        """Return the end of what its process has said."""
        path = self.folder / _LOG
        return path.read_text(encoding="utf-8", errors="replace")[-_TAIL:] if path.exists() else ""

    def kill(self) -> None:
        """Take the power away: every process of it dies at once and is told nothing."""
        process, self.process = self.process, None
        if process is not None:
            _signal_group(process, signal.SIGKILL)
            process.wait(STOP_S)
            # Its worker dies a moment later; until then its socket takes connections that nobody answers.
            limit = time.monotonic() + STOP_S
            while self._listens() and time.monotonic() < limit:
                time.sleep(0.01)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """End its process, with all it started."""
        stop_all([self])

    def retire(self) -> None:
        """Let it never be started again, whoever tries."""
        with self._lock:
            self.is_retired = True

    def cpu_s(self) -> float:
        """Return user and system time of its processes so far, in seconds."""
        if self.process is None:
            return 0.0
        group, ticks = self.process.pid, 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def said_at_start(config: NodeConfig) -> list[str]:
    """Return what has to be said to serve a folder, beside where it is: that it is one for practice."""
    return ["--practice"] if config.practice else []


def stop_all(nodes: Iterable[NodeProcess]) -> None:
    """End these sites side by side; whoever does not end when asked is killed."""
    running = []
    for node in nodes:
        process, node.process = node.process, None
        if process is not None:
            _signal_group(process, signal.SIGTERM)
            running.append(process)
    limit = time.monotonic() + STOP_S
    for process in running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, limit - time.monotonic()))
        # Also when the first process of the group has ended: one it started may still be about.
        _signal_group(process, signal.SIGKILL)
        process.wait(STOP_S)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    # All of the group may be gone already.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def run_module(module: str, *words: str, good: tuple[int, ...] = (0,)) -> str:
    """Run `python -m module words…` to its end and return what it printed.

    Raises:
        SiteTrouble: it ended with a code not among `good`, broke off without a word, or took too long.
    """
    command = [sys.executable, "-m", module, *words]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=VERB_S,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as late:
        raise SiteTrouble(f"{module} {words[0]} took more than {VERB_S:.0f} s") from late
    if done.returncode not in good or (done.returncode and not done.stdout):
        raise SiteTrouble(f"{module} {' '.join(words)}: {done.stdout[-_TAIL:]} {done.stderr[-_TAIL:]}")
    return done.stdout
