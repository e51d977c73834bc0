"""For every test: property tests draw the same examples on every run, so a red run can be repeated.

What costs more than most tests and is shown by tests of its own is made cheap for all others: passwords are
hashed with little work (`hashing_cost` gives back what a node asks for); an item or a list of places that
was read once in this process is not read again (but with `reading_anew`); templates and the addresses of
pages are compiled once for all applications; all nodes of this process print at one press; a QR code takes
its first mask and not the best of eight; what was signed, checked, sealed or opened once is not worked out
again (but with `sealing_anew`), since most networks of tests grow from one seed; files of tests that are new
are made ready by all workers together; and folders of tests lie in memory where there is room, since no test
can see whether a disk has really written.
"""

from __future__ import annotations

import gc
import marshal
import os
import shutil
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from _pytest.assertion import rewrite
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from segno import encoder
from werkzeug.routing import Rule
from xdist.scheduler import LoadScopeScheduling

from common.catalogue import snapshot
from common.catalogue.records import VersionRow
from common.catalogue.rules import item as items
from common.documents import service as documents
from common.documents.press import Press, PressLimits
from common.people import hashing
from common.places import rules as places
from sync.protocol.signing import RealSuite

# Whoever makes so many short-lived objects gains from looking for cycles more rarely.
gc.set_threshold(50_000, 20, 50)

# LIANDONG_TEST_EXAMPLES=1000 looks for longer where a test does not say itself how long.
EXAMPLES = int(os.environ.get("LIANDONG_TEST_EXAMPLES", "60"))
settings.register_profile(
    "repeatable", max_examples=EXAMPLES, derandomize=True, deadline=None, print_blob=True
)
settings.load_profile("repeatable")

_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 4 * 2**30
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

_ASKED_FOR = hashing._hasher
hashing._hasher = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)
_parse_item, _read_stored = items.parse_item, items.read_stored


@lru_cache(maxsize=1024)
def _parsed(content: bytes) -> items.ServiceItem:
    # Read from a copy: what a test does to its object afterwards must not reach the item kept here.
    return _parse_item(marshal.loads(content))


@lru_cache(maxsize=1024)
def _stored(content: bytes) -> items.ServiceItem:
    return _read_stored(marshal.loads(content))


def parse_item_once(obj: object, file: str = "") -> items.ServiceItem:
    """Do what `parse_item` does; the same content is read once in the life of this process."""
    try:
        return _parsed(marshal.dumps(obj, 0))
    except (ValueError, items.CatalogueError):
        return _parse_item(obj, file)


def read_stored_once(obj: object) -> items.ServiceItem:
    """Do what `read_stored` does; the same content is read once in the life of this process."""
    try:
        return _stored(marshal.dumps(obj, 0))
    except (ValueError, items.CatalogueError):
        return _read_stored(obj)


# Before any module takes them by their names: this file is imported ahead of all tests.
items.parse_item, items.read_stored = parse_item_once, read_stored_once
snapshot.read_stored = read_stored_once
_issue = snapshot.issued
_issued = lru_cache(maxsize=1024)(_issue)


def issued_once(row: VersionRow) -> snapshot.Issued:
    """Do what `issued` does; the same row is read once, unless a test reads in a way of its own."""
    if snapshot.read_stored is not read_stored_once:
        return _issue(row)
    return _issued(row)


snapshot.issued = issued_once

_load_places = lru_cache(maxsize=4)(places.load_places)
places.load_places = lambda text: dict(_load_places(text))


