"""Why a node is not heard: the roster's own word goes with the refusal, to a sender that proves who it is.

A node whose key was revoked is spoken to by nobody, so it would never learn of it. What the answer carries is
signed by the roster key, and is kept beside the roster, not in it: it says why, and changes nothing. To go by
the cut is for later, when the node has a key that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import signed
from sync.protocol.entries import Entry, read_entry
from sync.protocol.errors import BadRecord, BadRoster, SyncError
from sync.protocol.exchange import SIGNED_AS, Head
from sync.protocol.items import decode_statement, encode_statement
from sync.protocol.records import RECORD_BYTES_MAX, STATEMENT, pack_record, unpack_record
from sync.protocol.roster import Roster
from sync.protocol.rotation import keys_to
from sync.protocol.signed import Statement
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

_TOLD = "refusal"
_LENGTH_BYTES = 4
_STATEMENTS_MAX = 8
_ABOVE_MAX = 4
ANSWER_BYTES_MAX = _STATEMENTS_MAX * (RECORD_BYTES_MAX + _LENGTH_BYTES)


class Barred(NamedTuple):
    """Why this node's key was revoked (`lost`, `stolen`, `not_ours`), and when: UTC ms by the top's clock."""

    reason: str
    since: int


def why_refused(core: Core, head: Head) -> bytes:
    """Return what shows the sender of a refused exchange why, b"" when nothing does or it is not the sender.

    Only who signs to this node, with a key that was the address's, gets it.
    """
    if head.receiver != core.me or head.network != core.roster.network:
        return b""
    entry, key = core.roster.entries.get(head.sender), core.roster.key(head.sender, head.sender_key)
    if entry is None or key is None:
        return b""
    is_barred = _why(entry, key.id) is not None
    if not is_barred and core.may_exchange(head.sender):
        return b""
    if not core.suite.verify(key, SIGNED_AS, head.payload, head.signature):
        return b""
    entries = [entry.statement] if is_barred else entries_above(core, entry)
    # With the entries no more than is read of it there; what leads to the older ones is known there by now.
    return _packed((*core.roster.appointments[len(entries) - _STATEMENTS_MAX :], *entries))


def entries_above(core: Core, entry: Entry) -> list[Statement]:
    """Return a node's entry after those of whom it stands below, as far as they are known here.

    Those that are relieved between them too: by their own entry alone it stands elsewhere, be it this node's.
    """
    tree = core.tree
    above = dict.fromkeys([*tree.up(entry.address)[:0:-1], *tree.passed_over(entry.address), entry.parent])
    found = [core.roster.entries[one].statement for one in above if one in core.roster.entries]
    return [*found[-_ABOVE_MAX:], entry.statement]


# A head may be sent again as often as anybody likes.
@lru_cache(maxsize=8)
def _packed(statements: tuple[Statement, ...]) -> bytes:
    out = b""
    for statement in statements:
        plain = pack_record([encode_statement(statement)], b"")
        out += len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
    return out


def hear_refusal(core: Core, data: bytes) -> bool:
    """Remember what a refusal carried if the roster key says it of this node; return whether it does.

    Raises nothing for what the other side sent.
    """
    entry = judged(core, said_in(data)).entries.get(core.me)
    if entry is None or entry is core.roster.entries.get(core.me):
        return False
    core.spool.put_held(Held(_TOLD, core.me, (entry.version, 0, 0), entry.statement, b"", core.next_stamp()))
    return True


def said_in(data: bytes) -> list[Statement]:
    """Return the appointments and entries that came with a refusal, nothing when it cannot be read."""
    found = []
    try:
        for plain in _records(data):
            for item in unpack_record(plain, b""):
                decoded = decode_statement(item) if item.kind == STATEMENT else None
                if decoded is not None and decoded[0].sort in (signed.APPOINTMENT, signed.ENTRY):
                    found.append(decoded[0])
    except SyncError:
        return []
    return found


def judged(core: Core, said: Sequence[Statement]) -> Roster:
    """Return the roster as it would be with these statements, those that are not believed left out."""
    roster = core.roster.copy()
    for statement in said:
        # An appointment by root keys it knows nothing of yet: an entry is judged by what it does know.
        with suppress(BadRoster):
            roster.offer(statement)
    return roster


def barred(core: Core) -> Barred | None:
    """Return why nobody hears this node any more, as far as it was told; None while its key counts.

    It only reads, and may be asked outside a unit.
    """
    identity = core.spool.identity()
    record = core.epoch(identity.address, identity.epoch) if identity is not None else None
    entry = _newest(core, identity.address) if identity is not None else None
    if record is None or entry is None:
        return None
    # Put back to before its key was revoked it may have gone over to another since: that one fell with it.
    named = {key.id for key in entry.keys}
    return next((_why(entry, key) for key in keys_to(core, record) if key in named), None)


def is_revoked(core: Core, address: str, key_id: str) -> bool:
    """Say whether this node was told that a key of an address, its own or another's, is revoked."""
    return why_revoked(core, address, key_id) is not None


def why_revoked(core: Core, address: str, key_id: str) -> Barred | None:
    """Return why and when a key was revoked, as far as this node was told; None while it counts."""
    entry = _newest(core, address)
    return _why(entry, key_id) if entry is not None else None


def _newest(core: Core, address: str) -> Entry | None:
    known, held = core.roster.entries.get(address), core.spool.held(_TOLD, address)
    try:
        told = read_entry(held.statement) if held is not None else None
    except BadRoster:
        told = None
    if known is None or (told is not None and told.version > known.version):
        return told
    return known


def _why(entry: Entry, key_id: str) -> Barred | None:
    for one in entry.revoked:
        if one["key"] == key_id:
            return Barred(str(one.get("reason", "")), _moment(one.get("since")))
    return None


def _moment(value: object) -> int:
    return value if type(value) is int and value > 0 else 0


def _records(data: bytes) -> list[bytes]:
    found, at = list[bytes](), 0
    while at < len(data) and len(found) < _STATEMENTS_MAX:
        size = int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if not 0 < size <= RECORD_BYTES_MAX or at + size > len(data):
            raise BadRecord("refusal")
        found.append(data[at : at + size])
        at += size
    return found
