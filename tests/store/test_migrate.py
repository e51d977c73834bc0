"""Migrations: run once, under a lock, all or nothing; what they make is what the tables expect."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from common.store.audit import Audit
from common.store.counters import Counter
from common.store.database import Base, open_database, run
from common.store.migrate import DIRECTORY, migrate

OURS = (Audit, Counter)


@pytest.fixture
def db(tmp_path: Path) -> SqliteDatabase:
    return open_database(tmp_path / "node.sqlite")


def _scripts(folder: Path, **bodies: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, body in bodies.items():
        (folder / f"{name[1:]}.py").write_text(f"def up(migrator, db):\n    {body}\n", encoding="utf-8")
    return folder


def test_each_script_runs_once_and_in_order(db: SqliteDatabase, tmp_path: Path) -> None:
    folder = _scripts(
        tmp_path / "m",
        _0002_b="db.execute_sql('INSERT INTO t VALUES (2)')",
        _0001_a="db.execute_sql('CREATE TABLE t (n)')",
    )
    assert migrate(db, tmp_path / "lock", folder) == ["0001_a", "0002_b"]
    assert migrate(db, tmp_path / "lock", folder) == []
    assert run("SELECT n FROM t").fetchall() == [(2,)]


def test_a_script_that_fails_half_way_leaves_nothing_behind(db: SqliteDatabase, tmp_path: Path) -> None:
    folder = _scripts(tmp_path / "m", _0001_a="db.execute_sql('CREATE TABLE t (n)'); raise KeyError('half')")
    with pytest.raises(KeyError):
        migrate(db, tmp_path / "lock", folder)
    assert not db.table_exists("t")
    _scripts(folder, _0001_a="db.execute_sql('CREATE TABLE t (n)')")
    assert migrate(db, tmp_path / "lock", folder) == ["0001_a"]


def test_two_that_start_together_migrate_once(db: SqliteDatabase, tmp_path: Path) -> None:
    slow = "import time; db.execute_sql('CREATE TABLE t (n)'); time.sleep(0.2)"
    folder = _scripts(tmp_path / "m", _0001_a=slow)
    applied: list[list[str]] = []

    def start() -> None:
        applied.append(migrate(db, tmp_path / "lock", folder))
        db.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], [], ["0001_a"]]


def test_the_whole_set_runs_on_an_empty_file(db: SqliteDatabase, tmp_path: Path) -> None:
    applied = migrate(db, tmp_path / "lock")
    assert applied == sorted(script.stem for script in DIRECTORY.glob("[0-9]*.py"))
    assert applied[:2] == ["0001_sync", "0002_store"]


@pytest.mark.parametrize("table", OURS, ids=lambda table: table.__name__)
def test_the_migrated_schema_is_what_the_tables_say(store: Path, table: type[Base]) -> None:
    columns = {row[1] for row in run(f"PRAGMA table_info({table._meta.table_name})")}
    assert columns == {field.column_name for field in table._meta.sorted_fields}
