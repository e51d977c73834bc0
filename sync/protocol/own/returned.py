"""Whether all is back that a node put back from an older copy had sent, by the newest word of neighbours."""

from __future__ import annotations

from sync.protocol.found import DOUBT
from sync.protocol.spool import Part, Spool
from sync.protocol.streams import Stream


def is_all_back(spool: Spool, me: str, address: str, since_ms: int = 0) -> bool:
    """Say whether a neighbour has told what it holds since this node began anew, and all own of it is here.

    What a neighbour holds of other nodes' acts is not looked at: it comes as it always comes. It only reads.

    Args:
        since_ms: UTC milliseconds; a word from before it does not count. 0 for any.
    """
    neighbour = spool.neighbour(address)
    if neighbour is None or neighbour.ask_full or neighbour.contact_at <= since_ms:
        return False
    # One by one: own streams are few, and those of all nodes thousands at the top.
    return all(
        has_all(spool, spool.stream(stream_id), part)
        for stream_id, part in spool.vector(address).items()
        # A copy begun at a mark holds nothing of what lies before it.
        if stream_id.src == me and part.upto > part.base
    )


def is_undecided(spool: Spool, me: str) -> bool:
    """Say whether there is another copy of an own stream of which it is not known yet which one counts."""
    return any(held.key.partition("|")[0] == me for held in spool.all_held(DOUBT))


def has_all(spool: Spool, stream: Stream | None, part: Part) -> bool:
    """Say whether all that a neighbour says it holds of a stream is here, and is the same."""
    if stream is None:
        return False
    if part.upto <= stream.base:
        return True
    return part.upto <= stream.upto and spool.hash_at(stream, part.upto) == part.head
