"""What the register, the call-backs and the archiving of a node read of its cases. It only reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from common.casework.rules.labels import label
from common.casework.rules.shape import FILED, MOVED, REPORTED
from common.casework.rules.table import TO_HAND_OVER
from common.casework.rules.words import Report, State
from common.days import local_date
from common.desk.rules.register import Line
from common.desk.rules.seven import Mark, seven_steps
from common.store.database import run

DAY_MS = 24 * 3_600_000
CALL_AFTER_DAYS = 3
# A call more than a year after the filing helps nobody; the register still shows that none was made.
_CALL_WITHIN_DAYS = 400
_TO_ARCHIVE = (State.CLOSED.value, State.WITHDRAWN.value)
_TO_CALL = tuple(state.value for state in (*TO_HAND_OVER, State.CLOSED, State.ARCHIVED))
# The day of service that a report says: of what was posted the one on which it came, once that is known. What
# no program of ours has signed there may be anything.
_SAID_ON = """
COALESCE(CASE json_type({0}.body, '$.data.delivered_on') WHEN 'text'
    THEN json_extract({0}.body, '$.data.delivered_on') END, json_extract({0}.body, '$.data.served_on'),
    json_extract({0}.body, '$.data.letter.on'), json_extract({0}.body, '$.data.letter_day.on'))
"""
# By which number a report tells of a letter.
_POSTED_AS = """
COALESCE(json_extract(e.body, '$.data.receiver.tracking'), json_extract(e.body, '$.data.letter.tracking'),
    json_extract(e.body, '$.data.tried.tracking'), json_extract(e.body, '$.data.letter_day.tracking'),
    json_extract(e.body, '$.data.letter_void.tracking'))
"""
_MONTH = f"""
SELECT f."case", f.filed_at, f.applicant, f.id_number, f.item, f.item_name, f.place, f.state, e.author, e.at,
    COALESCE(json_extract(e.body, '$.action'), json_extract(e.body, '$.report')),
    json_extract(e.body, '$.data.accepted_on'), json_extract(e.body, '$.data.received_on'),
    json_extract(e.body, '$.data.authority.letter'), {_SAID_ON.format("e")},
    json_extract(e.body, '$.data.actor.name'), {_POSTED_AS}, json_extract(e.body, '$.data.served_on')
FROM case_file f JOIN case_event e ON e."case" = f."case"
WHERE f.origin >= ? AND f.origin < ? AND f.filed_at >= ? AND f.filed_at < ? AND e.struck = 0
    AND e.kind IN ('{FILED}', '{MOVED}', '{REPORTED}')
ORDER BY f.filed_at, f."case", e.pos
"""
# The beginning of the local day that whoever reported it says, else the moment of the report.
_SERVED = f"""
COALESCE((CAST(strftime('%s', {_SAID_ON.format("r")}) AS INTEGER) - 28800) * 1000, r.at)
"""
_DUE_CALLS = f"""
SELECT f."case", f.item_name, f.applicant, f.place, f.origin, MAX(MIN(r.at, {_SERVED})) AS handed
FROM case_file f JOIN case_event r ON r."case" = f."case"
WHERE f.origin IN (SELECT value FROM json_each(?)) AND f.filed_at > ?
    AND f.state IN ({", ".join("?" for _ in _TO_CALL)})
    AND r.kind = '{REPORTED}' AND r.struck = 0 AND json_extract(r.body, '$.report') = '{Report.HANDED_OVER}'
    AND NOT EXISTS (
        SELECT 1 FROM case_event c WHERE c."case" = f."case" AND c.kind = '{REPORTED}' AND c.struck = 0
        AND json_extract(c.body, '$.report') = '{Report.CALLED_BACK}'
    )
