"""Nodes that came back with an empty disk under their old address, and what had been sent to the former one.

A first epoch that is not number one says so: its record names none before it, and its number is above those
that the enrolment sheet told of. A node put back from a copy names the epoch it goes on from.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.frame import Frame
from sync.protocol.signed import Statement
from sync.protocol.spool import Held, Spool
from sync.protocol.streams import Epoch, read_epoch

_ANEW = "anew"


def is_anew(record: Epoch) -> bool:
    """Say whether an epoch was begun on an empty disk, by a machine that was not the first."""
    return record.prev == "" and record.n > 1


def comes_on_demand(core: Core, frame: Frame) -> bool:
    """Say whether papers of a frame are fetched only when somebody asks for them.

    A machine that came with an empty disk does not call back all that was ever scanned at its address.
    """
    stream = frame.header.stream
    if stream.src != core.me or stream.epoch == core.identity.epoch:
        return False
    record = core.epoch(core.me, core.identity.epoch)
    return record is not None and is_anew(record)


def note_anew(core: Core) -> list[str]:
    """Remember who came back with an empty disk, and how far the order of acceptance was here by then.

    Returns:
        The addresses of which this was not known.
    """
    found = []
    for held in core.spool.all_held(signed.EPOCH):
        record = read_epoch(held.statement)
        if not is_anew(record) or record.src == core.me:
            continue
        known = core.spool.held(_ANEW, record.src)
        if known is None or known.rank[0] < record.n:
            rank = (record.n, core.identity.position, 0)
            core.spool.put_held(Held(_ANEW, record.src, rank, Statement(_ANEW, b"", ()), b"", core.stamp()))
            found.append(record.src)
    return sorted(set(found))


def lost_by(spool: Spool, acts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return who came back with an empty disk → which of these acts had been accepted here before that."""
    known = {held.key: held.rank[1] for held in spool.all_held(_ANEW)}
    if not known:
        return {}
    rows = [row for row in map(spool.act, acts) if row is not None]
    return {
        address: frozenset(row.id for row in rows if row.position <= upto) for address, upto in known.items()
    }
