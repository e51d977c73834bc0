"""Lists of cases as the desk filters them, and which paper may be shown. It only reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from common.casework.lists import CaseLine
from common.casework.rules.shape import REPORTED
from common.casework.rules.waiting import Work
from common.casework.rules.words import Report
from common.catalogue.rules.identity import mask_id_number
from common.store.database import run
from sync.protocol.frame import BlobRef

_SELECT = """
SELECT "case", item, item_name, version, state, holder, waits_at, needs, origin, place, applicant, id_number,
filed_at, updated_at, due, first_act FROM case_file
"""
# Values in one statement, far below what SQLite allows.
_BATCH = 500
# A report that the applicant has the result, which no act that stands has answered.
_TOLD = f"""
SELECT r."case" FROM case_event r
WHERE r.kind = '{REPORTED}' AND r.struck = 0 AND json_extract(r.body, '$.report') = '{Report.HANDED_OVER}'
AND NOT EXISTS (
    SELECT 1 FROM case_event a, json_each(a.body, '$.answers') AS answer
    WHERE a."case" = r."case" AND a.struck = 0 AND answer.value = r.act
) AND r."case"
"""
# Who has handed a result over has nothing more to do, though the holder has not closed the case yet.
_STILL_WAITS = f"NOT (needs = '{Work.HAND_OUT}' AND EXISTS ({_TOLD} = case_file.\"case\"))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list shows; a part that is empty excludes nothing.

    `works` are those waiting at `waits_at`; `place` is an address, it and all below it count.
    """

    waits_at: str = ""
    works: tuple[str, ...] = ()
    origin: str = ""
    state: str = ""
    item: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One case of a list, with the act that filed it (how far that got is the case's tick)."""

    line: CaseLine
    first_act: str


@dataclass(frozen=True, slots=True)
class Heap:
    """All cases on which one work waits: how many, and the earliest filing, change (UTC ms) and due date."""

    work: str
    count: int
    filed_at: int
    updated_at: int
    due: str


def waiting(wanted: Wanted, limit: int, after: tuple[int, str] = (0, "")) -> list[Listed]:
    """Return waiting cases, the longest filed first; `after` is `(filed_at, case)` of the last one seen.

    Those whose result was handed over and that wait for the holder's word alone are left out.
    """
    order = f'ORDER BY filed_at, "case" LIMIT {limit:d}'
    found: list[Listed] = []
    # One read in index order for each work: a single one over all would sort all that waits first.
    reads = [replace(wanted, works=(work,)) for work in wanted.works] or [wanted]
    for one in reads:
        where, values = _conditions(one)
        found += _rows([*where, '(filed_at, "case") > (?, ?)', _STILL_WAITS], [*values, *after], order)
    return sorted(found, key=lambda listed: (listed.line.filed_at, listed.line.case))[:limit]


def newest(wanted: Wanted, limit: int, before: tuple[int, str] = (2**62, "")) -> list[Listed]:
    """Return cases, the newest first; `before` is `(filed_at, case)` of the last one seen."""
    where, values = _conditions(wanted)
    order = f'ORDER BY filed_at DESC, "case" DESC LIMIT {limit:d}'
    return _rows([*where, '(filed_at, "case") < (?, ?)'], [*values, *before], order)


def of_cases(cases: Iterable[str]) -> dict[str, str]:
    """Return the act that filed each of these cases; those not here have no entry."""
    wanted = sorted(set(cases))[:200]
    marks = ", ".join("?" for _ in wanted)
    found = run(f'SELECT "case", first_act FROM case_file WHERE "case" IN ({marks})', tuple(wanted))
    return {row[0]: row[1] for row in found.fetchall()}


def handed_over(cases: Iterable[str]) -> set[str]:
    """Return those of these cases whose result was handed over while the holder has not answered yet."""
    wanted = sorted(set(cases))[:200]
    marks = ", ".join("?" for _ in wanted)
    return {row[0] for row in run(f"{_TOLD} IN ({marks})", tuple(wanted)).fetchall()}


def heaps(address: str) -> dict[str, Heap]:
    """Return what waits at a node, by work; what `waiting` leaves out is not counted."""
    found = run(
        "SELECT needs, COUNT(*), MIN(filed_at), MIN(updated_at), MIN(NULLIF(due, '')) "
        f"FROM case_file WHERE waits_at = ? AND {_STILL_WAITS} GROUP BY needs",
        (address,),
    )
    return {row[0]: Heap(row[0], row[1], row[2], row[3], row[4] or "") for row in found.fetchall()}


def paper(blob: str) -> BlobRef | None:
    """Return a paper that a case of this node names, None when no case here does."""
    row = run(
        """
        SELECT p.hash, p.size, p.type FROM case_paper p JOIN case_event e ON e.act = p.act
        WHERE p.hash = ? AND e.struck = 0 LIMIT 1
        """,
        (blob,),
    ).fetchone()
    return BlobRef(*row) if row else None


def named_papers(blobs: Iterable[str]) -> set[str]:
    """Return those of these papers that a case of this node names, also by an act that was struck out."""
    found: set[str] = set()
    wanted = sorted(set(blobs))
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        marks = ", ".join("?" for _ in part)
        rows = run(f"SELECT DISTINCT hash FROM case_paper WHERE hash IN ({marks})", tuple(part)).fetchall()
        found.update(row[0] for row in rows)
    return found


def _conditions(wanted: Wanted) -> tuple[list[str], list[str | int]]:
    where: list[str] = []
    values: list[str | int] = []
    if wanted.waits_at:
        where.append("waits_at = ?")
        values.append(wanted.waits_at)
    if wanted.works:
        where.append(f"needs IN ({', '.join('?' for _ in wanted.works)})")
        values += wanted.works
    for column in ("origin", "state", "item"):
        value = getattr(wanted, column)
        if value:
            where.append(f"{column} = ?")
            values.append(value)
    if wanted.place:
        # An address is digits: all below it lie between it and it followed by a sign above the digits.
        where.append("place >= ? AND place < ?")
        values += [wanted.place, wanted.place + ":"]
    return where, values


def _rows(where: list[str], values: list[str | int], order: str) -> list[Listed]:
    found = run(f"{_SELECT} WHERE {' AND '.join(where)} {order}", tuple(values))
    return [_listed(row) for row in found.fetchall()]


def _listed(row: tuple[str, ...]) -> Listed:
    line = CaseLine(*row[:-1])  # type: ignore[arg-type]
    return Listed(replace(line, id_number=mask_id_number(line.id_number)), row[-1])
