"""What has left this node by rule: one row a day on which any body did. It says how much, never of whom."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, IntegerField

from common.store.database import Base, run


class PurgeDay(Base):
    """Bodies that left on a local day (YYYY-MM-DD): how many, and how many bytes they had."""

    day = CharField(primary_key=True)
    bodies = IntegerField()
    bytes = BigIntegerField()

    class Meta:
        table_name = "purge_day"


def add(day: str, bodies: int, size: int) -> None:
    """Count what has just left, in the open unit."""
    run(
        "INSERT INTO purge_day (day, bodies, bytes) VALUES (?, ?, ?) ON CONFLICT (day) "
        "DO UPDATE SET bodies = purge_day.bodies + excluded.bodies, bytes = purge_day.bytes + excluded.bytes",
        (day, bodies, size),
    )


def totals() -> tuple[int, int, str]:
    """Return how many bodies have left so far, how many bytes they had, and the last such day ("" = none)."""
    row = run(
        "SELECT COALESCE(SUM(bodies), 0), COALESCE(SUM(bytes), 0), COALESCE(MAX(day), '') FROM purge_day"
    ).fetchone()
    return int(row[0]), int(row[1]), str(row[2])
