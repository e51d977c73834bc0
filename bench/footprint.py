"""village_pss_mb, village_first_page_s: what a village node weighs, how soon after its start a page comes."""

from __future__ import annotations

import http.client
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench.county import NodeProcess, make

REQUESTS = 60


def _pss_kb(site: NodeProcess) -> int:
    """Return the proportional set size of all processes of a node, in KiB."""
    assert site.process is not None
    total = 0
    for rollup in Path("/proc").glob("[0-9]*/smaps_rollup"):
        try:
            if os.getpgid(int(rollup.parent.name)) != site.process.pid:
                continue
            total += sum(
                int(line.split()[1]) for line in rollup.read_text().splitlines() if line.startswith("Pss:")
            )
        except OSError:
            continue
    return total


def _page(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/sign-in")
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def measure(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs` starts of a village with its line down."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    sizes, waits = [], []
    try:
        village, _, _ = make(folder)
        for _ in range(runs):
            began = time.perf_counter()
            village.start()
            while _page(village.port) >= 500:
                time.sleep(0.02)
            waits.append(time.perf_counter() - began)
            for _ in range(REQUESTS):
                _page(village.port)
            sizes.append(_pss_kb(village) / 1024)
            village.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        {"metric": "village_pss_mb", "value": round(statistics.median(sizes), 1), "unit": "MiB"},
        {"metric": "village_first_page_s", "value": round(statistics.median(waits), 2), "unit": "s"},
    ]
