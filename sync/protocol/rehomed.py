"""A node that stands below another one now, while it can reach none but the former: that one refuses it.

With the refusal come the entries by which it finds its new place, see `refusal`. They are the roster key's
own word, and are taken into the roster as from an exchange.
"""

from __future__ import annotations

from contextlib import suppress

from sync.protocol.core import Core
from sync.protocol.errors import BadRoster
from sync.protocol.refusal import judged, said_in
from sync.protocol.state import keep_trust, tree_changed


def hear_new_place(core: Core, data: bytes) -> bool:
    """Go by what a refusal says of where this node stands; return whether that is somewhere else now.

    A refusal for a revoked key changes nothing here. Raises nothing for what the other side sent.
    """
    said = said_in(data)
    told, before = judged(core, said), core.tree
    entry, record = told.entries.get(core.me), core.epoch(core.me, core.identity.epoch)
    if entry is None or record is None or any(one["key"] == record.key_id for one in entry.revoked):
        return False
    if told.tree.up(core.me) == before.up(core.me):
        return False
    for statement in said:
        with suppress(BadRoster):
            if core.roster.offer(statement):
                keep_trust(core, statement)
    tree_changed(core, before)
    return True
