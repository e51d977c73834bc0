"""What three nodes do while their disks are watched, and everything they say of it to somebody.

Two cases are taken in, go up in small exchanges with their papers in pieces, are checked and accepted, and
the news comes back down. Whatever a slip, a page, a receipt or an exchange said is told to the disk at the
moment in which it was said: from then on it must survive any power cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from unittest.mock import patch

from common.node.node import Node
from common.people.rules.roles import Role
from sync.protocol import signed
from sync.protocol.offer import Budget
from sync.protocol.receipts import Receipt, read_receipt
from sync.protocol.streams import Stream
from sync.protocol.witness import Word
from tests.crash.disk import Disk
from tests.desk import three as three_nodes
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes

PHOTO = b"\xff\xd8\xff\xe0" + Random(5).randbytes(20_000)
# Less than a paper, so that some are received in pieces.
EXCHANGE_BYTES = 16_000
_CHUNK = 4_096


@dataclass(frozen=True, slots=True)
class Slip:
    """A case stands on a slip of paper, or a page has shown it after a step: `chain` are its acts so far."""

    at: str
    number: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """An exchange has left: what the witness says, the node's own receipts, and what it has of papers."""

    at: str
    word: Word
    receipts: tuple[Receipt, ...]
    offsets: Mapping[str, int]


def play(three: ThreeNodes, disk: Disk) -> None:
    """Let it all happen once."""
    with patch.object(three_nodes, "JPEG", PHOTO):
        three.open(VILLAGE)
        first, second = (_file(three, disk, name) for name in ("王秀英", "赵桂兰"))
        for _ in range(4):
            exchange(three, disk, VILLAGE, TOWN)
        for case in (first, second):
            step(three, disk, (TOWN, case, "forward", Role.CHECKER))
        for _ in range(4):
            exchange(three, disk, TOWN, COUNTY)
        step(three, disk, (COUNTY, first, "accept", Role.CLERK))
        exchange(three, disk, TOWN, COUNTY)
        exchange(three, disk, VILLAGE, TOWN)


def _file(three: ThreeNodes, disk: Disk, name: str) -> str:
    number = three.file(name=name, seed=len(name))
    disk.tell(Slip(VILLAGE, number, _chain(three, number)))
    return number


def step(three: ThreeNodes, disk: Disk, what: tuple[str, str, str, Role]) -> None:
    """Take a step of a case at a node."""
    at, case, action, role = what
    if three.node.me != at:
        three.open(at)
    three.move(case, action, role)
    disk.tell(Slip(at, case, _chain(three, case)))


def _chain(three: ThreeNodes, number: str) -> tuple[str, ...]:
    return tuple(three.node.casework.case(number).chain)


def exchange(three: ThreeNodes, disk: Disk, low: str, high: str) -> None:
    """One exchange as on the line: the lower node's, then the answer."""
    up = send(three.open(low), disk, high)
    node = three.open(high)
    take(node, up)
    down = send(node, disk, low)
    take(three.open(low), down)


def send(node: Node, disk: Disk, to: str) -> bytes:
    """Make an exchange and let it leave."""
    decided, chunks = node.engine.make(to, Budget(EXCHANGE_BYTES, is_answered=False))
    disk.tell(promises(node, decided.word))
    return b"".join(chunks)


def take(node: Node, data: bytes) -> None:
    """Take an exchange in as it comes over a line."""
    node.engine.receive(data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))


def promises(node: Node, word: Word) -> Said:
    """Return what a node stands by as an exchange leaves it."""
    spool = node.spool
    receipts = [read_receipt(held.statement) for held in spool.all_held(signed.RECEIPT)]
    missing = [blob for stream in _with_gaps(node) for _, blob in spool.gaps(stream, 100)]
    offsets = {blob: node.blobs.offset(blob) for blob in missing}
    return Said(node.me, word, tuple(r for r in receipts if r.signer == node.me), offsets)


def _with_gaps(node: Node) -> list[Stream]:
    found = [node.spool.stream(name) for name in node.spool.gap_streams()]
    return [stream for stream in found if stream is not None]
