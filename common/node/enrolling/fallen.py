"""Computers that were let in below this node and are not heard any more, though nobody revoked their keys.

The parent's word falls with the key it was given with. Until the top has said yes to such a key nobody else
stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from common.store import audit
from sync.protocol.core import Core
from sync.protocol.trust import registrar

ENROLLED = "node.enrolled"


def fallen(core: Core, addresses: Iterable[str]) -> list[tuple[str, int]]:
    """Return those of these sites whose newest computer no word stands for, and when it joined here (UTC ms).

    None at the top, which enters each key by itself. Needs an open reading.
    """
    if core.me == core.tree.top:
        return []
    joined = [(address, *_last_joined(address)) for address in addresses]
    return [(address, at) for address, key, at in joined if key and _is_unheard(core, address, key, at)]


def _last_joined(address: str) -> tuple[str, int]:
    rows = [row for row in audit.rows(address) if row.action == ENROLLED]
    return (str(json.loads(rows[-1].detail)["key"]), rows[-1].at) if rows else ("", 0)


def _is_unheard(core: Core, address: str, key: str, joined_at: int) -> bool:
    """Say whether nobody knows a key, and no key of its address is good that was entered since it joined."""
    entry = core.roster.entries.get(address)
    if core.roster.any_key(address, key) is not None:
        return False
    good = {one.id for one in entry.good_keys} if entry is not None else set()
    named = registrar.fields_of(entry)["keys"] if entry is not None else []
    return all(one["from"] < joined_at for one in named if one["id"] in good)
