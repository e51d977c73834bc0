"""What receipts say of the copies here: which head a destination signed, and what may be gone by rule."""

from __future__ import annotations

from typing import NamedTuple

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.entries import read_vouch
from sync.protocol.errors import SyncError
from sync.protocol.frame import SIGNED_AS, BlobRef, Frame, StreamId
from sync.protocol.incoming.rebase import base_receipt
from sync.protocol.receipts import Receipt, read_receipt, verify_receipt
from sync.protocol.receipts_kept import end_receipt, is_on_chain
from sync.protocol.rotation import CHAIN_MAX, gone_key, steps_of
from sync.protocol.signing import PublicKey
from sync.protocol.spool import Held
from sync.protocol.stock.purging import kept_words
from sync.protocol.streams import Stream
from sync.protocol.trust.lives import key_beside
from sync.protocol.trust.untold import VOID


class Ending(NamedTuple):
    """How far the destination has signed for a stream, and for its papers; zeros for not at all."""

    upto: int = 0
    head: str = ""
    papers: int = 0
    at: int = 0


def ending_of(core: Core, stream: Stream) -> Ending:
    """Return what the destination's newest receipt covers; one that does not fit covers nothing.

    At the destination itself what is stored is what is covered.
    """
    if stream.id.dst == core.me:
        return Ending(stream.upto, stream.head.hex(), stream.papers)
    held = end_receipt(core.spool, stream.id)
    receipt = None if held is None or held.content else believed(core, held)
    if receipt is None or fault_on(core, receipt):
        return Ending()
    return Ending(receipt.upto, receipt.head, receipt.papers, receipt.at)


def believed(core: Core, held: Held) -> Receipt | None:
    """Return a kept receipt when its signer's key signed it."""
    try:
        # Kept as a base or a mark it is a receipt all the same, and signed as one.
        receipt = read_receipt(held.statement._replace(sort=signed.RECEIPT))
        verify_receipt(receipt, known_once(core, receipt.signer, held.statement.key_id), core.suite)
    except SyncError:
        return None
    return receipt


def known_once(core: Core, address: str, key_id: str) -> PublicKey | None:
    """Return a key of an address, for which somebody spoke who was believed when what it signed was kept.

    It may have fallen since: with the key that it came after, or with that of the parent who gave its word
    for it, or with a roster key that was replaced after the top had been put back. Whether what it signed
    counts is another question; damaged it is not.
    """
    known = core.roster.any_key(address, key_id) or gone_key(core, address, key_id)
    known = known or _given_word(core, address, key_id) or key_beside(core, address, key_id)
    return known or _went_over(core, address).get(key_id)


def was_signed(core: Core, frame: Frame) -> bool:
    """Say whether a key signed a frame that was known for its author's once."""
    stream = frame.header.stream
    record = core.epoch(stream.src, stream.epoch)
    key = known_once(core, stream.src, record.key_id) if record is not None else None
    return key is not None and core.suite.verify(key, SIGNED_AS, frame.header_bytes, frame.signature)


def _given_word(core: Core, address: str, key_id: str) -> PublicKey | None:
    """Return the key, if a parent has given its word for it with any key that was its own."""
    name = f"{address}|{key_id}"
    held = core.spool.held(signed.VOUCH, name) or core.spool.held(VOID, name)
    try:
        vouch = read_vouch(held.statement._replace(sort=signed.VOUCH)) if held is not None else None
    except SyncError:
        vouch = None
    if vouch is None or (vouch.child, vouch.key.id) != (address, key_id):
        return None
    parent = core.roster.entries.get(vouch.parent)
    keys = parent.keys if parent is not None else ()
    return vouch.key if any(vouch.statement.signed_by(one, core.suite) for one in keys) else None


def _went_over(core: Core, address: str) -> dict[str, PublicKey]:
    """Return the keys that a node went over to, by records kept here, from one that an entry beside names."""
    found = core.found.once.get(address)
    if found is None:
        found, steps = core.found.once.setdefault(address, {}), steps_of(core, address)
        for _ in range(CHAIN_MAX if steps else 0):
            for step in steps:
                former = found.get(step.by) or key_beside(core, address, step.by)
                if former is not None and step.record.statement.signed_by(former, core.suite):
                    found[step.key.id] = step.key
    return found


