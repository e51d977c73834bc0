"""Putting together an exchange: state first, then every frame the other lacks in the order of acceptance, then papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sync.protocol import signed
from sync.protocol.core import TRUST_SORTS, Core
from sync.protocol.errors import NoSuchNeighbour
from sync.protocol.exchange import Head, write
from sync.protocol.frame import Evidence, Frame, StreamId
from sync.protocol.items import (
    Hello,
    Piece,
    digest_of,
    encode_frames,
    encode_hello,
    encode_piece,
    encode_statement,
    encode_vector,
    encode_want_acts,
    encode_want_blobs,
    frame_weight,
)
from sync.protocol.receipts import END, HOP, Receipt, make_receipt, read_receipt
from sync.protocol.records import BASE, FRAMES, LOOSE, STATE_END, Item, Packer
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement
from sync.protocol.signing import KEY_BYTES
from sync.protocol.spool import Held, Neighbour, Part
from sync.protocol.streams import Stream

PIECE_BYTES = 15_900
WANTS_MAX = 64
MISSING_MAX = 32
SENT_KEPT = 64
VECTOR_LINES = 150
PAGE = 200
TRUST_ORDER = (*TRUST_SORTS, signed.EPOCH)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one exchange may carry.

    `bytes`: of frames and papers together, roughly, before sealing.
    `papers_asked_only`: 1 on a line, where the other has said what it lacks;
    0 for a stick, which cannot ask and gets every paper it may lack.
    `soon_ms`: told to the other when news for it is on the way.
    """

    bytes: int
    papers_asked_only: int = 1
    soon_ms: int = 0


@dataclass(slots=True)
class Plan:
    """One exchange, decided; its bytes are made by `emit`, outside the unit that decided it."""

    head: Head
    state: list[Item]
    starts: dict[StreamId, int]
    loose: list[Frame]
    papers: list[tuple[str, int, int]]
    budget: Budget
    frames: int = 0
    pieces: int = 0


def plan(core: Core, address: str, budget: Budget, now: Evidence) -> Plan:
    """Decide an exchange with `address`: sign receipts, compare vectors, choose what goes.

    Counts as sending nothing: what the other holds is learned only from its own word.

    Raises:
        NoSuchNeighbour: no common path, or no key of the other is known.
    """
    key = core.roster.current_key(address)
    if key is None or not core.may_exchange(address):
        raise NoSuchNeighbour(address)
    streams = core.streams_with(address)
    for stream in streams:
        refresh_receipt(core, stream, now.wall)
    core.flush_streams()
    neighbour = core.neighbour(address)
    starts, bases = offers(core, neighbour, streams)
    papers = _papers(core, neighbour, streams, starts, budget)
    neighbour.mine += 1
    neighbour.sent[neighbour.mine] = core.identity.stamp
    neighbour.sent = dict(sorted(neighbour.sent.items())[-SENT_KEPT:])
    loose = _loose(core, neighbour)
    state = _state(core, neighbour, streams, (budget, now.wall, bool(starts or papers)))
    state[1:1] = [encode_statement(s) for s in _trust_behind(core, loose)]
    state += [encode_statement(base, kind=BASE) for base in bases]
    own = core.own_key()
    core.spool.put_neighbour(neighbour)
    head = Head(
        network=core.roster.network,
        sender=core.me,
        receiver=address,
        sender_key=own.id,
        receiver_key=key.id,
        instance=core.identity.instance,
        incarnation=core.identity.incarnation,
        epoch=core.identity.epoch,
        counter=neighbour.mine,
        dictionary=core.means.dictionary,
        sealed=b"",
    )
    return Plan(head, state, starts, loose, papers, budget)


def emit(core: Core, plan: Plan) -> Iterator[bytes]:
    """Yield the bytes of a planned exchange, reading frames and papers as they are needed."""
    receiver = core.roster.any_key(plan.head.receiver, plan.head.receiver_key)
    assert receiver is not None, "plan() has found it"
    content_key = core.means.random(KEY_BYTES)
    yield from write(plan.head, (core.own_key(), receiver), content_key, _plains(core, plan), core.suite)


def _plains(core: Core, plan: Plan) -> Iterator[bytes]:
    packer = Packer(core.means.dictionaries, plan.head.dictionary)
    yield from packer.items(plan.state)
    left = plan.budget.bytes
    floor = left // 10 if plan.papers else 0
    if plan.loose:
        yield from packer.groups(plan.loose, frame_weight, lambda group: [encode_frames(LOOSE, group)])
    after = 0
    while left > floor and plan.starts:
        page = core.spool.frames_after(plan.starts, after, PAGE)
        if not page:
            break
        after = page[-1].position
        for plain in packer.groups(
            [p.frame for p in page], frame_weight, lambda group: [encode_frames(FRAMES, group)]
        ):
            left -= len(plain)
            yield plain
        plan.frames += len(page)
    yield from _pieces(core, plan, packer, left)


