"""Proves a package offline, from the fingerprint of a network's root alone: every byte, key, chain and step.

Belief goes from root (by its fingerprint) to roster key, entries, vouches, epochs, frames, papers, the fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from common.archive.chains import PAPERS, check_chains, check_papers
from common.archive.documents import check_documents
from common.archive.errors import NoPackage
from common.archive.files import read_package
from common.archive.findings import Findings, Part
from common.archive.heavy import is_heavy
from common.archive.known import Known
from common.archive.revoked import manifest_fault
from common.archive.rules.layout import (
    MANIFEST,
    MANIFEST_SIGNATURES,
    SIGNED_AS,
    VERDICTS,
    Manifest,
    body_name,
    read_manifest,
    stems,
)
from common.archive.rulings import Rulings, county_of, top_of
from common.archive.story import is_whole, retold
from sync.protocol import canonical, signed
from sync.protocol.errors import SyncError
from sync.protocol.frame import SIGNED_AS as FRAME_SIGNED_AS
from sync.protocol.frame import Frame, StreamId, check_body, restore
from sync.protocol.practice import is_practice
from sync.protocol.receipts import END, Receipt, read_receipt, verify_receipt
from sync.protocol.roster import Roster
from sync.protocol.rotation import learn_rotation
from sync.protocol.signed import Statement
from sync.protocol.signing import SIGNATURE_BYTES, PublicKey, Suite
from sync.protocol.streams import Epoch, read_epoch

_NOTICES, _PDF = "notices/", ".pdf"
# Of papers and notices the hash alone is kept; all the rest of a real package is a small part of this.
KEPT_BYTES_MAX = 16 * 1024 * 1024
# 128 bits: fewer could be made to fit.
FINGERPRINT_MIN = 32
Parts = Mapping[str, bytes]
Hashes = Mapping[str, str]


def check_package(path: Path, fingerprint: str, suite: Suite, known: Known | None = None) -> Findings:
    """Return what came of checking the package at `path` against a network's root.

    Args:
        fingerprint: of the root statement, all 64 hex digits or the first 32, as enrolment sheets have it.
        known: what the node knows at which it is checked, None away from one.

    Raises:
        NoPackage: the file is no package, or a byte outside its parts was changed.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return check_file(file, fingerprint, suite, known)


def check_file(file: BinaryIO, fingerprint: str, suite: Suite, known: Known | None = None) -> Findings:
    """Return the same of an open file; what is in memory at a time is bounded, whatever the file holds."""
    parts: dict[str, bytes] = {}
    hashes: dict[str, str] = {}
    kept, heavy = 0, list[str]()
    for name, data in read_package(file):
        hashes[name] = hashlib.sha256(data).hexdigest()
        if not name.startswith((PAPERS, _NOTICES)):
            parts[name], kept = data, kept + len(data)
        if kept > KEPT_BYTES_MAX:
            raise NoPackage(why=name)
        heavy += [name] if name.endswith(_PDF) and is_heavy(data) else []
    roster = known.roster if known is not None else Roster(fingerprint, suite)
    found = check_parts(parts, hashes, roster, known)
    found.heavy = heavy
    return found


def check_parts(parts: Parts, hashes: Hashes, roster: Roster, known: Known | None = None) -> Findings:
    """Return the same of parts that are in memory; `hashes` has those of all parts, of papers alone these."""
    check = _Check(parts, hashes, roster, known)
    check.run()
    return check.found


