"""The table of item versions and its queries; rows are only added, for cases name the version they have.

Taken out is what came in a document that is disowned.
"""

from __future__ import annotations

from typing import NamedTuple

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from common.store.database import Base, run

_COLUMNS = "code, version, text, statement, published_at, withdrawn, mark, effective_from"
_ADD = f"INSERT INTO item_version ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MARK = "SELECT mark FROM item_version ORDER BY pos DESC LIMIT 1"
_DROP = "DELETE FROM item_version WHERE statement = ?"
_SET_MARK = "UPDATE item_version SET mark = ? WHERE pos = (SELECT MAX(pos) FROM item_version)"
# Dates are written YYYY-MM-DD, empty for at once, so that they compare as text.
_COME = f"""
SELECT {_COLUMNS} FROM item_version AS newest WHERE newest.effective_from <= ? AND NOT EXISTS
(SELECT 1 FROM item_version AS other
 WHERE other.code = newest.code AND other.version > newest.version AND other.effective_from <= ?)
"""
_ENDING = """
SELECT DISTINCT code FROM item_version WHERE withdrawn = 1 AND effective_from > '' AND effective_from <= ?
"""
_REPEATED = "SELECT DISTINCT code FROM item_version GROUP BY code, text HAVING COUNT(*) > 1"
_TEXTS = "SELECT text FROM item_version"
_STATEMENTS = "SELECT statement FROM item_version"
_NEWEST = f"""
SELECT {_COLUMNS} FROM item_version AS newest WHERE NOT EXISTS
(SELECT 1 FROM item_version AS other WHERE other.code = newest.code AND other.version > newest.version)
"""
_NEWEST_OF = f"SELECT {_COLUMNS} FROM item_version WHERE code = ? ORDER BY version DESC LIMIT 1"
_ONE = f"SELECT {_COLUMNS} FROM item_version WHERE code = ? AND version = ?"
_HISTORY = f"SELECT {_COLUMNS} FROM item_version WHERE code = ? ORDER BY version"


class ItemVersion(Base):
    """One version of one item.

    `text` is its canonical JSON, `statement` the hash of the signed document it came in, `published_at` UTC
    milliseconds (0: unknown), `withdrawn` 0 or 1. `mark` names the whole table as it stood with this row.
    `effective_from` is a local date YYYY-MM-DD, empty: at once.
    """

    pos = AutoField()
    code = TextField()
    version = IntegerField()
    text = TextField()
    statement = TextField()
    published_at = BigIntegerField()
    withdrawn = IntegerField()
    mark = TextField()
    effective_from = TextField()

    class Meta:
        indexes = ((("code", "version"), True),)


class VersionRow(NamedTuple):
    """The values of one row, in column order."""

    code: str
    version: int
    text: str
    statement: str
    published_at: int
    withdrawn: int
    mark: str
    effective_from: str


def mark() -> str:
    """Return the mark of the newest row, empty when there is none: it changes with the table."""
    row = run(_MARK).fetchone()
    return str(row[0]) if row else ""


def add(row: VersionRow) -> None:
    """Add one version.

    Raises:
        peewee.IntegrityError: the version is already there.
    """
    run(_ADD, row)


def drop(statement: str, mark: str) -> None:
    """Take out the version that came in this document; `mark` names the table as it stands then."""
    run(_DROP, (statement,))
    run(_SET_MARK, (mark,))


def come(day: str) -> list[VersionRow]:
    """Return of every item the newest version whose date has come on `day` (local), withdrawn ones too."""
    return _rows(_COME, day, day)


def ending(day: str) -> list[str]:
    """Return the items of which a version set an end for a day that has come on `day` (local)."""
    return [str(row[0]) for row in run(_ENDING, (day,)).fetchall()]


def texts() -> list[str]:
    """Return the canonical JSON of every version of every item."""
    return [str(row[0]) for row in run(_TEXTS, ()).fetchall()]


def repeated() -> frozenset[str]:
    """Return the items of which two versions have the same text, to the number it says."""
    return frozenset(str(row[0]) for row in run(_REPEATED, ()).fetchall())


def statements() -> frozenset[str]:
    """Return the hashes of the signed documents that all versions here came in."""
    return frozenset(str(row[0]) for row in run(_STATEMENTS, ()).fetchall())


def newest() -> list[VersionRow]:
    """Return the newest version of every item, withdrawn ones and those that wait for their date too."""
    return _rows(_NEWEST)


def newest_of(code: str) -> VersionRow | None:
    """Return the newest version of one item, None when there is none."""
    return next(iter(_rows(_NEWEST_OF, code)), None)


def one(code: str, version: int) -> VersionRow | None:
    """Return one version, None when it is not here."""
    return next(iter(_rows(_ONE, code, version)), None)


def history(code: str) -> list[VersionRow]:
    """Return all versions of one item that are here, oldest first."""
    return _rows(_HISTORY, code)


def _rows(sql: str, *values: str | int) -> list[VersionRow]:
    return [VersionRow(*row) for row in run(sql, values).fetchall()]
