"""Own acts: every act of this node gets its places here, signed, in the unit of work that caused it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sync.protocol import signed
from sync.protocol.acts.audience import note_briefs
from sync.protocol.core import Core
from sync.protocol.documents import keep_newest
from sync.protocol.errors import BodyTooLarge, TooLarge
from sync.protocol.found import doubt
from sync.protocol.frame import (
    PLAIN,
    SALT_BYTES,
    SEALED,
    SIGNED_AS,
    BlobRef,
    Evidence,
    Frame,
    Header,
    StreamId,
    Wrap,
    make_body,
    rebuild,
)
from sync.protocol.frame_items import check_fit
from sync.protocol.items import encode_statement
from sync.protocol.memos import note_down
from sync.protocol.receipts import DISAGREES, read_receipt
from sync.protocol.receipts_kept import end_receipt
from sync.protocol.records import fits_one_record
from sync.protocol.rotation import is_gone
from sync.protocol.sealed import seal_body
from sync.protocol.shelf import Draft, ShelfDoc, publish
from sync.protocol.signing import KEY_BYTES, KeyPair, PublicKey
from sync.protocol.spool import OWN, ActRow, Held, Placed
from sync.protocol.streams import Epoch, make_epoch, read_epoch

# So many heads fit an epoch record beside all else it says.
HEADS_MAX = 200
# No node opens so many epochs: of a revoked key higher numbers are not believed.
EPOCHS_BELIEVED = 10_000
# Nor does any office come so far with one document while it has one key.
VERSIONS_A_KEY = 10**7
# So often an office publishes above what a key that is gone has signed; then above all that it may have.
_TAKEN_MAX = 8
_TAKEN = "version taken"


def open_epoch(core: Core, key: KeyPair, reason: str, now_ms: int, above: int = 0) -> Epoch:
    """Begin a new epoch under `key` and return its record; later acts have their places in it.

    Two restored copies of one node get different epochs, for each draws 64
    random bits of its own. Its number is above every one known here, and
    above `above`, a number known from elsewhere.
    """
    record = make_epoch(epoch_fields(core, reason, now_ms, above), (key,), core.suite)
    core.keep(record.statement, f"{core.me}|{record.id}", (record.n, 0, 0))
    core.identity.epoch = record.id
    return record


def epoch_fields(core: Core, reason: str, now_ms: int, above: int = 0) -> dict[str, Any]:
    """Return what the record of this node's next epoch says, but for its key; see `open_epoch`."""
    identity = core.identity
    former = core.epoch(core.me, identity.epoch) if identity.epoch else None
    # A stolen key may have numbered its epochs so high that none is left above: those count no more. All
    # others do, for a number that comes twice looks like two nodes at work, and letters its slips again.
    held = [h for h in core.spool.all_held(signed.EPOCH) if h.key.startswith(f"{core.me}|")]
    records = [read_epoch(h.statement) for h in held]
    known = [record.n for record in records if record.n <= EPOCHS_BELIEVED or not is_gone(core, record)]
    heads = {
        s.id.dst: [s.upto, s.head.hex()]
        for s in core.streams()
        if s.id.src == core.me and s.id.epoch == identity.epoch
    }
    known_heads = "\n".join(f"{dst}|{upto}|{head}" for dst, (upto, head) in sorted(heads.items()))
    return {
        "src": core.me,
        "n": max((above, *known)) + 1,
        "random": core.means.random(8).hex(),
        "prev": former.statement.hash if former else "",
        # Where there are too many, their hash stands alone.
        "heads": heads if len(heads) <= HEADS_MAX else {},
        "heads_hash": hashlib.sha256(known_heads.encode()).hexdigest(),
        "reason": reason,
        "at": now_ms,
    }


class Body(NamedTuple):
    """An act before it has places: kind, how it is encrypted, its bytes, and wraps for its readers."""

    kind: str
    enc: str
    data: bytes
    wraps: tuple[Wrap, ...] = ()


def plain_body(core: Core, draft: tuple[str, bytes]) -> Body:
    """Return the body of a plain act (kind, canonical JSON), with a fresh salt.

    Raises:
        BodyTooLarge: above the limit.
    """
    kind, content = draft
    return Body(kind, PLAIN, make_body(core.means.random(SALT_BYTES), content))


def sealed_body(core: Core, draft: tuple[str, bytes], readers: Sequence[PublicKey]) -> Body:
    """Return the body of an act that only `readers` can open.

    Raises:
        BodyTooLarge: above the limit.
    """
    kind, content = draft
    random = core.means.random(SALT_BYTES + KEY_BYTES)
    data, wraps = seal_body((core.me, kind, content), readers, random, core.suite)
    return Body(kind, SEALED, data, wraps)


def submit(core: Core, body: Body, to: Sequence[str], blobs: Sequence[BlobRef], now: Evidence) -> str:
    """Give an act its places in the streams to every address of `to`; return the act's id.

    Args:
        to: destinations, at least one; this node's own address means nobody else takes part.
        blobs: papers the act names, held here already.

    Raises:
        BodyTooLarge: the act would not fit one record; nothing was written.
        NotEnrolled: this node has no epoch.
    """
    key = core.own_key()
    rest = (tuple(blobs), now)
    frames = [_frame(core, key, body, StreamId(core.me, core.identity.epoch, dst), rest) for dst in to]
    try:
        check_fit(frames[0])
    except TooLarge as problem:
        raise BodyTooLarge(problem.detail) from None
    placed = [Placed(core.next_position(), frame) for frame in frames]
    _place(core, placed)
    act = frames[0].act
    core.spool.add_acts([ActRow(act, body.kind, core.me, OWN, "", "", placed[0].position)])
    return act


