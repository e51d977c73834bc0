"""Cases that look like the one about to be filed, or belong to another one. It only reads."""

from __future__ import annotations

from collections.abc import Sequence

from common.casework import records
from common.casework.filing import DONE
from common.casework.queues import CaseLine, find
from common.catalogue.rules.identity import both_forms
from common.store.database import database

_MARKS = ", ".join("?" for _ in DONE)
_MOST = 20
# The birth date in a citizen's number, in either of its forms.
_BORN = """
CASE length(id_number) WHEN 18 THEN substr(id_number, 7, 8) WHEN 15 THEN '19' || substr(id_number, 7, 6) END
"""


def same_person(id_number: str, item: str) -> list[CaseLine]:
    """Return the open cases of the same person and item, which stop another one from being filed."""
    return _lines(records.open_cases(id_number, item, DONE))


def namesakes(name: str, born: str, id_number: str, item: str) -> list[CaseLine]:
    """Return the open cases of the same item of people with this name and birth date but another number.

    Args:
        born: YYYY-MM-DD, as the ID number says; "" finds nobody.
    """
    if not born:
        return []
    own = both_forms(id_number)
    # As in `records.open_cases`: by the name, not by the item.
    found = database.execute_sql(
        'SELECT "case" FROM case_file WHERE applicant = ? AND +item = ? '
        f"AND id_number NOT IN ({', '.join('?' for _ in own)}) "
        f"AND {_BORN} = ? AND state NOT IN ({_MARKS}) ORDER BY filed_at LIMIT {_MOST}",
        (name, item, *own, born.replace("-", ""), *DONE),
    )
    return _lines([row[0] for row in found.fetchall()])


def coming_after(case: str, id_number: str) -> list[CaseLine]:
    """Return the cases of the same person that were filed as coming after this one, the oldest first."""
    # By the person, for that is an index, and nobody has many cases.
    found = database.execute_sql(
        'SELECT f."case" FROM case_file f JOIN case_event e ON e.act = f.first_act '
        "WHERE f.id_number = ? AND json_extract(e.body, '$.data.linked.case') = ? "
        f"ORDER BY f.filed_at LIMIT {_MOST}",
        (id_number, case),
    )
    return _lines([row[0] for row in found.fetchall()])


def _lines(cases: Sequence[str]) -> list[CaseLine]:
    return [line for case in cases for line in find(case, 1)]
