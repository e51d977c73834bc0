"""drain_s, drain_cpu_s, wire_bytes_per_case: 2,000 cases, village → township → county, until receipted.

Three real nodes on loopback. The clock runs from the moment the village's
line comes up until the village holds the county's end-stored receipt for all.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.county import ROOT, NodeProcess, make
from common.node.demo.relay import Relay

CASES = 2_000
LIMIT_S = 120.0
_SETTINGS = {
    "LIANDONG_SYNC_INTERVAL_S": "1",
    "LIANDONG_SYNC_RETRY_BASE_MS": "300",
    "LIANDONG_SYNC_RETRY_CAP_S": "1",
}


@dataclass(frozen=True, slots=True)
class Drained:
    """One run: seconds, CPU seconds by node, bytes above TCP per case on the first hop, both ways."""

    seconds: float
    cpu_s: tuple[float, float, float]
    bytes_per_case: float


def once(cases: int) -> Drained:
    """Fill a fresh village, raise the line, wait for the last receipt."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    town_port_holder = Relay(0)
    village, town, county = make(folder, town_port_holder.port)
    town_port_holder.target_port = town.port
    try:
        fill = f"fill(Path({str(village.folder)!r}), {cases})"
        code = f"from bench.intake import fill; from pathlib import Path; {fill}"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        for site in (county, town, village):
            site.start(**_SETTINGS)
        time.sleep(2.0)
        return _drain((village, town, county), town_port_holder, cases)
    finally:
        town_port_holder.down()
        for site in (village, town, county):
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _drain(sites: tuple[NodeProcess, NodeProcess, NodeProcess], relay: Relay, cases: int) -> Drained:
    before = [site.cpu_s() for site in sites]
    began = time.perf_counter()
    relay.up()
    database = sqlite3.connect(f"file:{sites[0].folder / 'node.sqlite3'}?mode=ro", uri=True)
    try:
        while _receipted(database) < cases:
            if time.perf_counter() - began > LIMIT_S:
                raise RuntimeError(f"not drained: {_receipted(database)} of {cases}")
            time.sleep(0.01)
    finally:
        database.close()
    seconds = time.perf_counter() - began
    cpu = tuple(round(site.cpu_s() - b, 2) for site, b in zip(sites, before, strict=True))
    return Drained(seconds, (cpu[0], cpu[1], cpu[2]), (relay.bytes_up + relay.bytes_down) / cases)


def _receipted(database: sqlite3.Connection) -> int:
    """Return how many acts of the village the newest end-stored receipt held there covers."""
    row = database.execute(
        "SELECT max(r2) FROM sync_held WHERE sort = 'receipt' AND key LIKE '511921108203|%|end'"
    ).fetchone()
    return int(row[0] or 0)


def measure(runs: int, cases: int = CASES) -> list[dict[str, object]]:
    """Return medians over `runs`."""
    done = []
    for run in range(runs):
        done.append(once(cases))
        print(f"drain run {run + 1}: {done[-1]}", file=sys.stderr)
    cpu = [sum(d.cpu_s) for d in done]
    return [
        {"metric": "drain_s", "value": round(statistics.median(d.seconds for d in done), 2), "unit": "s"},
        {"metric": "drain_cpu_s", "value": round(statistics.median(cpu), 2), "unit": "s"},
        {
            "metric": "wire_bytes_per_case",
            "value": round(statistics.median(d.bytes_per_case for d in done), 1),
            "unit": "B",
        },
    ]
