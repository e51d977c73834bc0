"""Putting together an exchange: state first, then the frames the other lacks, then papers.

Frames go in the order they were accepted here, over all streams, so causes come before effects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sync.protocol.acts.audience import is_spoken_for
from sync.protocol.contested import displaced
from sync.protocol.core import Core
from sync.protocol.documents import docs_due, may_be_in_vain
from sync.protocol.errors import NoSuchNeighbour
from sync.protocol.exchange import Head, write
from sync.protocol.frame import Evidence, Frame, StreamId
from sync.protocol.frame_items import encode_frames, frame_weight
from sync.protocol.going import choose
from sync.protocol.incoming.rebase import base_of
from sync.protocol.items import encode_statement
from sync.protocol.own.rollback import number_next
from sync.protocol.packer import Packer
from sync.protocol.pieces import PIECE_BYTES_MIN, pieces
from sync.protocol.pieces import Budget as Budget
from sync.protocol.records import BASE, EVIDENCE, FRAMES, LOOSE, Item
from sync.protocol.rotation import introducing_key, listening_key, speaking_key
from sync.protocol.shelf import ShelfDoc
from sync.protocol.signed import Statement
from sync.protocol.signing import KEY_BYTES
from sync.protocol.spool import Held, Neighbour, Part
from sync.protocol.state_out import Talk, refresh_receipts, state_items, trust_behind
from sync.protocol.stock.beginning import Beginning
from sync.protocol.stock.once import Showing
from sync.protocol.stock.purging import older_word
from sync.protocol.streams import Stream
from sync.protocol.trust.untold import came_round, parts_signed, streams_told
from sync.protocol.witness import Word

SENT_KEPT = 64
EVIDENCE_SENT_MAX = 8
INTRODUCED_EVERY = 4
PAGE = 200
_NOTHING = Part(0, 0, b"")


@dataclass(slots=True)
class Plan:
    """One exchange, decided; its bytes are made by `emit`, outside the unit that decided it."""

    head: Head
    state: list[Item]
    starts: dict[StreamId, int]
    bare: dict[StreamId, int]
    evidence: list[Frame]
    loose: list[Frame]
    papers: list[tuple[str, int, int]]
    budget: Budget
    # No frame above this position goes, and this is what the witness has to say before anything leaves.
    until: int
    word: Word
    frames: int = 0
    pieces: int = 0
    # Set as soon as only papers are left to make: that needs no unit of work.
    in_papers: bool = False


def plan(core: Core, address: str, budget: Budget, now: Evidence) -> Plan:
    """Decide an exchange with `address`: sign receipts, compare vectors, choose what goes.

    Counts as sending nothing: what the other holds is learned only from its own word.

    Raises:
        NoSuchNeighbour: no common path, or no key of the other is known.
    """
    key = listening_key(core, address)
    if key is None or not core.may_exchange(address):
        raise NoSuchNeighbour(address)
    everything = core.streams()
    streams = streams_told(core, everything, address)
    refresh_receipts(core, [*streams, *came_round(core, everything, address)], now.wall)
    core.flush_streams()
    neighbour = core.neighbour(address)
    offer = offers(core, neighbour, streams)
    going = choose(core, neighbour, budget, (streams, offer))
    is_introduced = _may_be_unknown(core, address)
    dictionary = "" if is_introduced else _dictionary(core, neighbour, budget)
    new_docs = _count(core, neighbour, budget, going.shown)
    authors = {(s.src, s.epoch) for s in going.starts if not core.are_near(s.src, address)}
    if is_introduced:
        authors.add((core.me, core.identity.epoch))
    loose = [*going.asked, *going.shown.owed]
    authors |= {(f.header.stream.src, f.header.stream.epoch) for f in loose}
    behind = trust_behind(core, authors) if authors else []
    talk = Talk(budget.soon_ms, now.wall, going.more, budget.is_answered, new_docs, budget.room, behind)
    state = state_items(core, neighbour, streams, talk)
    _add_signed(state, offer, going.docs)
    core.spool.put_neighbour(neighbour)
    own = (introducing_key if is_introduced else speaking_key)(core, neighbour)
    head = _head(core, neighbour, (own.id, key.id), dictionary)
    papers = [] if budget.papers.are_held else going.papers
    until, word = core.identity.position, core.heads.word(core)
    return Plan(head, state, going.starts, offer.bare, going.evidence, loose, papers, budget, until, word)


def _add_signed(state: list[Item], offer: Offer, docs: list[ShelfDoc]) -> None:
    """Add what is signed: older words before the end of the state, bases and documents after it."""
    state[-1:-1] = [encode_statement(word) for word in offer.words]
    state += [encode_statement(base, kind=BASE) for base in offer.bases]
    state += [encode_statement(doc.statement, doc.content) for doc in docs]


def _may_be_unknown(core: Core, address: str) -> bool:
    """Say now and then of one who does not answer that it may be from before it knew this node."""
    # Nor could it then say which dictionaries its program has: what is written for it uses none.
    tries = core.unheard[address] = core.unheard.get(address, 0) + 1
    return tries % INTRODUCED_EVERY == 0


def introduce_next(core: Core, address: str) -> None:
    """Let the next exchange say who this node is, as to one who may be from before it knew that.

    For who makes one exchange and ends: of how many went unanswered before it knows nothing.
    """
    core.unheard[address] = INTRODUCED_EVERY - 1


def _count(core: Core, neighbour: Neighbour, budget: Budget, shown: Showing) -> list[Held]:
    """Number the exchange, note what its acknowledgement will cover, return the new documents in it."""
    due = docs_due(core, neighbour)
    is_held_back = bool(due and budget.is_answered and may_be_in_vain(core, neighbour))
    number_next(core, neighbour)
    # An acknowledgement of what left documents out covers nothing: the next exchange is full again.
    covers = core.identity.stamp if shown.covers is None else shown.covers
    if core.givers.is_giving(neighbour.address):
        covers = min(covers, neighbour.acked_stamp)
    neighbour.sent[neighbour.mine] = 0 if is_held_back else covers
    if len(neighbour.sent) > SENT_KEPT:
        neighbour.sent = dict(sorted(neighbour.sent.items())[-SENT_KEPT:])
    return [] if is_held_back else due


def _dictionary(core: Core, neighbour: Neighbour, budget: Budget) -> str:
    """Return the preset dictionary to write with: one the other has, or at the very first try our own."""
    if not budget.is_answered:
        # Nobody answers a stick, so it is written for every program.
        return ""
    own = core.means.dictionary
    if own in neighbour.reads or neighbour.mine == 0:
        return own
    return next((name for name in neighbour.reads if name in core.means.dictionaries), "")


def _head(core: Core, neighbour: Neighbour, keys: tuple[str, str], dictionary: str) -> Head:
    return Head(
        network=core.roster.network,
        sender=core.me,
        receiver=neighbour.address,
        sender_key=keys[0],
        receiver_key=keys[1],
        instance=core.identity.instance,
        incarnation=core.identity.incarnation,
        epoch=core.identity.epoch,
        counter=neighbour.mine,
        dictionary=dictionary,
        sealed=b"",
    )


def emit(core: Core, plan: Plan) -> Iterator[bytes]:
    """Yield the bytes of a planned exchange, reading frames and papers as they are needed."""
    receiver = core.roster.any_key(plan.head.receiver, plan.head.receiver_key)
    assert receiver is not None, "plan() has found it"
    own, content_key = core.means.keys[plan.head.sender_key], core.means.random(KEY_BYTES)
    yield from write(plan.head, (own, receiver), content_key, _plains(core, plan), core.suite)


def _plains(core: Core, plan: Plan) -> Iterator[bytes]:
    packer = Packer(core.means.dictionaries, plan.head.dictionary)
    yield from packer.items(plan.state)
    for kind, frames in ((EVIDENCE, plan.evidence), (LOOSE, plan.loose)):
        if frames:
            yield from packer.groups(frames, frame_weight, partial(_as_items, kind))
    left = plan.budget.bytes
    floor = left // 10 if plan.papers else 0
    packer.fill = min(packer.fill, max(PIECE_BYTES_MIN, left - floor))
    after, before, are_through = 0, packer.packed, not plan.starts
    while left > floor and not are_through:
        page = core.spool.frames_after(plan.starts, after, PAGE)
        if not page:
            are_through = True
            break
        after = page[-1].position
        frames = [_for_them(plan, p.frame) for p in page if p.position <= plan.until]
        for plain in packer.groups(frames, frame_weight, partial(_as_items, FRAMES)):
            left -= len(plain)
            yield plain
            plan.frames = packer.packed - before
            packer.fill = min(packer.fill, max(PIECE_BYTES_MIN, left - floor))
            if left <= floor:
                break
    plan.in_papers = True
    papers = plan.budget.papers if are_through else plan.budget.papers._replace(extra=0)
    for plain in pieces(core, packer, plan.papers, papers, max(left, floor)):
        plan.pieces += 1
        yield plain
    if packer.left_out:
        core.note("S110", plan.head.receiver, f"{packer.left_out} left out")


def _for_them(plan: Plan, frame: Frame) -> Frame:
    return frame._replace(body=b"") if frame.header.seq <= plan.bare.get(frame.header.stream, 0) else frame


def _as_items(kind: int, frames: Sequence[Frame]) -> list[Item]:
    return [encode_frames(kind, frames)]


class Offer(NamedTuple):
    """What a neighbour is offered: where to start in each stream, the bases it needs, our side of forks."""

    starts: dict[StreamId, int]
    bases: list[Statement]
    evidence: list[Frame]
    # Older words of destinations, by which bodies before these places may be gone.
    words: list[Statement]
    # Up to which place the author itself, its disk empty, is sent frames without their bodies.
    bare: dict[StreamId, int]
    # What has lost its place here.
    lost: list[Frame]


def offers(core: Core, neighbour: Neighbour, streams: list[Stream]) -> Offer:
    """Compare the neighbour's newest vector with these streams.

    Where its head is not on our chain, none of our frames can take a place there: it is shown the one that
    disagrees, as often as our side of the stream changes, and no more.
    """
    theirs = {**core.spool.vector(neighbour.address), **parts_signed(core, neighbour, streams)}
    offer, beginning = Offer({}, [], [], [], {}, []), Beginning(core, neighbour)
    for stream in streams:
        part = theirs.get(stream.id, _NOTHING)
        has_all = (part.upto, part.head) == (stream.upto, stream.head)
        if has_all or part.upto > stream.upto or stream.upto == 0 or not is_spoken_for(core, stream.id):
            continue
        is_own = stream.id.src == neighbour.address
        begin = beginning.at(stream) if part.upto == 0 or is_own else None
        if part.upto < stream.base:
            base = base_of(core, stream.id)
            offer.bases.extend([base] if base else [])
            start = stream.base
        elif begin is not None and not is_own:
            offer.bases.append(begin.statement)
            start = begin.upto
        elif part.upto == 0 or core.spool.hash_at(stream, part.upto) == part.head:
            start = part.upto
        else:
            if stream.stamp > neighbour.acked_stamp and len(offer.evidence) < EVIDENCE_SENT_MAX:
                page = core.spool.frames_after({stream.id: part.upto - 1}, 0, 1)
                offer.evidence.extend(placed.frame for placed in page)
            continue
        if start < stream.upto:
            offer.starts[stream.id] = start
            if begin is not None and is_own:
                # Whole, also what the exchanges before had no room for.
                offer.bare[stream.id] = begin.upto
            older = older_word(core, stream, start)
            offer.words.extend([older.statement] if older else [])
    offer.lost.extend(displaced(core, neighbour, streams))
    return offer
