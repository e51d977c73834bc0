"""Packs a case in which nothing more happens into one file that proves itself.

Two steps: `collect` reads, in the unit of work, everything small (signed bytes and statements) and writes the
audit row; `write` then copies the papers, which may take long, and holds up nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from common.archive import files
from common.archive.errors import FrameLacking, NotEnded, PaperLacking
from common.archive.rules.layout import (
    INDEX,
    MANIFEST,
    MANIFEST_SIGNATURES,
    SIGNED_AS,
    Manifest,
    body_name,
    document_name,
    frame_names,
    paper_name,
    trust_names,
)
from common.archive.rules.page import Sheet, page_of
from common.archive.rulings import frames_of, put_verdicts
from common.archive.sheet import sheet_of
from common.casework import ledger
from common.casework.ledger import OpenCase
from common.casework.rules.flow import ENDED
from common.casework.rules.shape import KINDS
from common.people.rules.roles import Actor
from common.store import audit
from common.store.database import require_unit
from sync.protocol import canonical, signed
from sync.protocol.core import Core
from sync.protocol.frame import BlobRef, Frame, StreamId
from sync.protocol.practice import is_practice
from sync.protocol.receipts import END
from sync.protocol.signed import Statement
from sync.protocol.spool import Held

_PIECE = 1 << 20


class PaperFiles(Protocol):
    """Papers by content hash."""

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a whole paper."""
        ...

    def has(self, blob: str) -> bool:
        """Say whether the whole paper is there."""
        ...


def no_notices(case: str) -> Mapping[str, bytes]:
    """Return nothing: for a node that stores no documents."""
    return {}


