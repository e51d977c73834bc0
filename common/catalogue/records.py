"""The table of item versions and its queries; rows are only added, for cases name the version they have."""

from __future__ import annotations

from typing import NamedTuple

from peewee import AutoField, BigIntegerField, IntegerField, TextField

from common.store.database import Base, run

_COLUMNS = "code, version, text, statement, published_at, withdrawn, mark"
_ADD = f"INSERT INTO item_version ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_MARK = "SELECT mark FROM item_version ORDER BY pos DESC LIMIT 1"
_NEWEST = f"""
SELECT {_COLUMNS} FROM item_version AS newest WHERE NOT EXISTS
(SELECT 1 FROM item_version AS other WHERE other.code = newest.code AND other.version > newest.version)
"""
_ONE = f"SELECT {_COLUMNS} FROM item_version WHERE code = ? AND version = ?"


class ItemVersion(Base):
    """One version of one item.

    `text` is its canonical JSON, `statement` the hash of the signed document it came in, `published_at` UTC
    milliseconds (0: unknown), `withdrawn` 0 or 1. `mark` names the whole table as it stood with this row.
    """

    pos = AutoField()
    code = TextField()
    version = IntegerField()
    text = TextField()
    statement = TextField()
    published_at = BigIntegerField()
    withdrawn = IntegerField()
    mark = TextField()

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


def mark() -> str:
    """Return the mark of the newest row, empty when there is none: it changes with every row added."""
    row = run(_MARK).fetchone()
    return str(row[0]) if row else ""


def add(row: VersionRow) -> None:
    """Add one version.

    Raises:
        peewee.IntegrityError: the version is already there.
    """
    run(_ADD, row)


def newest() -> list[VersionRow]:
    """Return the newest version of every item, withdrawn ones too."""
    return [VersionRow(*row) for row in run(_NEWEST).fetchall()]


def one(code: str, version: int) -> VersionRow | None:
    """Return one version, None when it is not here."""
    row = run(_ONE, (code, version)).fetchone()
    return VersionRow(*row) if row else None
