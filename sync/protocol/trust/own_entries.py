"""Which entries of an address the top has signed, as it remembers: of another own one it was put back.

An entry names the hash of the one before, and only the newest is kept. So the top notes what it has signed
one after the other. An own entry with a number among those, and not noted, is of a time that it lost; and
what it has signed since it knew that it was put back is followed by nothing that it does not know.
"""

from __future__ import annotations

from sync.protocol.core import Core
from sync.protocol.entries import Entry
from sync.protocol.memos import note_down
from sync.protocol.spool import Held

_SIGNED = "own entries"
_HASH_BYTES, _KEPT_MAX = 32, 64
# The incarnation of a node that has never found out that it was put back.
_FIRST = 1


def note_signed(core: Core, entry: Entry, former: Entry | None) -> None:
    """Note an entry that was just signed in place of the one before it, if there was one."""
    held = _noted(core, former) if former is not None else None
    known = held.content[-_HASH_BYTES * (_KEPT_MAX - 1) :] if held is not None else b""
    if held is not None and known == held.content:
        since = held.rank[2]
    else:
        # Of earlier numbers nothing is known, or nothing any more.
        since, known = (former.version, _name(former)) if former is not None else (entry.version, b"")
    note_down(
        core, _SIGNED, entry.address, known + _name(entry), (entry.version, core.identity.incarnation, since)
    )


def note_met(core: Core, entry: Entry, other: Entry) -> None:
    """Note another own entry that the one in force stands above: it is known from now on."""
    held = _noted(core, entry)
    if held is not None:
        core.spool.put_held(held._replace(content=_name(other) + held.content))


def is_of_lost_time(core: Core, mine: Entry, other: Entry) -> bool:
    """Say whether an own entry is surely none before or after the one in force here.

    Of one with a higher number that is not sure where the top did not know yet that it was put back.
    """
    held = _noted(core, mine)
    if held is None or _name(other) in _names(held):
        return False
    if other.version > mine.version:
        return _FIRST < held.rank[1] == core.identity.incarnation
    return other.version >= held.rank[2]


def _noted(core: Core, entry: Entry) -> Held | None:
    """Return what is noted up to this very entry; None when another program signed it, or it came back."""
    held = core.spool.held(_SIGNED, entry.address)
    return held if held is not None and held.content.endswith(_name(entry)) else None


def _name(entry: Entry) -> bytes:
    return bytes.fromhex(entry.statement.hash)


def _names(held: Held) -> set[bytes]:
    return {held.content[at : at + _HASH_BYTES] for at in range(0, len(held.content), _HASH_BYTES)}
