"""Checks a node's records from end to end: every signature, every chain, every paper. It changes nothing."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.endings import ByRule, begins_by_word, fault_on, known_once, was_signed
from sync.protocol.errors import BadFrame, BadSignature, SyncError
from sync.protocol.frame import BlobRef, Frame, act_id, check_body
from sync.protocol.paging import UNREADABLE, pages_after
from sync.protocol.receipts import read_receipt, verify_receipt
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement
from sync.protocol.spool import EVIDENCE, Held, Placed
from sync.protocol.streams import Stream, read_epoch
from sync.protocol.trust.state import trust_key

_READ = 1 << 20
_PAPER = "paper "
_ASKED_READ = 100_000


@dataclass(slots=True)
class Checked:
    """What was looked at, and what was wrong: one line a problem, without personal data.

    Bodies and papers that are gone by rule (a destination has signed for them) are counted by themselves:
    what is gone without that is a problem (a body), or missing (a paper that may be on its way). Papers that
    were here once and are asked for again are `papers_asked`. `lost` names the papers that are damaged or
    gone and that nobody has asked for yet. `claimed` are those of the problems that another node's word alone
    speaks for: it signs for acts of this node that are not here. They may be lost, or never were.
    """

    frames: int = 0
    streams: int = 0
    statements: int = 0
    papers: int = 0
    papers_missing: int = 0
    papers_asked: int = 0
    bodies_by_rule: int = 0
    papers_by_rule: int = 0
    evidence: int = 0
    problems: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)

    @property
    def in_records(self) -> list[str]:
        """The problems of what is signed here. Those of a paper are left out, which others may have still.

        And those that are claimed: whoever signs for what never was would keep this node from any backup.
        """
        own = [problem for problem in self.problems if not problem.startswith(_PAPER)]
        return [problem for problem in own if problem not in self.claimed]


def check(core: Core, look: Callable[[Frame], None] | None = None) -> Checked:
    """Return what came of checking everything held; call it inside a unit of work.

    Args:
        look: is shown every frame that has a place.
    """
    result = Checked()
    papers: dict[str, BlobRef] = {}
    by_rule = ByRule(core)
    for stream in core.streams():
        result.streams += 1
        try:
            papers |= _check_stream(core, stream, by_rule, result, look)
        except (*UNREADABLE, BadFrame):
            result.problems.append(f"frame unreadable: {stream.id}")
        _check_base(core, stream, result)
    for sort in (signed.EPOCH, signed.RECEIPT, signed.SHELF):
        for held in core.spool.all_held(sort):
            result.statements += 1
            _check_statement(core, held, result)
    for sort in (*_KEYED, signed.ENTRY, signed.VOUCH):
        result.problems += _misplaced(core.spool.all_held(sort))
    for name in core.spool.doc_names():
        _check_document(core, name, result)
    _check_papers(core, [papers[name] for name in sorted(papers)], by_rule, result)
    result.evidence = len(core.spool.asides(EVIDENCE))
    return result


def _check_stream(
    core: Core, stream: Stream, by_rule: ByRule, result: Checked, look: Callable[[Frame], None] | None
) -> dict[str, BlobRef]:
    """Check one copy from its base to its head; return the papers it names."""
    papers: dict[str, BlobRef] = {}
    record = core.epoch(stream.id.src, stream.id.epoch)
    if record is None:
        result.problems.append(f"no epoch record: {stream.id}")
        return papers
    seq, head = stream.base, stream.base_head
    for page in pages_after(core.spool, {stream.id: stream.base}):
        for placed in sorted(page, key=_seq):
            header = placed.frame.header
            if header.seq != seq + 1 or header.prev != head:
                result.problems.append(f"chain broken: {stream.id} {header.seq}")
            seq, head = header.seq, placed.frame.hash
            papers |= {blob.hash: blob for blob in header.blobs}
            result.frames += 1
            _check_frame(core, placed.frame, result)
            if look is not None:
                look(placed.frame)
            if not placed.frame.body and by_rule.body(stream, header.seq):
                result.bodies_by_rule += 1
            elif not placed.frame.body:
                result.problems.append(f"body missing: {stream.id} {header.seq}")
    if (seq, head) != (stream.upto, stream.head):
        result.problems.append(f"head differs: {stream.id} {seq} {stream.upto}")
    return papers


def _check_base(core: Core, stream: Stream, result: Checked) -> None:
    if not begins_by_word(core, stream):
        result.problems.append(f"base without a receipt: {stream.id} {stream.base}")


def _seq(placed: Placed) -> int:
    return placed.frame.header.seq


def _check_frame(core: Core, frame: Frame, result: Checked) -> None:
    try:
        if not was_signed(core, frame):
            raise BadSignature(str(frame.header.stream))
        if frame.body:
            check_body(frame.header, frame.body)
        # By another id it is nobody's act: what waits for it asks in vain, and it would be applied twice.
        header, src = frame.header, frame.header.stream.src
        if frame.act != act_id(src, header.kind, header.enc, header.body_hash, header.blobs):
            result.problems.append(f"act differs: {frame.header.stream} {frame.header.seq}")
    except SyncError as problem:
        result.problems.append(f"{problem.code} frame: {frame.header.stream} {frame.header.seq}")


def _check_statement(core: Core, held: Held, result: Checked) -> None:
    statement = held.statement
    try:
        if held.sort == signed.RECEIPT:
            receipt = read_receipt(statement)
            verify_receipt(receipt, known_once(core, receipt.signer, statement.key_id), core.suite)
            fault = fault_on(core, receipt)
            # An own word of before this node began anew may be about the branch that it has left.
            is_own = receipt.signer == core.me
            is_outlived = is_own and receipt.incarnation < core.identity.incarnation
            if fault and not held.content and not is_outlived:
                result.problems.append(f"{fault}: {held.key} {receipt.upto}")
                result.claimed += [] if is_own else result.problems[-1:]
            return
        author = (
            read_epoch(statement).src
            if held.sort == signed.EPOCH
            else read_doc(statement, held.content).author
        )
        key = known_once(core, author, statement.key_id)
        if key is None or not statement.signed_by(key, core.suite):
            result.problems.append(f"signature: {held.sort} {held.key}")
    except SyncError as problem:
        result.problems.append(f"{problem.code} {held.sort}: {held.key}")


def _misplaced(kept: Iterable[Held]) -> Iterator[str]:
    """Yield a line for each statement that is not kept under what it says: it is asked for there in vain.

    One that its own reader refuses is told of as that; of entries and vouches here.
    """
    for held in kept:
        statement = held.statement
        try:
            reader = _KEYED.get(held.sort)
            place = reader(held) if reader else (trust_key(statement), held.rank)
        except SyncError as problem:
            if held.sort not in _KEYED:
                yield f"{problem.code} {held.sort}: {held.key}"
        except (KeyError, TypeError):
            yield f"statement misplaced: {held.sort} {held.key}"
        else:
            if place != (held.key, held.rank):
                yield f"statement misplaced: {held.sort} {held.key}"


def _of_receipt(held: Held) -> tuple[str, tuple[int, int, int]]:
    receipt = read_receipt(held.statement)
    return receipt.key, receipt.rank


def _of_epoch(held: Held) -> tuple[str, tuple[int, int, int]]:
    record = read_epoch(held.statement)
    return f"{record.src}|{record.id}", (record.n, 0, 0)


def _of_document(held: Held) -> tuple[str, tuple[int, int, int]]:
    doc = read_doc(held.statement, held.content)
    # Since when another one was in force before it only this node knows.
    return doc.slot, (doc.version, *held.rank[1:])


# Sort → what reads under which key, and of which rank, a statement of it is to be kept.
_KEYED = {signed.RECEIPT: _of_receipt, signed.EPOCH: _of_epoch, signed.SHELF: _of_document}


def _check_document(core: Core, name: str, result: Checked) -> None:
    statement, content = core.spool.doc(name) or (Statement(signed.SHELF, b"", ()), b"")
    if statement.hash != name:
        result.problems.append(f"document damaged: {name[:16]}")
    _check_statement(core, Held(signed.SHELF, name[:16], (0, 0, 0), statement, content, 0), result)


def _check_papers(core: Core, papers: list[BlobRef], by_rule: ByRule, result: Checked) -> None:
    asked = {blob for _, blob in core.spool.loose_gaps(_ASKED_READ)}
    for named in papers:
        name, ref = named.hash, core.spool.blob(named.hash)
        if ref is not None:
            _check_paper(core, ref, result)
        elif name in asked:
            result.papers_asked += 1
        elif by_rule.paper(named):
            result.papers_by_rule += 1
        else:
            result.papers_missing += 1
            if core.spool.missing_blob(name) is None:
                result.lost.append(name)


def _check_paper(core: Core, ref: BlobRef, result: Checked) -> None:
    blobs, name = core.means.blobs, ref.hash
    if not blobs.has(name):
        result.problems.append(f"{_PAPER}gone: {name[:16]}")
        result.lost.append(name)
        return
    digest, offset = hashlib.sha256(), 0
    try:
        while data := blobs.read(name, offset, _READ):
            digest.update(data)
            offset += len(data)
    except OSError as fault:
        # A part that the disk cannot read is lost; any other fault says nothing of the paper.
        if fault.errno != errno.EIO:
            raise
    result.papers += 1
    if digest.hexdigest() != name or offset != ref.size:
        result.problems.append(f"{_PAPER}damaged: {name[:16]}")
        result.lost.append(name)
