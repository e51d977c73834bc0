"""Taking rows of acts back out of the tables, when what they rest on counts no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.casework.records import terms
from common.store.database import database

_BATCH = 500


def cases_of(acts: Sequence[str]) -> list[str]:
    """Return the cases that stored acts belong to, each once, sorted."""
    found: set[str] = set()
    for at in range(0, len(acts), _BATCH):
        part = acts[at : at + _BATCH]
        marks = ", ".join("?" for _ in part)
        rows = database.execute_sql(f'SELECT DISTINCT "case" FROM case_event WHERE act IN ({marks})', part)
        found.update(row[0] for row in rows.fetchall())
    return sorted(found)


def drop_acts(acts: Iterable[str]) -> None:
    """Remove acts and the papers they brought; to bring their cases' rows up to date is the caller's."""
    for act in acts:
        database.execute_sql("DELETE FROM case_event WHERE act = ?", (act,))
        database.execute_sql("DELETE FROM case_paper WHERE act = ?", (act,))


def drop_case(case: str) -> None:
    """Remove the row of a case that has no acts left, and what lists and searches know of it."""
    database.execute_sql(
        "UPDATE case_heap SET count = count - 1 WHERE (waits_at, department, needs, state) IN "
        '(SELECT waits_at, department, needs, state FROM case_file WHERE "case" = ?)',
        (case,),
    )
    # By the terms themselves: of a county's millions none stands under the case.
    terms.drop(case)
    for table in ("case_asked", "case_paper", "case_file"):
        database.execute_sql(f'DELETE FROM {table} WHERE "case" = ?', (case,))


def close_ranks(case: str, struck: Iterable[str]) -> None:
    """Number what is left of a case from 1 on, and let exactly the acts `struck` be marked as struck out."""
    found = database.execute_sql('SELECT act FROM case_event WHERE "case" = ? ORDER BY pos', (case,))
    # Each moves down or stays, the lowest first: no two ever have one number.
    for pos, (act,) in enumerate(found.fetchall(), start=1):
        database.execute_sql("UPDATE case_event SET pos = ? WHERE act = ?", (pos, act))
    database.execute_sql('UPDATE case_event SET struck = 0 WHERE "case" = ?', (case,))
    for act in struck:
        database.execute_sql("UPDATE case_event SET struck = 1 WHERE act = ?", (act,))
