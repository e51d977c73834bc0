"""What the fold takes and gives: one signed event, and the case that the events make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from common.casework.rules.facts import Facts
from common.casework.rules.words import Party, Report, State


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One act about a case. `body` is its decoded canonical JSON, `blobs` the hashes (hex) of its papers."""

    id: str
    kind: str
    author: str
    body: Mapping[str, Any]
    blobs: tuple[str, ...] = ()


class PaperRef(NamedTuple):
    """One paper of a case: the key in the item's list, its name, the SHA-256 of its content in hex."""

    key: str
    name: str
    hash: str


class Fork(NamedTuple):
    """Two or more moves that continue the same one: the act that stands here and those that do not."""

    winner: str
    losers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportState:
    """A report; open while `answered_by` (act id) is empty.

    `seen` is the last move its sender knew, so that the holder can tell what the report was about. `at` is
    the sender's wall time, UTC milliseconds.
    """

    id: str
    what: Report
    author: str
    at: int
    seen: str
    data: Mapping[str, Any]
    papers: tuple[PaperRef, ...] = ()
    answered_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it yet."""
        return not self.answered_by


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case as its events make it.

    `holder` is the address that alone may move it, `holding` the part in which it does. `chain` is the acts
    that stand, filing first. `due` is the last signed due date (YYYY-MM-DD, local), "" before acceptance.
    `forks` are the moves that contradict each other and are not yet struck out; `invalid` gives the code of
    the reason for each event that does not count. `held_since` is the act that gave the case to its holder in
    this part, `item_doc` the hash of the signed document it was filed under, "" where the filing names none,
    `concluded` the act that brought what is to be handed over, `concluded_at` when, `facts` all
    that steps have added beside. Times are UTC milliseconds by the author's wall clock.
    """

    case: str
    apex: str
    item: str
    item_version: int
    item_name: str
    state: State
    holder: str
    holding: Party
    parties: Mapping[str, str]
    place: str
    applicant: Mapping[str, str]
    filed_at: int
    changed_at: int
    chain: tuple[str, ...]
    paper_sources: Mapping[str, tuple[PaperRef, ...]] = field(default_factory=dict)
    reports: Mapping[str, ReportState] = field(default_factory=dict)
    due: str = ""
    lacking: tuple[Mapping[str, Any], ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    reviewer: tuple[str, str] = ("", "")
    held_since: str = ""
    concluded: str = ""
    concluded_at: int = 0
    facts: Facts = field(default_factory=Facts)
    item_doc: str = ""
    forks: tuple[Fork, ...] = ()
    invalid: Mapping[str, str] = field(default_factory=dict)
    struck: frozenset[str] = frozenset()

    @property
    def last(self) -> str:
        """The act that the next move has to follow."""
        return self.chain[-1]

    @property
    def open_reports(self) -> tuple[ReportState, ...]:
        """Reports nobody has answered, oldest first, the same order at every node."""
        return tuple(sorted((r for r in self.reports.values() if r.is_open), key=_age))

    @property
    def papers(self) -> dict[str, list[str]]:
        """Every paper given so far, key → hashes: those of the moves first, then of the reports by age."""
        found: dict[str, list[str]] = {}
        moves = (self.paper_sources.get(act, ()) for act in self.chain)
        reports = (report.papers for report in sorted(self.reports.values(), key=_age))
        for group in (*moves, *reports):
            for paper in group:
                hashes = found.setdefault(paper.key, [])
                if paper.hash not in hashes:
                    hashes.append(paper.hash)
        return found


def _age(report: ReportState) -> tuple[int, str]:
    return report.at, report.id
