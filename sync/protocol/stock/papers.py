"""Which papers of acts are held here, and up to which place of a stream all of them are."""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol.core import Core
from sync.protocol.frame import BlobRef
from sync.protocol.streams import Stream


def papers_upto(core: Core, stream: Stream) -> int:
    """Return the last place up to which every paper of a stream is held."""
    first = core.spool.gaps(stream, 1)
    return first[0][0] - 1 if first else stream.upto


def held_papers(core: Core, refs: Sequence[BlobRef]) -> set[str]:
    """Return which of these papers are here whole, those included whose bytes outlived an older database."""
    if not refs:
        return set()
    held = core.spool.have_blobs({ref.hash for ref in refs})
    for ref in refs:
        if ref.hash not in held and _is_in_store(core, ref):
            core.spool.put_blob(ref)
            held.add(ref.hash)
    return held


def _is_in_store(core: Core, ref: BlobRef) -> bool:
    blobs = core.means.blobs
    # The last byte and none behind it: the size is what somebody says, and others will be told it.
    is_there = blobs.has(ref.hash) and blobs.is_sound(ref.hash)
    return is_there and len(blobs.read(ref.hash, ref.size - 1, 2)) == 1