def give_place(core: Core, frame: Frame, dst: str) -> None:
    """Give an own act one more place, in the stream to `dst`: the same bytes under the same id.

    The clock evidence is that of the act: it was made when it was made.

    Raises:
        NotEnrolled: this node has no epoch.
    """
    key, old = core.own_key(), frame.header
    body = Body(old.kind, old.enc, frame.body, frame.wraps)
    place = StreamId(core.me, core.identity.epoch, dst)
    made = _frame(core, key, body, place, (old.blobs, old.clock))
    _place(core, [Placed(core.next_position(), made)])


def _place(core: Core, placed: Sequence[Placed]) -> None:
    for _, frame in placed:
        stream = core.open_stream(frame.header.stream, _root(core))
        stream.upto, stream.head = frame.header.seq, frame.hash
        stream.papers = stream.upto
        core.heads.issued[stream.id] = None
        core.write_now(stream)
    core.spool.add_frames(placed)
    note_briefs(core, [frame for _, frame in placed])
    for _, frame in placed:
        _hold_to_word_of_end(core, frame)


def _hold_to_word_of_end(core: Core, frame: Frame) -> None:
    """The destination may have signed for another frame at this very place: a copy of this node had it."""
    stream = frame.header.stream
    held = end_receipt(core.spool, stream) if stream.dst != core.me else None
    is_here = held is not None and held.rank[1] == frame.header.seq
    if held is not None and is_here and read_receipt(held.statement).head != frame.hash.hex():
        core.spool.put_held(held._replace(content=DISAGREES))
        doubt(core, stream)


def _root(core: Core) -> bytes:
    record = core.epoch(core.me, core.identity.epoch)
    assert record is not None, "own_key() has found it"
    return record.root


def _frame(
    core: Core, key: KeyPair, body: Body, place: StreamId, rest: tuple[tuple[BlobRef, ...], Evidence]
) -> Frame:
    blobs, now = rest
    stream = core.reread(place)
    header = Header(
        kind=body.kind,
        stream=place,
        seq=stream.upto + 1 if stream else 1,
        prev=stream.head if stream else _root(core),
        body_hash=hashlib.sha256(body.data).digest(),
        body_len=len(body.data),
        enc=body.enc,
        blobs=blobs,
        clock=now,
        roster=core.roster.version,
    ).check()
    return rebuild(header, body.data, core.suite.sign(key, SIGNED_AS, header.encode()), body.wraps)


def put_on_shelf(core: Core, draft: Draft) -> ShelfDoc:
    """Publish a document for `draft.audience` and all below it; return it as neighbours will get it.

    `draft.version` and `draft.prev` are set here: one above the newest version held, or known to be taken.

    Raises:
        BodyTooLarge: the document would not fit one record.
    """
    before = core.spool.held(signed.SHELF, f"{core.me}|{draft.kind}|{draft.key}")
    draft = replace(
        draft,
        version=next_version(core, draft.kind, draft.key),
        prev=before.statement.hash if before else "",
    )
    doc = publish(draft, core.me, core.own_key(), core.suite)
    if not fits_one_record(encode_statement(doc.statement, doc.content)):
        raise BodyTooLarge(f"{draft.kind} {draft.key}")
    keep_newest(core, doc)
    return doc


def next_version(core: Core, kind: str, key: str) -> int:
    """Return the version that this node's next document under a key gets; see `put_on_shelf`."""
    slot = f"{core.me}|{kind}|{key}"
    known = (core.spool.held(signed.SHELF, slot), core.spool.held(_TAKEN, slot))
    return max(one.rank[0] if one else 0 for one in known) + 1


def versions_end(core: Core, author: str) -> int:
    """Return from which version on nobody believes a document: a key that is stolen leaves room above."""
    return VERSIONS_A_KEY * (1 + len(core.roster.revoked(author)))


def was_believed(core: Core, doc: ShelfDoc) -> bool:
    """Say whether anybody may have taken a document by a key that is gone: not with a number so high.

    A thief must have meant to leave none above it.
    """
    return doc.version < versions_end(core, doc.author) - VERSIONS_A_KEY


def take_version(core: Core, held: Held | None, doc: ShelfDoc) -> None:
    """Remember that others may hold a version of a document of this node's that is not kept here.

    Whoever has the key can make another one above what was published above the last: that ends soon.

    Args:
        held: what is in force here, to be published above that.
    """
    known = core.spool.held(_TAKEN, doc.slot)
    if known is not None and known.rank[0] >= doc.version:
        return
    times = known.rank[1] if known is not None else 0
    times += int(held is not None and held.rank[0] <= doc.version)
    highest = versions_end(core, core.me) - VERSIONS_A_KEY - 1
    note_down(core, _TAKEN, doc.slot, rank=(doc.version if times < _TAKEN_MAX else highest, times, 0))
