"""Lists of cases: what waits where, the newest, what was searched for, how much of each. It only reads.

A person sees the urgent cases first, then those that have waited longest; who belongs to a department sees
its cases and those that are for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

from common.casework.records import FileRow
from common.casework.rules.labels import label
from common.casework.rules.number import normalise
from common.catalogue.rules.identity import mask_id_number
from common.store.database import database

_COLUMNS = ", ".join(f'f."{name}"' for name in FileRow._fields)
_SELECT = f"SELECT {_COLUMNS} FROM case_file f"
_URGENT = "INDEXED BY case_file_urgent"
# So many of the longest waiting say how urgent a heap is.
_LOOKED_AT = 100
# Works whose days are promised item by item: one that came last may be due first.
_PROMISED = ("examine", "approval")


# Where a case stands in a queue: 0 the urgent and 1 the others, when it was filed (UTC ms), its number.
Place = tuple[int, int, str]
FIRST: Place = (0, 0, "")


class CaseLine(FileRow):
    """A case as lists show it: its row, with the ID number masked."""

    __slots__ = ()

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return label(self.state)

    @property
    def place_in_queue(self) -> Place:
        """Where it stands among what waits."""
        return 1 - self.green, self.filed_at, self.case


class Past(NamedTuple):
    """Which cases' time runs out: due, filed or last changed before these (YYYY-MM-DD, UTC ms, UTC ms).

    What is examined or decided has its due date, what is to be accepted the last day for the one notice, or
    counts from when papers were taken; a check counts from the filing, a result from the step that made it.
    """

    due: str
    filed_at: int
    changed_at: int


_PAST = """
(needs IN ('examine', 'procedure', 'approval', 'brought') AND f.due > '' AND f.due < ?
OR needs = 'check' AND filed_at < ? OR needs IN ('make_out', 'hand_out') AND updated_at < ?
OR needs = 'wait_papers' AND alarm_on > '' AND alarm_on < ?
OR needs = 'acceptance' AND (alarm_on > '' AND alarm_on < ? OR alarm_on = '' AND updated_at < ?))
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list shows; a part that is empty excludes nothing.

    `works` are those waiting at `waits_at`; `place` is an address, it and all below it count; `department`
    leaves out the work of others; `past` leaves those whose time runs out.
    """

    waits_at: str = ""
    works: tuple[str, ...] = ()
    origin: str = ""
    state: str = ""
    item: str = ""
    place: str = ""
    department: str = ""
    past: Past | None = None


@dataclass(frozen=True, slots=True)
class Heap:
    """All cases on which one work waits: how many, and the earliest filing, change (UTC ms) and last day.

    `due` is the earliest due date, before acceptance the last day for the one notice.
    """

    work: str
    count: int
    filed_at: int
    updated_at: int
    due: str


def waiting(wanted: Wanted, limit: int = 50, after: Place = FIRST) -> list[CaseLine]:
    """Return waiting cases: the urgent ones first, then the others, each the longest filed first.

    Args:
        after: `place_in_queue` of the last line of the page before.
    """
    rank, mark = after[0], after[1:]
    found = [] if rank else _ranked(wanted, 0, mark, limit)
    if len(found) < limit:
        found += _ranked(wanted, 1, mark if rank else FIRST[1:], limit - len(found))
    return found


def _ranked(wanted: Wanted, rank: int, after: Sequence[str | int], limit: int) -> list[CaseLine]:
    # The urgent are few: by any other index everything that waits would be read for them.
    select, urgency = (_SELECT, "green = 0") if rank else (f"{_SELECT} {_URGENT}", "green = 1")
    order = f'ORDER BY filed_at, f."case" LIMIT {limit:d}'
    found: list[CaseLine] = []
    for one in by_index(wanted):
        where, values = conditions(one)
        where += [urgency, '(filed_at, f."case") > (?, ?)']
        found += lines_where(where, [*values, *after], order, select)
    return sorted(found, key=lambda line: line.place_in_queue)[:limit]


def by_index(wanted: Wanted) -> Iterable[Wanted]:
    """Return one read in index order for each work and department: a single one would sort all that waits."""
    works: list[tuple[str, ...]] = [(work,) for work in wanted.works] or [()]
    departments = [wanted.department, _EVERYBODY] if wanted.department else [""]
    for work, department in product(works, departments):
        yield replace(wanted, works=work, department=department)


# Stands for the department "" among the conditions, where "" excludes nothing.
_EVERYBODY = "\0"


def newest(
    wanted: Wanted = Wanted(),
    limit: int = 50,
    before: tuple[int, str] = (2**62, ""),
) -> list[CaseLine]:
    """Return cases, the newest first; `before` is `(filed_at, case)` of the last one seen."""
    where, values = conditions(wanted)
    inner = " AND ".join([*where, '(filed_at, f."case") < (?, ?)'])
    order = 'ORDER BY filed_at DESC, f."case" DESC'
    # Chosen by what stands in an index: below one place there may be all cases of a county to put in order.
    chosen = f"f.rowid IN (SELECT f.rowid FROM case_file f WHERE {inner} {order} LIMIT {limit:d})"
    return lines_where([chosen], [*values, *before], order)


# A department is asked at every node whose staff has a say (see `rules.fitting.may_have_a_say`): the
# one that holds the case, the top, and those that take a judging part in it.
_WITH_A_SAY = """
(f.holder = :me OR f.apex = :me OR EXISTS (
    SELECT 1 FROM case_event e WHERE e.act = f.first_act AND :me IN (
        json_extract(e.body, '$.parties.checker'), json_extract(e.body, '$.parties.acceptor'),
        json_extract(e.body, '$.parties.competent'))))
