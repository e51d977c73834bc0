"""Migration 0024: cases of before stay as they are, and are found by letters and last four after a start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from playhouse.migrations import Migration

from common.casework import records
from common.casework.jobs import write_terms
from common.casework.records import FileRow
from common.casework.rules.sought import VERSION, Kind, kind_of, terms_of
from common.casework.search import Sought, search
from common.desk.records import CheckList
from common.store import migrate as migration
from common.store.database import close_database, database, open_database, unit_of_work

SCRIPTS = ("0002_store", "0006_casework", "0014_casework_life", "0016_case_marks")


def run_scripts(db: SqliteDatabase, *names: str) -> None:
    for script in Migration.load_directory(str(migration.DIRECTORY)):
        if script.name in names:
            script.load().up(None, db)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[SqliteDatabase]:
    db = open_database(tmp_path / "old.sqlite", busy_timeout_ms=200)
    db.execute_sql("PRAGMA synchronous = OFF")
    run_scripts(db, *SCRIPTS)
    yield db
    close_database()


def row(n: int, name: str) -> FileRow:
    number = f"5119211962021{n:05d}"
    return FileRow(
        f"511921108203-A{n}-00000", "I", "事项", 1, "ACCEPTED", "511921", "511921", "examine", "511921108203",
        "511921108203", name, number, n, n, "", "511921", f"a{n}", f"a{n}", "", 0, "",
    )  # fmt: skip


def test_cases_of_before_stay_and_get_their_terms_once(old: SqliteDatabase) -> None:
    marks = ", ".join("?" for _ in FileRow._fields)
    for n in range(1, 1_203):
        old.execute_sql(f"INSERT INTO case_file VALUES ({marks})", row(n, "王秀英" if n % 2 else "单玥"))
    old.execute_sql(f"INSERT INTO case_file VALUES ({marks})", row(5_000, "李国化"))
    before = old.execute_sql("SELECT * FROM case_file").fetchall()
    run_scripts(old, "0024_case_terms")
    assert old.execute_sql("SELECT * FROM case_file").fetchall() == before
    assert search(Sought("wxy")) == search(Sought("lgh")) == [] and records.mark(records.TERMS) == ""
    write_terms(unit_of_work)
    assert records.mark(records.TERMS) == VERSION
    assert [line.case for line in search(Sought("wxy"), 2)] == [before[1200][0], before[1198][0]]
    assert [line.applicant for line in search(Sought("sy"), 1)] == ["单玥"]
    assert [line.applicant for line in search(Sought("lgh"))] == ["李国化"], "no letter is read as a digit"
    assert [line.filed_at for line in search(Sought("0777"))] == [777]
    count = old.execute_sql("SELECT COUNT(*) FROM case_term").fetchone()
    write_terms(unit_of_work)
    assert old.execute_sql("SELECT COUNT(*) FROM case_term").fetchone() == count


def test_the_table_of_check_lists_is_that_of_the_model(old: SqliteDatabase) -> None:
    run_scripts(old, "0024_case_terms")
    migrated = [(c.name, c.null, c.primary_key) for c in old.get_columns("check_list")]
    database.drop_tables([CheckList])
    database.create_tables([CheckList])
    assert [(c.name, c.null, c.primary_key) for c in old.get_columns("check_list")] == migrated


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", Kind.NOTHING),
        ("１２３ｘ", Kind.ID_END),
        ("0421", Kind.ID_END),
        ("wxy", Kind.LETTERS),
        ("ｌｏｉ", Kind.LETTERS),
        ("w", Kind.NAME),
        ("511921196202139840", Kind.ID_NUMBER),
        ("91511921MA6XXXXX12", Kind.ID_NUMBER),
        ("王", Kind.NAME),
        ("王·Smith", Kind.NAME),
        ("511921108203-A17-K7QMX", Kind.ID_NUMBER),
    ],
)
def test_what_was_typed_is_told_apart(typed: str, kind: Kind) -> None:
    assert kind_of(typed) is kind


def test_terms_say_each_reading_and_nothing_of_what_is_no_number() -> None:
    assert terms_of("单秀英", "51192119620213984x") == {"dxy", "sxy", "984X"}
    assert terms_of("王", "护照") == frozenset()
    assert max(map(len, terms_of("通江县青峪镇鹿角坪村股份经济合作联合社", "91511921MA6XXXXX12"))) == 12
