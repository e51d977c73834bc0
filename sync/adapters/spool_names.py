"""Shelf documents by their hash, and who names which paper and act, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync.adapters.spool_rows import SqlPart, pack_pairs, unpack_pairs
from sync.protocol import signed
from sync.protocol.frame import BlobRef, Frame, StreamId
from sync.protocol.signed import Statement
from sync.protocol.spool_names import Way

_ADD_DOC = """INSERT INTO sync_doc (hash, payload, signatures, content) VALUES (?, ?, ?, ?)
    ON CONFLICT (hash) DO NOTHING"""
_DOC = "SELECT payload, signatures, content FROM sync_doc WHERE hash = ?"
_NAME = """INSERT INTO sync_named (hash, act, src, dst) VALUES (?, ?, ?, ?)
    ON CONFLICT (hash, act, src, dst) DO NOTHING"""
_WAYS = "SELECT DISTINCT src, dst FROM sync_named WHERE hash = ? ORDER BY src, dst"
_ACTS_OF = "SELECT DISTINCT act FROM sync_named WHERE hash = ? ORDER BY act LIMIT ?"
_POINT_OUT = """INSERT INTO sync_brief (act, src, dst) VALUES (?, ?, ?)
    ON CONFLICT (act, src, dst) DO NOTHING"""
_BRIEFS = "SELECT src, dst FROM sync_brief WHERE act = ? ORDER BY src, dst"
_BRIEFS_OF_PAPER = """SELECT DISTINCT b.src, b.dst FROM sync_named n JOIN sync_brief b ON b.act = n.act
    WHERE n.hash = ? ORDER BY b.src, b.dst"""
_ADD_LOOSE_GAP = """INSERT INTO sync_loose_gap (no, act, hash, size, type)
    SELECT COALESCE(MAX(no), 0) + 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT)
    FROM sync_loose_gap WHERE 1 = 1 ON CONFLICT (act, hash) DO NOTHING"""
_LOOSE_GAPS = "SELECT act, hash FROM sync_loose_gap ORDER BY no LIMIT ?"


class SqlNames(SqlPart):
    """The part of the spool that is asked by the hash of a document or paper."""

    # --- shelf documents
    def add_doc(self, statement: Statement, content: bytes) -> None:
        """Keep one version of a shelf document; once per statement hash."""
        signatures = pack_pairs(statement.signatures)
        self._write(_ADD_DOC, (statement.hash, statement.payload, signatures, content))

    def doc(self, name: str) -> tuple[Statement, bytes] | None:
        """Return the statement with this hash and the content of its document."""
        row = self._one(_DOC, (name,))
        return (Statement(signed.SHELF, row[0], unpack_pairs(row[1])), row[2]) if row else None

    def known_docs(self, names: Iterable[str]) -> set[str]:
        """Return which of these documents are held here."""
        return {row[0] for row in self._among("SELECT hash FROM sync_doc WHERE hash IN {}", names)}

    def drop_doc(self, name: str) -> None:
        """Forget the document of the statement with this hash."""
        self._write("DELETE FROM sync_doc WHERE hash = ?", (name,))

    def doc_names(self) -> list[str]:
        """Return the statement hashes of all documents held, sorted."""
        return [row[0] for row in self._read("SELECT hash FROM sync_doc ORDER BY hash")]

    # --- papers of acts held loose
    def add_loose_gaps(self, act: str, missing: Sequence[BlobRef]) -> None:
        """Remember that an act held loose names papers not held here."""
        self._write_all(_ADD_LOOSE_GAP, [(act, *blob) for blob in missing])

    def loose_gaps(self, limit: int) -> list[tuple[str, str]]:
        """Return up to `limit` (act, hash) of papers that loose acts miss, oldest first."""
        return [(act, blob) for act, blob in self._read(_LOOSE_GAPS, (limit,))]

    # --- who names what
    def _name_papers(self, frames: Iterable[Frame]) -> None:
        rows = []
        for frame in frames:
            src, _, dst = frame.header.stream
            rows += [(blob.hash, frame.act, src, dst) for blob in frame.header.blobs]
        self._write_all(_NAME, rows)

    def ways_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the frames here, placed or loose, that name a paper, each once, sorted."""
        return [(src, dst) for src, dst in self._read(_WAYS, (blob,))]

    def acts_of_paper(self, blob: str, limit: int) -> list[str]:
        """Return up to `limit` acts here that name a paper, sorted."""
        return [row[0] for row in self._read(_ACTS_OF, (blob, limit))]

    def point_out(self, stream: StreamId, acts: Iterable[str]) -> None:
        """Remember that a brief in this stream names these acts."""
        self._write_all(_POINT_OUT, [(act, stream.src, stream.dst) for act in acts])

    def briefs_of_act(self, act: str) -> list[Way]:
        """Return the ways of the briefs here that name an act, each once, sorted."""
        return [(src, dst) for src, dst in self._read(_BRIEFS, (act,))]

    def briefs_of_paper(self, blob: str) -> list[Way]:
        """Return the ways of the briefs here that name an act which names a paper, each once, sorted."""
        return [(src, dst) for src, dst in self._read(_BRIEFS_OF_PAPER, (blob,))]
