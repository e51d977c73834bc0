"""What jobs have worked through, by name."""

from __future__ import annotations

from common.store.database import database

# The local day on which the node last did what days bring; the calendar by which days were last worked out;
# the rules by which the terms and the rows of lists were written.
DAY, CALENDAR, TERMS, LISTS = "day", "calendar", "terms", "lists"


def mark(name: str) -> str:
    """Return what a job last worked through under this name, "" when it never did."""
    row = database.execute_sql("SELECT mark FROM case_mark WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def set_mark(name: str, value: str) -> None:
    """Remember what a job has worked through."""
    database.execute_sql(
        "INSERT INTO case_mark (name, mark) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET mark = excluded.mark",
        (name, value),
    )
