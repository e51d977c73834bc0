"""The table of what people chose for themselves. Decides nothing."""

from __future__ import annotations

from peewee import IntegerField, TextField

from common.store.database import Base, run


class Preference(Base):
    """How a person likes pages; flags are 0 or 1."""

    login = TextField(primary_key=True)
    large_print = IntegerField()
    language = TextField()
    sounds = IntegerField()


def find(login: str) -> tuple[int, str, int] | None:
    """Return size of letters, language and sounds of a person, None when they never chose."""
    row = run("SELECT large_print, language, sounds FROM preference WHERE login = ?", (login,)).fetchone()
    return (int(row[0]), str(row[1]), int(row[2])) if row else None


def put(login: str, large_print: int, language: str, sounds: int) -> None:
    """Store what a person chose, in place of what they chose before."""
    run(
        "INSERT INTO preference (login, large_print, language, sounds) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (login) DO UPDATE SET large_print = excluded.large_print,"
        " language = excluded.language, sounds = excluded.sounds",
        (login, large_print, language, sounds),
    )
