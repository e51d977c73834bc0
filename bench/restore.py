"""restore: an old backup of a village put back; of 300 newer cases 250 had reached the township.

Three real nodes. The backup is made by the verb while the village's cases go
on; after it 300 more are filed, the line carries 250 of them to the township
and is then down. The disk breaks, the backup is put back by the verb, 50 more
cases are filed before the line is up again, and then each exchange is counted.

It is counted and not timed, so one run says it: `lost` of the 250 at the
village, `applied_twice` acts at any of the three, `numbers_twice` printed
numbers, and `exchanges`, a request and its answer each, until all are back.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from bench.county import ROOT, NodeProcess, make

OLDER, REACHED, GONE, AFTER = 100, 250, 50, 50
_STEPS_MAX = 20
_STEP = """
import json, sys
from pathlib import Path
from common.config import read_config
from common.node.assembly import build_node
from village_node.profile import PROFILE
node = build_node(read_config(Path(sys.argv[1]), {}), PROFILE)
wanted, steps = set(json.loads(sys.stdin.read())), 0
def missing():
    with node.unit():
        return wanted - node.spool.known_acts(wanted)
while missing() and steps < int(sys.argv[2]):
    node.runner.step()
    steps += 1
print(json.dumps({"steps": steps, "lost": len(missing())}))
"""


def measure(runs: int) -> list[dict[str, object]]:
    """Return the four counts; `runs` changes nothing, for they are no times."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    village, town, county = make(folder)
    try:
        return [
            {"metric": name, "value": value, "unit": "1"}
            for name, value in _once(folder, village, town, county).items()
        ]
    finally:
        for site in (village, town, county):
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _once(folder: Path, village: NodeProcess, town: NodeProcess, county: NodeProcess) -> dict[str, int]:
    town.start(LIANDONG_SYNC_INTERVAL_S="3600")
    county.start()
    _fill(village, OLDER, 0)
    village.run("sync", "now")
    village.run("backup", str(folder / "backup"))
    _fill(village, REACHED, OLDER)
    village.run("sync", "now")
    reached = _acts(village) - _acts_before(folder / "backup")
    _fill(village, GONE, OLDER + REACHED)
    numbers = _numbers(village)
    village.run("restore", str(folder / "backup"), "--yes")
    # The desk is open before the line is: what is filed now gets numbers of its own.
    before = _numbers(village)
    _fill(village, AFTER, OLDER + REACHED + GONE)
    fresh = [number for number in _numbers(village) if number not in before]
    back = _step(village, sorted(reached))
    village.run("sync", "now")
    town.run("sync", "now")
    twice = sum(_applied_twice(site, len(reached) + OLDER + AFTER) for site in (village, town, county))
    printed = Counter([*numbers, *fresh])
    return {
        "lost": back["lost"],
        "applied_twice": twice,
        "numbers_twice": sum(count - 1 for count in printed.values()),
        "exchanges": back["steps"],
    }


def _fill(village: NodeProcess, count: int, start: int) -> None:
    fill = f"fill(Path({str(village.folder)!r}), {count}, {start})"
    code = f"from bench.intake import fill; from pathlib import Path; {fill}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def _step(village: NodeProcess, wanted: list[str]) -> dict[str, int]:
    command = [sys.executable, "-c", _STEP, str(village.folder), str(_STEPS_MAX)]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(wanted), text=True, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def _rows(path: Path, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


_FILED = "SELECT act FROM case_event WHERE kind = 'case.filed'"


def _acts(site: NodeProcess) -> set[str]:
    return {row[0] for row in _rows(site.folder / "node.sqlite3", _FILED)}


def _acts_before(backup: Path) -> set[str]:
    return {row[0] for row in _rows(next(backup.glob("node-*.sqlite3")), _FILED)}


def _numbers(site: NodeProcess) -> list[str]:
    return [row[0] for row in _rows(site.folder / "node.sqlite3", 'SELECT "case" FROM case_event')]


def _applied_twice(site: NodeProcess, expected: int) -> int:
    """Return how many filings too many a node has: by act, by case, and in all."""
    rows = _rows(
        site.folder / "node.sqlite3", "SELECT act, \"case\" FROM case_event WHERE kind = 'case.filed'"
    )
    acts, cases = Counter(act for act, _ in rows), Counter(case for _, case in rows)
    by_name = sum(n - 1 for n in acts.values()) + sum(n - 1 for n in cases.values())
    return by_name + max(0, len(rows) - expected)
