"""The spool's frames without a place, as rows."""

from __future__ import annotations

from sync.adapters.spool_names import SqlNames
from sync.adapters.spool_rows import frame_of, frame_values
from sync.protocol.frame import Frame, StreamId
from sync.protocol.spool import Aside

_ASIDE_COLUMNS = "header, body, signature, wraps, act, why, since, share"
_ADD_ASIDE = """INSERT INTO sync_aside (hash, src, epoch, dst, seq, why, since, header, body, signature,
    wraps, act, share) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING"""
_ASIDES = f"SELECT {_ASIDE_COLUMNS} FROM sync_aside WHERE why = ?"
_ASIDE_ORDER = " ORDER BY seq, src, epoch, dst, hash"
_STREAMS_ASIDE = "SELECT DISTINCT src, epoch, dst FROM sync_aside WHERE why = ? ORDER BY src, epoch, dst"
_WEIGH_ASIDE = """SELECT COALESCE(SUM(LENGTH(header) + LENGTH(body) + LENGTH(wraps)), 0) FROM sync_aside
    WHERE why = ?"""


class SqlAsides(SqlNames):
    """The part of the spool that holds frames without a place."""

    def put_aside(self, aside: Aside) -> bool:
        """Keep a frame aside (once per header hash); False when it was there already."""
        frame = aside.frame
        place = (*frame.header.stream, frame.header.seq, aside.why, aside.since)
        kept = (*frame_values(frame), frame.act, aside.share)
        return bool(self._write(_ADD_ASIDE, (frame.hash, *place, *kept)))

    def asides(self, why: str, stream: StreamId | None = None) -> list[Aside]:
        """Return frames kept aside for a reason, of one stream or of all, by seq."""
        if stream is None:
            rows = self._read(_ASIDES + _ASIDE_ORDER, (why,))
        else:
            sql = f"{_ASIDES} AND src = ? AND epoch = ? AND dst = ?{_ASIDE_ORDER}"
            rows = self._read(sql, (why, *stream))
        return [Aside(frame_of(*row[:5]), *row[5:]) for row in rows]

    def drop_aside(self, frame: Frame) -> None:
        """Forget one."""
        self._write("DELETE FROM sync_aside WHERE hash = ?", (frame.hash,))

    def count_aside(self, why: str = "", share: str = "") -> int:
        """Return how many frames are kept aside, for one reason or for all, in one share or in all."""
        asked = {column: value for column, value in (("why", why), ("share", share)) if value}
        where = " AND ".join([f"{column} = ?" for column in asked] or ["1 = 1"])
        return int(self._one(f"SELECT COUNT(*) FROM sync_aside WHERE {where}", tuple(asked.values()))[0])

    def streams_aside(self, why: str) -> list[StreamId]:
        """Return the streams of which frames are kept aside for a reason, sorted; no frame is read."""
        return [StreamId(*row) for row in self._read(_STREAMS_ASIDE, (why,))]

    def weigh_aside(self, why: str, share: str = "") -> int:
        """Return how many bytes the frames kept aside for a reason have, in one share or in all."""
        sql, values = (f"{_WEIGH_ASIDE} AND share = ?", (why, share)) if share else (_WEIGH_ASIDE, (why,))
        return int(self._one(sql, values)[0])
