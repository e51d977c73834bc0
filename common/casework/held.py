"""Open cases that other nodes hold, as the top looks at them before it takes any over. It only reads."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from common.casework.rules.flow import ENDED
from common.store.database import database

# As the index of the open cases has it, word for word.
_ENDED = ", ".join(f"'{state.value}'" for state in ENDED)


class Heap(NamedTuple):
    """How many open cases a node holds, and when the oldest was filed (UTC milliseconds)."""

    holder: str
    cases: int
    filed_at: int


def holders(me: str) -> list[Heap]:
    """Return the nodes other than `me` that hold open cases, in the order of their addresses."""
    found = database.execute_sql(
        "SELECT holder, COUNT(*), MIN(filed_at) FROM case_file "
        f"WHERE holder <> ? AND state NOT IN ({_ENDED}) GROUP BY holder ORDER BY holder",
        (me,),
    )
    return [Heap(*row) for row in found.fetchall()]


def held_by(holder: str, after: tuple[int, str] = (0, ""), limit: int = 100) -> list[tuple[int, str]]:
    """Return the open cases a node holds, the longest filed first, each as (filed_at, case).

    `after` is the last one of the page before.
    """
    found = database.execute_sql(
        f'SELECT filed_at, "case" FROM case_file WHERE holder = ? AND state NOT IN ({_ENDED}) '
        'AND (filed_at, "case") > (?, ?) ORDER BY filed_at, "case" LIMIT ?',
        (holder, *after, limit),
    )
    return [(row[0], row[1]) for row in found.fetchall()]


def left_unanswered(me: str, today: str, instant: Collection[str], limit: int = 200) -> list[str]:
    """Return the cases at the door of another node whose day for an answer has passed, the oldest first.

    As this node knows it: `alarm_on` counts from when the case passed here.

    Args:
        today: local, YYYY-MM-DD.
        instant: items that are settled on the spot; silence is no acceptance there.
    """
    found = database.execute_sql(
        "SELECT \"case\" FROM case_file WHERE alarm_on > '' AND alarm_on < ? AND holder <> ? "
        # The sign keeps the state from being the index: whose day has passed are fewer, and in order.
        "AND +state IN ('RECEIVED', 'CHECKED') AND item NOT IN (SELECT value FROM json_each(?)) "
        "ORDER BY alarm_on, filed_at LIMIT ?",
        (today, me, json.dumps(sorted(instant)), limit),
    )
    return [row[0] for row in found.fetchall()]
