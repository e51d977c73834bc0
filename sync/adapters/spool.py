"""The spool on a database, through plain SQL, in the caller's transaction: it never opens or commits one.

Rows are read anew in every unit, for another process may have written between
two; nothing is remembered that such a write, or the undoing of a savepoint,
could make wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from peewee import Database

from sync.adapters.spool_rows import pack_pairs, unpack_pairs
from sync.adapters.spool_wants import SqlWants
from sync.protocol.frame import BlobRef, StreamId
from sync.protocol.signed import Statement
from sync.protocol.spool import Held, Identity, Neighbour, Part
from sync.protocol.streams import Stream

_IDENTITY = "address, instance, fingerprint, incarnation, epoch, stamp, position"
_PUT_IDENTITY = f"""INSERT INTO sync_identity (one, {_IDENTITY}) VALUES (1, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (one) DO UPDATE SET address = EXCLUDED.address, instance = EXCLUDED.instance,
    fingerprint = EXCLUDED.fingerprint, incarnation = EXCLUDED.incarnation, epoch = EXCLUDED.epoch,
    stamp = EXCLUDED.stamp, position = EXCLUDED.position"""
_HELD = "SELECT sort, key, r1, r2, r3, payload, signatures, content, stamp FROM sync_held WHERE sort = ?"
_PUT_HELD = """INSERT INTO sync_held (sort, key, r1, r2, r3, payload, signatures, content, stamp)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sort, key) DO UPDATE SET
    r1 = EXCLUDED.r1, r2 = EXCLUDED.r2, r3 = EXCLUDED.r3, payload = EXCLUDED.payload,
    signatures = EXCLUDED.signatures, content = EXCLUDED.content, stamp = EXCLUDED.stamp"""
_ADD_GAP = """INSERT INTO sync_gap (stream, seq, hash, size, type) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (stream, seq, hash) DO NOTHING"""
_GAP_STREAMS = """SELECT s.src, s.epoch, s.dst FROM sync_stream s
    WHERE EXISTS (SELECT 1 FROM sync_gap g WHERE g.stream = s.no {}) ORDER BY s.no"""
_MISSING = """SELECT hash, size, type FROM (
    SELECT hash, size, type, stream, seq FROM sync_gap WHERE hash = ?
    UNION ALL SELECT hash, size, type, 0, no FROM sync_loose_gap WHERE hash = ?) AS gap
    ORDER BY size DESC, stream, seq LIMIT 1"""
_PUT_BLOB = """INSERT INTO sync_blob (hash, size, type) VALUES (?, ?, ?)
    ON CONFLICT (hash) DO UPDATE SET size = EXCLUDED.size, type = EXCLUDED.type"""
_NEIGHBOUR = """SELECT address, instance, incarnation, counter, taken, mine, acked_stamp, need_full, ask_full,
    contact_at, more, soon_ms, wanted_acts, wanted_blobs, sent, dicts, wanted_docs FROM sync_neighbour"""
_PUT_NEIGHBOUR = """INSERT INTO sync_neighbour (address, instance, incarnation, counter, taken, mine,
    acked_stamp, need_full, ask_full, contact_at, more, soon_ms, wanted_acts, wanted_blobs, sent, dicts,
    wanted_docs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (address) DO UPDATE SET instance = EXCLUDED.instance,
    incarnation = EXCLUDED.incarnation, counter = EXCLUDED.counter,
    taken = EXCLUDED.taken, mine = EXCLUDED.mine, acked_stamp = EXCLUDED.acked_stamp,
    need_full = EXCLUDED.need_full, ask_full = EXCLUDED.ask_full, contact_at = EXCLUDED.contact_at,
    more = EXCLUDED.more, soon_ms = EXCLUDED.soon_ms, wanted_acts = EXCLUDED.wanted_acts,
    wanted_blobs = EXCLUDED.wanted_blobs, sent = EXCLUDED.sent, dicts = EXCLUDED.dicts,
    wanted_docs = EXCLUDED.wanted_docs"""
_PUT_PART = """INSERT INTO sync_vector (neighbour, src, epoch, dst, base, upto, head)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (neighbour, src, epoch, dst) DO UPDATE SET
    base = EXCLUDED.base, upto = EXCLUDED.upto, head = EXCLUDED.head"""
_DROP_PART = "DELETE FROM sync_vector WHERE neighbour = ? AND src = ? AND epoch = ? AND dst = ?"


def _values(identity: Identity) -> tuple[Any, ...]:
    return (
        identity.address,
        identity.instance,
        identity.fingerprint,
        identity.incarnation,
        identity.epoch,
        identity.stamp,
        identity.position,
    )


class SqlSpool(SqlWants):
    """The port `Spool` on SQLite or PostgreSQL.

    Whoever opens the transaction calls `begin` after it and `end` before its
    commit (or uses `unit`). Reading works without, and then sees what is
    committed; writing without raises OutsideUnit.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._identity: Identity | None = None
        self._stored: tuple[Any, ...] = ()

    # --- the unit of work
    def begin(self) -> None:
        """Start a unit in the transaction that is open: nothing is remembered from before."""
        self._unit = self._database.top_transaction()
        self._identity, self._stored = None, ()
        self._numbers.clear()
        self._highest = 0
        self._require_unit()

    def end(self) -> None:
        """Write the identity's stamp and position as they now stand; the commit follows."""
        self._require_unit()
        if self._identity is not None and _values(self._identity)[-2:] != self._stored[-2:]:
            self._write(_PUT_IDENTITY, (*self._stored[:-2], self._identity.stamp, self._identity.position))
        self._unit = None

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Call `begin` and `end` around a block; to be used inside the caller's transaction."""
        self.begin()
        yield
        self.end()

    # --- the node itself
    def identity(self) -> Identity | None:
        """Return this node's identity, or None before `init`; in a unit always the same object."""
        if self._identity is not None and self._in_unit():
            return self._identity
        row = self._one(f"SELECT {_IDENTITY} FROM sync_identity")
        identity = Identity(*row) if row else None
        if self._in_unit():
            self._identity, self._stored = identity, tuple(row or ())
        return identity

    def put_identity(self, identity: Identity) -> None:
        """Keep it; `stamp` and `position` are written at the end of the unit as they then stand."""
        self._require_unit()
        if not self._stored:
            self.identity()
        if _values(identity)[:-2] != self._stored[:-2]:
            self._stored = _values(identity)
            self._write(_PUT_IDENTITY, self._stored)
        self._identity = identity

    # --- statements
    def put_held(self, held: Held) -> None:
        """Keep a statement under (sort, key), replacing the one there."""
        signatures = pack_pairs(held.statement.signatures)
        kept = (held.statement.payload, signatures, held.content, held.stamp)
        self._write(_PUT_HELD, (held.sort, held.key, *held.rank, *kept))

    def held(self, sort: str, key: str) -> Held | None:
        """Return the statement kept under (sort, key)."""
        row = self._one(f"{_HELD} AND key = ?", (sort, key))
        return _held(row) if row else None

    def drop_held(self, sort: str, key: str) -> None:
        """Forget it."""
        self._write("DELETE FROM sync_held WHERE sort = ? AND key = ?", (sort, key))

    def all_held(self, sort: str, after_stamp: int = 0) -> list[Held]:
        """Return the statements of a sort whose stamp is above `after_stamp`, by stamp."""
        rows = self._read(f"{_HELD} AND stamp > ? ORDER BY stamp, key", (sort, after_stamp))
        return [_held(row) for row in rows]

    # --- papers
    def add_gaps(self, stream: Stream, missing: Sequence[tuple[int, BlobRef]]) -> None:
        """Remember that the frames at these places name papers not held here."""
        no = self._number(stream.id)
        self._write_all(_ADD_GAP, [(no, seq, *blob) for seq, blob in missing])

    def gaps(self, stream: Stream, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` (seq, hash) of missing papers of a stream, by seq."""
        sql = "SELECT seq, hash FROM sync_gap WHERE stream = ? ORDER BY seq, hash LIMIT ?"
        return [(seq, blob) for seq, blob in self._read(sql, (self._number(stream.id), limit))]

    def gap_streams(self) -> list[StreamId]:
        """Return the streams that miss papers, in the order they were first put."""
        return [StreamId(*row) for row in self._read(_GAP_STREAMS.format(""))]

    def close_gap(self, blob: str) -> list[StreamId]:
        """The paper is held now: forget every gap, loose ones too; return the streams it was missing in."""
        self._write("DELETE FROM sync_loose_gap WHERE hash = ?", (blob,))
        streams = [StreamId(*row) for row in self._read(_GAP_STREAMS.format("AND g.hash = ?"), (blob,))]
        if streams:
            self._write("DELETE FROM sync_gap WHERE hash = ?", (blob,))
        return streams

    def missing_blob(self, blob: str) -> BlobRef | None:
        """Return a paper missing here under the largest size announced, or None when nothing misses it."""
        row = self._one(_MISSING, (blob, blob))
        return BlobRef(*row) if row else None

    def have_blobs(self, blobs: Iterable[str]) -> set[str]:
        """Return which of these papers are held here whole."""
        return {row[0] for row in self._among("SELECT hash FROM sync_blob WHERE hash IN {}", blobs)}

    def put_blob(self, blob: BlobRef) -> None:
        """Remember that a paper is held here whole."""
        self._write(_PUT_BLOB, blob)

    def drop_blob(self, blob: str) -> None:
        """The paper is not held here any more."""
        self._write("DELETE FROM sync_blob WHERE hash = ?", (blob,))

    def blob(self, blob: str) -> BlobRef | None:
        """Return a held paper's reference."""
        row = self._one("SELECT hash, size, type FROM sync_blob WHERE hash = ?", (blob,))
        return BlobRef(*row) if row else None

    def blobs_after(self, blob: str, limit: int) -> list[BlobRef]:
        """Return up to `limit` held papers whose hashes come after this one, by hash."""
        sql = "SELECT hash, size, type FROM sync_blob WHERE hash > ? ORDER BY hash LIMIT ?"
        return [BlobRef(*row) for row in self._read(sql, (blob, limit))]

    # --- neighbours
    def neighbour(self, address: str) -> Neighbour | None:
        """Return what is known of the exchange with a node; changes count only after `put_neighbour`."""
        row = self._one(f"{_NEIGHBOUR} WHERE address = ?", (address,))
        return _neighbour(row) if row else None

    def neighbours(self) -> list[Neighbour]:
        """Return all of them, by address."""
        return [_neighbour(row) for row in self._read(f"{_NEIGHBOUR} ORDER BY address")]

    def put_neighbour(self, neighbour: Neighbour) -> None:
        """Keep it."""
        n = neighbour
        kept = (n.wanted_acts, n.wanted_blobs, list(n.sent.items()), n.reads, n.wanted_docs)
        lists = [json.dumps(each) for each in kept]
        counters = (n.era, n.counter, n.taken, n.mine, n.acked_stamp)
        rest = (n.need_full, n.ask_full, n.contact_at, n.more, n.soon_ms)
        self._write(_PUT_NEIGHBOUR, (n.address, n.instance, *counters, *rest, *lists))

    def vector(self, address: str) -> dict[StreamId, Part]:
        """Return the newest vector a neighbour sent us."""
        sql = "SELECT src, epoch, dst, base, upto, head FROM sync_vector WHERE neighbour = ?"
        return {StreamId(*row[:3]): Part(*row[3:]) for row in self._read(sql, (address,))}

    def put_vector(self, address: str, parts: Mapping[StreamId, Part], replace: Sequence[StreamId]) -> None:
        """Keep parts; `replace` names streams of the old vector to forget first."""
        self._write_all(_DROP_PART, [(address, *stream) for stream in replace if stream not in parts])
        self._write_all(_PUT_PART, [(address, *stream, *part) for stream, part in parts.items()])


def _held(row: Sequence[Any]) -> Held:
    sort, key, r1, r2, r3, payload, signatures, content, stamp = row
    return Held(sort, key, (r1, r2, r3), Statement(sort, payload, unpack_pairs(signatures)), content, stamp)


def _neighbour(row: Sequence[Any]) -> Neighbour:
    acts, blobs, sent, reads, docs = (json.loads(text) for text in row[12:])
    known = Neighbour(*row[:12])
    known.wanted_acts, known.sent, known.reads = tuple(acts), dict(sent), tuple(reads)
    known.wanted_docs = tuple(docs)
    known.wanted_blobs = tuple((blob, offset) for blob, offset in blobs)
    return known
