"""The log of who did what: rows are only ever added, and each carries the hash of all before it.

Taking a row out, changing one or putting one between breaks every later hash; `first_broken` finds
the place. The database itself refuses UPDATE and DELETE on the table (migration 0002).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from peewee import BigIntegerField, TextField

from common.store.database import Base, database, require_unit

START = "0" * 64

_LAST = "SELECT pos, chain FROM audit ORDER BY pos DESC LIMIT 1"
_ADD = "INSERT INTO audit (pos, at, actor, action, object, detail, chain) VALUES (?, ?, ?, ?, ?, ?, ?)"
_FROM = "SELECT pos, at, actor, action, object, detail, chain FROM audit WHERE pos >= ? ORDER BY pos"


class Audit(Base):
    """One act of a person or of the node. `at` is UTC milliseconds, `detail` JSON text."""

    pos = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    actor = TextField()
    action = TextField()
    object = TextField(index=True)
    detail = TextField()
    chain = TextField()


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A row of the log as it stands."""

    pos: int
    at: int
    actor: str
    action: str
    object: str
    detail: str
    chain: str


def record(actor: str, action: str, object_id: str, detail: Mapping[str, Any], now_ms: int) -> None:
    """Add one row to the log in the open unit; it is there exactly if the unit commits.

    Args:
        actor: the login, or `node` when the node acted by itself.
        action: a stable dotted name, as `case.file` or `people.sign_in`.
        object_id: what it was done to, as a case number.
        detail: strings, integers, lists and mappings only; nothing secret.
        now_ms: when, UTC milliseconds.

    Raises:
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    last = database.execute_sql(_LAST).fetchone()
    pos, before = (last[0] + 1, last[1]) if last else (1, START)
    text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    row = (pos, now_ms, actor, action, object_id, text)
    database.execute_sql(_ADD, (*row, _chained(before, row)))


def rows(object_id: str) -> list[AuditRow]:
    """Return every row about `object_id`, oldest first."""
    found = database.execute_sql(
        "SELECT pos, at, actor, action, object, detail, chain FROM audit WHERE object = ? ORDER BY pos",
        (object_id,),
    )
    return [AuditRow(*row) for row in found.fetchall()]


def has(object_id: str, actions: Sequence[str], at_ms: int) -> bool:
    """Say whether there is a row of one of these actions about `object_id` of just this time (UTC ms)."""
    marks = ", ".join("?" * len(actions))
    found = database.execute_sql(
        f"SELECT 1 FROM audit WHERE object = ? AND action IN ({marks}) AND at = ? LIMIT 1",
        (object_id, *actions, at_ms),
    )
    return found.fetchone() is not None


def newest(object_id: str, actions: Sequence[str], before_ms: int) -> AuditRow | None:
    """Return the newest row about `object_id` with one of these actions and from before a time, if any."""
    marks = ", ".join("?" * len(actions))
    found = database.execute_sql(
        "SELECT pos, at, actor, action, object, detail, chain FROM audit"
        f" WHERE object = ? AND action IN ({marks}) AND at < ? ORDER BY pos DESC LIMIT 1",
        (object_id, *actions, before_ms),
    ).fetchone()
    return AuditRow(*found) if found else None


def latest(limit: int) -> list[AuditRow]:
    """Return the newest `limit` rows, newest first."""
    found = database.execute_sql(
        "SELECT pos, at, actor, action, object, detail, chain FROM audit ORDER BY pos DESC LIMIT ?", (limit,)
    )
    return [AuditRow(*row) for row in found.fetchall()]


def first_broken() -> int | None:
    """Walk the whole chain; return the position of the first row that does not fit, None if all do.

    Rows cut off at the very end leave no trace in the chain: `head` is kept beside it for that.
    """
    expected, before = 1, START
    for row in _walk():
        plain = (row.pos, row.at, row.actor, row.action, row.object, row.detail)
        if row.pos != expected or row.chain != _chained(before, plain):
            return row.pos
        expected, before = row.pos + 1, row.chain
    return None


def head() -> tuple[int, str]:
    """Return the position and chain hash of the newest row, `(0, START)` when the log is empty."""
    last = database.execute_sql(_LAST).fetchone()
    return (int(last[0]), str(last[1])) if last else (0, START)


def chain_at(pos: int) -> str:
    """Return the chain's hash at a position, that of an empty log at 0, "" where no such row is."""
    row = database.execute_sql("SELECT chain FROM audit WHERE pos = ?", (pos,)).fetchone()
    return str(row[0]) if row else "" if pos else START


def _walk() -> Iterator[AuditRow]:
    for row in database.execute_sql(_FROM, (0,)):
        yield AuditRow(*row)


def _chained(before: str, row: tuple[Any, ...]) -> str:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return sha256(f"{before}\n{text}".encode()).hexdigest()
