"""The audit chain: added to in the unit, never changed, and it shows where it was tampered with."""

from __future__ import annotations

from pathlib import Path

import peewee
import pytest

from common.store import audit
from common.store.database import UnitMisuse, run, unit_of_work


def _log(count: int) -> None:
    for number in range(1, count + 1):
        with unit_of_work():
            detail = {"名": "张三", "n": number}
            audit.record("zhou", "case.file", f"case-{number % 2}", detail, 1_000 + number)


def _tamper(sql: str) -> None:
    """Method: as one who owns the file would, triggers away first."""
    run("DROP TRIGGER audit_is_never_changed")
    run("DROP TRIGGER audit_is_never_shortened")
    run(sql)


def test_rows_come_back_in_order_with_what_was_said(store: Path) -> None:
    _log(4)
    found = audit.rows("case-1")
    assert [(row.pos, row.at, row.actor, row.action) for row in found] == [
        (1, 1_001, "zhou", "case.file"),
        (3, 1_003, "zhou", "case.file"),
    ]
    assert found[0].detail == '{"n":1,"名":"张三"}'
    assert [row.pos for row in audit.latest(2)] == [4, 3]


def test_a_row_belongs_to_its_unit(store: Path) -> None:
    with pytest.raises(KeyError), unit_of_work():
        audit.record("zhou", "case.file", "c", {}, 1)
        raise KeyError
    assert audit.head() == (0, audit.START)
    with pytest.raises(UnitMisuse):
        audit.record("zhou", "case.file", "c", {}, 1)


def test_an_untouched_chain_is_whole(store: Path) -> None:
    assert audit.first_broken() is None
    _log(5)
    assert audit.first_broken() is None
    assert audit.head()[0] == 5


@pytest.mark.parametrize("sql", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE pos = 2"])
def test_the_database_refuses_to_change_the_log(store: Path, sql: str) -> None:
    _log(3)
    with pytest.raises(peewee.IntegrityError):
        run(sql)
    assert audit.first_broken() is None


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("UPDATE audit SET detail = '{}' WHERE pos = 2", 2),
        ("UPDATE audit SET at = 9 WHERE pos = 1", 1),
        ("DELETE FROM audit WHERE pos = 2", 3),
        ("UPDATE audit SET chain = '' WHERE pos = 4", 4),
    ],
)
def test_tampering_shows_its_place(store: Path, sql: str, place: int) -> None:
    _log(5)
    _tamper(sql)
    assert audit.first_broken() == place
