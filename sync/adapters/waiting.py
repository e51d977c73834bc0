"""What waits for another node: how many acts and papers, and how many bytes they will take on a line.

For pages that look and change nothing; it reads what was last committed.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from sync.adapters.spool_rows import STREAM_COLUMNS, SqlPart, stream_of
from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId
from sync.protocol.receipts import receipt_key

_HELD = "SELECT src, epoch, dst, upto FROM sync_vector WHERE neighbour = ?"
_STREAMS = f"SELECT {STREAM_COLUMNS} FROM sync_stream WHERE upto > 0"
_FRAMES = "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM sync_frame WHERE stream = ? AND seq > ?"
_NAMED = """SELECT DISTINCT b.hash, b.size FROM sync_frame f JOIN sync_named n ON n.act = f.act
    JOIN sync_blob b ON b.hash = n.hash WHERE f.stream = ? AND f.seq > ?"""
# Of a receipt the ranks behind the first say up to where acts, and up to where all papers are held.
_SIGNED = "SELECT r2, r3 FROM sync_held WHERE sort = ? AND key = ?"
_ASKED = "SELECT wanted_blobs FROM sync_neighbour WHERE address = ?"
_SIZES = "SELECT hash, size FROM sync_blob WHERE hash IN {}"
_LACKED = """SELECT v.src, v.dst, v.upto - MAX(COALESCE(s.upto, 0), v.base) FROM sync_vector v
    LEFT JOIN sync_stream s ON s.src = v.src AND s.epoch = v.epoch AND s.dst = v.dst
    WHERE v.neighbour = ? AND v.upto > MAX(COALESCE(s.upto, 0), v.base)"""
_GAPS = """SELECT g.hash, g.size, s.src FROM sync_gap g JOIN sync_stream s ON s.no = g.stream
    UNION SELECT hash, size, '' FROM sync_loose_gap"""
_ASIDE = """SELECT src, COUNT(*), MIN(since) FROM sync_aside a WHERE why = ? AND NOT EXISTS
    (SELECT 1 FROM sync_frame f WHERE f.act = a.act AND f.stream > 0) GROUP BY src ORDER BY src"""
_MORE = "SELECT more FROM sync_neighbour WHERE address = ?"
# What a signature, its neighbours and the compressed text of an act take on the wire, roughly.
_ACT_BYTES, _SQUEEZED = 120, 3


class Waiting(NamedTuple):
    """Acts and papers that another node has not got yet, and the bytes all of it will take."""

    acts: int = 0
    papers: int = 0
    size: int = 0


class Coming(NamedTuple):
    """Acts and papers that another node has and this one has not got yet, and the bytes of the papers.

    `is_more` is 1 when its last answer did not hold all it has for this node, documents among it.
    """

    acts: int = 0
    papers: int = 0
    paper_bytes: int = 0
    is_more: int = 0


class WaitingRoom(SqlPart):
    """Reads the spool's tables for one neighbour."""

    def coming(self, tree: Tree, me: str, address: str) -> Coming:
        """Return what this node still waits for from another, by the newest that one has said of itself."""
        acts = sum(
            int(row[2])
            for row in self._read(_LACKED, (address,))
            if me in {row[0], *tree.path(row[0], row[1])}
        )
        # What nodes below have filed comes from them.
        papers = {
            blob: size for blob, size, src in self._read(_GAPS) if not src or not tree.is_below(src, me)
        }
        more = self._one(_MORE, (address,))
        return Coming(acts, len(papers), sum(papers.values()), int(more[0]) if more else 0)

    def aside(self, why: str) -> list[tuple[str, int, int]]:
        """Return whose frames are kept aside for a reason, how many, and since when the oldest (UTC ms).

        One whose act has got a place here by now, in another stream, waits for nothing: it stays aside, for a
        branch that wins may go through it, and is not counted.
        """
        return [(str(src), int(count), int(since)) for src, count, since in self._read(_ASIDE, (why,))]

    def waiting(self, tree: Tree, address: str) -> Waiting:
        """Return what waits for a node, by the newest it has said of itself, or signed and sent by others."""
        held = {StreamId(*row[:3]): row[3] for row in self._read(_HELD, (address,))}
        acts = size = 0
        papers: dict[str, int] = {}
        for row in self._read(_STREAMS):
            stream = stream_of(row)
            known = whole = held.get(stream.id, 0)
            passed = {stream.id.src, *tree.path(stream.id.src, stream.id.dst)}
            if address not in passed or known >= stream.upto:
                continue
            if address == stream.id.src and stream.id not in held:
                # Its own acts it has, whatever it has not said yet.
                continue
            row_signed = self._one(_SIGNED, (signed.RECEIPT, receipt_key(stream.id, address)))
            if row_signed and row_signed[0] > known:
                known, whole = row_signed
            count, text = self._one(_FRAMES, (row[0], known))
            acts, size = acts + count, size + count * _ACT_BYTES + text // _SQUEEZED
            papers.update(self._read(_NAMED, (row[0], whole)))
        papers |= self._asked(address)
        return Waiting(acts, len(papers), size + sum(papers.values()))

    def _asked(self, address: str) -> dict[str, int]:
        """Return what is left of the papers it asked for that are here."""
        row = self._one(_ASKED, (address,))
        offsets = dict(json.loads(row[0])) if row else {}
        return {
            blob: size - offsets[blob] for blob, size in self._among(_SIZES, offsets) if offsets[blob] < size
        }
