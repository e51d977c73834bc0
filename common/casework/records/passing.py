"""Looking through all cases from the first to the last, a window at a time. It only reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from common.casework.rules.flow import ENDED
from common.store.database import database

_ENDED = ", ".join(f"'{state.value}'" for state in ENDED)


def kept_since(after: str, since_ms: int, limit: int) -> list[str]:
    """Return the next cases by number: open, waiting for something, or changed since (UTC ms)."""
    found = database.execute_sql(
        'SELECT "case" FROM case_file WHERE "case" > ? '
        f"AND (updated_at >= ? OR state NOT IN ({_ENDED}) OR needs <> '') "
        'ORDER BY "case" LIMIT ?',
        (after, since_ms, limit),
    )
    return [row[0] for row in found.fetchall()]


def that_name(cases: Sequence[str], addresses: Iterable[str]) -> list[str]:
    """Return those of these cases of which some event names one of the addresses."""
    words = json.dumps([f'"{address}"' for address in addresses])
    found = database.execute_sql(
        'SELECT DISTINCT e."case" FROM case_event e, json_each(?) n, json_each(?) w '
        'WHERE e."case" = n.value AND instr(e.body, w.value) > 0 ORDER BY e."case"',
        (json.dumps(list(cases)), words),
    )
    return [row[0] for row in found.fetchall()]


def ended_before(acts: Sequence[str], before_ms: int) -> list[str]:
    """Return those of these acts whose case has ended and has not changed since (UTC milliseconds).

    One of which something is still to be handed over is not at its end.
    """
    found = database.execute_sql(
        "SELECT e.act FROM json_each(?) n JOIN case_event e ON e.act = n.value "
        'JOIN case_file f ON f."case" = e."case" '
        f"WHERE f.updated_at < ? AND f.state IN ({_ENDED}) AND f.needs = '' ORDER BY e.act",
        (json.dumps(list(acts)), before_ms),
    )
    return [row[0] for row in found.fetchall()]
