"""The tables of the spool, frozen by version: a released version is never edited, the next one alters it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

# `position` is SQLite's own row number: frames lie on the disk in the order they were accepted, and the index
# on (stream, seq) carries it, so "what comes after" reads no other row.
_TABLES_V1 = (
    """CREATE TABLE sync_identity (one {int} PRIMARY KEY CHECK (one = 1), address {text}, instance {text},
        fingerprint {text}, incarnation {int} NOT NULL, epoch {text}, stamp {int} NOT NULL,
        position {int} NOT NULL)""",
    """CREATE TABLE sync_held (sort {text}, key {text}, r1 {int} NOT NULL, r2 {int} NOT NULL,
        r3 {int} NOT NULL, payload {blob}, signatures {blob}, content {blob}, stamp {int} NOT NULL,
        PRIMARY KEY (sort, key))""",
    "CREATE INDEX sync_held_stamp ON sync_held (sort, stamp)",
    """CREATE TABLE sync_stream (no {int} PRIMARY KEY, src {text}, epoch {text}, dst {text},
        base {int} NOT NULL, base_head {blob}, upto {int} NOT NULL, head {blob}, papers {int} NOT NULL,
        stamp {int} NOT NULL, r_upto {int} NOT NULL, r_papers {int} NOT NULL, UNIQUE (src, epoch, dst))""",
    """CREATE TABLE sync_frame (position {int} PRIMARY KEY, stream {int} NOT NULL, seq {int} NOT NULL,
        act {text}, header {blob}, body {blob}, signature {blob}, wraps {blob})""",
    "CREATE UNIQUE INDEX sync_frame_place ON sync_frame (stream, seq) WHERE stream > 0",
    "CREATE INDEX sync_frame_act ON sync_frame (act)",
    """CREATE TABLE sync_act (id {text} PRIMARY KEY, kind {text}, author {text}, state {text}, reason {text},
        waits_for {text}, position {int} NOT NULL){by_key}""",
    "CREATE INDEX sync_act_parked ON sync_act (waits_for) WHERE state = 'parked'",
    """CREATE TABLE sync_aside (hash {blob} PRIMARY KEY, src {text}, epoch {text}, dst {text},
        seq {int} NOT NULL, why {text}, since {int} NOT NULL, header {blob}, body {blob}, signature {blob},
        wraps {blob}, act {text})""",
    "CREATE INDEX sync_aside_place ON sync_aside (why, src, epoch, dst, seq)",
    """CREATE TABLE sync_gap (stream {int} NOT NULL, seq {int} NOT NULL, hash {text}, size {int} NOT NULL,
        type {text}, PRIMARY KEY (stream, seq, hash)){by_key}""",
    "CREATE INDEX sync_gap_hash ON sync_gap (hash)",
    "CREATE TABLE sync_blob (hash {text} PRIMARY KEY, size {int} NOT NULL, type {text}){by_key}",
    """CREATE TABLE sync_neighbour (address {text} PRIMARY KEY, instance {text}, incarnation {int} NOT NULL,
        counter {int} NOT NULL, taken {int} NOT NULL, mine {int} NOT NULL, acked_stamp {int} NOT NULL,
        need_full {int} NOT NULL, ask_full {int} NOT NULL, contact_at {int} NOT NULL, more {int} NOT NULL,
        soon_ms {int} NOT NULL, wanted_acts {text}, wanted_blobs {text}, sent {text}, dicts {text})""",
    """CREATE TABLE sync_vector (neighbour {text}, src {text}, epoch {text}, dst {text}, base {int} NOT NULL,
        upto {int} NOT NULL, head {blob}, PRIMARY KEY (neighbour, src, epoch, dst)){by_key}""",
    "CREATE TABLE sync_want (no {int} PRIMARY KEY, act {text} UNIQUE)",
)


# The newest version of a shelf document stands in sync_held, every version ever held in sync_doc. sync_named
# says in frames from whom to whom a paper is named; sync_brief the same of acts that a brief points out.
_TABLES_V2 = (
    "CREATE TABLE sync_doc (hash {text} PRIMARY KEY, payload {blob}, signatures {blob}, content {blob})",
    """CREATE TABLE sync_named (hash {text}, act {text}, src {text}, dst {text},
        PRIMARY KEY (hash, act, src, dst)){by_key}""",
    "CREATE TABLE sync_brief (act {text}, src {text}, dst {text}, PRIMARY KEY (act, src, dst)){by_key}",
    """CREATE TABLE sync_loose_gap (no {int} PRIMARY KEY, act {text}, hash {text}, size {int} NOT NULL,
        type {text}, UNIQUE (act, hash))""",
    "CREATE INDEX sync_loose_gap_hash ON sync_loose_gap (hash)",
    "ALTER TABLE sync_neighbour ADD COLUMN wanted_docs {text} DEFAULT '[]'",
)
# Whose room a frame aside takes: its author's, or of an unknown key that of the neighbour who brought it.
_TABLES_V3 = (
    "ALTER TABLE sync_aside ADD COLUMN share {text} DEFAULT ''",
    "UPDATE sync_aside SET share = src",
    "CREATE INDEX sync_aside_share ON sync_aside (why, share)",
)
# Few frames have no place in a stream; to find them, all the others, bodies and all, were gone through.
_TABLES_V4 = ("CREATE INDEX sync_frame_loose ON sync_frame (position) WHERE stream = 0",)
# A want stands once for each who is behind it: one of them may be behind a great many.
_TABLES_V5 = (
    "CREATE TABLE sync_wanted (no {int} PRIMARY KEY, act {text}, cause {text}, UNIQUE (act, cause))",
    "CREATE INDEX sync_wanted_cause ON sync_wanted (cause, no, act)",
    """INSERT INTO sync_wanted SELECT no, act, COALESCE(
        (SELECT author FROM sync_act a WHERE a.id = w.act),
        (SELECT MIN(author) FROM sync_act a WHERE a.state = 'parked' AND a.waits_for = 'act:' || w.act),
        '') FROM sync_want w ORDER BY no""",
    "DROP TABLE sync_want",
)
_FRAMES_V1 = """SELECT f.position, f.stream, f.act, f.header, f.body FROM sync_frame f
    WHERE f.position > {mark} ORDER BY f.position LIMIT 500"""
_SALT_BYTES_V1 = 16
_ACT_V1 = re.compile(r"[0-9a-f]{32}")


def create(db: Any) -> None:
    """Create the newest version of the tables in the open transaction of `db`, a peewee database."""
    create_v1(db)
    alter_v2(db)
    alter_v3(db)
    alter_v4(db)
    alter_v5(db)


def create_v1(db: Any) -> None:
    """Create the tables and indexes in the open transaction of `db`, a peewee database."""
    _run(db, _TABLES_V1)


def alter_v2(db: Any) -> None:
    """Add to version 1 documents by hash, who names what, and papers of loose acts, from what is held.

    Former versions of documents were not kept before; papers that loose acts lack are asked for from now on.
    """
    _run(db, _TABLES_V2)
    mark = db.param
    for payload, signatures, content in _rows(
        db, "SELECT payload, signatures, content FROM sync_held WHERE sort = 'shelf'"
    ):
        name = hashlib.sha256(payload).hexdigest()
        db.execute_sql(
            f"INSERT INTO sync_doc VALUES ({mark}, {mark}, {mark}, {mark})",
            (name, payload, signatures, content),
        )
    held = {row[0] for row in _rows(db, "SELECT hash FROM sync_blob")}
    for stream, act, header, body in _frames_v1(db):
        _name_v2(db, act, header)
        if header["kind"] == "sync.brief" and body and stream:
            _point_out_v2(db, header, body)
        if not stream:
            _miss_v2(db, act, [blob for blob in header["blobs"] if blob[0] not in held])


def alter_v3(db: Any) -> None:
    """Add to version 2 whose room a frame aside takes: its author's, where who brought it is not known."""
    _run(db, _TABLES_V3)