@dataclass(frozen=True, slots=True)
class Collected:
    """A case ready to be written: its small parts, its papers by name, its signed frames."""

    case: str
    parts: Mapping[str, bytes]
    papers: Mapping[str, tuple[str, BlobRef]]
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The packages of one node.

    Args:
        notices: gives the stored documents of a case, name → content; names are those of parts (`notices/…`).
        name_of: gives the name of an address for people.
    """

    core: Core
    blobs: PaperFiles
    name_of: Callable[[str], str]
    notices: Callable[[str], Mapping[str, bytes]] = no_notices

    def collect(self, case: str, actor: Actor, now_ms: int) -> Collected:
        """Return what a package of the case holds, and note in the audit trail who had it packed.

        Raises:
            CaseNotFound: this node has no such case.
            NotEnded: something may still happen in it.
            FrameLacking, PaperLacking: a part of the proof is not here; nothing was noted.
        """
        require_unit()
        found = ledger.load(case)
        if found.state.state not in ENDED:
            raise NotEnded(case=case)
        return self._collected(found, actor.login, "archive.packed", now_ms)

    def prove(self, case: str, actor: Actor, now_ms: int) -> Collected:
        """Return the same of a case in whatever state it is: what this node can prove of it at this moment.

        Raises:
            CaseNotFound: this node has no such case.
            FrameLacking, PaperLacking: a part of the proof is not here; nothing was noted.
        """
        require_unit()
        return self._collected(ledger.load(case), actor.login, "audit.proved", now_ms)

    def check(self, case: str, actor: Actor, now_ms: int) -> Collected:
        """Return the same to be checked at this node itself. Raises as `prove`."""
        require_unit()
        return self._collected(ledger.load(case), actor.login, "case.checked", now_ms)

    def _collected(self, found: OpenCase, login: str, noted_as: str, now_ms: int) -> Collected:
        case = found.state.case
        acts = [event.id for event in found.events if event.kind in KINDS]
        frames = [frame for act in acts for frame in self._frames(case, act)]
        papers = self._papers(found, frames)
        parts: dict[str, bytes] = {}
        purged = self._put_frames(frames, parts)
        said = put_verdicts(self.core, case, frames, parts)
        document = self._document(found)
        authors = set() if document is None else {str(document[0].fields()["author"])}
        for statement in self._trust([*frames, *said], authors):
            _put_statement(parts, statement)
        if document is not None:
            _put_statement(parts, document[0])
            parts[document_name(hashlib.sha256(document[1]).hexdigest())] = document[1]
        parts |= self.notices(case)
        parts[INDEX] = page_of(self._sheet(found, papers)).encode()
        self._put_manifest(found, (acts, purged), parts, papers)
        audit.record(login, noted_as, case, {"parts": len(parts) + len(papers)}, now_ms)
        return Collected(case, parts, papers, tuple(frames))

    def write(self, collected: Collected, path: Path, tell: Callable[[int], None] | None = None) -> int:
        """Write a package to `path`, whole or not at all; return its length in bytes.

        The same case in the same state gives the same bytes. Needs no unit of work.

        Args:
            tell: told after each paper how many bytes of papers are written.

        Raises:
            PaperLacking: a paper is damaged.
            PackageTooLarge, OSError: as `files.write_package`.
        """
        small = {name: _given(data) for name, data in collected.parts.items()}
        large = {name: self._reader(*paper) for name, paper in collected.papers.items()}
        if tell is not None:
            large = files.counted(large, tell)
        return files.write_package(path, {**small, **large}, collected.case)

    def _reader(self, name: str, blob: BlobRef) -> Callable[[], bytes]:
        return lambda: self._read(name, blob)

    def _read(self, name: str, blob: BlobRef) -> bytes:
        data = bytearray()
        while piece := self.blobs.read(blob.hash, len(data), _PIECE):
            data += piece
        if hashlib.sha256(data).hexdigest() != blob.hash:
            raise PaperLacking(name=name)
        return bytes(data)

    def _frames(self, case: str, act: str) -> list[Frame]:
        found = frames_of(self.core, act)
        if not found:
            raise FrameLacking(case=case)
        return found

    def _papers(self, found: OpenCase, frames: list[Frame]) -> dict[str, tuple[str, BlobRef]]:
        names = {paper.hash: paper.name for refs in found.state.paper_sources.values() for paper in refs}
        # Papers that were brought later, too, are called what the act that brought them calls them.
        for event in found.events:
            for paper in event.body.get("data", {}).get("papers", ()):
                names.setdefault(event.blobs[paper["blob"]], str(paper["name"]))
        named: dict[str, tuple[str, BlobRef]] = {}
        for blob in (blob for frame in frames if frame.body for blob in frame.header.blobs):
            name = names.get(blob.hash, blob.hash[:16])
            if not self.blobs.has(blob.hash):
                raise PaperLacking(name=name)
            named.setdefault(paper_name(blob.hash, blob.type), (name, blob))
        return named

    def _sheet(self, found: OpenCase, papers: dict[str, tuple[str, BlobRef]]) -> Sheet:
        sheet = sheet_of(found, papers, self.name_of)
        if not is_practice(self.core.roster.network):
            return sheet
        facts = [("演练", "人和件都是编的，本归档包没有效力"), *sheet.facts]
        return replace(sheet, title=f"演练：{sheet.title}", facts=facts)

    def _put_frames(self, frames: list[Frame], parts: dict[str, bytes]) -> list[str]:
        purged: set[str] = set()
        for number, frame in enumerate(frames, 1):
            header, signature = frame_names(number)
            parts[header], parts[signature] = frame.header_bytes, frame.signature
            body_hash = frame.header.body_hash.hex()
            if frame.body:
                parts[body_name(body_hash)] = frame.body
            else:
                purged.add(body_hash)
        # A body that one copy of the act has lost may still be there in another.
        return sorted(one for one in purged if body_name(one) not in parts)

    def _document(self, found: OpenCase) -> tuple[Statement, bytes] | None:
        """Return the published text that the filing names; None where it names none, or it is not here."""
        name = str(found.filing().body.get("item_doc", ""))
        return self.core.spool.doc(name) if name else None

    def _trust(self, frames: list[Frame], authors: set[str]) -> Iterator[Statement]:
        roster, me = self.core.roster, self.core.me
        streams = dict.fromkeys(frame.header.stream for frame in frames)
        receipts = [one for one in map(self._end_receipt, streams) if one is not None]
        yield from (one for one in (roster.root, *roster.appointments) if one is not None)
        yield from (held.statement for held in receipts)
        yield from self._records({(one.src, one.epoch) for one in streams} | {(me, self.core.identity.epoch)})
        signers = {stream.src for stream in streams} | {me}
        signers |= authors | {str(held.statement.fields()["signer"]) for held in receipts}
        yield from self._entries(signers)

    def _records(self, epochs: set[tuple[str, str]]) -> Iterator[Statement]:
        """Yield the records of epochs, and all of a node whose key no entry confirms yet: they led to it."""
        records = [one for name in sorted(epochs) if (one := self.core.epoch(*name)) is not None]
        yield from (record.statement for record in records)
        new = {one.src for one in records if self.core.roster.rotated_key(one.src, one.key_id) is not None}
        for held in self.core.spool.all_held(signed.EPOCH) if new else ():
            if held.statement.fields()["src"] in new:
                yield held.statement

    def _end_receipt(self, stream: StreamId) -> Held | None:
        return self.core.spool.held(signed.RECEIPT, f"{stream}|{stream.dst}|{END}")

    def _entries(self, signers: set[str]) -> Iterator[Statement]:
        roster = self.core.roster
        # A key vouched for beside a confirmed one counts at the voucher alone, and proves nothing to others.
        new = signers - roster.entries.keys()
        vouches = [vouch for vouch in roster.vouches.values() if vouch.child in new]
        wanted = signers | {vouch.parent for vouch in vouches}
        yield from (roster.entries[address].statement for address in sorted(wanted & roster.entries.keys()))
        yield from (vouch.statement for vouch in vouches)

    def _put_manifest(
        self,
        found: OpenCase,
        said: tuple[list[str], list[str]],
        parts: dict[str, bytes],
        papers: Mapping[str, tuple[str, BlobRef]],
    ) -> None:
        acts, purged = said
        key, state = self.core.own_key(), found.state
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
        manifest = Manifest(
            network=self.core.roster.network,
            root=self.core.roster.fingerprint,
            case=state.case,
            apex=state.apex,
            node=self.core.me,
            key=key.id,
            state=state.state.value,
            act=state.last,
            acts=tuple(acts),
            parts=hashes | {name: blob.hash for name, (_, blob) in papers.items()},
            purged=tuple(purged),
        )
        statement = signed.make(SIGNED_AS, manifest.fields(), (key,), self.core.suite)
        parts[MANIFEST] = statement.payload
        parts[MANIFEST_SIGNATURES] = _signatures(statement)


def _given(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _put_statement(parts: dict[str, bytes], statement: Statement) -> None:
    payload, signatures = trust_names(statement.sort, statement.hash)
    parts[payload], parts[signatures] = statement.payload, _signatures(statement)


def _signatures(statement: Statement) -> bytes:
    return canonical.dumps([[key, signature.hex()] for key, signature in statement.signatures])
