"""The tables of the spool, frozen by version: a released version is never edited, the next one alters it."""

from __future__ import annotations

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


def create_v1(db: Any) -> None:
    """Create the tables and indexes in the open transaction of `db`, a peewee database."""
    lite = db.param == "?"
    words = {
        "int": "INTEGER" if lite else "BIGINT",
        "text": "TEXT NOT NULL",
        "blob": "BLOB NOT NULL" if lite else "BYTEA NOT NULL",
        "by_key": " WITHOUT ROWID" if lite else "",
    }
    for statement in _TABLES_V1:
        db.execute_sql(statement.format(**words))
