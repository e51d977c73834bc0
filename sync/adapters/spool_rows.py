"""How rows of the spool become objects and back, and how its SQL is run. Nothing is decided here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import peewee
from peewee import Database

from sync.protocol.frame import BlobRef, Evidence, Frame, Header, StreamId, Wrap
from sync.protocol.spool import Placed
from sync.protocol.streams import Stream

FRAME_COLUMNS = "position, header, body, signature, wraps, act"
STREAM_COLUMNS = "no, src, epoch, dst, base, base_head, upto, head, papers, stamp, r_upto, r_papers"

# Below the 999 parameters that every SQLite takes in one statement.
_MANY = 400
_decode = json.JSONDecoder().decode
# What `execute_sql` does with the errors of a driver, for `executemany` too.
_AS_PEEWEE_ERRORS: Any = peewee.__exception_wrapper__  # type: ignore[attr-defined]


class OutsideUnit(RuntimeError):
    """The spool was written without `begin`: what it keeps until `end` would be lost."""


class SqlPart:
    """Runs SQL in the caller's transaction, on SQLite or PostgreSQL alike."""

    def __init__(self, database: Database) -> None:
        # peewee ships no types for what runs plain SQL.
        self._database: Any = database
        self._unit: Any = None

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        rows: list[Any] = self._database.execute_sql(self._said(sql), values).fetchall()
        return rows

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._database.execute_sql(self._said(sql), values).fetchone()

    def _write(self, sql: str, values: Sequence[Any]) -> int:
        """Return how many rows were written."""
        self._require_unit()
        return int(self._database.execute_sql(self._said(sql), values).rowcount)

    def _write_all(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if len(rows) == 1:
            self._write(sql, rows[0])
        elif rows:
            self._require_unit()
            with _AS_PEEWEE_ERRORS:
                self._database.cursor().executemany(self._said(sql), rows)

    def _said(self, sql: str) -> str:
        """Return the statement with the parameter mark of the database."""
        return sql if self._database.param == "?" else sql.replace("?", self._database.param)

    def _among(self, sql: str, keys: Iterable[Any]) -> list[Any]:
        """Return the rows of a SELECT whose last condition is `IN {}`, asked in runs of bounded length."""
        rows, wanted = [], list(keys)
        for start in range(0, len(wanted), _MANY):
            run = wanted[start : start + _MANY]
            rows += self._read(sql.format(f"({','.join('?' * len(run))})"), run)
        return rows

    def _in_unit(self) -> bool:
        # A savepoint does not count as a transaction of its own here, so this holds inside one too.
        return self._unit is not None and self._database.top_transaction() is self._unit

    def _require_unit(self) -> None:
        if not self._in_unit():
            raise OutsideUnit("begin() was not called in this transaction")


def pack_pairs(pairs: Iterable[tuple[str, bytes]]) -> bytes:
    """Return (key id, bytes) pairs as one value: length and text of the id, length and bytes."""
    packed = []
    for name, value in pairs:
        packed += [bytes((len(name),)), name.encode("ascii"), len(value).to_bytes(2, "big"), value]
    return b"".join(packed)


def unpack_pairs(packed: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return the pairs `pack_pairs` made one value of."""
    pairs, at = [], 0
    while at < len(packed):
        middle = at + 1 + packed[at]
        start = middle + 2
        end = start + int.from_bytes(packed[middle:start], "big")
        pairs.append((packed[at + 1 : middle].decode("ascii"), packed[start:end]))
        at = end
    return tuple(pairs)


def frame_values(frame: Frame) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the bytes of a frame as they are kept: header, body, signature, wraps."""
    wraps = pack_pairs([(w.key_id, w.sealed) for w in frame.wraps]) if frame.wraps else b""
    return frame.header_bytes, frame.body, frame.signature, wraps


def frame_of(header: bytes, body: bytes, signature: bytes, wraps: bytes, act: str) -> Frame:
    """Return the frame of a row this node wrote.

    Its form was checked before it was kept, so it is not checked again; the
    hash is computed anew, so bytes that changed on the disk show as a break
    in the chain.
    """
    fields = _decode(header.decode())
    body_hash, body_len = fields["body"]
    read = Header(
        fields["kind"],
        StreamId(fields["src"], fields["epoch"], fields["dst"]),
        fields["seq"],
        bytes.fromhex(fields["prev"]),
        bytes.fromhex(body_hash),
        body_len,
        fields["enc"],
        tuple([BlobRef(*blob) for blob in fields["blobs"]]),
        Evidence(fields["wall"], fields["boot"], fields["mono"]),
        fields["roster"],
    )
    sealed = tuple([Wrap(*pair) for pair in unpack_pairs(wraps)]) if wraps else ()
    return Frame(read, header, hashlib.sha256(header).digest(), body, signature, act, sealed)


def placed_of(row: Sequence[Any]) -> Placed:
    """Return the placed frame of a row of FRAME_COLUMNS."""
    position, header, body, signature, wraps, act = row
    return Placed(position, frame_of(header, body, signature, wraps, act))


def stream_of(row: Sequence[Any]) -> Stream:
    """Return the stream of a row of STREAM_COLUMNS."""
    no, src, epoch, dst, base, base_head, upto, head, papers, stamp, *receipted = row
    place = StreamId(src, epoch, dst)
    return Stream(place, base, base_head, upto, head, papers, stamp, (receipted[0], receipted[1]), no)
