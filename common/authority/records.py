"""Table and queries of letters of authority. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peewee import BigIntegerField, TextField

from common.authority.rules import Letter, Principal, Proof, Relative
from common.store.database import Base, run

_COLUMNS = (
    "id, name, id_type, id_number, phone, agent, agent_name, scope, from_day, to_day, proof, blob,"
    " revoked_on, revoked_why, agent_id_type, agent_id_number, relation"
)


class LetterRow(Base):
    """A letter of authority; dates are local, `blob` is the hash of the photograph or empty.

    `agent` is a login, empty when a relative is the agent; then three columns say who that is. `department`
    is that of whoever entered it, at that time.
    """

    id = TextField(primary_key=True)
    name = TextField()
    id_type = TextField()
    id_number = TextField(index=True)
    phone = TextField()
    agent = TextField(index=True)
    agent_name = TextField()
    scope = TextField()
    from_day = TextField()
    to_day = TextField()
    proof = TextField()
    blob = TextField()
    size = BigIntegerField()
    media_type = TextField()
    revoked_on = TextField()
    revoked_why = TextField()
    made_by = TextField()
    made_at = BigIntegerField()
    agent_id_type = TextField()
    agent_id_number = TextField()
    relation = TextField()
    department = TextField()

    class Meta:
        table_name = "letter"


def add(letter: Letter, blob: tuple[int, str], made_by: tuple[str, str], made_at: int) -> None:
    """Store a letter; `blob` is size and media type of its photograph, `made_by` login and department."""
    who, kin = letter.principal, letter.relative
    run(
        f"INSERT INTO letter ({_COLUMNS}, size, media_type, made_by, department, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(letter.id, who.name, who.id_type, who.id_number, who.phone, letter.agent, letter.agent_name),
            *(letter.scope, letter.from_day, letter.to_day, letter.proof.value, letter.blob),
            *(letter.revoked_on, letter.revoked_why),
            *((kin.id_type, kin.id_number, kin.relation) if kin else ("", "", "")),
            *(*blob, *made_by, made_at),
        ),
    )


def find(letter: str) -> Letter | None:
    """Return a letter, None when there is none with this number."""
    row = run(f"SELECT {_COLUMNS} FROM letter WHERE id = ?", (letter,)).fetchone()
    return _read(row) if row else None


def photograph(letter: str) -> tuple[str, int, str] | None:
    """Return hash, size and media type of a letter's photograph, None when it has none."""
    row = run("SELECT blob, size, media_type FROM letter WHERE id = ? AND blob <> ''", (letter,)).fetchone()
    return (str(row[0]), int(row[1]), str(row[2])) if row else None


def made_by(letter: str) -> str:
    """Return the login of whoever entered a letter, "" when there is none with this number."""
    row = run("SELECT made_by FROM letter WHERE id = ?", (letter,)).fetchone()
    return str(row[0]) if row else ""


def department_of(letter: str) -> str:
    """Return the department that entered a letter, "" when there is none with this number."""
    row = run("SELECT department FROM letter WHERE id = ?", (letter,)).fetchone()
    return str(row[0]) if row else ""


def photographs() -> set[str]:
    """Return the hash of every photograph a letter names."""
    return {str(row[0]) for row in run("SELECT DISTINCT blob FROM letter WHERE blob <> ''").fetchall()}


def of_principal(id_number: str) -> list[Letter]:
    """Return the letters of a principal, the newest first."""
    rows = run(f"SELECT {_COLUMNS} FROM letter WHERE id_number = ? ORDER BY made_at DESC", (id_number,))
    return [_read(row) for row in rows.fetchall()]


def newest(limit: int, agent: str = "") -> list[Letter]:
    """Return the newest letters, of one agent or (empty) of all."""
    rows = run(
        f"SELECT {_COLUMNS} FROM letter WHERE ? IN ('', agent) ORDER BY made_at DESC, id LIMIT ?",
        (agent, limit),
    )
    return [_read(row) for row in rows.fetchall()]


def all_newest_first() -> Iterator[Letter]:
    """Yield every letter, the newest first."""
    for row in run(f"SELECT {_COLUMNS} FROM letter ORDER BY made_at DESC, id"):
        yield _read(row)


def revoke(letter: str, day: str, why: str) -> None:
    """Store that a letter ended."""
    run("UPDATE letter SET revoked_on = ?, revoked_why = ? WHERE id = ?", (day, why, letter))


def _read(row: tuple[Any, ...]) -> Letter:
    letter, name, id_type, id_number, phone, *rest = row[:-3]
    agent, agent_name, scope, from_day, to_day, proof, blob, revoked_on, why = rest
    kin_type, kin_number, relation = row[-3:]
    principal = Principal(name, id_type, id_number, phone)
    kin = Relative(agent_name, kin_type, kin_number, relation) if relation else None
    said = (agent, agent_name, scope, from_day, to_day, Proof(proof), blob, revoked_on, why)
    return Letter(letter, principal, *said, kin)
