"""Tables of the node itself: enrolment codes given out, notes of the line."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import BigIntegerField, CharField, IntegerField

from common.store.database import Base, run

NOTES_KEPT = 2_000
# Whoever could not be believed, and how long their next note of the same kind adds nothing.
_STRANGER, _QUIET_MS = "?", 60_000
# How long the very same note of a node adds nothing: an exchange a minute would say it as often.
_SAME_MS = 3_600_000
_MOST = "SELECT code, address, COUNT(*) FROM line_note GROUP BY 1, 2 ORDER BY 3 DESC, MIN(id) LIMIT 1"
_OLDEST_GO = (
    "DELETE FROM line_note WHERE id IN"
    " (SELECT id FROM line_note WHERE code = ? AND address = ? ORDER BY id LIMIT ?)"
)


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
    """Keep notes (at, code, address, detail); when there are too many, old ones go of which there are most.

    Of strangers one note a minute and kind is kept, of others the very same one once an hour: whoever knocks
    without end, and what is found again at each exchange, must push out nobody's. Where a node is told of in
    ever other words, only what is told of it under the same code gives way.
    """
    for row in rows:
        if not _was_told(row):
            keep_note(*row)
    while (over := run("SELECT COUNT(*) FROM line_note").fetchone()[0] - NOTES_KEPT) > 0:
        code, address, count = run(_MOST).fetchone()
        run(_OLDEST_GO, (code, address, min(over, (count + 1) // 2)))


def keep_note(at: int, code: str, address: str, detail: str) -> None:
    """Keep a note by which this node goes itself: one more each time, however lately the same was told."""
    run("INSERT INTO line_note (at, code, address, detail) VALUES (?, ?, ?, ?)", (at, code, address, detail))


def _was_told(row: tuple[int, str, str, str]) -> bool:
    at, code, address, detail = row
    lately = "SELECT 1 FROM line_note WHERE code = ? AND address = ? AND at > ? AND at <= ?"
    if address == _STRANGER:
        return run(f"{lately} LIMIT 1", (code, address, at - _QUIET_MS, at)).fetchone() is not None
    same = (code, address, at - _SAME_MS, at, detail)
    return run(f"{lately} AND detail = ? LIMIT 1", same).fetchone() is not None


def told_between(code: str, since: int, now: int) -> list[tuple[str, int]]:
    """Return of whom a note of this code was kept since a moment, each with the newest one's time.

    One from after `now`, when the clock was ahead, tells nothing: it would be new for years.
    """
    newest = (
        "SELECT address, MAX(at) FROM line_note WHERE code = ? AND at > ? AND at <= ?"
        " GROUP BY address ORDER BY 2 DESC"
    )
    return [(str(address), int(at)) for address, at in run(newest, (code, since, now)).fetchall()]


def newest_of(code: str, address: str) -> int:
    """Return the number of the newest note of this code about a node, 0 for none."""
    newest = "SELECT MAX(id) FROM line_note WHERE code = ? AND address = ?"
    return int(run(newest, (code, address)).fetchone()[0] or 0)


def latest_notes(limit: int, of: str = "") -> list[tuple[int, str, str, str]]:
    """Return the newest notes first, those of one code where it is named."""
    chosen, values = ("WHERE code = ? ", (of, limit)) if of else ("", (limit,))
    sql = f"SELECT at, code, address, detail FROM line_note {chosen}ORDER BY id DESC LIMIT ?"
    cursor = run(sql, values)
    return [
        (int(at), str(code), str(address), str(detail)) for at, code, address, detail in cursor.fetchall()
    ]