def begins_by_word(core: Core, stream: Stream) -> bool:
    """Say whether a copy that begins in the middle begins at a place its destination has signed for.

    At either end it begins there only by a receipt that was taken for that, and is kept: a later one covers
    whatever was taken out.
    """
    if not stream.base:
        return True
    is_end = core.me in (stream.id.src, stream.id.dst)
    held = base_receipt(core.spool, stream.id) or (None if is_end else end_receipt(core.spool, stream.id))
    receipt = believed(core, held) if held is not None else None
    return receipt is not None and (
        (receipt.upto > stream.base and not is_end)
        or (receipt.upto, receipt.head) == (stream.base, stream.base_head.hex())
    )


def fault_on(core: Core, receipt: Receipt) -> str:
    """Return what is wrong between a receipt and the copy here; "" for nothing, or if the copy cannot tell.

    A copy cannot tell of places before its base, nor of another's stream that is not here.
    """
    stream = core.stream(receipt.stream)
    if stream is None:
        return "receipt for a stream that is gone" if receipt.upto and _must_be_here(core, receipt) else ""
    if receipt.upto < stream.base:
        return ""
    if receipt.upto > stream.upto:
        # The signer has more: of others' streams it is on the way to here, of own ones it was lost.
        return "receipt covers more than is here" if _must_be_here(core, receipt) else ""
    return "" if is_on_chain(core.spool, stream, receipt) else "receipt is on another chain"


def _is_signed(core: Core, receipt: Receipt) -> bool:
    key = known_once(core, receipt.signer, receipt.statement.key_id)
    return key is not None and receipt.statement.signed_by(key, core.suite)


def _must_be_here(core: Core, receipt: Receipt) -> bool:
    """Say whether this node wrote what a receipt speaks of, or signed since it began anew that it has it."""
    if receipt.signer == core.me:
        return receipt.incarnation == core.identity.incarnation
    return receipt.stream.src == core.me and _is_ours(core, receipt.stream.epoch)


def _is_ours(core: Core, epoch: str) -> bool:
    """Say whether an own epoch is known to be ours.

    What a machine signed that stood here before this one, by a key that only a parent has vouched for, is not
    taken in before the roster names that key.
    """
    record = core.epoch(core.me, epoch)
    if record is None or epoch == core.identity.epoch:
        return True
    known = core.roster.key(core.me, record.key_id) or core.roster.rotated_key(core.me, record.key_id)
    return known is not None


class ByRule:
    """Tells what is gone by rule from what is missing: only what a destination has signed for may be gone."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._endings: dict[StreamId, Ending] = {}
        self._words: dict[StreamId, int] = {}

    def body(self, stream: Stream, seq: int) -> bool:
        """Say whether the body at a place may be gone: it is end-stored, papers and all.

        At the destination itself only by its own older word, of before it lost what it had.
        """
        return seq <= self._kept(stream) or (
            stream.id.dst != self._core.me and seq <= self._ending(stream).papers
        )

    def paper(self, blob: BlobRef) -> bool:
        """Say whether a paper may be gone: each act that names it is end-stored, and none ends here."""
        core = self._core
        acts = core.spool.acts_of_paper(blob.hash, 1_000)
        places = [place for act in acts for place in core.spool.places_of_act(act)]
        if not places or any(stream.dst == core.me for stream, _ in places):
            return False
        found = [(core.stream(stream), seq) for stream, seq in places]
        return all(stream is not None and self.body(stream, seq) for stream, seq in found)

    def _kept(self, stream: Stream) -> int:
        if stream.id not in self._words:
            words = kept_words(self._core, stream)
            if stream.id.dst == self._core.me:
                words = [word for word in words if word.incarnation < self._core.identity.incarnation]
            sound = [w.papers for w in words if _is_signed(self._core, w) and not fault_on(self._core, w)]
            self._words[stream.id] = max(sound, default=0)
        return self._words[stream.id]

    def _ending(self, stream: Stream) -> Ending:
        if stream.id not in self._endings:
            self._endings[stream.id] = ending_of(self._core, stream)
        return self._endings[stream.id]
