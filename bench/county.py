"""A small county of real processes in a scratch folder: made, enrolled and stopped by the measurements."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTY, TOWN, VILLAGE = "511921", "511921108", "511921108203"
_PACKAGES = {6: "county_node", 9: "town_node", 12: "village_node"}
_START_S = 20.0


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Site:
    """One node: its address, folder and port, and its process while it serves."""

    address: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, **settings: str) -> str:
        """Run a verb of its command line to its end and return what it printed."""
        package = _PACKAGES[len(self.address)]
        command = [sys.executable, "-m", package, words[0], "--data", str(self.folder), *words[1:]]
        environment = {**os.environ, **settings}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{package} {words}: {done.stdout[-500:]} {done.stderr[-1500:]}")
        return done.stdout

    def start(self, **settings: str) -> None:
        """Serve, with these settings; returns once it listens."""
        package = _PACKAGES[len(self.address)]
        command = [sys.executable, "-m", package, "serve", "--data", str(self.folder)]
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True
        )
        limit = time.monotonic() + _START_S
        while time.monotonic() < limit:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(
            f"{self.address} does not listen: {(self.folder / 'serve.log').read_text()[-2000:]}"
        )

    def stop(self) -> None:
        """End its process, with all it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
        self.process = None

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


def make(folder: Path, village_parent_port: int = 0) -> tuple[Site, Site, Site]:
    """Return village, township and county, enrolled by file, nothing serving.

    Args:
        village_parent_port: where the village looks for its township (a relay that counts bytes); 0 = directly.
    """
    county = Site(COUNTY, folder / "county", free_port())
    town = Site(TOWN, folder / "town", free_port())
    village = Site(VILLAGE, folder / "village", free_port())
    county.run("init", "--address", COUNTY, "--bind", f"127.0.0.1:{county.port}")
    town.run("init", "--address", TOWN, "--bind", f"127.0.0.1:{town.port}", "--parent-url", county.url)
    parent = f"http://127.0.0.1:{village_parent_port or town.port}"
    village.run("init", "--address", VILLAGE, "--bind", f"127.0.0.1:{village.port}", "--parent-url", parent)
    for child in (town, village):
        enrol(county, child, folder)
    for child in (town, village):
        file = county.run("bundle", "export", "--to", child.address, "--folder", str(folder)).split('"')[3]
        child.run("bundle", "import", "--file", file)
    return village, town, county


def enrol(parent: Site, child: Site, folder: Path) -> None:
    """Enrol a node with the code and two files, as with a stick."""
    code = parent.run("enrol", "issue", "--address", child.address).split()[0]
    request, answer = folder / "request", folder / "answer"
    child.run("enrol", "request", "--code", code, "--out", str(request))
    parent.run("enrol", "answer", "--in", str(request), "--out", str(answer))
    child.run("enrol", "finish", "--code", code, "--in", str(answer))
