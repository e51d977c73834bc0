"""What pages read of the cases: queues, counts, one case in full. It only reads, and returns plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.casework import ledger
from common.casework.context import SyncView, Tick
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import BEFORE_DECISION
from common.casework.rules.labels import label
from common.casework.rules.number import normalise
from common.casework.rules.shape import FILED, MOVED, REPORTED, STRUCK
from common.casework.rules.waiting import Work
from common.casework.rules.words import State
from common.catalogue.rules.identity import mask_id_number
from common.store.database import database

_SELECT = """
SELECT "case", item, item_name, version, state, holder, waits_at, needs, origin, place, applicant, id_number,
filed_at, updated_at, due FROM case_file
"""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as lists show it, its ID number masked. Times in UTC milliseconds, `due` is YYYY-MM-DD or ""."""

    case: str
    item: str
    item_name: str
    version: int
    state: str
    holder: str
    waits_at: str
    needs: str
    origin: str
    place: str
    applicant: str
    id_number: str
    filed_at: int
    updated_at: int
    due: str

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return label(self.state)

    @property
    def needs_label(self) -> str:
        """What the case waits for, in Chinese."""
        return label(self.needs)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a case.

    `word` is the signed action or report, `label` its Chinese; `standing` is "stands" (a move that counts),
    "open" or "answered" (a report), "struck" (struck out by the apex) or "out" (does not count).
    """

    act: str
    kind: str
    word: str
    label: str
    standing: str
    author: str
    at: int
    actor: Mapping[str, str]
    note: str
    data: Mapping[str, Any]
    tick: Tick


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper of a case: its content is found by `hash`; `size` in bytes, `at` UTC milliseconds."""

    act: str
    key: str
    name: str
    hash: str
    size: int
    type: str
    pages: int
    author: str
    at: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case in full: as it stands, its events in this node's order, its papers; `tick` is how far it got."""

    state: CaseState
    form: Mapping[str, str | int]
    remark: str
    timeline: tuple[TimelineEntry, ...]
    papers: tuple[PaperLine, ...]
    tick: Tick

    @property
    def is_decided(self) -> bool:
        """Whether there is an answer: approved, refused, not accepted, returned, or ended."""
        return is_decided(self.state.state)


def is_decided(state: State) -> bool:
    """Say whether the applicant has an answer in this state."""
    return state is not State.START and state not in BEFORE_DECISION


def queue(
    address: str, works: Iterable[str] = (), limit: int = 50, after: tuple[int, str] = (0, "")
) -> list[CaseLine]:
    """Return the cases on which work waits at a node, the longest filed first.

    Args:
        works: only these (`Work` values); none means all.
        after: `(filed_at, case)` of the last line of the page before.
    """
    # One read in index order for each work: a single one over all would sort the whole queue first.
    found: list[CaseLine] = []
    for work in sorted(set(works)) or [work.value for work in Work if work]:
        found += _lines(
            'WHERE waits_at = ? AND needs = ? AND (filed_at, "case") > (?, ?) '
            'ORDER BY filed_at, "case" LIMIT ?',
            (address, work, *after, limit),
        )
    return sorted(found, key=lambda line: (line.filed_at, line.case))[:limit]


def asked_of(department: str, holder: str, limit: int = 50) -> list[CaseLine]:
    """Return the joint cases held at a node that ask this department's opinion, the most urgent first."""
    return _lines(
        'WHERE holder = ? AND "case" IN (SELECT "case" FROM case_asked WHERE department = ? '
        "ORDER BY due = '', due LIMIT 500) ORDER BY green DESC, filed_at, \"case\" LIMIT ?",
        (holder, department, limit),
    )


def waiting_at(address: str) -> dict[str, int]:
    """Return how many cases wait at a node, by work."""
    found = database.execute_sql(
        "SELECT needs, COUNT(*) FROM case_file WHERE waits_at = ? GROUP BY needs", (address,)
    )
    return {row[0]: row[1] for row in found.fetchall()}


def by_state() -> dict[str, int]:
    """Return how many cases this node knows in each state."""
    found = database.execute_sql("SELECT state, COUNT(*) FROM case_file GROUP BY state")
    return {row[0]: row[1] for row in found.fetchall()}


def filed_at(origin: str, limit: int = 50, before: int = 2**62) -> list[CaseLine]:
    """Return the cases a node has filed, the newest first, those filed before `before` (UTC milliseconds)."""
    return _lines(
        'WHERE origin = ? AND filed_at < ? ORDER BY filed_at DESC, "case" DESC LIMIT ?',
        (origin, before, limit),
    )


def newest(limit: int = 50, before: int = 2**62) -> list[CaseLine]:
    """Return the newest cases this node knows."""
    return _lines('WHERE filed_at < ? ORDER BY filed_at DESC, "case" DESC LIMIT ?', (before, limit))


def find(typed: str, limit: int = 50) -> list[CaseLine]:
    """Return the cases with this number, ID number or applicant's whole name, the newest first."""
    number = normalise(typed)
    found = _lines(
        'WHERE "case" = ? OR id_number = ? ORDER BY filed_at DESC LIMIT ?', (number, number, limit)
    )
    return found or _lines("WHERE applicant = ? ORDER BY filed_at DESC LIMIT ?", (typed.strip(), limit))


def _lines(where: str, values: Sequence[str | int]) -> list[CaseLine]:
    rows = database.execute_sql(_SELECT + where, values).fetchall()
    return [replace(CaseLine(*row), id_number=mask_id_number(row[11])) for row in rows]


def case_page(case: str, sync: SyncView) -> CasePage:
    """Return all a page shows of a case.

    Raises:
        CaseNotFound: this node has no such case.
    """
    found = ledger.load(case)
    state = found.state
    filed = next(event for event in found.events if event.id == state.chain[0])
    known = (FILED, MOVED, REPORTED, STRUCK)
    return CasePage(
        state=state,
        form=filed.body["data"]["form"],
        remark=str(filed.body["data"].get("remark", "")),
        timeline=tuple(_entry(state, event, sync) for event in found.events if event.kind in known),
        papers=tuple(_papers(case)),
        tick=sync.place_of(state.chain[0]),
    )


def _entry(state: CaseState, event: CaseEvent, sync: SyncView) -> TimelineEntry:
    data = event.body.get("data", {})
    word = event.body.get("action") or event.body.get("report") or "struck"
    return TimelineEntry(
        act=event.id,
        kind=event.kind,
        word=word,
        label=label(word),
        standing=_standing(state, event),
        author=event.author,
        at=data.get("at", 0),
        actor=data.get("actor", {}),
        note=data.get("note", event.body.get("reason", "")),
        data=data,
        tick=sync.place_of(event.id),
    )


def _standing(state: CaseState, event: CaseEvent) -> str:
    if event.id in state.struck:
        return "struck"
    report = state.reports.get(event.id)
    if report is not None:
        return "open" if report.is_open else "answered"
    return "stands" if event.kind == STRUCK or event.id in state.chain else "out"


def _papers(case: str) -> list[PaperLine]:
    found = database.execute_sql(
        """
        SELECT p.act, p.key, p.name, p.hash, p.size, p.type, p.pages, e.author, e.at
        FROM case_paper p JOIN case_event e ON e.act = p.act
        WHERE p."case" = ? AND e.struck = 0 ORDER BY e.pos, p.key, p.hash
        """,
        (case,),
    )
    return [PaperLine(*row) for row in found.fetchall()]
