"""The acts as they are stored, one after the other, for who compares them with what was signed."""

from __future__ import annotations

from collections.abc import Iterator

from common.casework.records import EventRow
from common.store.database import database

_PAGE = 500
_EVENTS = (
    'SELECT act, "case", pos, kind, author, follows, at, body, blobs, struck, here_at FROM case_event '
    "WHERE act > ? ORDER BY act LIMIT ?"
)


def every_event() -> Iterator[EventRow]:
    """Yield every stored act by its id, a page of them in memory."""
    after = ""
    while rows := database.execute_sql(_EVENTS, (after, _PAGE)).fetchall():
        yield from (EventRow(*row) for row in rows)
        after = rows[-1][0]
