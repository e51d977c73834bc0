"""The part of the port `Spool` that is asked by hash: shelf documents, and who names a paper or an act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sync.protocol.frame import BlobRef, Frame, StreamId
from sync.protocol.signed import Statement

# From whom to whom: source and destination of a stream, whatever its epoch.
Way = tuple[str, str]


class SpoolNames(Protocol):
    """Documents, papers and acts by the names others give them."""

    # --- bodies
    def drop_bodies(self, acts: Sequence[str]) -> int:
        """Empty the bodies of these acts wherever they stand; return how many bytes they had in all."""

    def restore_body(self, frame: Frame) -> int:
        """Put a body, and wraps if it has any, back where frames of its act lack it; return into how many."""

    # --- shelf documents, every version that was ever held
    def add_doc(self, statement: Statement, content: bytes) -> None:
        """Keep one version of a shelf document; once per statement hash."""

    def doc(self, name: str) -> tuple[Statement, bytes] | None:
        """Return the statement with this hash and the content of its document."""

    def known_docs(self, names: Iterable[str]) -> set[str]:
        """Return which of these documents are held here."""

    def drop_doc(self, name: str) -> None:
        """Forget the document of the statement with this hash."""

    def doc_names(self) -> list[str]:
        """Return the statement hashes of all documents held, sorted."""

    # --- papers of acts held loose
    def add_loose_gaps(self, act: str, missing: Sequence[BlobRef]) -> None:
        """Remember that an act held loose names papers not held here; `close_gap` forgets it."""

    def loose_gaps(self, limit: int) -> list[tuple[str, str]]:
        """Return up to `limit` (act, hash) of papers that loose acts miss, oldest first."""

    # --- who names what; the spool notes by itself which papers the frames it is given name
    def ways_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the frames here, placed or loose, that name a paper, each once, sorted."""

    def acts_of_paper(self, blob: str, limit: int) -> list[str]:
        """Return up to `limit` acts here that name a paper, sorted."""

    def point_out(self, stream: StreamId, acts: Iterable[str]) -> None:
        """Remember that a brief in this stream names these acts."""

    def briefs_of_act(self, act: str) -> list[Way]:
        """Return the ways of the briefs here that name an act, each once, sorted."""

    def briefs_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the briefs here that name an act which names a paper, each once, sorted."""
