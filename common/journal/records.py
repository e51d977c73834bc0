"""Tables of the log of views, of its digests, and of rows that came from below on demand. Decides nothing.

The database itself refuses UPDATE and DELETE on the log (migration 0011).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from peewee import BigIntegerField, CompositeKey, TextField

from common.journal.rules import START, Digest, View
from common.store.database import Base, run

# Beyond every position.
LATEST = 2**62
_VIEW = "pos, at, login, what, object, fields"


class ViewLogRow(Base):
    """One view of personal data at this node; `chain` is the hash of all rows up to this one."""

    pos = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    login = TextField()
    what = TextField()
    object = TextField()
    fields = TextField()
    chain = TextField()

    class Meta:
        table_name = "view_log"


class ViewDigest(Base):
    """A day's digest: this node's own (`node` is empty) or one told by a node below; `by` is JSON.

    `fault` names what does not fit at a digest from below, empty when all does.
    """

    node = TextField()
    upto = BigIntegerField()
    first = BigIntegerField()
    day = TextField()
    by = TextField()
    head = TextField()
    fault = TextField()

    class Meta:
        primary_key = CompositeKey("node", "upto", "head")


class ViewBelow(Base):
    """A row of a node below that came on demand."""

    node = TextField()
    pos = BigIntegerField()
    at = BigIntegerField()
    login = TextField()
    what = TextField()
    object = TextField()
    fields = TextField()

    class Meta:
        primary_key = CompositeKey("node", "pos")


def last() -> tuple[int, str]:
    """Return position and chain hash of the newest row, (0, START) when there is none."""
    row = run("SELECT pos, chain FROM view_log ORDER BY pos DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, START)


def add(view: View, chain: str) -> None:
    """Append a row."""
    run(f"INSERT INTO view_log ({_VIEW}, chain) VALUES (?, ?, ?, ?, ?, ?, ?)", (*view, chain))


def after(pos: int) -> Iterator[tuple[View, str]]:
    """Yield the rows after a position with their chain hashes, in order."""
    for row in run(f"SELECT {_VIEW}, chain FROM view_log WHERE pos > ? ORDER BY pos", (pos,)):
        yield View(*row[:6]), str(row[6])


def between(first: int, upto: int) -> list[View]:
    """Return the rows from one position to another, both included."""
    rows = run(f"SELECT {_VIEW} FROM view_log WHERE pos BETWEEN ? AND ? ORDER BY pos", (first, upto))
    return [View(*row) for row in rows.fetchall()]


def newest(limit: int, before: int = LATEST) -> list[View]:
    """Return the newest rows first, of those before a position."""
    found = run(f"SELECT {_VIEW} FROM view_log WHERE pos < ? ORDER BY pos DESC LIMIT ?", (before, limit))
    return [View(*row) for row in found]


def of_objects(names: Sequence[str], limit: int, before: int = LATEST) -> list[View]:
    """Return who looked at one of these cases and papers, the newest first; a thousand names at most."""
    marks = ", ".join("?" for _ in names)
    found = run(
        f"SELECT {_VIEW} FROM view_log WHERE object IN ({marks}) AND pos < ? ORDER BY pos DESC LIMIT ?",
        (*names, before, limit),
    )
    return [View(*row) for row in found.fetchall()]


def chain_at(pos: int) -> str:
    """Return the chain hash of a row, START before the first, empty when there is no such row."""
    if pos == 0:
        return START
    row = run("SELECT chain FROM view_log WHERE pos = ?", (pos,)).fetchone()
    return str(row[0]) if row else ""


def add_digest(node: str, digest: Digest, fault: str) -> None:
    """Store a digest; the same one again changes nothing."""
    run(
        "INSERT OR IGNORE INTO view_digest (node, upto, first, day, by, head, fault)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (node, digest.upto, digest.first, digest.day, json.dumps(digest.by), digest.head, fault),
    )


def has_digest(node: str, first: int, upto: int) -> bool:
    """Say whether a node ("" = this one) has a digest of a day that ends so and holds the first position."""
    found = run(
        "SELECT 1 FROM view_digest WHERE node = ? AND upto = ? AND first <= ? LIMIT 1", (node, upto, first)
    )
    return found.fetchone() is not None


def set_fault(node: str, digest: Digest, fault: str) -> None:
    """Store what does not fit at a digest."""
    run(
        "UPDATE view_digest SET fault = ? WHERE node = ? AND upto = ? AND head = ?",
        (fault, node, digest.upto, digest.head),
    )


def digests(node: str, limit: int) -> list[tuple[Digest, str]]:
    """Return the newest digests of a node ("" = this one), the last to come first, and what does not fit.

    Not by their positions: those of a machine that was replaced begin anew.
    """
    rows = run(
        "SELECT first, upto, day, by, head, fault FROM view_digest WHERE node = ?"
        " ORDER BY rowid DESC LIMIT ?",
        (node, limit),
    ).fetchall()
    return [
        (Digest(int(first), int(upto), day, tuple(map(tuple, json.loads(by))), head), fault)
        for first, upto, day, by, head, fault in rows
    ]


def tellers() -> list[str]:
    """Return every node that told of its views."""
    rows = run("SELECT DISTINCT node FROM view_digest WHERE node <> '' ORDER BY node").fetchall()
    return [str(row[0]) for row in rows]


def put_below(node: str, views: list[View]) -> None:
    """Store rows of a node below, in place of what it said of these positions before."""
    for view in views:
        run(
            f"REPLACE INTO view_below (node, {_VIEW}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (node, *view),
        )


def below(node: str, first: int, upto: int) -> list[View]:
    """Return the rows of a node below that are here, in order."""
    rows = run(
        f"SELECT {_VIEW} FROM view_below WHERE node = ? AND pos BETWEEN ? AND ? ORDER BY pos",
        (node, first, upto),
    )
    return [View(*row) for row in rows.fetchall()]
