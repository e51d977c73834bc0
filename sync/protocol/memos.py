"""What a node notes for itself beside what others have signed: nobody is told of it, and every backup has it.

A memo stands in the spool where statements do, under a sort of its own, and its statement is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol.signed import Statement
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

Rank = tuple[int, int, int]


def note_down(core: Core, sort: str, key: str, content: bytes = b"", rank: Rank = (0, 0, 0)) -> None:
    """Keep a memo under (sort, key) in place of the one there, with a new stamp."""
    core.spool.put_held(Held(sort, key, rank, Statement(sort, b"", ()), content, core.next_stamp()))
