"""From whom acts of a node may still come back that it has lost: it was put back from an older copy."""

from __future__ import annotations

from common.desk.pages.line_back import fetching
from common.node.node import Node
from sync.protocol.found import DOUBT

_NOTES_READ = 400


def unsure_of(node: Node) -> frozenset[str]:
    """Return the nodes that have not told yet what they hold of this one's acts, none at most times.

    What a node did since the copy was made is at its neighbours (see `fetching`), and who a stream leads to
    says which of two copies of it counts.
    """
    found = fetching(node, node.notes(_NOTES_READ))
    if found is None or found.is_all:
        return frozenset()
    doubted = (held.key.split("|") for held in node.spool.all_held(DOUBT))
    return frozenset(found.waits) | {parts[-1] for parts in doubted if parts[0] == node.me}