class _Templates(BytecodeCache):
    """Templates compiled once for all the applications of a run."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": _Templates()}

_compile = Rule.compile
_COMPILED: dict[tuple[Any, ...], tuple[Any, ...]] = {}


def _compile_once(rule: Rule) -> None:
    """Do what `compile` does; the same rule comes out the same in whatever application."""
    key = (rule.rule, rule.subdomain, rule.merge_slashes, tuple((rule.defaults or {}).items()))
    if key not in _COMPILED:
        _compile(rule)
        writers = rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]
        _COMPILED[key] = rule._parts, rule._trace, rule._converters, *writers
    rule._parts, rule._trace, rule._converters, build, build_unknown = _COMPILED[key]
    rule.arguments.update(rule._converters)
    rule._build, rule._build_unknown = build.__get__(rule), build_unknown.__get__(rule)


Rule.compile = _compile_once  # type: ignore[method-assign]


_masked = encoder.find_and_apply_best_mask
encoder.find_and_apply_best_mask = lambda matrix, width, height, proposed_mask=None: _masked(
    matrix, width, height, proposed_mask or 0
)


_SEAL = RealSuite.seal
_CRYPTO_KEPT, _CRYPTO_BYTES_MAX = 8192, 4096


def _once(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return what does `work` of a suite, and remembers what it made of the same short words."""
    known = lru_cache(maxsize=_CRYPTO_KEPT)(partial(work, RealSuite()))

    def look(suite: RealSuite, *words: Any) -> Any:
        # The long ones are bodies and papers, hardly ever the same twice.
        return work(suite, *words) if len(words[2]) > _CRYPTO_BYTES_MAX else known(*words)

    return look


for _name in ("sign", "verify", "seal", "unseal"):
    setattr(RealSuite, _name, _once(getattr(RealSuite, _name)))


# A printing process of their own would start for each node of each test.
_PRESS = Press(PressLimits(idle_s=600.0))
documents.Press = lambda: _PRESS  # type: ignore[misc,assignment]

# What these share (three sites and a browser; signals of the machine; a village that serves; whatever else is
# made for many tests) is set up once, by one worker.
_TOGETHER = (
    "tests/architecture/",
    "tests/archive/",
    "tests/browser/",
    "tests/crash/test_torn.py",
    "tests/desk/test_by_keys.py",
    "tests/journeys/",
    "tests/node/test_practice.py",
    "tests/node/test_weight.py",
    "tests/seal/test_sealer.py",
    "tests/web/test_english.py",
)


# What takes longest begins first: at the end there are only short ones to share out.
_FIRST = ("tests/journeys/", "tests/browser/", "tests/simulation/")


class _ByFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Tests go to whichever worker is free, those of some folders and files all to one.

    So do the cases of one test, but for simulated weeks: to share out each costs more than most of them.
    """

    def _split_scope(self, nodeid: str) -> str:
        whole = nodeid if nodeid.startswith("tests/simulation/") else nodeid.partition("[")[0]
        return next((part for part in _TOGETHER if nodeid.startswith(part)), whole)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Say how tests are shared out: this xdist does not see marks of groups under this pytest."""
    config.option.loadscopereorder = False
    return _ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first."""
    items.sort(key=lambda item: next((n for n, part in enumerate(_FIRST) if item.nodeid.startswith(part)), 9))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make one's share of the files of tests ready, where they are new: else each worker does it for all."""
    worker, state = os.environ.get("PYTEST_XDIST_WORKER", ""), session.config.stash[rewrite.assertstate_key]
    if not worker or sys.dont_write_bytecode:
        return
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in sorted(Path(__file__).parent.rglob("test_*.py"))[int(worker.removeprefix("gw")) :: count]:
        folder = rewrite.get_cache_dir(path)
        made = folder / (path.stem + rewrite.PYC_TAIL)
        if not made.exists() and rewrite.try_makedirs(folder):
            source, code = rewrite._rewrite_test(path, session.config)
            rewrite._write_pyc(state, code, source, made)


@pytest.fixture
def hashing_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost at a node."""
    monkeypatch.setattr(hashing, "_hasher", _ASKED_FOR)


@pytest.fixture
def sealing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sealed is sealed anew each time, as at a node."""
    monkeypatch.setattr(RealSuite, "seal", _SEAL)


@pytest.fixture
def reading_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every snapshot of the catalogue reads its items itself, as at a node."""
    monkeypatch.setattr("common.catalogue.snapshot.read_stored", _read_stored)


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three enrolled nodes that nobody works at: founded once, copied for each test."""
    # Whoever needs no node need not wait for all that a node is made of.
    from tests.desk.three import found_network

    folder = tmp_path_factory.mktemp("enrolled") / "nodes"
    found_network(folder)
    return folder
