"""The receipts on a node's streams as they stood when its key was revoked, kept with the audit row of it.

A receipt held today is the newest: of the acts it covers it does not tell which came before a theft was seen.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from common.store import audit
from sync.protocol import canonical
from sync.protocol.core import Core
from sync.protocol.frame import StreamId
from sync.protocol.trust import revocation
from sync.protocol.trust.revocation import Mark

REVOKED, REFUSED = "node.revoked", "node.key_refused"
# A thief opens any number of streams, and good nodes receipt what it puts there.
RECEIPTS_MAX = 1_000


def marks_now(core: Core, address: str) -> dict[str, Any]:
    """Return the receipts on the streams of an address as the audit row keeps them.

    Of more than RECEIPTS_MAX those on the streams that were here first, which a revocation cuts first too,
    with the number and the hash of all.
    """
    held = {stream.id: stream.no for stream in core.streams()}
    lines = revocation.lines_of(core, address)
    lines.sort(key=lambda line: held.get(line.stream, len(held) + 1))
    marks = [
        [str(line.stream), mark.signer, mark.upto, mark.at]
        for line in lines
        for mark in line.marks
        if not mark.is_off
    ]
    if len(marks) <= RECEIPTS_MAX:
        return {"receipts": marks}
    whole = {"of": len(marks), "sha256": sha256(canonical.dumps(marks)).hexdigest()}
    return {"receipts": marks[:RECEIPTS_MAX], "receipts_all": whole}


def marks_before(core: Core, stream: StreamId) -> tuple[Mark, ...] | None:
    """Return the receipts on a stream of when its key was revoked, None when none were kept then.

    One of a stream for which there was no more room counts as come later: people look the more closely.
    """
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
