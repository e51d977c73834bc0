"""The unit of work: whole or not at all, one at a time, and clear about a full disk."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from common.errors import Unavailable
from common.store import counters
from common.store.database import (
    DatabaseBusy,
    DiskFull,
    UnitMisuse,
    database,
    driver,
    is_unit_open,
    open_database,
    require_unit,
    run,
    savepoint,
    unit_of_work,
)

_HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def _counted(path: Path) -> list[tuple[str, int]]:
    """Method: a second connection, so that only what was committed is seen."""
    other = driver.connect(str(path))
    try:
        return other.execute("SELECT name, value FROM counter ORDER BY name").fetchall()
    finally:
        other.close()


def test_a_unit_is_committed_whole_on_leaving(store: Path) -> None:
    with unit_of_work():
        counters.next_number("a")
        counters.next_number("b")
        assert _counted(store) == []
    assert _counted(store) == [("a", 1), ("b", 1)]


def test_an_error_inside_a_unit_undoes_all_of_it(store: Path) -> None:
    with pytest.raises(KeyError), unit_of_work():
        counters.next_number("a")
        raise KeyError("anything")
    assert _counted(store) == []
    assert not is_unit_open()


def test_a_unit_inside_a_unit_is_refused(store: Path) -> None:
    with pytest.raises(UnitMisuse), unit_of_work(), unit_of_work():
        pass
    assert not is_unit_open()


def test_a_service_without_a_unit_is_refused(store: Path) -> None:
    with pytest.raises(UnitMisuse):
        require_unit()
    with pytest.raises(UnitMisuse), savepoint():
        pass


def test_the_unit_of_another_thread_does_not_count(store: Path) -> None:
    seen: list[bool] = []
    with unit_of_work():
        other = threading.Thread(target=lambda: seen.append(is_unit_open()))
        other.start()
        other.join()
    assert seen == [False]


def test_a_savepoint_undoes_only_its_own_block(store: Path) -> None:
    with unit_of_work():
        counters.next_number("kept")
        with pytest.raises(KeyError), savepoint():
            counters.next_number("undone")
            raise KeyError
    assert _counted(store) == [("kept", 1)]


def test_writers_of_many_threads_take_turns(store: Path) -> None:
    """Method: 8 threads read, then write, 25 times each; a lost update would leave the sum short."""

    def work() -> None:
        for _ in range(25):
            with unit_of_work():
                counters.next_number("turn")
        database.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _counted(store) == [("turn", 200)]


def test_a_full_disk_undoes_the_unit_and_says_so(store: Path) -> None:
    """Method: SQLite itself is told that no page may be added, so the failure is its own."""
    with unit_of_work():
        counters.next_number("before")
    pages = run("PRAGMA page_count").fetchone()[0]
    run(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull) as caught, unit_of_work():
        counters.next_number("half")
        run("INSERT INTO audit VALUES (1, 1, 'x', 'y', 'z', ?, '')", ("大" * 200_000,))
    assert caught.value.code == "E401"
    assert "磁盘已满" in caught.value.sentence
    assert isinstance(caught.value, Unavailable)
    assert _counted(store) == [("before", 1)]
    run("PRAGMA max_page_count = 1000000")
    with unit_of_work():
        counters.next_number("before")
    assert _counted(store) == [("before", 2)]


def test_a_full_disk_under_a_file_of_papers_undoes_the_unit_too(store: Path) -> None:
    with pytest.raises(DiskFull), unit_of_work():
        counters.next_number("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert _counted(store) == []


def test_another_kind_of_file_error_stays_what_it_is(store: Path) -> None:
    with pytest.raises(FileNotFoundError), unit_of_work():
        raise FileNotFoundError(errno.ENOENT, "gone")


def test_a_database_held_by_another_program_is_a_clear_refusal(store: Path) -> None:
    """Method: a second process takes the write lock and keeps it until its standard input closes."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(DatabaseBusy) as caught, unit_of_work():
        counters.next_number("a")
    holder.communicate("")
    assert caught.value.code == "E402"
    assert _counted(store) == []
    with unit_of_work():
        assert counters.next_number("a") == 1


def test_a_reader_that_stays_lets_the_log_grow_only_for_as_long_as_it_stays(store: Path) -> None:
    """Method: another connection keeps its view while units are written; the file's size tells the rest."""
    log, content = store.with_name(f"{store.name}-wal"), "x" * 30_000

    def write(count: int) -> None:
        for _ in range(count):
            with unit_of_work():
                counters.next_number("units")
                run("INSERT INTO long (text) VALUES (?)", (content,))

    with unit_of_work():
        run("CREATE TABLE long (text TEXT)")
    write(200)
    usual = log.stat().st_size
    reader = driver.connect(str(store), isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM long").fetchone() == (200,)
    write(300)
    grown = log.stat().st_size
    assert counters.last_number("units") == 500, "whoever reads long keeps nobody from writing"
    assert reader.execute("SELECT count(*) FROM long").fetchone() == (200,)
    assert 300 * len(content) < grown < usual + 300 * 2 * len(content)
    reader.execute("COMMIT")
    # The first unit still follows on what is there; once all of it is in the database, the log begins anew.
    write(2)
    assert log.stat().st_size <= 4 << 20 < grown
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM long").fetchone() == (502,)
    reader.close()


def test_opening_another_file_rebinds_the_process(store: Path, tmp_path: Path) -> None:
    with unit_of_work():
        counters.next_number("first node")
    open_database(tmp_path / "second.sqlite")
    assert run("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    database.close()
    open_database(store)
    assert counters.last_number("first node") == 1


def test_the_settings_that_keep_data_safe_are_on(store: Path) -> None:
    assert run("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert run("PRAGMA synchronous").fetchone()[0] == 2
    assert run("PRAGMA foreign_keys").fetchone()[0] == 1
