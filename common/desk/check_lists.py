"""Check lists of cases: what one person found of one case, kept as it is found; it never leaves the node."""

from __future__ import annotations

import json
from collections.abc import Mapping

from common.clock import BUILT_MS
from common.desk import records
from common.desk.rules.check_list import Mark
from common.store.database import require_unit

# A case stays at a desk for weeks, not for a quarter.
KEPT_DAYS = 90
_DAY_MS = 86_400_000


def keep(case: str, login: str, marks: Mapping[str, Mark], now_ms: int) -> None:
    """Keep what a person found so far; needs an open unit of work."""
    require_unit()
    text = json.dumps(marks, ensure_ascii=False, separators=(",", ":"))
    records.put_check_list(case, login, text, now_ms)


def marks_of(case: str, login: str) -> dict[str, Mark]:
    """Return what a person found of a case, by line; empty when they have not begun."""
    text = records.check_list(case, login)
    return {key: (str(mark), str(how)) for key, (mark, how) in json.loads(text).items()} if text else {}


def cases_of(login: str, limit: int) -> list[str]:
    """Return the cases a person has a list of, the one begun or changed longest ago first."""
    return records.checked_cases(login, limit)


def sweep(now_ms: int) -> int:
    """Take out lists nobody touched for 90 days; return how many. Needs an open unit of work.

    Those last kept before the program was made, by a clock that had lost its battery, have 90 days anew.
    """
    require_unit()
    if now_ms >= BUILT_MS:
        records.date_check_lists_anew(BUILT_MS, now_ms)
    return records.sweep_check_lists(now_ms - KEPT_DAYS * _DAY_MS)
