"""What is kept here by a key for which nobody speaks any more: it is told to nobody until somebody does.

A parent's word for a child's key ends with the key that signed it. Where the top had not heard it by then,
what the child has signed would be refused wherever it went, and brought there again without end.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.memos import note_down
from sync.protocol.spool import Held

_UNTOLD = "not told"


def believed(core: Core, said: Sequence[Held]) -> list[Held]:
    """Return those of these statements that are believed here; the others are told once they are again."""
    found = []
    for held in said:
        if held.sort not in (signed.EPOCH, signed.RECEIPT) or _is_believed(core, held):
            found.append(held)
            continue
        name = f"{held.sort}|{held.key}"
        if core.spool.held(_UNTOLD, name) is None:
            note_down(core, _UNTOLD, name)
    return found


def settle_words(core: Core) -> None:
    """Trust has changed: forget the word of a revoked key for a child; tell anew what is believed again."""
    for held in core.spool.all_held(signed.VOUCH):
        parent = core.roster.entries.get(held.statement.fields()["parent"])
        if parent is not None and parent.revoked and not parent.has_signed(held.statement, core.suite):
            core.spool.drop_held(signed.VOUCH, held.key)
    for mark in core.spool.all_held(_UNTOLD):
        untold = core.spool.held(*mark.key.split("|", 1))
        if untold is None or _is_believed(core, untold):
            core.spool.drop_held(_UNTOLD, mark.key)
        if untold is not None and _is_believed(core, untold):
            core.keep(untold.statement, untold.key, untold.rank, untold.content)


def is_spoken_for(core: Core, stream: StreamId) -> bool:
    """Say whether anybody would believe the frames of a stream: this node's own, and those by a key known."""
    return stream.src == core.me or core.key_of_epoch(stream.src, stream.epoch) is not None


def _is_believed(core: Core, held: Held) -> bool:
    src, epoch, *rest = held.key.split("|")
    if held.sort == signed.EPOCH:
        return src == core.me or core.key_of_epoch(src, epoch) is not None
    signer = rest[1]
    return signer == core.me or core.believed_key(signer, held.statement.key_id) is not None