def _pieces(core: Core, plan: Plan, packer: Packer, left: int) -> Iterator[bytes]:
    for blob, offset, size in plan.papers:
        while offset < size and left > 0:
            data = core.means.blobs.read(blob, offset, PIECE_BYTES)
            if not data:
                break
            yield from packer.items([encode_piece(Piece(blob, offset, size, data))])
            offset += len(data)
            left -= len(data)
            plan.pieces += 1


def refresh_receipt(core: Core, stream: Stream, now_ms: int) -> None:
    """Sign a new receipt for a stream of another node when more of it is stored here than was receipted.

    The caller's unit commits before the receipt leaves, and what it covers
    was committed before or is committed with it.
    """
    if stream.id.src == core.me or stream.upto == 0 or stream.receipted == (stream.upto, stream.papers):
        return
    missing = [blob for _, blob in core.spool.gaps(stream, MISSING_MAX)]
    fields = Receipt(
        stream=stream.id,
        signer=core.me,
        kind=END if stream.id.dst == core.me else HOP,
        incarnation=core.identity.incarnation,
        upto=stream.upto,
        head=stream.head.hex(),
        papers=stream.papers,
        missing=tuple(dict.fromkeys(missing)),
        at=now_ms,
        statement=Statement(signed.RECEIPT, b"", ()),
    )
    receipt = make_receipt(fields, core.own_key(), core.suite)
    core.keep(receipt.statement, receipt.key, receipt.rank)
    stream.receipted = (stream.upto, stream.papers)
    core.spool.put_stream(stream)


def offers(
    core: Core, neighbour: Neighbour, streams: list[Stream]
) -> tuple[dict[StreamId, int], list[Statement]]:
    """Return where to start in each stream the neighbour lacks something of, and the bases it needs.

    A head of theirs that is not on our chain is no reason to stop: they get
    our frames, and one of the two sides will find evidence.
    """
    theirs = core.spool.vector(neighbour.address)
    starts: dict[StreamId, int] = {}
    bases: list[Statement] = []
    for stream in streams:
        part = theirs.get(stream.id)
        at = part.upto if part else 0
        if at > stream.upto or (part and at == stream.upto and part.head == stream.head) or stream.upto == 0:
            continue
        here = core.spool.hash_at(stream, at)
        if at < stream.base:
            base = core.spool.held(signed.RECEIPT, f"{stream.id}|{stream.id.dst}|{END}")
            if base is not None:
                bases.append(base.statement)
            starts[stream.id] = stream.base
        elif part is None or here == part.head:
            starts[stream.id] = at
        else:
            starts[stream.id] = stream.base
    return {s: at for s, at in starts.items() if at < _upto(streams, s)}, bases


def _upto(streams: list[Stream], stream_id: StreamId) -> int:
    return next(s.upto for s in streams if s.id == stream_id)


def _state(
    core: Core, neighbour: Neighbour, streams: list[Stream], rest: tuple[Budget, int, bool]
) -> list[Item]:
    budget, now_ms, waiting = rest
    address = neighbour.address
    whole = {s.id: Part(s.base, s.upto, s.head) for s in streams if s.upto or s.base}
    full = int(neighbour.acked_stamp == 0)
    changed = {s.id for s in streams if full or s.stamp > neighbour.acked_stamp}
    part = {stream: line for stream, line in whole.items() if stream in changed}
    hello = Hello(
        incarnation=core.identity.incarnation,
        ack=neighbour.taken,
        full=full,
        digest=digest_of(whole),
        need_full=neighbour.ask_full,
        more=int(waiting),
        soon_ms=budget.soon_ms if _awaits_end(core, address, streams) else 0,
        now=now_ms,
        dictionaries=tuple(core.means.dictionaries),
    )
    items = [encode_hello(hello)]
    lines = list(part.items())
    items += [encode_vector(dict(lines[i : i + VECTOR_LINES])) for i in range(0, len(lines), VECTOR_LINES)]
    items += [encode_statement(h.statement, h.content) for h in _statements(core, neighbour)]
    acts = core.spool.wants(WANTS_MAX)
    if acts:
        items.append(encode_want_acts(acts))
    blobs = _wanted_blobs(core, streams)
    if blobs:
        items.append(encode_want_blobs(blobs))
    return [*items, Item(STATE_END, b"")]


def _awaits_end(core: Core, address: str, streams: list[Stream]) -> bool:
    """Say whether the neighbour has acts here whose end receipt is still on its way to it."""
    for stream in streams:
        if stream.id.src != address or stream.id.dst == core.me or not stream.upto:
            continue
        held = core.spool.held(signed.RECEIPT, f"{stream.id}|{stream.id.dst}|{END}")
        if held is None or held.rank[1] < stream.upto or held.rank[2] < stream.upto:
            return True
    return False


