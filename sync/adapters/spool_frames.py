"""The spool's streams, frames and acts, as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any

from peewee import Database

from sync.adapters.spool_asides import SqlAsides
from sync.adapters.spool_rows import (
    FRAME_COLUMNS,
    STREAM_COLUMNS,
    frame_values,
    placed_of,
    stream_of,
)
from sync.protocol.frame import Frame, StreamId, decode_header
from sync.protocol.spool import PARKED, ActRow, Placed
from sync.protocol.streams import Stream
from sync.protocol.wants import shares

# The numbers of so few streams are sooner asked one by one than read for all.
_FEW = 8
# A frame may have 64 KiB, and a thief makes many: read so, those without a place fit a small node's memory.
_AT_A_TIME = 16
_LOOSE = 0
_ACT_COLUMNS = "id, kind, author, state, reason, waits_for, position"

_STREAM = f"SELECT {STREAM_COLUMNS} FROM sync_stream WHERE src = ? AND epoch = ? AND dst = ?"
_STREAMS = f"SELECT {STREAM_COLUMNS} FROM sync_stream ORDER BY no"
_NUMBER = "SELECT no FROM sync_stream WHERE src = ? AND epoch = ? AND dst = ?"
_NUMBERS = "SELECT no, src, epoch, dst, upto FROM sync_stream"
_ADD_STREAM = f"INSERT INTO sync_stream ({STREAM_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SET_STREAM = """UPDATE sync_stream SET base = ?, base_head = ?, upto = ?, head = ?, papers = ?, stamp = ?,
    r_upto = ?, r_papers = ? WHERE no = ?"""
_ADD_FRAME = """INSERT INTO sync_frame (position, stream, seq, act, header, body, signature, wraps)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_FRAMES = f"SELECT {FRAME_COLUMNS} FROM sync_frame"
_AFTER = f"{_FRAMES} WHERE stream = ? AND stream > 0 AND seq > ? AND position > ? ORDER BY seq LIMIT ?"
_HEADER_AT = "SELECT header FROM sync_frame WHERE stream = ? AND stream > 0 AND seq = ?"
_PLACES = """SELECT s.src, s.epoch, s.dst, f.seq FROM sync_frame f JOIN sync_stream s ON s.no = f.stream
    WHERE f.act = ? ORDER BY f.position"""
_PLACES_OF = """SELECT f.act, s.src, s.epoch, s.dst, f.seq, f.position FROM sync_frame f
    JOIN sync_stream s ON s.no = f.stream WHERE f.act IN {}"""
