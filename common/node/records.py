"""Tables of the node itself: enrolment codes given out, notes of the line."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import BigIntegerField, CharField, IntegerField

from common.store.database import Base, run

NOTES_KEPT = 2_000
# Whoever could not be believed, and how long their next note of the same kind adds nothing.
_STRANGER, _QUIET_MS = "?", 60_000


class EnrolmentCode(Base):
    """A code given out: only what it keys is kept, never the code."""

    address = CharField(primary_key=True)
    name = CharField()
    secret = CharField()
    epoch_n = IntegerField()
    issued_at = BigIntegerField()
    expires_at = BigIntegerField()
    used_at = BigIntegerField(default=0)
    request = CharField(default="")

    class Meta:
        table_name = "enrolment_code"


def code_secrets() -> list[str]:
    """Return what the codes given out key, by address."""
    return [row.secret for row in EnrolmentCode.select().order_by(EnrolmentCode.address)]


class LineNote(Base):
    """Something the sync layer thought worth telling."""

    at = BigIntegerField(index=True)
    code = CharField()
    address = CharField()
    detail = CharField()

    class Meta:
        table_name = "line_note"


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the journal on the line page."""

    at_ms: int
    code: str
    sentence: str
    address: str
    detail: str


def add_notes(rows: list[tuple[int, str, str, str]]) -> None:
    """Keep notes (at, code, address, detail); the oldest go when there are too many.

    Of strangers one note a minute and kind is kept: whoever knocks without end must push out nobody's.
    """
    for row in rows:
        if row[2] != _STRANGER or not _was_told(row[0], row[1]):
            run("INSERT INTO line_note (at, code, address, detail) VALUES (?, ?, ?, ?)", row)
    run("DELETE FROM line_note WHERE id <= (SELECT MAX(id) FROM line_note) - ?", (NOTES_KEPT,))


def _was_told(at: int, code: str) -> bool:
    lately = "SELECT 1 FROM line_note WHERE code = ? AND address = ? AND at > ? AND at <= ? LIMIT 1"
    return run(lately, (code, _STRANGER, at - _QUIET_MS, at)).fetchone() is not None


def latest_notes(limit: int) -> list[tuple[int, str, str, str]]:
    """Return the newest notes first."""
    cursor = run("SELECT at, code, address, detail FROM line_note ORDER BY id DESC LIMIT ?", (limit,))
    return [
        (int(at), str(code), str(address), str(detail)) for at, code, address, detail in cursor.fetchall()
    ]
