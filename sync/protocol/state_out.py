"""What an exchange says first: who holds what, what is signed and new to the other, what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.core import TRUST_SORTS, Core
from sync.protocol.documents import docs_named, docs_wanted
from sync.protocol.frame import StreamId
from sync.protocol.incoming.doubts import agreed, in_doubt
from sync.protocol.items import (
    Hello,
    digest_of,
    encode_hello,
    encode_statement,
    encode_vector,
    encode_want_acts,
    encode_want_blobs,
    encode_want_docs,
)
from sync.protocol.own.deltas import difference, word_for
from sync.protocol.receipts import END, HOP, MISSING_MAX, Receipt, make_receipt
from sync.protocol.receipts_kept import end_receipt
from sync.protocol.records import STATE_END, Item
from sync.protocol.rotation import records_to
from sync.protocol.signed import Statement
from sync.protocol.spool import Held, Neighbour, Part
from sync.protocol.stock.blobs import papers_wanted, take_if_whole
from sync.protocol.streams import Stream
from sync.protocol.trust.lives import others_to_show
from sync.protocol.trust.untold import closed_among, to_tell
from sync.protocol.wants import WANTS_MAX, WANTS_READ, some_of_each

VECTOR_LINES = 150
DISK_CRITICAL = 2
JUDGES = (signed.ROOT, signed.APPOINTMENT)
TRUST_ORDER = (*TRUST_SORTS, signed.EPOCH)


def refresh_receipts(core: Core, streams: Iterable[Stream], now_ms: int) -> None:
    """Sign new receipts for streams of other nodes of which more is stored here than was receipted.

    The caller's unit commits before a receipt leaves, and what it covers
    was committed before or is committed with it.
    """
    me = core.me
    for stream in streams:
        if stream.upto and stream.id.src != me and stream.receipted != (stream.upto, stream.papers):
            _sign_receipt(core, stream, now_ms)


def _sign_receipt(core: Core, stream: Stream, now_ms: int) -> None:
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


class Talk(NamedTuple):
    """What else is said.

    `soon_ms`, `more` as in HELLO, the time, whether the neighbour answers at
    once, the documents that go, how many bytes its answer should carry, and
    what has to be believed before the frames that go.
    """

    soon_ms: int
    now_ms: int
    more: int
    is_answered: bool
    docs: list[Held]
    room: int = 0
    behind: Sequence[Statement] = ()


def state_items(core: Core, neighbour: Neighbour, streams: list[Stream], talk: Talk) -> list[Item]:
    """Return the state parts for a neighbour: small talk, vector, statements new to it, what is wanted."""
    left = core.streams_left(neighbour.address)
    gone = closed_among(core, (stream.id for stream in left))
    told = [*streams, *(stream for stream in left if stream.id not in gone)]
    whole = _whole_vector(core, neighbour, told)
    full = int(neighbour.acked_stamp == 0)
    changed = [s.id for s in told if full or s.stamp > neighbour.acked_stamp]
    part = {stream: whole[stream] for stream in changed if stream in whole}
    hello = Hello(
        incarnation=core.identity.incarnation,
        ack=neighbour.taken,
        full=full,
        digest=digest_of(whole),
        need_full=neighbour.ask_full,
        more=talk.more,
        soon_ms=talk.soon_ms if talk.soon_ms and _awaits_end(core, neighbour.address, streams) else 0,
        now=talk.now_ms,
        dictionaries=tuple(core.means.dictionaries),
        docs=word_for(neighbour),
        room=talk.room,
        disk=core.disk,
        heard=neighbour.counter if neighbour.counter != neighbour.taken else 0,
    )
    first, rest = _statements_in_order(core, neighbour, talk)
    items = [encode_hello(hello), *first]
    lines = list(part.items())
    items += [encode_vector(dict(lines[i : i + VECTOR_LINES])) for i in range(0, len(lines), VECTOR_LINES)]
    items += rest
    if talk.is_answered:
        items += docs_named(core, neighbour)
    items += _documents(core, neighbour, talk)
    acts = _acts_wanted(core, neighbour)
    if acts:
        items.append(encode_want_acts(acts))
    items += _papers_asked_for(core, neighbour, (streams, left), talk)
    docs = docs_wanted(core, neighbour)
    if docs:
        items.append(encode_want_docs(docs))
    return [*items, Item(STATE_END, b"")]


def _statements_in_order(core: Core, neighbour: Neighbour, talk: Talk) -> tuple[list[Item], list[Item]]:
    """Return the statements that go first, and the others: who judges entries comes before all entries."""
    said = [held.statement for held in _statements(core, neighbour)]
    first = [one for one in said if one.sort in JUDGES]
    rest = [one for one in said if one.sort not in JUDGES]
    return [encode_statement(one) for one in (*first, *talk.behind)], [encode_statement(one) for one in rest]


def _papers_asked_for(
    core: Core, neighbour: Neighbour, named: tuple[list[Stream], list[Stream]], talk: Talk
) -> list[Item]:
    blobs = papers_wanted(core, neighbour, *named) if core.disk < DISK_CRITICAL else []
    if talk.is_answered:
        # Not on a stick: what is exported moves nothing here.
        blobs = [wanted for wanted in blobs if not take_if_whole(core, wanted[0])]
    return [encode_want_blobs(blobs)] if blobs else []


def _whole_vector(core: Core, neighbour: Neighbour, streams: list[Stream]) -> dict[StreamId, Part]:
    """Return what is held of each stream; of one in doubt only as far as it is surely the destination's."""
    doubtful = in_doubt(core)
    whole = {s.id: Part(s.base, s.upto, s.head) for s in streams if s.upto or s.base}
    unsure = [s for s in streams if s.id in whole and str(s.id) in doubtful] if doubtful else []
    theirs = core.spool.vector(neighbour.address) if unsure else {}
    for stream in unsure:
        # The destination's word says more of what it holds than its last vector.
        said = theirs.get(stream.id) if stream.id.dst != neighbour.address else None
        whole[stream.id] = agreed(core, stream, said)
    return whole


