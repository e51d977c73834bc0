"""Up to when what another node has said is known here, by what it signed: for pages and duties, not for sync.

Clocks are evidence: of what the other wrote its own clock tells, never a time that is still to come here.
"""

from __future__ import annotations

import json

from sync.adapters.spool_rows import SqlPart
from sync.protocol import signed
from sync.protocol.frame import StreamId
from sync.protocol.receipts import receipt_key

_CONTACT = "SELECT contact_at FROM sync_neighbour WHERE address = ?"
_WRITTEN = """SELECT f.header FROM sync_stream s JOIN sync_frame f ON f.stream = s.no AND f.seq = s.upto
    WHERE s.src = ?"""
_SENT = "SELECT no, epoch FROM sync_stream WHERE src = ? AND dst = ?"
# Of a receipt the second rank is up to which place of the stream it speaks.
_UPTO = "SELECT r2 FROM sync_held WHERE sort = ? AND key = ?"
_FRAME = "SELECT header FROM sync_frame WHERE stream = ? AND seq = ?"


class LastWord(SqlPart):
    """Reads the spool's tables; it changes nothing and waits for no unit of work."""

    def of(self, address: str, me: str, now_ms: int) -> int:
        """Return the time (UTC milliseconds) up to which a node was heard, 0 when it never was.

        That is the latest of: the last exchange with it, the newest act of its own that came here, and the
        newest of this node's acts which it says that it has.
        """
        contact = self._one(_CONTACT, (address,))
        found = [int(contact[0]) if contact else 0]
        found += [_wall(row[0]) for row in self._read(_WRITTEN, (address,))]
        for no, epoch in self._read(_SENT, (me, address)):
            found.append(self._had(no, receipt_key(StreamId(me, epoch, address), address)))
        return max((at for at in found if at <= now_ms), default=0)

    def _had(self, no: int, key: str) -> int:
        receipt = self._one(_UPTO, (signed.RECEIPT, key))
        frame = self._one(_FRAME, (no, receipt[0])) if receipt else None
        return _wall(frame[0]) if frame else 0


def _wall(header: bytes) -> int:
    return int(json.loads(bytes(header))["wall"])
