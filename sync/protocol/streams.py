"""Epochs and streams: where a node's acts have their places. Counters and hashes decide, never clocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sync.protocol import signed
from sync.protocol.address import is_address
from sync.protocol.errors import BadFrame, NotCanonical
from sync.protocol.frame import Frame, StreamId
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, Suite

_RANDOM = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One unbroken history of a node: n rises, `random` tells restored copies apart, one key signs it all."""

    src: str
    n: int
    random: str
    key_id: str
    prev: str
    reason: str
    statement: Statement

    @property
    def id(self) -> str:
        """The name frames carry: `n-random`."""
        return f"{self.n}-{self.random}"

    @property
    def root(self) -> bytes:
        """What the first frame of each of its streams names as its predecessor."""
        return bytes.fromhex(self.statement.hash)


def make_epoch(fields: dict[str, Any], keys: tuple[KeyPair, ...], suite: Suite) -> Epoch:
    """Return the signed epoch record.

    Args:
        fields: src, n, random, prev (hash of the record before, "" for the
            first), heads (per dst: seq and head hash known of the epoch
            before, {} when there are more than 200), heads_hash (SHA-256 over
            the lines `dst|seq|hash` of all, sorted), reason, at (UTC ms as
            claimed).
        keys: the epoch's own key first; on rotation the former key after it.
    """
    return read_epoch(signed.make(signed.EPOCH, {**fields, "key": keys[0].id}, keys, suite))


# Every neighbour brings them again until it knows that they are here.
@signed.remembering
def read_epoch(statement: Statement) -> Epoch:
    """Return the epoch a statement holds; whoever stores it checks the signature.

    Raises:
        BadFrame: a field is missing or malformed.
    """
    try:
        fields = statement.fields()
        epoch = Epoch(
            src=fields["src"],
            n=fields["n"],
            random=fields["random"],
            key_id=fields["key"],
            prev=fields["prev"],
            reason=fields["reason"],
            statement=statement,
        )
        is_named = is_address(epoch.src) and type(epoch.key_id) is str
        good = is_named and 1 <= epoch.n < 10**9 and _RANDOM.fullmatch(epoch.random)
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadFrame("epoch record") from None
    if not good:
        raise BadFrame("epoch record")
    return epoch


@dataclass(slots=True)
class Stream:
    """One node's copy of a stream.

    `base` is the place below which nothing is kept here (0 at first), `upto`
    the last place held without a gap, `head` the header hash there (the
    epoch record's hash at place 0). `papers` is the last place up to which
    every paper is held. `stamp` is this node's change counter when the row
    last changed. `receipted` is (upto, papers) of the newest own receipt.
    `no` is what the spool calls it by, given when it is first put.
    """

    id: StreamId
    base: int
    base_head: bytes
    upto: int
    head: bytes
    papers: int = 0
    stamp: int = 0
    receipted: tuple[int, int] = (0, 0)
    no: int = 0


class Place(Enum):
    """What an arriving frame is to a stream."""

    NEXT = "next"
    HELD = "held"
    BEYOND = "beyond"
    FORK = "fork"


def place_of(stream: Stream, frame: Frame, held_hash: bytes | None) -> Place:
    """Say what `frame` is to `stream`.

    Args:
        held_hash: hash of the header this node holds at the frame's place, or
            None when it holds none (beyond the head, or below the base).

    Returns:
        NEXT: it takes the next place. HELD: it is already there, or below the
        base. BEYOND: places between are missing. FORK: another frame has that
        place, or its predecessor is not this stream's head: it is evidence.
    """
    seq = frame.header.seq
    if seq <= stream.upto:
        return Place.HELD if held_hash in (None, frame.hash) else Place.FORK
    if seq > stream.upto + 1:
        return Place.BEYOND
    return Place.NEXT if frame.header.prev == stream.head else Place.FORK
