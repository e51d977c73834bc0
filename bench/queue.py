"""queue_page_ms, home_page_ms: server time of a reviewer's pages over 100,000 open cases at the county.

The rows are written by bulk SQL as the program writes them; the pages are the real ones, signed in, asked for
inside this process, so that neither a browser nor a line is measured.
"""

from __future__ import annotations

import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient

from bench.county import COUNTY, NodeProcess
from common.casework import records
from common.casework.records import FileRow
from common.config import read_config
from common.node.assembly import build_app, build_node
from common.node.node import Node
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from county_node.profile import PROFILE

CASES = 100_000
PAGES = 40
_PASSWORD = "Qing-yu2026"
_SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')
# What waits at a county, and in which state: mostly what departments examine.
_WORK = (
    ("examine", "ACCEPTED"),
    ("examine", "ACCEPTED"),
    ("approval", "REVIEWED"),
    ("acceptance", "CHECKED"),
    ("make_out", "APPROVED"),
)
_DAY_MS = 86_400_000


def measure(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs` rounds of PAGES pages each."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    try:
        site = NodeProcess(COUNTY, folder / "county", 8_600)
        site.run("init", "--address", COUNTY, "--bind", "127.0.0.1:8600")
        node = build_node(read_config(site.folder, {}), PROFILE)
        _fill(node)
        client = _signed_in(node)
        found = {"queue_page_ms": "/queue", "home_page_ms": "/"}
        metrics = []
        for metric, path in found.items():
            times = [_once(client, path) for _ in range(runs * PAGES)]
            print(f"{metric}: p95 {sorted(times)[len(times) * 95 // 100]:.1f} ms", file=sys.stderr)
            metrics.append({"metric": metric, "value": round(statistics.median(times), 1), "unit": "ms"})
        return metrics
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(node: Node) -> None:
    items = node.catalogue.all_items()
    now = node.clock.now_ms()
    rows = []
    for n in range(CASES):
        item = items[n % len(items)]
        needs, state = _WORK[n % len(_WORK)]
        place = f"511921{101 + n % 30:03d}{200 + n % 20:03d}"
        department = "" if needs in ("acceptance", "make_out") else item.route.department
        row = FileRow(
            f"{place}-A{n}-00000", item.code, item.name, 1, state, COUNTY, COUNTY, needs, place, place,
            f"张{n}", f"51192119{n:010d}", now - (n % 60) * _DAY_MS, now - (n % 30) * _DAY_MS,
            "2026-12-31", COUNTY, f"{n:032x}", f"{n:032x}", department, int(n % 2_000 == 0), "",
        )  # fmt: skip
        rows.append(row)
    with node.unit():
        records.add_files(rows)


def _signed_in(node: Node) -> FlaskClient:
    roles = frozenset({Role.REVIEWER, Role.CLERK})
    person = node.people.ready(NewStaff("reviewer", "王审查", roles, "县民政局", _PASSWORD))
    with node.unit():
        node.people.add_staff(person, "", node.clock.now_ms())
    client = build_app(node).test_client()
    secret = _SECRET.search(client.get("/sign-in").text)
    assert secret is not None
    typed = {"csrf_token": secret[1], "login": "reviewer", "password": _PASSWORD, "next": "/"}
    assert client.post("/sign-in", data=typed).status_code == 303
    for path in ("/", "/queue"):
        assert client.get(path).status_code == 200
    return client


def _once(client: FlaskClient, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status
    return took