"""


def asked_of(department: str, me: str, limit: int = 50) -> list[CaseLine]:
    """Return the joint cases that ask a department of this node for its opinion, the first due first.

    Also those that another node holds: the opinion is sent there as a report.
    """
    found = database.execute_sql(
        f'SELECT {_COLUMNS} FROM case_asked a JOIN case_file f ON f."case" = a."case" '
        f"WHERE a.department = :department AND {_WITH_A_SAY} "
        "ORDER BY a.due = '', a.due, filed_at LIMIT :most",
        {"department": department, "me": me, "most": limit},
    )
    return [_line(row) for row in found.fetchall()]


def count_asked(department: str, me: str) -> tuple[int, str]:
    """Return how many cases `asked_of` would list, and the first day due or ""."""
    row = database.execute_sql(
        "SELECT COUNT(*), COALESCE(MIN(NULLIF(a.due, '')), '') FROM case_asked a "
        f'JOIN case_file f ON f."case" = a."case" WHERE a.department = :department AND {_WITH_A_SAY}',
        {"department": department, "me": me},
    ).fetchone()
    return int(row[0]), str(row[1])


def find(typed: str, limit: int = 50) -> list[CaseLine]:
    """Return the cases with exactly this number, ID number or applicant's name, the newest first.

    What people type at a desk is for `casework.search`.
    """
    number = normalise(typed)
    order = f"ORDER BY filed_at DESC LIMIT {limit:d}"
    found = lines_where(['(f."case" = ? OR id_number = ?)'], [number, number], order)
    return found or lines_where(["applicant = ?"], [typed.strip()], order)


def heaps(address: str, department: str = "") -> dict[str, Heap]:
    """Return what waits at a node, by work; of a department, only its own and what is for everybody.

    The earliest times are those of the cases that have waited longest; so is the earliest day, but for cases
    under examination and for approval, whose limits differ: theirs is that of all.
    """
    where, values = _of_department(address, department)
    found = database.execute_sql(
        f"SELECT needs, SUM(count) FROM case_heap WHERE {where} GROUP BY needs HAVING SUM(count) > 0", values
    )
    return {needs: _heap(address, department, needs, count) for needs, count in found.fetchall()}


def _heap(address: str, department: str, needs: str, count: int) -> Heap:
    found: list[tuple[int, int, str]] = []
    for one in by_index(Wanted(waits_at=address, works=(needs,), department=department)):
        where, values = conditions(one)
        rows = database.execute_sql(
            "SELECT filed_at, updated_at, COALESCE(NULLIF(f.due, ''), alarm_on) FROM case_file f "
            f"WHERE {' AND '.join(where)} ORDER BY filed_at LIMIT {_LOOKED_AT}",
            values,
        )
        found += rows.fetchall()
    filed = min((row[0] for row in found), default=0)
    updated = min((row[1] for row in found), default=0)
    days = _first_due(address, department, needs) if needs in _PROMISED else []
    return Heap(needs, count, filed, updated, min((*days, *(row[2] for row in found if row[2])), default=""))


def _first_due(address: str, department: str, needs: str) -> list[str]:
    where, values = _of_department(address, department)
    # One of the heap there is, so this ends with the first that is found.
    found = database.execute_sql(
        "SELECT due FROM case_file INDEXED BY case_file_promised WHERE due > '' "
        f"AND needs IN ('examine', 'approval') AND needs = ? AND {where} ORDER BY due LIMIT 1",
        (needs, *values),
    )
    return [str(row[0]) for row in found.fetchall()]


def _of_department(address: str, department: str) -> tuple[str, tuple[str, ...]]:
    if department:
        return "waits_at = ? AND department IN (?, '')", (address, department)
    return "waits_at = ?", (address,)


def open_at() -> dict[str, int]:
    """Return address → how many cases wait for somebody's work there, as this node knows."""
    found = database.execute_sql(
        "SELECT waits_at, SUM(count) FROM case_heap WHERE needs NOT IN ('', 'nothing', 'closing', 'answer') "
        "GROUP BY waits_at HAVING SUM(count) > 0"
    )
    return {str(row[0]): int(row[1]) for row in found.fetchall()}


