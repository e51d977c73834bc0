"""What pages read of one case: all of it, and which papers cases name. It only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.casework import ledger
from common.casework.context import SyncView, Tick
from common.casework.rules.clocks.steps import changed_at
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import BEFORE_DECISION
from common.casework.rules.labels import label
from common.casework.rules.number import check, normalise
from common.casework.rules.shape import KINDS, STRUCK, TAKEN_OVER
from common.casework.rules.words import State
from common.store.database import database
from sync.protocol.frame import BlobRef

# What the top alone says, and its word in the list of events.
_OF_THE_APEX = {STRUCK: "struck", TAKEN_OVER: "taken_over"}
# Values in one statement, far below what SQLite allows.
_BATCH = 500
_CASES_MOST = 20


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a case.

    `word` is the signed action or report, or what the top did ("struck", "taken_over"), `label` its Chinese;
    `standing` is "stands" (a move that counts), "open" or "answered" (a report), "struck" (struck out by the
    apex) or "out" (does not count).
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
    """A case in full: as it stands, its events in this node's order, its papers; `tick` is how far it got.

    `counted_from` is since when its days count, `step_at` when the step began in which it stands, both as
    this node knows; `changed_at` when it last changed, or its result came; UTC milliseconds.
    """

    state: CaseState
    form: Mapping[str, str | int]
    remark: str
    timeline: tuple[TimelineEntry, ...]
    papers: tuple[PaperLine, ...]
    tick: Tick
    counted_from: int
    step_at: int
    changed_at: int

    @property
    def is_decided(self) -> bool:
        """Whether there is an answer: approved, refused, not accepted, returned, or ended."""
        return is_decided(self.state.state)


def is_decided(state: State) -> bool:
    """Say whether the applicant has an answer in this state."""
    return state is not State.START and state not in BEFORE_DECISION


def case_page(case: str, sync: SyncView) -> CasePage:
    """Return all a page shows of a case.

    Raises:
        CaseNotFound: this node has no such case.
    """
    found = ledger.load(case)
    state = found.state
    filed = next(event for event in found.events if event.id == state.chain[0])
    return CasePage(
        state=state,
        form=filed.body["data"]["form"],
        remark=str(filed.body["data"].get("remark", "")),
        timeline=tuple(_entry(state, event, sync) for event in found.events if event.kind in KINDS),
        papers=tuple(_papers(case)),
        tick=sync.place_of(state.chain[0]),
        counted_from=found.counted_from(),
        step_at=found.step_at(),
        changed_at=changed_at(state, found.events),
    )


def _entry(state: CaseState, event: CaseEvent, sync: SyncView) -> TimelineEntry:
    data = event.body.get("data", {})
    word = _OF_THE_APEX.get(event.kind) or event.body.get("action") or event.body.get("report", "")
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


def paper(blob: str) -> BlobRef | None:
    """Return a paper that a case of this node names, None when no case here does."""
    row = database.execute_sql(
        """
        SELECT p.hash, p.size, p.type FROM case_paper p JOIN case_event e ON e.act = p.act
        WHERE p.hash = ? AND e.struck = 0 LIMIT 1
        """,
        (blob,),
    ).fetchone()
    return BlobRef(*row) if row else None


def cases_of_paper(blob: str) -> list[str]:
    """Return the newest cases of this node that name a paper, but for acts that were struck out.

    A blank form may be in hundreds; each is read in full by who asks, so no more than twenty are told.
    """
    found = database.execute_sql(
        """
        SELECT p."case" FROM case_paper p JOIN case_event e ON e.act = p.act
        WHERE p.hash = ? AND e.struck = 0 GROUP BY p."case" ORDER BY max(e.at) DESC LIMIT ?
        """,
        (blob, _CASES_MOST),
    )
    return [str(row[0]) for row in found.fetchall()]


def department_of_act(act: str) -> str:
    """Return the department of the person who did an act of a case, "" when none is named."""
    row = database.execute_sql(
        "SELECT json_extract(body, '$.data.actor.department') FROM case_event WHERE act = ?", (act,)
    ).fetchone()
    return str(row[0] or "") if row else ""


def came_at(acts: Iterable[str]) -> dict[str, int]:
    """Return when those of these acts that are applied in a case came to this node (UTC ms, by its clock)."""
    found: dict[str, int] = {}
    wanted = sorted(set(acts))
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        rows = database.execute_sql(f"SELECT act, here_at FROM case_event WHERE act IN ({marks})", part)
        found.update(rows.fetchall())
    return found


def paper_names(blobs: Iterable[str]) -> dict[str, tuple[list[str], str]]:
    """Return hash → (all cases here that name it, its name) of those of these papers that any does.

    A paper used again, or a blank form, is in several: which of them was looked at nobody can tell by it.
    """
    found: dict[str, tuple[list[str], str]] = {}
    wanted = sorted(set(blobs))
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        select = f'SELECT hash, "case", MIN(name) FROM case_paper WHERE hash IN ({marks}) GROUP BY 1, 2'
        for blob, case, name in database.execute_sql(f"{select} ORDER BY 1, 2", part).fetchall():
            found.setdefault(blob, ([], name))[0].append(case)
    return found


def names_in_log(typed: str) -> list[str]:
    """Return by what the log of views names what was typed: a case by number and papers, else as it is."""
    number = normalise(typed)
    if not check(number):
        return [typed]
    rows = database.execute_sql('SELECT DISTINCT hash FROM case_paper WHERE "case" = ? LIMIT 500', (number,))
    return [number, *(str(row[0]) for row in rows.fetchall())]


def named_papers(blobs: Iterable[str]) -> set[str]:
    """Return those of these papers that a case of this node names, also by an act that was struck out."""
    found: set[str] = set()
    wanted = sorted(set(blobs))
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        rows = database.execute_sql(f"SELECT DISTINCT hash FROM case_paper WHERE hash IN ({marks})", part)
        found.update(row[0] for row in rows.fetchall())
    return found