def alter_v4(db: Any) -> None:
    """Add to version 3 by what loose frames are found; no row changes."""
    _run(db, _TABLES_V4)


def alter_v5(db: Any) -> None:
    """Add to version 4 who is behind a want: its author if known, else that of one that waits for it."""
    _run(db, _TABLES_V5)


def _run(db: Any, statements: tuple[str, ...]) -> None:
    lite = db.param == "?"
    words = {
        "int": "INTEGER" if lite else "BIGINT",
        "text": "TEXT NOT NULL",
        "blob": "BLOB NOT NULL" if lite else "BYTEA NOT NULL",
        "by_key": " WITHOUT ROWID" if lite else "",
    }
    for statement in statements:
        db.execute_sql(statement.format(**words))


def _rows(db: Any, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    rows: list[Any] = db.execute_sql(sql, values).fetchall()
    return rows


def _frames_v1(db: Any) -> Iterator[tuple[int, str, dict[str, Any], bytes]]:
    position = 0
    while page := _rows(db, _FRAMES_V1.format(mark=db.param), (position,)):
        position = page[-1][0]
        for _, stream, act, header, body in page:
            yield stream, act, json.loads(bytes(header)), bytes(body)


def _name_v2(db: Any, act: str, header: dict[str, Any]) -> None:
    mark = db.param
    for blob in header["blobs"]:
        db.execute_sql(
            f"INSERT INTO sync_named VALUES ({mark}, {mark}, {mark}, {mark}) ON CONFLICT DO NOTHING",
            (blob[0], act, header["src"], header["dst"]),
        )


def _point_out_v2(db: Any, header: dict[str, Any], body: bytes) -> None:
    try:
        ids = json.loads(body[_SALT_BYTES_V1:])["ids"]
        named = [act for act in ids if type(act) is str and _ACT_V1.fullmatch(act)]
    except (ValueError, KeyError, TypeError, RecursionError):
        # A brief may say anything at all; one that says nothing is kept as it came.
        return
    mark = db.param
    for act in named:
        db.execute_sql(
            f"INSERT INTO sync_brief VALUES ({mark}, {mark}, {mark}) ON CONFLICT DO NOTHING",
            (act, header["src"], header["dst"]),
        )


def _miss_v2(db: Any, act: str, missing: list[Any]) -> None:
    mark = db.param
    for name, size, media_type in missing:
        (no,) = _rows(db, "SELECT COALESCE(MAX(no), 0) + 1 FROM sync_loose_gap")[0]
        db.execute_sql(
            f"INSERT INTO sync_loose_gap VALUES ({mark}, {mark}, {mark}, {mark}, {mark})"
            " ON CONFLICT DO NOTHING",
            (no, act, name, size, media_type),
        )