class _Check:
    """One package being checked; `parts` holds everything but the papers, `hashes` everything."""

    def __init__(self, parts: Parts, hashes: Hashes, roster: Roster, known: Known | None) -> None:
        self.parts = parts
        self.hashes = hashes
        self.roster = roster
        self.found = Findings()
        self.epochs: dict[tuple[str, str], Epoch] = {}
        self.receipts: dict[StreamId, Receipt] = {}
        self.frames: list[Frame] = []
        self.rulings = Rulings(known)
        self.shelf: list[Statement] = []

    def run(self) -> None:
        """Go through everything, as far as belief reaches."""
        manifest = self._manifest()
        self.found.case, self.found.state, self.found.node = manifest.case, manifest.state, manifest.node
        self.found.practice = int(is_practice(manifest.network))
        if not _is_root(manifest.root, self.roster.fingerprint):
            self._wrong("归档包属于另一个网络（网络指纹不同）")
            return
        self.roster.fingerprint = manifest.root
        self.found.notices = sum(name.startswith(_NOTICES) for name in self.hashes)
        steps: dict[Part, Callable[[], None]] = {
            Part.LISTED: lambda: self._parts(manifest),
            Part.TRUST: self._trust,
            Part.PACKER: lambda: self._signed_manifest(manifest),
            Part.FRAMES: lambda: self._frames(manifest),
            Part.CHAINS: self._chains,
            Part.PAPERS: lambda: check_papers(self.hashes, self.frames, self.found),
            Part.DOCUMENTS: self._documents,
            Part.STORY: lambda: self.found.problems.extend(retold(self.frames, manifest)),
        }
        for part, step in steps.items():
            before = len(self.found.problems)
            step()
            if (wrong := tuple(self.found.problems[before:])) or part != Part.STORY or self.found.retold:
                self.found.parts[part.value] = wrong

    def _wrong(self, sentence: str) -> None:
        self.found.problems.append(sentence)

    def _manifest(self) -> Manifest:
        try:
            fields = canonical.loads(self.parts[MANIFEST])
            manifest = read_manifest(fields) if type(fields) is dict else None
        except (KeyError, SyncError):
            manifest = None
        if manifest is None:
            raise NoPackage(why=MANIFEST)
        return manifest

    def _signed_manifest(self, manifest: Manifest) -> None:
        statement = self._statement(MANIFEST, MANIFEST_SIGNATURES, SIGNED_AS)
        key = self._key(manifest.node, manifest.key)
        if statement is None or key is None or not statement.signed_by(key, self.roster.suite):
            self._wrong("清单的签名不符")
        elif revoked := manifest_fault(self.roster, manifest.node, manifest.key):
            self._wrong(revoked)
        if (manifest.network, manifest.apex) != (self.roster.network, top_of(self.roster)):
            self._wrong("清单写的是另一个网络，或者另一个县级站点")

    def _parts(self, manifest: Manifest) -> None:
        listed, there = set(manifest.parts), set(self.hashes) - {MANIFEST, MANIFEST_SIGNATURES}
        for name in sorted(listed - there):
            self._wrong(f"缺少 {name}")
        for name in sorted(there - listed):
            self._wrong(f"多出 {name}")
        for name in sorted(listed & there):
            if manifest.parts[name] != self.hashes[name]:
                self._wrong(f"{name} 被改动过")

    def _statement(self, payload: str, signatures: str, sort: str) -> Statement | None:
        try:
            pairs = canonical.loads(self.parts[signatures])
            found = tuple((str(key), bytes.fromhex(signature)) for key, signature in pairs)
            is_plain = [[key, signature.hex()] for key, signature in found] == pairs  # hex has one form here
            return Statement(sort, self.parts[payload], found) if is_plain else None
        except (KeyError, TypeError, ValueError, SyncError):
            return None

    # --- who speaks for whom
    def _trust(self) -> None:
        found: dict[str, list[Statement]] = {sort: [] for sort in signed.SORTS}
        for stem in sorted(stems(list(self.parts), "trust", ".json")):
            sort = stem.removeprefix("trust/").partition("-")[0]
            statement = self._statement(f"{stem}.json", f"{stem}.sig", sort)
            if statement is None or sort not in found:
                self._wrong(f"{stem} 读不出来")
            else:
                found[sort].append(statement)
        self.shelf = found[signed.SHELF]
        for sort in (signed.ROOT, signed.APPOINTMENT, signed.ENTRY, signed.VOUCH):
            self._offer(sorted(found[sort], key=_number))
        for statement in sorted(found[signed.EPOCH], key=_number):
            learn_rotation(self.roster, statement)
        for step, sort in ((self._epoch, signed.EPOCH), (self._receipt, signed.RECEIPT)):
            for statement in found[sort]:
                step(statement)

    def _offer(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            try:
                self.roster.offer(statement)
            except SyncError as problem:
                self._wrong(f"{statement.sort} {statement.hash[:16]} 不能采信（{problem.code}）")

    def _key(self, address: str, key_id: str) -> PublicKey | None:
        """Return a key that speaks for an address; a vouched one only where the roster knows none."""
        if address in self.roster.entries:
            return self.roster.key(address, key_id) or self.roster.rotated_key(address, key_id)
        return self.roster.vouched_key(address, key_id)

    def _epoch(self, statement: Statement) -> None:
        try:
            epoch = read_epoch(statement)
        except SyncError as problem:
            self._wrong(f"epoch {statement.hash[:16]} 读不出来（{problem.code}）")
            return
        key = self._key(epoch.src, epoch.key_id)
        if key is None or not statement.signed_by(key, self.roster.suite):
            self._wrong(f"epoch {statement.hash[:16]} 的签名不符")
        else:
            self.epochs[(epoch.src, epoch.id)] = epoch

    def _receipt(self, statement: Statement) -> None:
        try:
            receipt = read_receipt(statement)
            signer = statement.signatures[0][0] if statement.signatures else ""
            verify_receipt(receipt, self._key(receipt.signer, signer), self.roster.suite)
        except SyncError as problem:
            self._wrong(f"receipt {statement.hash[:16]} 不能采信（{problem.code}）")
            return
        # No cut covers a receipt: as at a node, one by a key revoked since says nothing.
        if receipt.kind == END and signer not in self.roster.revoked(receipt.signer):
            self.receipts[receipt.stream] = receipt

    # --- what was signed
    def _frames(self, manifest: Manifest) -> None:
        self._each(VERDICTS, lambda stem: self._verdict(stem, manifest))
        self._each("frames", lambda stem: self.frames.append(self._frame(stem, manifest)))
        acts, is_told = {frame.act for frame in self.frames}, int(is_whole(self.frames))
        self.found.frames, self.found.acts, self.found.retold = len(self.frames), len(acts), is_told
        self.found.vouched = sum(f.header.stream.src not in self.roster.entries for f in self.frames)
        self.found.released = self.rulings.released
        self.found.struck = self.rulings.elsewhere(acts)

    def _each(self, folder: str, step: Callable[[str], None]) -> None:
        for stem in sorted(stems(list(self.parts), folder, ".json")):
            try:
                step(stem)
            except SyncError as problem:
                self._wrong(f"{stem} 不能采信（{problem.code}）")

    def _verdict(self, stem: str, manifest: Manifest) -> None:
        before = len(self.found.problems)
        frame = self._frame(stem, manifest)
        if len(self.found.problems) == before:
            wrong = self.rulings.take(stem, frame, county_of(self.roster))
            self.found.problems += [wrong] if wrong else []

    def _frame(self, stem: str, manifest: Manifest) -> Frame:
        header, signature = self.parts[f"{stem}.json"], self.parts.get(f"{stem}.sig", b"")
        whole = signature if len(signature) == SIGNATURE_BYTES else bytes(SIGNATURE_BYTES)
        frame = restore(header, b"", whole)
        stream = frame.header.stream
        epoch = self.epochs.get((stream.src, stream.epoch))
        key = self._key(stream.src, epoch.key_id) if epoch else None
        if key is None or not self.roster.suite.verify(key, FRAME_SIGNED_AS, header, frame.signature):
            self._wrong(f"{stem} 的签名不符")
        elif epoch is not None and (fault := self.rulings.fault_of(stem, self.roster, epoch.key_id, frame)):
            self._wrong(fault)
        return frame._replace(body=self._body(stem, frame, manifest))

    def _body(self, stem: str, frame: Frame, manifest: Manifest) -> bytes:
        body_hash = frame.header.body_hash.hex()
        body = self.parts.get(body_name(body_hash))
        if body is not None:
            check_body(frame.header, body)
            return body
        if body_hash in manifest.purged:
            self.found.purged += 1
        else:
            self._wrong(f"{stem} 的正文缺失（{body_name(body_hash)}）")
        return b""

    def _chains(self) -> None:
        check_chains([*self.frames, *self.rulings.frames], self.epochs, self.receipts, self.found)

    def _documents(self) -> None:
        self.found.documents = len(self.shelf)
        self.found.problems += check_documents(self.shelf, self.parts, self.roster, self.frames)


def _is_root(root: str, expected: str) -> bool:
    return len(expected) >= FINGERPRINT_MIN and root.startswith(expected.lower())


def _number(statement: Statement) -> int:
    """Return the version of an entry or appointment, the number of an epoch."""
    try:
        fields = statement.fields()
    except SyncError:
        return 0
    value: Any = fields.get("version", fields.get("n", 0))
    return value if type(value) is int else 0
