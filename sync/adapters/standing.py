"""How it stands with many other nodes at once: a few queries however many they are, and no unit of work.

For pages that look and change nothing. It reads what was last committed, and holds up nobody who writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sync.adapters.spool_rows import STREAM_COLUMNS, SqlPart, stream_of
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId

_CONTACTS = "SELECT address, contact_at, ask_full, wanted_blobs FROM sync_neighbour"
_HELD = "SELECT neighbour, src, epoch, dst, upto FROM sync_vector"
_STREAMS = f"SELECT {STREAM_COLUMNS} FROM sync_stream WHERE upto > 0"
_PAPERS = "SELECT hash FROM sync_blob WHERE hash IN {}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of another node: last contact (UTC ms, 0 never), 1 when something waits for it,
    how many papers it asked for.
    """

    contact_at: int = 0
    waits: int = 0
    papers_wanted: int = 0


class Overlook(SqlPart):
    """Reads the spool's tables for all neighbours together."""

    def standing(self, tree: Tree, addresses: Iterable[str]) -> dict[str, Standing]:
        """Return how it stands with each of these nodes, in their order; one never met is all zeros.

        What waits is told by the newest vector each has sent: frames it lacks, papers it asked for that are
        here, or a full vector it asked for. Where its side of a stream differs from ours, that waits too.
        """
        wanted = tuple(addresses)
        contacts = {row[0]: row[1:] for row in self._read(_CONTACTS)}
        asked = {a: [blob for blob, _ in json.loads(contacts[a][2])] for a in wanted if a in contacts}
        here = {row[0] for row in self._among(_PAPERS, {blob for blobs in asked.values() for blob in blobs})}
        behind = self._behind(tree, set(wanted))
        found = {}
        for address in wanted:
            contact_at, ask_full, _ = contacts.get(address, (0, 0, ""))
            blobs = asked.get(address, [])
            waits = address in behind or bool(ask_full) or any(blob in here for blob in blobs)
            found[address] = Standing(contact_at, int(waits), len(blobs))
        return found

    def contacts(self) -> dict[str, int]:
        """Return every node ever met → when last, UTC milliseconds."""
        return {str(address): int(at) for address, at, *_ in self._read(_CONTACTS)}

    def _behind(self, tree: Tree, wanted: set[str]) -> set[str]:
        """Return who lacks frames of a stream that passes them."""
        held = {(row[0], StreamId(*row[1:4])): row[4] for row in self._read(_HELD)}
        behind: set[str] = set()
        for row in self._read(_STREAMS):
            stream = stream_of(row)
            passed = {stream.id.src, *tree.path(stream.id.src, stream.id.dst)}
            behind.update(a for a in passed & wanted if held.get((a, stream.id), 0) < stream.upto)
        return behind
