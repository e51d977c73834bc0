"""Own acts: every act of this node gets its places here, signed, in the unit of work that caused it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BodyTooLarge
from sync.protocol.frame import (
    PLAIN,
    SALT_BYTES,
    SIGNED_AS,
    BlobRef,
    Evidence,
    Frame,
    Header,
    StreamId,
    make_body,
    rebuild,
)
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import encode_statement
from sync.protocol.records import FRAMES, fits_one_record
from sync.protocol.shelf import Draft, ShelfDoc, publish
from sync.protocol.signing import KeyPair
from sync.protocol.spool import OWN, ActRow, Placed
from sync.protocol.streams import Epoch, make_epoch

_SURELY_FITS_BYTES = 12_000


def open_epoch(core: Core, key: KeyPair, reason: str, now_ms: int) -> Epoch:
    """Begin a new epoch under `key` and return its record; later acts have their places in it.

    Two restored copies of one node get different epochs, for each draws 64
    random bits of its own.
    """
    identity = core.identity
    former = core.epoch(core.me, identity.epoch) if identity.epoch else None
    known = [
        int(h.key.split("|")[1].split("-")[0])
        for h in core.spool.all_held(signed.EPOCH)
        if h.key.startswith(f"{core.me}|")
    ]
    heads = {
        s.id.dst: [s.upto, s.head.hex()]
        for s in core.streams()
        if s.id.src == core.me and s.id.epoch == identity.epoch
    }
    fields = {
        "src": core.me,
        "n": max(known, default=0) + 1,
        "random": core.means.random(8).hex(),
        "prev": former.statement.hash if former else "",
        "heads": heads,
        "reason": reason,
        "at": now_ms,
    }
    record = make_epoch(fields, (key,), core.suite)
    core.keep(record.statement, f"{core.me}|{record.id}", (record.n, 0, 0))
    identity.epoch = record.id
    return record


def submit(
    core: Core, draft: tuple[str, bytes], to: Sequence[str], blobs: Sequence[BlobRef], now: Evidence
) -> str:
    """Give an act its places in the streams to every address of `to`; return the act's id.

    Args:
        draft: kind and content (canonical JSON); a fresh salt is put before it.
        to: destinations, at least one; this node's own address means nobody else takes part.
        blobs: papers the act names, held here already.

    Raises:
        BodyTooLarge: the act would not fit one record; nothing was written.
        NotEnrolled: this node has no epoch.
    """
    kind, content = draft
    body = make_body(core.means.random(SALT_BYTES), content)
    key = core.own_key()
    frames = [
        _frame(core, key, (kind, body), StreamId(core.me, core.identity.epoch, dst), (tuple(blobs), now))
        for dst in to
    ]
    if len(body) > _SURELY_FITS_BYTES and not fits_one_record(encode_frames(FRAMES, frames[:1])):
        raise BodyTooLarge(f"{kind} of {len(body)} bytes")
    placed = [Placed(core.position(), frame) for frame in frames]
    for frame in frames:
        stream = core.open_stream(frame.header.stream, _root(core))
        stream.upto, stream.head = frame.header.seq, frame.hash
        stream.papers = stream.upto
        core.write_now(stream)
    core.spool.add_frames(placed)
    act = frames[0].act
    core.spool.add_acts([ActRow(act, kind, core.me, OWN, "", "", placed[0].position)])
    return act


def _root(core: Core) -> bytes:
    record = core.epoch(core.me, core.identity.epoch)
    assert record is not None, "own_key() has found it"
    return record.root


def _frame(
    core: Core,
    key: KeyPair,
    draft: tuple[str, bytes],
    place: StreamId,
    rest: tuple[tuple[BlobRef, ...], Evidence],
) -> Frame:
    kind, body = draft
    blobs, now = rest
    stream = core.reread(place)
    header = Header(
        kind=kind,
        stream=place,
        seq=stream.upto + 1 if stream else 1,
        prev=stream.head if stream else _root(core),
        body_hash=hashlib.sha256(body).digest(),
        body_len=len(body),
        enc=PLAIN,
        blobs=blobs,
        clock=now,
        roster=core.roster.version,
    ).check()
    return rebuild(header, body, core.suite.sign(key, SIGNED_AS, header.encode()))


def put_on_shelf(core: Core, draft: Draft) -> ShelfDoc:
    """Publish a document for `draft.audience` and all below it; return it as neighbours will get it.

    `draft.version` and `draft.prev` are set here: one above the newest version held.

    Raises:
        BodyTooLarge: the document would not fit one record.
    """
    slot = f"{core.me}|{draft.kind}|{draft.key}"
    before = core.spool.held(signed.SHELF, slot)
    draft = replace(
        draft,
        version=before.rank[0] + 1 if before else 1,
        prev=before.statement.hash if before else "",
    )
    doc = publish(draft, core.me, core.own_key(), core.suite)
    if not fits_one_record(encode_statement(doc.statement, doc.content)):
        raise BodyTooLarge(f"{draft.kind} {draft.key}")
    core.keep(doc.statement, slot, (doc.version, 0, 0), doc.content)
    return doc
