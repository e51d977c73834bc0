"""What a revoked key has said of what its node holds and has heard: the next key's word takes its place."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts import asked
from sync.protocol.entries import Entry
from sync.protocol.receipts import read_receipt
from sync.protocol.rotation import is_key_gone

if TYPE_CHECKING:
    from sync.protocol.core import Core


def mark_of(entry: Entry) -> int:
    """Return a number that is another one as soon as other keys of an address are revoked."""
    gone = sorted({str(one["key"]) for one in entry.revoked})
    return int.from_bytes(hashlib.sha256(" ".join(gone).encode()).digest()[:6], "big")


def forget_word(core: Core, entry: Entry) -> None:
    """A revoked key's receipts, numbers it ran ahead with, and ids it named must not hold up the next key."""
    forget_keys(core, entry.address, {one["key"] for one in entry.revoked})


def forget_keys(core: Core, address: str, gone: Collection[str]) -> None:
    """Forget the same of keys of an address, whatever took them from it."""
    asked.forget(core, address, gone)
    own = [h for h in core.spool.all_held(signed.RECEIPT) if h.key.split("|")[3] == address]
    for held in own:
        if held.statement.key_id in gone or is_key_gone(core, address, held.statement.key_id):
            core.spool.drop_held(signed.RECEIPT, held.key)
            stream = core.stream(read_receipt(held.statement).stream)
            if stream is not None and address == core.me:
                stream.receipted = (0, 0)
                core.touch(stream)
    neighbour = core.spool.neighbour(address)
    if neighbour is not None:
        neighbour.era = neighbour.counter = neighbour.taken = 0
        neighbour.owe_all()
        neighbour.ask_full = 1
        core.spool.put_neighbour(neighbour)
