"""At the top: keys that an address had before the one in the roster, and that the roster has lost.

A top put back to before somebody joined, and to before its roster key was replaced, believes no entry of
that time: people enter the address again, by its key in use. If that was gone over to from another, what the
former key had signed would be unknown for ever, and offered without end. The record of that step is signed by
both keys and carries the former one: so it is the address's own word, and the top enters that key by itself.
"""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadRoster, EntryFull
from sync.protocol.registrar import KEYS_UNASKED_MAX, admit_former
from sync.protocol.roster import RETIRED
from sync.protocol.rotation import former_key
from sync.protocol.signing import KeyPair


def confirm_former(core: Core, roster_key: KeyPair, now_ms: int) -> list[str]:
    """Enter the keys from which nodes went over to those that the roster names; return their addresses."""
    confirmed = []
    for held in core.spool.all_held(signed.EPOCH):
        key = former_key(core.roster, held.statement)
        address = held.key.split("|")[0]
        if key is None or core.roster.entries[address].status == RETIRED:
            continue
        try:
            if len(core.roster.entries[address].keys) >= KEYS_UNASKED_MAX:
                raise EntryFull(address)
            admit_former(core, roster_key, {"address": address, "key": key.as_fields()}, now_ms)
        except BadRoster as problem:
            core.note(problem.code, address, problem.detail)
            continue
        confirmed.append(address)
    return confirmed
