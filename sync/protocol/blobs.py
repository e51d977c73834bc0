"""Papers by content: pieces come in any exchange, go on where they stopped, and count only when the whole hash fits."""

from __future__ import annotations

from sync.protocol.core import Core
from sync.protocol.errors import BadBlob
from sync.protocol.intake import papers_upto
from sync.protocol.items import Piece


def take_piece(core: Core, piece: Piece) -> bool:
    """Add a piece to a paper that is missing here; return whether it helped.

    Nothing is kept of a paper nobody named, beyond the announced size, or at
    another place than where the paper stops. The bytes are durable when the
    blob store is flushed, before the unit commits.

    Raises:
        BadBlob: the paper is complete and its hash or size is wrong; its bytes were dropped.
    """
    wanted = core.spool.missing_blob(piece.blob)
    blobs = core.means.blobs
    if wanted is None or not piece.data or piece.offset + len(piece.data) > wanted.size:
        return False
    if not blobs.append(piece.blob, piece.offset, piece.data):
        return False
    if piece.offset + len(piece.data) < wanted.size:
        return True
    if not blobs.finish(piece.blob, wanted.size):
        raise BadBlob(piece.blob[:16])
    core.spool.put_blob(wanted)
    settle(core, piece.blob)
    return True


def settle(core: Core, blob: str) -> None:
    """A paper is held now: move on how far each stream's papers are complete."""
    for stream_id in core.spool.close_gap(blob):
        stream = core.stream(stream_id)
        if stream is not None:
            stream.papers = papers_upto(core, stream)
            core.touch(stream)