def by_state() -> dict[str, int]:
    """Return how many cases this node knows in each state."""
    found = database.execute_sql(
        "SELECT state, SUM(count) FROM case_heap GROUP BY state HAVING SUM(count) > 0"
    )
    return {row[0]: row[1] for row in found.fetchall()}


def conditions(wanted: Wanted) -> tuple[list[str], list[str | int]]:
    """Return the conditions on `case_file f` of a list, and their values."""
    where: list[str] = []
    values: list[str | int] = []
    if wanted.works:
        where.append(f"needs IN ({', '.join('?' for _ in wanted.works)})")
        values += wanted.works
    # Of a queue what waits is the index: of an item, a place or a state there is all there ever was.
    aside, wide = "+" if wanted.waits_at else "", ("state", "item")
    for column in ("waits_at", "origin", "state", "item", "department"):
        value = getattr(wanted, column)
        if value:
            where.append(f"{aside * (column in wide)}f.{column} = ?")
            values.append("" if value == _EVERYBODY else value)
    if wanted.place:
        # An address is digits: all below it lie between it and it followed by a sign above the digits.
        where.append(f"{aside}place >= ? AND {aside}place < ?")
        values += [wanted.place, wanted.place + ":"]
    if wanted.past:
        where.append(_PAST)
        due, filed, changed = wanted.past
        values += [due, filed, changed, due, due, filed]
    return where, values


def lines_where(
    where: Sequence[str], values: Sequence[str | int], order: str, select: str = _SELECT
) -> list[CaseLine]:
    """Return the cases for which all of these conditions on `case_file f` hold."""
    found = database.execute_sql(f"{select} WHERE {' AND '.join(where)} {order}", values)
    return [_line(row) for row in found.fetchall()]


def _line(row: Iterable[Any]) -> CaseLine:
    line = CaseLine._make(row)
    return line._replace(id_number=mask_id_number(line.id_number))