def _statements(core: Core, neighbour: Neighbour) -> list[Held]:
    after, address, tree = neighbour.acked_stamp, neighbour.address, core.tree
    near = {*tree.up(address)}

    def is_near(other: str) -> bool:
        return other in near or address in tree.up(other)

    out: list[Held] = []
    for sort in TRUST_SORTS:
        everyone = sort in (signed.ROOT, signed.APPOINTMENT, signed.HEAD)
        out += [h for h in core.spool.all_held(sort, after) if everyone or is_near(h.key.split("|")[0])]
    out += [h for h in core.spool.all_held(signed.EPOCH, after) if is_near(h.key.split("|")[0])]
    out += [h for h in core.spool.all_held(signed.RECEIPT, after) if _receipt_goes(core, h, address)]
    for held in core.spool.all_held(signed.SHELF, after):
        if read_doc(held.statement, held.content).may_go_to(address, tree):
            out.append(held)
    return out


def _receipt_goes(core: Core, held: Held, address: str) -> bool:
    """A receipt goes back along the stream to its author, up to everyone above its signer, and home to its signer."""
    src, epoch, dst, signer, _ = held.key.split("|")
    if address == signer or address in core.tree.up(signer):
        return True
    path = core.tree.path(src, dst)
    if signer not in path or address not in path:
        return False
    return path.index(address) < path.index(signer)


def _wanted_blobs(core: Core, streams: list[Stream]) -> list[tuple[str, int]]:
    relevant = {s.id for s in streams}
    wanted: dict[str, int] = {}
    for stream_id in core.spool.gap_streams():
        stream = core.stream(stream_id)
        if stream is None or stream_id not in relevant or len(wanted) >= WANTS_MAX:
            continue
        for _, blob in core.spool.gaps(stream, WANTS_MAX - len(wanted)):
            wanted.setdefault(blob, core.means.blobs.offset(blob))
    return list(wanted.items())


def _loose(core: Core, neighbour: Neighbour) -> list[Frame]:
    """Return the acts the neighbour asked for by id, if it stands on the way of one of their places or above the author."""
    found = []
    for act in neighbour.wanted_acts[:WANTS_MAX]:
        frame = core.spool.frame_of_act(act)
        if frame is not None and frame.body and _may_have(core, neighbour.address, act, frame):
            found.append(frame)
    return found


def _trust_behind(core: Core, frames: list[Frame]) -> list[Statement]:
    """Return the entries and epoch records without which these frames cannot be believed."""
    wanted: dict[tuple[str, str], None] = {}
    for frame in frames:
        src, epoch, _ = frame.header.stream
        wanted[(signed.ENTRY, src)] = None
        wanted[(signed.EPOCH, f"{src}|{epoch}")] = None
    found = [core.spool.held(sort, key) for sort, key in sorted(wanted)]
    return sorted((h.statement for h in found if h), key=lambda s: TRUST_ORDER.index(s.sort))


def _may_have(core: Core, address: str, act: str, frame: Frame) -> bool:
    if address in core.tree.up(frame.header.stream.src):
        return True
    places = [place for place, _ in core.spool.places_of_act(act)] or [frame.header.stream]
    return any(core.tree.holds(place.src, place.dst, address) for place in places)


def _papers(
    core: Core, neighbour: Neighbour, streams: list[Stream], starts: dict[StreamId, int], budget: Budget
) -> list[tuple[str, int, int]]:
    """Return (hash, offset, size) of papers to send: those asked for, and for a stick those it may lack."""
    chosen: dict[str, int] = dict(neighbour.wanted_blobs)
    if not budget.papers_asked_only:
        for stream in streams:
            held = core.spool.held(
                signed.RECEIPT, f"{stream.id}|{neighbour.address}|{_kind(stream, neighbour)}"
            )
            done = read_receipt(held.statement).papers if held else 0
            if stream.id.src != neighbour.address and done < stream.upto:
                for blob in _named_blobs(core, stream, done):
                    chosen.setdefault(blob, 0)
    out = []
    for blob, offset in chosen.items():
        ref = core.spool.blob(blob)
        if ref is not None and offset < ref.size:
            out.append((blob, offset, ref.size))
    return out


def _kind(stream: Stream, neighbour: Neighbour) -> str:
    return END if stream.id.dst == neighbour.address else HOP


def _named_blobs(core: Core, stream: Stream, after: int) -> Iterator[str]:
    position = 0
    while True:
        page = core.spool.frames_after({stream.id: max(after, stream.base)}, position, PAGE)
        if not page:
            return
        position = page[-1].position
        for placed in page:
            for blob in placed.frame.header.blobs:
                yield blob.hash