def _acts_wanted(core: Core, neighbour: Neighbour) -> list[str]:
    """Return some of the acts wanted, others each time: ids that lead nowhere must not block the rest.

    Nor must who follows a great many of them: of each who is behind some an equal part goes.
    """
    return some_of_each(core.spool.wants_by_cause(WANTS_READ), neighbour.mine, WANTS_MAX)


def _awaits_end(core: Core, address: str, streams: list[Stream]) -> bool:
    """Say whether the neighbour has acts here whose end receipt is still on its way to it."""
    me = core.me
    for stream in streams:
        if stream.id.src != address or not stream.upto or stream.id.dst == me:
            continue
        held = end_receipt(core.spool, stream.id)
        if held is None or held.rank[1] < stream.upto or held.rank[2] < stream.upto:
            return True
    return False


def _statements(core: Core, neighbour: Neighbour) -> list[Held]:
    after, address = neighbour.acked_stamp, neighbour.address
    if after >= core.identity.stamp:
        # Nothing was kept since.
        return []

    def is_near(held: Held) -> bool:
        return core.are_near(held.key.split("|")[0], address)

    out: list[Held] = []
    for sort in TRUST_SORTS:
        everyone = sort in (signed.ROOT, signed.APPOINTMENT, signed.HEAD)
        found = core.spool.all_held(sort, after)
        if found and not everyone:
            homes = _homes(core, address) if sort == signed.ENTRY else set()
            found = [h for h in found if is_near(h) or h.key in homes or _concerns(core, h, address)]
        out += found
    out += others_to_show(core, address, after)
    out += [h for h in core.spool.all_held(signed.EPOCH, after) if is_near(h)]
    receipts, tree = core.spool.all_held(signed.RECEIPT, after), core.tree
    out += [h for h in receipts if _receipt_goes(tree, h, address)]
    return to_tell(core, out)


def _homes(core: Core, address: str) -> set[str]:
    """Return who stands above those that left `address`: it shows them, for they may reach nobody else.

    Both whom an entry names and whom the tree has there: they differ where none is named, or it was relieved.
    """
    gone = [entry for entry in core.roster.entries.values() if address in entry.left]
    return {one.parent for one in gone} | {core.tree.parent(one.address) for one in gone}


def _concerns(core: Core, held: Held, address: str) -> bool:
    """Say whether an entry off the line of `address` concerns it all the same.

    A node below it, by number too, stands elsewhere now; a node that should stand above it does not any more;
    or a key is revoked: its acts may be anywhere.
    """
    payload = held.statement.payload
    if held.sort != signed.ENTRY:
        return False
    # Relieved, it is on the line of nobody below it; and who went to it would go on doing so.
    entry = core.roster.entries.get(address)
    if address.startswith(held.key) or (entry is not None and entry.parent == held.key):
        return True
    # By number: a township that came late, after its village had moved, may know a former entry of it.
    if held.key.startswith(address) or b'"revoked":[{' in payload:
        return True
    return b'"left":' in payload and address in held.statement.fields()["left"]


def _documents(core: Core, neighbour: Neighbour, talk: Talk) -> list[Item]:
    """Return the documents that go; whole on a stick, which nobody answers."""
    items: list[Item] = []
    for held in talk.docs:
        item = difference(core, neighbour, held) if talk.is_answered else None
        items.append(item or encode_statement(held.statement, held.content))
    return items


def _receipt_goes(tree: Tree, held: Held, address: str) -> bool:
    """A receipt goes back along its stream to the author, up to all above its signer, and home to it."""
    src, _epoch, dst, signer, _kind = held.key.split("|")
    if address == signer or address in tree.up(signer):
        return True
    path = tree.path(src, dst)
    if signer not in path or address not in path:
        return False
    return path.index(address) < path.index(signer)


def trust_behind(core: Core, authors: Iterable[tuple[str, str]]) -> list[Statement]:
    """Return the entries and epoch records without which frames of these (src, epoch) cannot be believed.

    Of this node itself also what the node above it vouched for, for that one may have lost its own word. Of a
    key that the roster does not name also the records that say how the author came to it, those first.
    """
    wanted: dict[tuple[str, str], None] = {}
    for src, epoch in sorted(authors):
        wanted[(signed.ENTRY, src)] = None
        record = core.epoch(src, epoch)
        if record is not None and src == core.me:
            wanted[(signed.VOUCH, f"{src}|{record.key_id}")] = None
        elif record is not None:
            wanted |= {(signed.EPOCH, name): None for name in records_to(core, record)}
        wanted[(signed.EPOCH, f"{src}|{epoch}")] = None
    in_order = sorted(wanted, key=lambda one: TRUST_ORDER.index(one[0]))
    found = (core.spool.held(sort, key) for sort, key in in_order)
    return [held.statement for held in found if held is not None]
