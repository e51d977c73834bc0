"""Numbers that never repeat: each comes from a counter row locked by the open unit of work.

A number whose unit was undone is given again; one that was committed never is.
"""

from __future__ import annotations

from peewee import BigIntegerField, TextField

from common.store.database import Base, database, require_unit

_NEXT = """
INSERT INTO counter (name, value) VALUES (?, 1)
ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
"""


class Counter(Base):
    """The last number given out under each name."""

    name = TextField(primary_key=True)
    value = BigIntegerField()


def next_number(name: str) -> int:
    """Return the next number of the counter `name`: 1 at the first call.

    Raises:
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    return int(database.execute_sql(_NEXT, (name,)).fetchone()[0])


def last_number(name: str) -> int:
    """Return the last number given out under `name`, 0 when none was."""
    row = database.execute_sql("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0
