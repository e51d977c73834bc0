"""last_case_at_township_s, all_s: three papers of 300 KB wait before 200 cases; the line carries 64 kbit/s.
cut_bytes_over_size: a line of 512 kbit/s is cut in the middle of a paper of 3 MB.

A real village and township; the county is down. The clock runs from the moment the line comes up. Bytes are
those the township's end of the line reads above TCP, before and after the cut.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import shaped
from bench.county import ROOT, VILLAGE, NodeProcess, make
from bench.intake import AGENT
from bench.workload import SEED, filing
from common.casework.context import Paper
from common.config import read_config
from common.node.assembly import build_node
from common.node.demo.relay import Relay
from village_node.profile import PROFILE

CASES, PAPERS, PAPER_BYTES, CUT_PAPER_BYTES = 200, 3, 300_000, 3_000_000
THIN, CUT_RATE = "64kbit", "512kbit"
CUT_AFTER_BYTES, CUT_S = 1_600_000, 10.0
LIMIT_S = 400.0
_SETTINGS = {
    "LIANDONG_SYNC_INTERVAL_S": "1",
    "LIANDONG_SYNC_RETRY_BASE_MS": "300",
    "LIANDONG_SYNC_RETRY_CAP_S": "1",
}


def fill(folder: Path, papers: int, size: int, cases: int) -> None:
    """File cases with a paper of `size` bytes each at the village in `folder`, then others without."""
    node = build_node(read_config(folder, {}), PROFILE)
    items = [item for item in node.catalogue.items_for("village") if not item.is_instant]
    for index in range(papers + cases):
        one = filing(index, VILLAGE, items)
        if index < papers:
            data = random.Random(f"{SEED}/paper/{index}").randbytes(size)
            one = replace(
                one, papers=(Paper("photo", "现场照片", node.blobs.put(iter([data]), "image/jpeg")),)
            )
        with node.unit():
            node.casework.file_case(one, AGENT, node.clock.now_ms())


@dataclass(slots=True)
class Pair:
    """A village and its township with a line between that is down."""

    town: NodeProcess
    relay: Relay

    def frames(self) -> int:
        """Return how many acts of the village the township has stored."""
        return self._number("SELECT max(upto) FROM sync_stream WHERE src = ?", (VILLAGE,))

    def papers(self) -> int:
        """Return how many papers the township holds whole."""
        return self._number("SELECT count(*) FROM sync_blob", ())

    def _number(self, query: str, values: tuple[str, ...]) -> int:
        database = sqlite3.connect(f"file:{self.town.folder / 'node.sqlite3'}?mode=ro", uri=True)
        try:
            return int(database.execute(query, values).fetchone()[0] or 0)
        finally:
            database.close()

    def wait(self, is_there: Callable[[], bool]) -> float:
        """Wait until something holds; return the moment (monotonic seconds)."""
        limit = time.perf_counter() + LIMIT_S
        while not is_there():
            if time.perf_counter() > limit:
                raise RuntimeError(f"not there: {self.frames()} acts, {self.papers()} papers")
            time.sleep(0.05)
        return time.perf_counter()


@contextmanager
def _pair(rate: str, filled: tuple[int, int, int]) -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    with shaped.cable(rate) as there:
        relay = Relay(0, shaped.NEAR)
        try:
            yield from _filled(folder, relay, there, filled)
        finally:
            relay.down()
            shutil.rmtree(folder, ignore_errors=True)


def _filled(
    folder: Path, relay: Relay, there: tuple[str, ...], filled: tuple[int, int, int]
) -> Iterator[Pair]:
    village, town, _ = make(folder, relay.port)
    relay.target_port = town.port
    try:
        call = f"fill(Path({str(village.folder)!r}), *{filled})"
        code = f"from bench.thin import fill; from pathlib import Path; {call}"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        village.before, address = there, f"http://{shaped.NEAR}:{relay.port}"
        town.start(**_SETTINGS)
        village.launch(**_SETTINGS, LIANDONG_PARENT_URL=address)
        # Both have started and rest before the clock does: a first state must not be measured with the cases.
        time.sleep(4.0)
        yield Pair(town, relay)
    finally:
        for site in (village, town):
            site.stop()


def thin_once() -> dict[str, float]:
    """Return seconds until the last case, and until everything, is at the township."""
    with _pair(THIN, (PAPERS, PAPER_BYTES, CASES)) as pair:
        began = time.perf_counter()
        pair.relay.up()
        cases = pair.wait(lambda: pair.frames() >= PAPERS + CASES) - began
        everything = pair.wait(lambda: pair.papers() >= PAPERS) - began
        return {"last_case_at_township_s": cases, "all_s": everything, "thin_bytes_up": pair.relay.bytes_up}


def cut_once() -> dict[str, float]:
    """Return the bytes read at the township's end, before and after the cut, over the size of the paper."""
    with _pair(CUT_RATE, (1, CUT_PAPER_BYTES, 0)) as pair:
        pair.relay.up()
        pair.wait(lambda: pair.relay.bytes_up >= CUT_AFTER_BYTES)
        pair.relay.down()
        time.sleep(CUT_S)
        pair.relay.up()
        began = time.perf_counter()
        done = pair.wait(lambda: pair.papers() >= 1) - began
        return {"cut_bytes_over_size": pair.relay.bytes_up / CUT_PAPER_BYTES, "cut_done_after_s": done}


_UNITS = {"thin_bytes_up": "B", "cut_bytes_over_size": "ratio"}


def _measured(what: str, once: Callable[[], dict[str, float]], runs: int) -> list[dict[str, object]]:
    try:
        if not shaped.inside(what):
            return []
    except shaped.CannotShape as why:
        sys.exit(f"bench {what}: {why}")
    done = []
    for run in range(runs):
        done.append(once())
        print(f"{what} run {run + 1}: {done[-1]}", file=sys.stderr)
    return [
        {
            "metric": name,
            "value": round(statistics.median(one[name] for one in done), 4),
            "unit": _UNITS.get(name, "s"),
        }
        for name in done[0]
    ]


def measure_thin(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs`."""
    return _measured("thin", thin_once, runs)


def measure_cut(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs`."""
    return _measured("cut", cut_once, runs)
