"""Copies of a test site's disk, and their coming back."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from sync.protocol.frame import Act
from sync.protocol.witness import Word
from tests.sync.network import Site


class Copy(NamedTuple):
    """Database, application and witness, as a backup of the whole disk holds them."""

    spool: Any
    acts: list[Act]
    word: Word | None


def copy_of(site: Site) -> Copy:
    return Copy(copy.deepcopy(site.spool), list(site.application.acts), site.word)


def put_back(site: Site, kept: Copy, with_witness: int = 0) -> str:
    """Put a copy back, the witness too when asked; return what the start makes of it."""
    site.spool = copy.deepcopy(kept.spool)
    site.application.acts[:] = kept.acts
    if with_witness:
        site.word = kept.word
    site.restart()
    with site.unit():
        return site.peer.awake(site.word, site.now_ms)