_ADD_ACT = f"INSERT INTO sync_act ({_ACT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_SET_ACT = """UPDATE sync_act SET kind = ?, author = ?, state = ?, reason = ?, waits_for = ?, position = ?
    WHERE id = ?"""
_PARKED = f"SELECT {_ACT_COLUMNS} FROM sync_act WHERE state = 'parked'"
_PARKED_FOR = """SELECT waits_for FROM sync_act WHERE state = 'parked' AND SUBSTR(waits_for, 1, ?) = ?
    GROUP BY waits_for ORDER BY MIN(position), waits_for LIMIT ?"""
# No more of one author than all may have: who makes very many fills no memory.
_PARKED_BY_AUTHOR = """SELECT author, waits_for FROM (
    SELECT author, waits_for, MIN(position) AS oldest,
        ROW_NUMBER() OVER (PARTITION BY author ORDER BY MIN(position), waits_for) AS number
    FROM sync_act WHERE state = 'parked' AND SUBSTR(waits_for, 1, ?) = ? GROUP BY author, waits_for)
    WHERE number <= ? ORDER BY oldest, waits_for, author"""


class SqlFrames(SqlAsides):
    """The part of the spool that holds streams, frames and acts."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._numbers: dict[StreamId, int] = {}
        self._highest = 0

    # --- streams
    def stream(self, stream: StreamId) -> Stream | None:
        """Return this node's copy of a stream; changes count only after `put_stream`."""
        row = self._one(_STREAM, stream)
        if row is None:
            return None
        if self._in_unit():
            self._numbers[stream] = row[0]
        return stream_of(row)

    def streams(self) -> list[Stream]:
        """Return all streams, in the order they were first put."""
        return [stream_of(row) for row in self._read(_STREAMS)]

    def put_stream(self, stream: Stream) -> None:
        """Keep it (`no` is given at the first time)."""
        ends = (stream.base, stream.base_head, stream.upto, stream.head)
        values = (*ends, stream.papers, stream.stamp, *stream.receipted)
        no = self._number(stream.id)
        if no and self._write(_SET_STREAM, (*values, no)):
            stream.no = no
            return
        stream.no = no or self._next_number()
        self._write(_ADD_STREAM, (stream.no, *stream.id, *values))
        self._numbers[stream.id] = stream.no

    def _next_number(self) -> int:
        # A number is never given twice within a unit, so one remembered from a savepoint that was undone can
        # name no other stream.
        (highest,) = self._one("SELECT COALESCE(MAX(no), 0) FROM sync_stream")
        self._highest = max(self._highest, highest) + 1
        return self._highest

    def _number(self, stream: StreamId) -> int:
        """Return a stream's number, 0 when it was never put; remembered for the unit only."""
        known = self._numbers.get(stream) if self._in_unit() else None
        if known is not None:
            return known
        row = self._one(_NUMBER, stream)
        if row is None:
            return 0
        if self._in_unit():
            self._numbers[stream] = row[0]
        return int(row[0])

    # --- frames
    def add_frames(self, frames: Sequence[Placed]) -> None:
        """Keep frames at their places, in streams already put.

        Raises:
            peewee.IntegrityError: a place is taken; the unit must fail.
            LookupError: the stream was never put.
        """
        rows = []
        for position, frame in frames:
            stream = frame.header.stream
            no = self._number(stream)
            if not no:
                raise LookupError(str(stream))
            rows.append((position, no, frame.header.seq, frame.act, *frame_values(frame)))
        self._write_all(_ADD_FRAME, rows)
        self._name_papers(placed.frame for placed in frames)

    def add_loose(self, placed: Placed, most: int = 1) -> None:
        """Keep a frame that has no place in a stream here, once; of an act in one stream at most so many."""
        position, frame = placed
        known = self._loose_headers(frame.act)
        same = [one for one in known if decode_header(one).stream == frame.header.stream]
        if len(same) < most and frame.header_bytes not in known:
            self._write(_ADD_FRAME, (position, _LOOSE, frame.header.seq, frame.act, *frame_values(frame)))
            self._name_papers([frame])

    def is_loose(self, frame: Frame) -> bool:
        """Say whether this very frame is kept beside the streams, with its body or without."""
        return frame.header_bytes in self._loose_headers(frame.act)

    def _loose_headers(self, act: str) -> list[bytes]:
        rows = self._read("SELECT header FROM sync_frame WHERE act = ? AND stream = 0", (act,))
        return [bytes(header) for (header,) in rows]

    def loose_frames(self, limit: int, author: str = "") -> Iterator[Frame]:
        """Yield up to `limit` frames that have no place here, of one author or of all, the newest first.

        Which they are is settled when the first is asked for; few are read at a time.
        """
        of_one = "AND act IN (SELECT id FROM sync_act WHERE author = ?)" if author else ""
        sql = f"SELECT position FROM sync_frame WHERE stream = 0 {of_one} ORDER BY position DESC LIMIT ?"
        found = [position for (position,) in self._read(sql, (*filter(None, [author]), limit))]
        for start in range(0, len(found), _AT_A_TIME):
            rows = self._among(f"{_FRAMES} WHERE position IN {{}}", found[start : start + _AT_A_TIME])
            yield from (placed_of(row).frame for row in sorted(rows, key=itemgetter(0), reverse=True))

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take the frames above a place out of a stream, and their gaps; return them by seq."""
        no = self._number(stream.id)
        rows = self._read(f"{_FRAMES} WHERE stream = ? AND stream > 0 AND seq > ? ORDER BY seq", (no, after))
        self._write("DELETE FROM sync_frame WHERE stream = ? AND stream > 0 AND seq > ?", (no, after))
        self._write("DELETE FROM sync_gap WHERE stream = ? AND seq > ?", (no, after))
        return [placed_of(row) for row in rows]

    def drop_bodies(self, acts: Sequence[str]) -> int:
        """Empty the bodies of these acts wherever they stand; return how many bytes they had in all."""
        rows = self._among("SELECT LENGTH(body) FROM sync_frame WHERE act IN {}", acts)
        self._write_all("UPDATE sync_frame SET body = ? WHERE act = ?", [(b"", act) for act in acts])
        return sum(size for (size,) in rows)

    def restore_body(self, frame: Frame) -> int:
        """Put a body, and wraps if it has any, back where frames of its act lack it; return into how many."""
        _, body, _, wraps = frame_values(frame)
        put, values = ("body = ?, wraps = ?", (body, wraps)) if frame.wraps else ("body = ?", (body,))
        sql = f"UPDATE sync_frame SET {put} WHERE act = ? AND LENGTH(body) = 0"
        return int(self._write(sql, (*values, frame.act)))

    def hash_at(self, stream: Stream, seq: int) -> bytes | None:
        """Return the header hash at a place, the base's or root's included; None when not held."""
        if seq == stream.base:
            return stream.base_head
        if seq == stream.upto:
            return stream.head
        row = self._one(_HEADER_AT, (self._number(stream.id), seq))
        return hashlib.sha256(row[0]).digest() if row else None

    def frames_after(self, starts: Mapping[StreamId, int], after: int, limit: int) -> list[Placed]:
        """Return up to `limit` frames, by position: above `after`, and above the start of each stream."""
        runs = [self._run(no, start, after, limit) for no, start in self._starts(starts)]
        # Within a stream positions rise with seq; each run is read only as far as the page needs it.
        page = runs[0] if len(runs) == 1 else islice(merge(*runs, key=itemgetter(0)), limit)
        rows = list(page)
        for run in runs:
            run.close()
        return [placed_of(row) for row in rows]

    def _run(self, no: int, start: int, after: int, limit: int) -> Generator[Any, None, None]:
        with closing(self._database.execute_sql(self._said(_AFTER), (no, start, after, limit))) as cursor:
            yield from cursor

    def _starts(self, starts: Mapping[StreamId, int]) -> list[tuple[int, int]]:
        if len(starts) <= _FEW:
            found = [(self._number(stream), start) for stream, start in starts.items()]
            return [(no, start) for no, start in found if no]
        longer = []
        for no, src, epoch, dst, upto in self._read(_NUMBERS):
            start = starts.get(StreamId(src, epoch, dst))
            if start is not None and start < upto:
                longer.append((no, start))
        return longer

    def frame_of_act(self, act: str) -> Frame | None:
        """Return a frame that carries the act: placed or loose, the first to come; with its body if any."""
        row = self._one(f"{_FRAMES} WHERE act = ? ORDER BY LENGTH(body) = 0, position LIMIT 1", (act,))
        return placed_of(row).frame if row else None

    def places_of_act(self, act: str) -> list[tuple[StreamId, int]]:
        """Return every place the act has in a stream here, in the order they came."""
        return [(StreamId(src, epoch, dst), seq) for src, epoch, dst, seq in self._read(_PLACES, (act,))]

    def places_of_acts(self, acts: Iterable[str]) -> dict[str, list[tuple[StreamId, int]]]:
        """Return the same of many acts at once; an act without a place is not among them."""
        found: dict[str, list[tuple[StreamId, int]]] = {}
        for act, *stream, seq, _ in sorted(self._among(_PLACES_OF, set(acts)), key=itemgetter(5)):
            found.setdefault(act, []).append((StreamId(*stream), seq))
        return found

    # --- acts
    def known_acts(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts this node already has."""
        return {row[0] for row in self._among("SELECT id FROM sync_act WHERE id IN {}", acts)}

    def add_acts(self, rows: Sequence[ActRow]) -> None:
        """Keep acts not known before.

        Raises:
            peewee.IntegrityError: one of them is known; the unit must fail.
        """
        self._write_all(_ADD_ACT, rows)

    def act(self, act: str) -> ActRow | None:
        """Return what became of an act here."""
        row = self._one(f"SELECT {_ACT_COLUMNS} FROM sync_act WHERE id = ?", (act,))
        return ActRow(*row) if row else None

    def set_act(self, row: ActRow) -> None:
        """Replace the row of a known act.

        Raises:
            LookupError: it is not known.
        """
        if not self._write(_SET_ACT, (*row[1:], row.id)):
            raise LookupError(row.id)

    def parked(self, waits_for: Iterable[str] | None = None) -> list[ActRow]:
        """Return parked acts, all or those that wait for one of the given keys, by position."""
        if waits_for is None:
            rows = self._read(_PARKED)
        else:
            rows = self._among(f"{_PARKED} AND waits_for IN {{}}", set(waits_for))
        return sorted((ActRow(*row) for row in rows), key=lambda row: (row.position, row.id))

    def parked_for(self, prefix: str, limit: int) -> list[str]:
        """Return keys beginning so that parked acts wait for, each once, that of the oldest act first."""
        return [row[0] for row in self._read(_PARKED_FOR, (len(prefix), prefix, limit))]

    def parked_for_by_author(self, prefix: str, limit: int) -> list[list[str]]:
        """Return some such keys by whose acts wait; each has the same room, and what others leave."""
        found: dict[str, list[str]] = {}
        for author, key in self._read(_PARKED_BY_AUTHOR, (len(prefix), prefix, limit)):
            found.setdefault(author, []).append(key)
        return shares(list(found), lambda author, most: found[author][:most], limit)


assert PARKED == "parked", "the partial index and the queries above name the state by its word"