GROUP BY f."case" HAVING handed <= ?
"""


@dataclass(frozen=True, slots=True)
class DueCall:
    """A case whose applicant is to be called back; the result was handed over at `handed_at` (UTC ms).

    `origin` is the site where it was filed, whose work this was.
    """

    number: str
    item_name: str
    applicant: str
    place: str
    origin: str
    handed_at: int


@dataclass(frozen=True, slots=True)
class Closed:
    """A case of this node that is over and not yet archived; `closed_at` in UTC milliseconds."""

    number: str
    item_name: str
    applicant: str
    state: str
    closed_at: int

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return label(self.state)


OWN, BELOW = "own", "below"
# An address stands before those of its villages, and all of these before the sign that follows the digits.
_ENDS = {OWN: "0", BELOW: ":"}


def lines(
    origin: str, since_ms: int, before_ms: int, scope: str = OWN, came: Iterable[str] = ()
) -> list[Line]:
    """Return the cases a node took in between two instants, the oldest first, with the days of their steps.

    Args:
        scope: `OWN` for what was taken in there, `BELOW` for that and all below, as far as this node has it.
        came: each site of other codes that stands below it now; what those that left took in here stays.

    What was struck out is left out; an event that does not count for another reason is rare, and the case's
    own page tells it.
    """
    found = run(_MONTH, (origin, origin + _ENDS[scope], since_ms, before_ms)).fetchall()
    for site in came if scope == BELOW else ():
        found += run(_MONTH, (site, site + _ENDS[OWN], since_ms, before_ms)).fetchall()
    # The steps of each stay in their order.
    found.sort(key=lambda row: (row[1], row[0]))
    return [_line(list(events)) for _, events in groupby(found, key=lambda row: row[0])]


def _line(events: Sequence[Any]) -> Line:
    number, filed_at, applicant, id_number, item, item_name, place, state = events[0][:8]
    filed_on = local_date(filed_at).isoformat()
    who = (applicant, id_number, item, item_name, place, str(events[0][15] or ""))
    return Line(number, filed_on, *who, state, seven_steps(_marks(events)))


def _marks(events: Iterable[Any]) -> Iterable[Mark]:
    for author, at, word, accepted, received, letter, served, _by, number, sent in (
        row[8:18] for row in events
    ):
        days = (str(accepted or ""), str(received or ""), str(served or ""))
        yield Mark(str(word), author, at, *days, bool(letter), str(number or ""), str(sent or ""))


def due_calls(origins: Sequence[str], now_ms: int, limit: int = 200) -> list[DueCall]:
    """Return the cases filed at these sites whose applicants are to be called back, first served first."""
    found = run(f"{_DUE_CALLS} ORDER BY handed LIMIT {limit:d}", _call_values(origins, now_ms)).fetchall()
    return [DueCall(*row) for row in found]


def count_due_calls(origins: Sequence[str], now_ms: int) -> int:
    """Return how many they are."""
    return int(run(f"SELECT COUNT(*) FROM ({_DUE_CALLS})", _call_values(origins, now_ms)).fetchone()[0])


def _call_values(origins: Sequence[str], now_ms: int) -> tuple[str | int, ...]:
    sites = json.dumps(list(origins))
    return (sites, now_ms - _CALL_WITHIN_DAYS * DAY_MS, *_TO_CALL, now_ms - CALL_AFTER_DAYS * DAY_MS)


def origins() -> list[str]:
    """Return every site where a case that is here was filed."""
    # From one to the next in the index: a county has hundreds of sites, and each of them thousands of cases.
    found = run(
        "WITH RECURSIVE site (at) AS (SELECT MIN(origin) FROM case_file UNION ALL "
        "SELECT (SELECT MIN(origin) FROM case_file WHERE origin > at) FROM site WHERE at IS NOT NULL) "
        "SELECT at FROM site WHERE at IS NOT NULL"
    ).fetchall()
    return [str(row[0]) for row in found]


def closed(holder: str, limit: int = 200) -> list[Closed]:
    """Return the cases a node holds that are over and not archived, the longest so first."""
    found = run(
        'SELECT "case", item_name, applicant, state, updated_at FROM case_file '
        # Of one on which something is still to be handed over the receipt is lacking.
        "WHERE holder = ? AND state IN (?, ?) AND needs = '' ORDER BY updated_at LIMIT ?",
        (holder, *_TO_ARCHIVE, limit),
    ).fetchall()
    return [Closed(*row) for row in found]
