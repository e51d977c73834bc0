"""The search over all cases of a node: by number, person, item, place, time and state. It only reads.

Each kind of question has an index that holds all it narrows by, read from the newest: a county searches a
million cases while somebody waits at the window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from common.casework.queues import CaseLine, lines_where
from common.casework.rules.number import normalise
from common.casework.rules.sought import LETTERS_MAX, LETTERS_MIN, Kind, kind_of, name_key, plain_of
from common.catalogue.rules.identity import both_forms
from common.catalogue.rules.initials import READINGS_MAX, initials
from common.store.database import database

# Above every character, so that a text followed by it stands after all that begin with the text.
_BEYOND = "\U0010ffff"
# As `_BEYOND` among addresses, which are digits.
_BEYOND_DIGITS = ":"
_LAST_MS = 2**62
# Cases looked up at a time while their state is compared.
_LOOKED_AT = 200
# So many of the newest cases whose names have the same letters are looked through for a name.
_ALIKE_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Driver:
    """The index a question is read by, and its own conditions."""

    index: str
    where: tuple[str, ...] = ()


_NEWEST = "case_file_filed_at"
_BY_NAME = Driver("case_file_by_name", ("applicant >= ?", "applicant < ?"))


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched; an empty part excludes nothing.

    `who` is a case number, an ID number or its last four, a name from its start or its pinyin letters;
    `place` an address, it and all below it count; `since` and `until` UTC milliseconds of filing, the second
    excluded.
    """

    who: str = ""
    item: str = ""
    place: str = ""
    state: str = ""
    since: int = 0
    until: int = _LAST_MS

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked at all."""
        return self == Sought()


def search(sought: Sought, limit: int = 50) -> list[CaseLine]:
    """Return the cases sought, the newest first; nothing when nothing is asked."""
    if sought.is_empty:
        return []
    kind, plain = kind_of(sought.who), plain_of(sought.who)
    if kind is Kind.NUMBER:
        return lines_where(['f."case" = ?'], [normalise(sought.who)], f"LIMIT {limit:d}")
    if kind is Kind.ID_NUMBER:
        numbers = both_forms(plain)
        driver = Driver("case_file_id_number", (f"id_number IN ({', '.join('?' for _ in numbers)})",))
        return _from(sought, driver, [*numbers], limit) or _named(sought, limit)
    if kind is Kind.ID_END:
        return _by_term(sought, (plain, plain), limit)
    if kind is Kind.LETTERS:
        letters = plain.lower()[:LETTERS_MAX]
        # The name of a foreigner is in letters itself.
        return _by_term(sought, (letters, letters + _BEYOND), limit) or _named(sought, limit)
    if kind is Kind.NAME:
        return _by_name(sought, limit)
    return _from(sought, _driver(sought), [], limit)


def _driver(sought: Sought) -> Driver:
    """Return the order to read in when nobody is named: the one that leaves the fewest to look at."""
    in_both = sought.state and sought.place
    orders = {"item": sought.item, "state_place": in_both, "place": sought.place, "state": sought.state}
    return Driver(next((f"case_file_by_{name}" for name, asked in orders.items() if asked), _NEWEST))


def _by_name(sought: Sought, limit: int) -> list[CaseLine]:
    found = _named(sought, limit)
    if found and name_key(sought.who) == sought.who.strip():
        return found
    # One person's older cases may have another point between the parts of the name than the newer ones.
    both = {line.case: line for line in (*found, *_written_otherwise(sought, limit))}
    return sorted(both.values(), key=lambda line: -line.filed_at)[:limit]


def _named(sought: Sought, limit: int) -> list[CaseLine]:
    name = sought.who.strip()
    return _from(sought, _BY_NAME, [name, name + _BEYOND], limit)


def _written_otherwise(sought: Sought, limit: int) -> list[CaseLine]:
    """Return the cases of a name that was entered with other blanks, points or capitals than are typed now.

    Its letters are the same whatever stands between them; of those who share them the name itself tells.
    """
    letters, key = initials(sought.who)[:LETTERS_MAX], name_key(sought.who)
    if len(letters) < LETTERS_MIN:
        return []
    found = _by_term(sought, (letters, letters + _BEYOND), _ALIKE_MAX)
    return [line for line in found if name_key(line.applicant).startswith(key)][:limit]


def _from(sought: Sought, driver: Driver, values: list[str | int], limit: int) -> list[CaseLine]:
    """Return cases by conditions of an index and what narrows them.

    The rows themselves are read for the newest alone: what stands in the index is enough to choose them.
    """
    narrowed, more = _narrowed(sought)
    inner = " AND ".join([*driver.where, *narrowed])
    order = f"ORDER BY filed_at DESC LIMIT {limit:d}"
    chosen = f"f.rowid IN (SELECT rowid FROM case_file INDEXED BY {driver.index} WHERE {inner} {order})"
    return lines_where([chosen], [*values, *more], "ORDER BY filed_at DESC")


def _by_term(sought: Sought, between: tuple[str, str], limit: int) -> list[CaseLine]:
    """Return cases by a term; what never changes of a case stands beside it, its state does not.

    So candidates are looked at from the newest until there are enough: a common pair of letters has tens of
    thousands.
    """
    narrowed, values = _narrowed(replace(sought, state=""))
    where = " AND ".join(["term >= ?", "term <= ?", *narrowed])
    # A name read in two ways may be found twice.
    most = "" if sought.state else f"LIMIT {limit * READINGS_MAX:d}"
    rows = database.execute_sql(
        f'SELECT "case" FROM case_term WHERE {where} ORDER BY filed_at DESC {most}', [*between, *values]
    ).fetchall()
    candidates = list(dict.fromkeys(str(row[0]) for row in rows))
    found: list[CaseLine] = []
    for at in range(0, len(candidates), _LOOKED_AT):
        part = candidates[at : at + _LOOKED_AT]
        # The sign before the column keeps it from being the index: the cases are named already.
        in_state, state = (["+f.state = ?"], [sought.state]) if sought.state else ([], [])
        marks = f'f."case" IN ({", ".join("?" for _ in part)})'
        found += lines_where([marks, *in_state], [*part, *state], "ORDER BY filed_at DESC")
        if len(found) >= limit:
            break
    return found[:limit]


def _narrowed(sought: Sought) -> tuple[list[str], list[str | int]]:
    where: list[str] = []
    values: list[str | int] = []
    for column in ("item", "state"):
        if getattr(sought, column):
            where.append(f"{column} = ?")
            values.append(getattr(sought, column))
    if sought.place:
        where += ["place >= ?", "place < ?"]
        values += [sought.place, sought.place + _BEYOND_DIGITS]
    if sought.since:
        where.append("filed_at >= ?")
        values.append(sought.since)
    if sought.until < _LAST_MS:
        where.append("filed_at < ?")
        values.append(sought.until)
    return where, values
