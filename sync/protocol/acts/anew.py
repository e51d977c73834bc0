"""Nodes that came back with an empty disk under their old address, and what had been sent to the former one.

A first epoch that is not number one says so: its record names none before it, and its number is above those
that the enrolment sheet told of. A node put back from a copy names the epoch it goes on from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.frame import Frame
from sync.protocol.memos import note_down
from sync.protocol.rotation import is_gone
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


def former_machines(core: Core) -> frozenset[str]:
    """Return this node's own epochs from before it last began on an empty disk; none when it never did.

    What a revoked key said of that does not count: a thief writes any number.
    """
    held = core.spool.all_held(signed.EPOCH)
    own = [read_epoch(one.statement) for one in held if one.key.startswith(f"{core.me}|")]
    began = max((one.n for one in own if is_anew(one) and not is_gone(core, one)), default=0)
    return frozenset(record.id for record in own if record.n < began)


def anew_records(core: Core) -> dict[tuple[str, str], Held]:
    """Return (address, key) → the first record of an epoch begun on an empty disk, by each key that counts.

    Only keys that the roster has confirmed and not revoked count, and one that was gone over to counts as the
    key that was enrolled: whoever has a key, a thief too, begins anew with it once, whatever the numbers.
    """
    known = [(held, read_epoch(held.statement)) for held in core.spool.all_held(signed.EPOCH)]
    former: dict[tuple[str, str], str] = {}
    for _, record in known:
        by = _gone_over_from(core, record)
        if by:
            former.setdefault((record.src, record.key_id), by)
    found: dict[tuple[str, str], Held] = {}
    for held, record in known:
        if is_anew(record) and _is_confirmed(core, record):
            found.setdefault((record.src, _enrolled(former, record)), held)
    return found


def _is_confirmed(core: Core, record: Epoch) -> bool:
    entry = core.roster.entries.get(record.src)
    return entry is not None and any(key.id == record.key_id for key in entry.good_keys)


def _gone_over_from(core: Core, record: Epoch) -> str:
    """Return the former key of the address that has signed for the key of this record; "" for none."""
    by = record.statement.fields().get("by") if b'"by":' in record.statement.payload else None
    key = core.roster.any_key(record.src, by) if type(by) is str else None
    return key.id if key is not None and record.statement.signed_by(key, core.suite) else ""


def _enrolled(former: Mapping[tuple[str, str], str], record: Epoch) -> str:
    """Return the key that was enrolled, from which the node went over, step by step, to that of the record.

    Where the steps close a ring it is the last one before that.
    """
    seen = [record.key_id]
    while (record.src, seen[-1]) in former and former[(record.src, seen[-1])] not in seen:
        seen.append(former[(record.src, seen[-1])])
    return seen[-1]


def anew_since(core: Core, address: str) -> int:
    """Return the stamp of the newest record by which a node began on an empty disk; 0 for never."""
    return max((h.stamp for (src, _), h in anew_records(core).items() if src == address), default=0)


def note_anew(core: Core) -> list[str]:
    """Remember who came back with an empty disk, and how far the order of acceptance was here by then.

    Returns:
        The addresses of which this was not known, each once, sorted.
    """
    found = set()
    for (src, key), held in anew_records(core).items():
        if src == core.me or core.spool.held(_ANEW, f"{src}|{key}") is not None:
            continue
        rank = (held.rank[0], core.identity.position, 0)
        # Earlier programs kept one for an address, by its number.
        before = core.spool.held(_ANEW, src)
        if before is not None and before.rank[0] == held.rank[0]:
            rank = before.rank
        else:
            found.add(src)
        note_down(core, _ANEW, f"{src}|{key}", rank=rank)
    return sorted(found)


def lost_by(spool: Spool, acts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return who came back with an empty disk → which of these acts had been accepted here before that."""
    known: dict[str, int] = {}
    for held in spool.all_held(_ANEW):
        address = held.key.split("|")[0]
        known[address] = max(known.get(address, 0), held.rank[1])
    if not known:
        return {}
    rows = [row for row in map(spool.act, acts) if row is not None]
    return {
        address: frozenset(row.id for row in rows if row.position <= upto) for address, upto in known.items()
    }
