"""What a serving village has loaded, held at its causes; `bench footprint` weighs the whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from common.node import start
from common.node.jobs import _closed_after
from common.store.database import database, open_database, run

# Weigh much, and no village needs them to serve its pages. Those without a name of ours: what other libraries
# would bring along.
HEAVY = (
    "requests", "charset_normalizer", "playhouse", "weasyprint", "pyhanko", "lxml", "aiohttp", "PIL",
    "psycopg", "nats", "segno", "pytest", "mypy",
    "common.archive.service", "common.archive.verify", "common.documents.printer", "common.node.cli",
    "common.node.demo", "common.node.checks.doctor", "common.seal.sealer", "common.seal.signer",
    "county_node", "town_node",
)  # fmt: skip
# The master only watches: what it loads is there twice, for the worker soon writes on its copy.
NOT_OF_THE_MASTER = (
    "flask",
    "jinja2",
    "werkzeug",
    "peewee",
    "cryptography",
    "apscheduler",
    "urllib3",
    "sync.adapters",
    "sync.protocol.peer",
)
# Each module weighs about 35 KB. At 1,108 of them 75.8 MiB (79.5 MB) of 80 MB: measure before it is raised.
MODULES_MAX = 1_109

SERVING = """
import json, sys
from pathlib import Path
from wsgiref.util import setup_testing_defaults
from common.config import read_config
from common.node import serve
server = serve._Server(read_config(Path(sys.argv[1]), {}), lambda: serve._profile_of("village_node"))
master = sorted(sys.modules)
page = server.load()
from common.store.database import database
is_connected = not database.is_closed()
said = []
def shown(path):
    asked = {"PATH_INFO": path}
    setup_testing_defaults(asked)
    return b"".join(page(asked, lambda status, headers: said.append(status)))
body = shown("/sign-in")
checking = shown("/v").decode()
import babel.core, gc
own = gc.get_freeze_count()
gc.unfreeze()
server.cfg.pre_fork(None, None)
print(json.dumps({
    "master": master, "worker": sorted(sys.modules), "status": said, "bytes": len(body),
    "asks_for_a_code": "data-verify" in checking,
    "tables": len(babel.core._global_data or ()), "left_out": [own, gc.get_freeze_count()],
    "is_connected": is_connected,
}))
"""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What a village that begins to serve, and answers a first page, has loaded."""
    data = str(tmp_path_factory.mktemp("village"))
    made = [sys.executable, "-m", "village_node", "init", "--data", data, "--address", "511921108203"]
    subprocess.run(made, check=True, capture_output=True)
    found = subprocess.run([sys.executable, "-c", SERVING, data], check=True, capture_output=True, text=True)
    return json.loads(found.stdout)


def _loaded(modules: list[str], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(m == name or m.startswith(f"{name}.") for m in modules)]


def test_a_village_loads_nothing_heavy_that_it_does_not_need(serving):
    assert serving["status"] == ["200 OK"] * 2 and serving["bytes"] > 1_000 and serving["asks_for_a_code"]
    assert _loaded(serving["worker"], HEAVY) == []
    assert len(serving["worker"]) < MODULES_MAX
    # Seen with the same eyes, what it does need is there.
    assert _loaded(serving["worker"], NOT_OF_THE_MASTER) == list(NOT_OF_THE_MASTER)


def test_the_master_loads_neither_pages_nor_protocol(serving):
    assert _loaded(serving["master"], NOT_OF_THE_MASTER) == []


def test_a_page_opens_no_tables_of_all_the_languages_of_the_world(serving):
    assert serving["tables"] == 0


def test_the_worker_leaves_alone_what_it_and_the_master_have_loaded(serving):
    assert min(serving["left_out"]) > 10_000


def test_a_thread_that_rests_holds_no_pages_of_the_database(serving, tmp_path):
    assert not serving["is_connected"]
    open_database(tmp_path / "node.sqlite")
    seen: list[bool] = []

    def work() -> None:
        run("SELECT 1")
        seen.append(database.is_closed())
        raise KeyError

    with pytest.raises(KeyError):
        _closed_after(work)()
    assert seen == [False] and database.is_closed()


def test_serving_begins_with_one_heap_unless_somebody_has_chosen(monkeypatch):
    begun: list[tuple] = []
    monkeypatch.setattr(os, "execve", lambda *words: begun.append(words))
    start._begin_with_one_heap({"MALLOC_ARENA_MAX": "4"})
    assert begun == []
    start._begin_with_one_heap({"LANG": "C"})
    assert begun == [(sys.executable, sys.orig_argv, {"LANG": "C", "MALLOC_ARENA_MAX": "1"})]
