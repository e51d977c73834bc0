"""intake_cases_per_s: cases filed one at a time, each committed with fsync before its slip."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.county import VILLAGE, make
from bench.workload import filing
from common.config import read_config
from common.node.assembly import build_node
from common.people.rules.roles import Actor
from village_node.profile import PROFILE

CASES = 1_000
AGENT = Actor("agent", "李代办", "AGENT", "")


def fill(folder: Path, count: int, start: int = 0) -> float:
    """File `count` cases at the village in `folder`; return cases per second."""
    node = build_node(read_config(folder, {}), PROFILE)
    items = node.catalogue.items_for("village")
    filings = [filing(start + i, VILLAGE, [i for i in items if not i.is_instant]) for i in range(count)]
    began = time.perf_counter()
    for one in filings:
        with node.unit():
            node.casework.file_case(one, AGENT, node.clock.now_ms())
    return count / (time.perf_counter() - began)


def measure(runs: int) -> list[dict[str, object]]:
    """Return the median over `runs` and the spread."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    try:
        village, _, _ = make(folder)
        rates = []
        for run in range(runs):
            rates.append(fill(village.folder, CASES, run * CASES))
            print(f"intake run {run + 1}: {rates[-1]:.0f} /s", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        {"metric": "intake_cases_per_s", "value": round(statistics.median(rates), 1), "unit": "1/s"},
        {"metric": "intake_cases_per_s_min", "value": round(min(rates), 1), "unit": "1/s"},
    ]
