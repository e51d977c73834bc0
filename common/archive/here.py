"""Checks a case where it lies: every signed frame of it that this node keeps, as a stranger would check them.

What is checked is what a package would hold, by the same steps; papers that are not here are counted, not
taken for a fault: a township never gets them all. Nothing is stored but a row of the audit trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from common.archive.findings import Findings, Part
from common.archive.service import Archive, Collected, PaperFiles
from common.archive.verify import check_parts
from common.casework.shown import Shown
from common.people.rules.roles import Actor
from sync.protocol.frame import BlobRef, Frame
from sync.protocol.roster import Roster

_PIECE = 1 << 20


class SignedStep(NamedTuple):
    """One signed act of a case: its author, in how many streams it stands, its first place, its body hash."""

    act: str
    author: str
    streams: int
    epoch: str
    seq: int
    body: str


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """What came of it; `absent` names the papers that are not at this node and so were not read."""

    findings: Findings
    steps: tuple[SignedStep, ...]
    absent: tuple[str, ...]


class _Assumed(NamedTuple):
    """The papers of a node, each taken to be there: which are not is told by who asks for their bytes."""

    blobs: PaperFiles

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return a piece of a paper."""
        return self.blobs.read(blob, offset, length)

    def has(self, blob: str) -> bool:
        """Say yes."""
        return True


def collect_here(archive: Archive, case: str, actor: Actor, now_ms: int) -> Collected:
    """Return what there is to check of a case at this node, and note in the audit trail who asks for it.

    Raises:
        CaseNotFound: this node has no such case.
        FrameLacking: a signed frame of it is not here any more; nothing was noted.
        UnitMisuse: no unit of work is open.
    """
    return replace(archive, blobs=_Assumed(archive.blobs)).check(case, actor, now_ms)


def check_here(archive: Archive, collected: Collected) -> CheckedCase:
    """Check every signature, chain, paper and step of what was collected.

    It reads every paper, so no unit of work should be open: nobody else could write for so long.
    """
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in collected.parts.items()}
    absent = []
    for path, (name, blob) in collected.papers.items():
        try:
            hashes[path] = _hash_of(archive.blobs, blob)
        except FileNotFoundError:
            hashes[path] = blob.hash
            absent.append(name)
    core = archive.core
    findings = check_parts(collected.parts, hashes, Roster(core.roster.fingerprint, core.suite))
    findings.papers -= len(absent)
    # The page beside it is drawn from rows that nobody signed.
    unlike = [f"动作 {act} 在本站显示的与签名的不同" for act in Shown(core).of_case(collected.case)]
    findings.problems += unlike
    if unlike:
        findings.parts[Part.STORY.value] = (*findings.parts.get(Part.STORY.value, ()), *unlike)
    return CheckedCase(findings, _steps(collected.frames), tuple(absent))


def _hash_of(blobs: PaperFiles, blob: BlobRef) -> str:
    found, at = hashlib.sha256(), 0
    while piece := blobs.read(blob.hash, at, _PIECE):
        found.update(piece)
        at += len(piece)
    return found.hexdigest()


def _steps(frames: tuple[Frame, ...]) -> tuple[SignedStep, ...]:
    grouped: dict[str, list[Frame]] = {}
    for frame in frames:
        grouped.setdefault(frame.act, []).append(frame)
    return tuple(_step(act, found) for act, found in grouped.items())


def _step(act: str, found: list[Frame]) -> SignedStep:
    header = found[0].header
    stream = header.stream
    return SignedStep(act, stream.src, len(found), stream.epoch, header.seq, header.body_hash.hex())


def by_act(steps: tuple[SignedStep, ...]) -> Mapping[str, SignedStep]:
    """Return the signed steps by their act."""
    return {step.act: step for step in steps}
