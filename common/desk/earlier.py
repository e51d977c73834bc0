"""What this node knows of a person from earlier cases: who, in which household, what they handed in.

It only reads, and only cases taken in here: what another site holds is not shown.
"""

from __future__ import annotations

from common.casework.rules.shape import FILED, MOVED, REPORTED
from common.casework.rules.words import Report
from common.desk.rules.household import EarlierPaper, Person, household_of
from common.store.database import run

# So many cases of a site are looked through for the household; older ones are too old to be offered.
_LOOKED_AT = 3_000
_PAPERS_MOST = 60
_CASES_MOST = 5
_HOUSEHOLD_MOST = 8


def _present(field: str) -> str:
    """Return the SQL for what is now said of the applicant: by the last correction, else by the filing."""
    return f"""COALESCE(
    (SELECT json_extract(line.value, '$.new') FROM case_event c, json_each(c.body, '$.data.correction') line
     WHERE c."case" = f."case" AND c.struck = 0 AND c.kind = '{MOVED}'
       AND json_extract(line.value, '$.field') = 'applicant.{field}' ORDER BY c.pos DESC LIMIT 1),
    json_extract(e.body, '$.data.applicant.{field}'))"""


_PERSON = f"""
SELECT f.applicant, f.id_number, json_extract(e.body, '$.data.applicant.id_type'),
       {_present("phone")}, {_present("address")},
       f.item_name, f.filed_at, f."case"
FROM case_file f JOIN case_event e ON e.act = f.first_act AND e.struck = 0
"""
# Here and below the sign keeps the site from being the index: it has all its cases, a person few.
_ONE = f"{_PERSON} WHERE f.id_number = ? AND +f.origin = ? ORDER BY f.filed_at DESC LIMIT {_CASES_MOST}"
_ALIKE = f"""
{_PERSON} WHERE f.origin = ? AND f."case" IN
  (SELECT "case" FROM case_file WHERE origin = ? ORDER BY filed_at DESC LIMIT {_LOOKED_AT})
  AND replace(json_extract(e.body, '$.data.applicant.address'), ' ', '') = replace(?, ' ', '')
ORDER BY f.filed_at DESC LIMIT 100
"""
_PAPERS = f"""
SELECT p.key, p.name, p.hash, p.size, p.type, p.pages, f."case", f.item_name, e.at, f.item, f.version,
  COALESCE((SELECT json_extract(filed.body, '$.item_doc') FROM case_event filed
            WHERE filed.act = f.first_act), '')
FROM case_file f JOIN case_paper p ON p."case" = f."case" JOIN case_event e ON e.act = p.act
WHERE f.id_number = ? AND +f.origin = ? AND e.struck = 0
  AND (e.kind = '{FILED}' OR e.kind = '{REPORTED}' AND json_extract(e.body, '$.report')
       = '{Report.PAPERS_BROUGHT}')
ORDER BY e.at DESC LIMIT {_PAPERS_MOST}
"""
_COUNTS = f"""
SELECT item, COUNT(*) FROM
  (SELECT item FROM case_file WHERE origin = ? AND filed_at >= ? ORDER BY filed_at DESC LIMIT {_LOOKED_AT})
GROUP BY item
"""


def persons(id_number: str, site: str) -> list[Person]:
    """Return one person as each of their newest cases taken in at `site` says, the newest first."""
    rows = run(_ONE, (id_number, site)).fetchall() if id_number else []
    return [_person(row) for row in rows]


def household(known: Person, site: str) -> list[Person]:
    """Return those who live with a person, as cases taken in at `site` say; one whose address was put right
    since is judged by the right one.
    """
    rows = run(_ALIKE, (site, site, known.address)).fetchall() if known.address else []
    return household_of(known, map(_person, rows))[:_HOUSEHOLD_MOST]


def papers(id_number: str, site: str) -> list[EarlierPaper]:
    """Return what a person handed in with cases taken in at `site`, the newest first, each content once."""
    rows = run(_PAPERS, (id_number, site)).fetchall() if id_number else []
    found = {row[2]: EarlierPaper(*row) for row in reversed(rows)}
    return list(reversed(found.values()))


def _person(row: tuple[str, str, str | None, str | None, str | None, str, int, str]) -> Person:
    name, id_number, id_type, phone, address, item_name, at, case = row
    return Person(name, id_type or "", id_number, phone or "", address or "", item_name, at, case)


def filed_counts(site: str, since: int) -> dict[str, int]:
    """Return how many of the newest cases taken in at `site` since a time (UTC ms) are of each item."""
    return {str(item): int(count) for item, count in run(_COUNTS, (site, since)).fetchall()}
