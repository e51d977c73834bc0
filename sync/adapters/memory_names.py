"""Shelf documents by their hash, and who names which paper and act, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from sync.adapters.memory_undo import Undoing
from sync.protocol.frame import Frame, StreamId
from sync.protocol.signed import Statement
from sync.protocol.spool_names import Way


class MemoryNames(Undoing):
    """The part of a memory spool that is asked by the hash of a document or paper."""

    def __init__(self) -> None:
        super().__init__()
        self._docs: dict[str, tuple[Statement, bytes]] = {}
        self._naming: dict[str, dict[tuple[str, Way], None]] = {}
        self._briefs: dict[str, dict[Way, None]] = {}

    # --- shelf documents
    def add_doc(self, statement: Statement, content: bytes) -> None:
        """Keep one version of a shelf document; once per statement hash."""
        if statement.hash not in self._docs:
            self._set(self._docs, statement.hash, (statement, content))

    def doc(self, name: str) -> tuple[Statement, bytes] | None:
        """Return the statement with this hash and the content of its document."""
        return self._docs.get(name)

    def known_docs(self, names: Iterable[str]) -> set[str]:
        """Return which of these documents are held here."""
        return {name for name in names if name in self._docs}

    def drop_doc(self, name: str) -> None:
        """Forget the document of the statement with this hash."""
        if name in self._docs:
            self._drop(self._docs, name)

    def doc_names(self) -> list[str]:
        """Return the statement hashes of all documents held, sorted."""
        return sorted(self._docs)

    # --- who names what
    def _name_papers(self, frame: Frame) -> None:
        way = (frame.header.stream.src, frame.header.stream.dst)
        for blob in frame.header.blobs:
            self._set(self._naming.setdefault(blob.hash, {}), (frame.act, way), None)

    def ways_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the frames here, placed or loose, that name a paper, each once, sorted."""
        return sorted({way for _, way in self._naming.get(blob, ())})

    def acts_of_paper(self, blob: str, limit: int) -> list[str]:
        """Return up to `limit` acts here that name a paper, sorted."""
        return sorted({act for act, _ in self._naming.get(blob, ())})[:limit]

    def point_out(self, stream: StreamId, acts: Iterable[str]) -> None:
        """Remember that a brief in this stream names these acts."""
        for act in acts:
            self._set(self._briefs.setdefault(act, {}), (stream.src, stream.dst), None)

    def briefs_of_act(self, act: str) -> list[Way]:
        """Return the ways of the briefs here that name an act, each once, sorted."""
        return sorted(self._briefs.get(act, ()))

    def briefs_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the briefs here that name an act which names a paper, each once, sorted."""
        acts = {act for act, _ in self._naming.get(blob, ())}
        return sorted({way for act in acts for way in self._briefs.get(act, ())})
