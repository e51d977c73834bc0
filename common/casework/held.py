"""Cases that other nodes hold, open or ended with something to serve, as the top looks at them before it
takes any over; of nodes that are gone also those of which a letter is out. It only reads.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from common.casework.rules.flow import ENDED
from common.store.database import database

# As the indexes of the open cases, and of those with something to serve, have it, word for word.
_ENDED = ", ".join(f"'{state.value}'" for state in ENDED)
_OPEN, _UNSERVED = f"state NOT IN ({_ENDED})", f"state IN ({_ENDED}) AND needs <> ''"


# Of these nobody has told anything: what is told, or to be served, is in the other half.
_LETTERS = f"alarm_on >= ? AND +alarm_on > '' AND +state IN ({_ENDED}) AND +needs = ''"


@dataclass(frozen=True, slots=True)
class Letters:
    """Whose letters without a receipt are looked at: of nodes that are `gone`, posted on the local day
    `since` (YYYY-MM-DD) or later. Who is at work asks the post by itself.
    """

    gone: Collection[str] = ()
    since: str = ""


_NONE = Letters()


class Heap(NamedTuple):
    """How many open cases a node holds, when the oldest of all was filed (UTC milliseconds), how many that
    have ended and of which something made since is still to be served, and of how many others of those a
    letter is out.
    """

    holder: str
    cases: int
    filed_at: int
    unserved: int
    letters: int


def holders(me: str, letters: Letters = _NONE) -> list[Heap]:
    """Return the nodes other than `me` that hold such cases, in the order of their addresses."""
    # By the state all cases that have ended would be read for the few.
    which = [
        ("*", "NULL", "NULL", "", f"holder <> ? AND {_OPEN}"),
        ("NULL", "*", "NULL", "INDEXED BY case_file_unserved", f"holder <> ? AND {_UNSERVED}"),
    ]
    values = [me, me]
    if letters.gone:
        which.append(("NULL", "NULL", "*", "", f"holder IN (SELECT value FROM json_each(?)) AND {_LETTERS}"))
        values += [json.dumps(sorted({*letters.gone} - {me})), letters.since]
    parts = (
        f"SELECT holder, COUNT({one}) AS cases, MIN(filed_at) AS filed, COUNT({other}) AS unserved, "
        f"COUNT({third}) AS letters FROM case_file {way} WHERE {whose} GROUP BY holder"
        for one, other, third, way, whose in which
    )
    found = database.execute_sql(
        "SELECT holder, SUM(cases), MIN(filed), SUM(unserved), SUM(letters) "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY holder ORDER BY holder",
        values,
    )
    return [Heap(*row) for row in found.fetchall()]


def held_by(
    holder: str, after: tuple[int, str] = (0, ""), limit: int = 100, letters: Letters = _NONE
) -> list[tuple[int, str]]:
    """Return such cases of a node, the longest filed first, each as (filed_at, case).

    `after` is the last one of the page before.
    """
    order = f'ORDER BY filed_at, "case" LIMIT {limit:d}'
    which: list[tuple[str, tuple[str, ...]]] = [(_OPEN, ()), (_UNSERVED, ())]
    if holder in letters.gone:
        which.append((_LETTERS, (letters.since,)))
    parts = (
        'SELECT * FROM (SELECT filed_at, "case" FROM case_file '
        f'WHERE holder = ? AND {one} AND (filed_at, "case") > (?, ?) {order})'
        for one, _ in which
    )
    values = [value for _, own in which for value in (holder, *own, *after)]
    found = database.execute_sql(f"{' UNION ALL '.join(parts)} {order}", values)
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
