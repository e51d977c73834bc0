"""Papers copied between folders, into a backup and back: only whole ones, and over damaged ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from sync.adapters.blob_files import BlobFiles
from sync.adapters.file_steps import LOST

_CHUNK = 1 << 20


def copy_papers(source: BlobFiles, target: BlobFiles, names: Sequence[str]) -> int:
    """Copy papers by name, those not there whole; return how many were copied.

    One that is damaged there is put aside, one that is damaged in the source is left out.
    """
    copied = 0
    for name in names:
        if not target.is_sound(name) and is_whole(source, name):
            put = target.put(_pieces(source, name), "application/octet-stream")
            if put.hash == name:
                target.claim([name])
                copied += 1
    return copied


def is_whole(source: BlobFiles, name: str) -> bool:
    """Say whether a paper is there as its name says; nothing is put aside, for a stick may be read-only."""
    digest = hashlib.sha256()
    try:
        for piece in _pieces(source, name):
            digest.update(piece)
    except FileNotFoundError:
        return False
    except OSError as fault:
        # A part that the disk cannot read is lost; any other fault says nothing of the paper.
        if fault.errno not in LOST:
            raise
        return False
    return digest.hexdigest() == name


def _pieces(source: BlobFiles, name: str) -> Iterator[bytes]:
    offset = 0
    while data := source.read(name, offset, _CHUNK):
        yield data
        offset += len(data)
