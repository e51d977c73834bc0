"""The table of published years and its queries; the highest version of a year counts.

Rows are only added, but for those that came in a document that is disowned.
"""

from __future__ import annotations

from typing import NamedTuple

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from common.store.database import Base, run

_COLUMNS = "year, version, text, statement, published_at, mark"
_ADD = f"INSERT INTO calendar_year ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_MARK = "SELECT mark FROM calendar_year ORDER BY pos DESC LIMIT 1"
_DROP = "DELETE FROM calendar_year WHERE statement = ?"
_SET_MARK = "UPDATE calendar_year SET mark = ? WHERE pos = (SELECT MAX(pos) FROM calendar_year)"
_NEWEST = f"""
SELECT {_COLUMNS} FROM calendar_year AS newest WHERE NOT EXISTS
(SELECT 1 FROM calendar_year AS other WHERE other.year = newest.year AND other.version > newest.version)
ORDER BY year
"""
_HAS = "SELECT 1 FROM calendar_year WHERE year = ? AND version = ?"


class CalendarYear(Base):
    """One version of one year.

    `text` is its canonical JSON, `statement` the hash of the signed document it came in, `published_at` UTC
    milliseconds (0: unknown). `mark` names the whole table as it stood with this row.
    """

    pos = AutoField()
    year = IntegerField()
    version = IntegerField()
    text = TextField()
    statement = TextField()
    published_at = BigIntegerField()
    mark = TextField()

    class Meta:
        indexes = ((("year", "version"), True),)


class YearRow(NamedTuple):
    """The values of one row, in column order."""

    year: int
    version: int
    text: str
    statement: str
    published_at: int
    mark: str


def mark() -> str:
    """Return the mark of the newest row, empty when there is none: it changes with the table."""
    row = run(_MARK).fetchone()
    return str(row[0]) if row else ""


def add(row: YearRow) -> None:
    """Add one version.

    Raises:
        peewee.IntegrityError: the version is already there.
    """
    run(_ADD, row)


def drop(statement: str, mark: str) -> None:
    """Take out the year that came in this document; `mark` names the table as it stands then."""
    run(_DROP, (statement,))
    run(_SET_MARK, (mark,))


def newest() -> list[YearRow]:
    """Return the highest version of every published year, by year."""
    return [YearRow(*row) for row in run(_NEWEST).fetchall()]


def has(year: int, version: int) -> bool:
    """Say whether this version is here."""
    return run(_HAS, (year, version)).fetchone() is not None
