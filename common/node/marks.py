"""The receipts on a node's streams as they stood when its key was revoked, kept with the audit row of it.

A receipt held today is the newest: of the acts it covers it does not tell which came before a theft was seen.
"""

from __future__ import annotations

import json
from typing import Any

from common.store import audit
from sync.protocol import revocation
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.revocation import Mark

REVOKED, REFUSED = "node.revoked", "node.key_refused"


def marks_now(core: Core, address: str) -> list[list[Any]]:
    """Return the receipts on the streams of an address as the audit row keeps them."""
    return [
        [str(line.stream), mark.signer, mark.upto, mark.at]
        for line in revocation.lines_of(core, address)
        for mark in line.marks
        if not mark.is_off
    ]


def marks_before(core: Core, stream: StreamId) -> tuple[Mark, ...] | None:
    """Return the receipts on a stream of when the key of its epoch was revoked, None when not kept."""
    epoch = core.epoch(stream.src, stream.epoch)
    told = _told_of(stream.src, epoch.key_id) if epoch is not None else {}
    if "receipts" not in told:
        return None
    kept = [mark for name, *mark in told["receipts"] if name == str(stream)]
    return tuple(Mark(str(signer), int(upto), int(at)) for signer, upto, at in kept)


def _told_of(address: str, key: str) -> dict[str, Any]:
    """Return what the first row says by which a key was out; later ones name it too, with later receipts."""
    for row in audit.rows(address):
        told: dict[str, Any] = json.loads(row.detail) if row.action in (REVOKED, REFUSED) else {}
        if key in told.get("keys", ()) or key == told.get("key"):
            return told
    return {}
