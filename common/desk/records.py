"""Tables and queries of drafts: cases being entered or checked at this desk. They never leave the node."""

from __future__ import annotations

from typing import NamedTuple

from peewee import BigIntegerField, CompositeKey, IntegerField, TextField

from common.store.database import Base, run


class Draft(Base):
    """One case being entered: `applicant`, `form`, `result` and `terms` are JSON objects of what was typed,
    by field; `papers` a JSON list. `rev` counts the changes; `marks` is JSON {part.field: [rev, window]}.
    Times in UTC milliseconds.
    """

    id = TextField(primary_key=True)
    login = TextField()
    item = TextField()
    version = IntegerField()
    step = TextField()
    applicant = TextField()
    form = TextField()
    result = TextField()
    papers = TextField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    terms = TextField()
    rev = IntegerField()
    marks = TextField()

    class Meta:
        indexes = ((("login", "updated_at"), False),)


class FiledDraft(Base):
    """Which case was filed from a draft, so that sending the form twice files it once."""

    id = TextField(primary_key=True)
    case = TextField()
    filed_at = BigIntegerField()


class CheckList(Base):
    """What one person found of one case so far: `marks` is JSON {line: [mark, how]}."""

    case = TextField()
    login = TextField()
    marks = TextField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "check_list"
        primary_key = CompositeKey("case", "login")
        without_rowid = True


class DraftRow(NamedTuple):
    """The values of one draft, in column order."""

    id: str
    login: str
    item: str
    version: int
    step: str
    applicant: str
    form: str
    result: str
    papers: str
    created_at: int
    updated_at: int
    terms: str
    rev: int
    marks: str


_COLUMNS = ", ".join(DraftRow._fields)
_PUT = f"INSERT OR REPLACE INTO draft ({_COLUMNS}) VALUES ({', '.join('?' for _ in DraftRow._fields)})"
_ONE = f"SELECT {_COLUMNS} FROM draft WHERE id = ?"
_OF = f"SELECT {_COLUMNS} FROM draft WHERE login = ? ORDER BY updated_at DESC, id"


def put(row: DraftRow) -> None:
    """Write a draft, whether it is there already or not."""
    run(_PUT, row)


def one(draft: str) -> DraftRow | None:
    """Return a draft, None when it is not here."""
    row = run(_ONE, (draft,)).fetchone()
    return DraftRow(*row) if row else None


def of(login: str) -> list[DraftRow]:
    """Return a person's drafts, the one worked on last first."""
    return [DraftRow(*row) for row in run(_OF, (login,)).fetchall()]


def owners() -> dict[str, tuple[int, int, int]]:
    """Return login → how many drafts, the oldest and the newest time at which one was last kept."""
    rows = run("SELECT login, COUNT(*), MIN(updated_at), MAX(updated_at) FROM draft GROUP BY login")
    return {str(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows.fetchall()}


def papers() -> list[str]:
    """Return the papers of every draft, each draft's as its JSON list."""
    return [row[0] for row in run("SELECT papers FROM draft WHERE papers != '[]'").fetchall()]


def remove(draft: str) -> None:
    """Take a draft out."""
    run("DELETE FROM draft WHERE id = ?", (draft,))


def add_filed(draft: str, case: str, at: int) -> None:
    """Remember which case was filed from a draft."""
    run('INSERT INTO filed_draft (id, "case", filed_at) VALUES (?, ?, ?)', (draft, case, at))


def filed_from(draft: str) -> str:
    """Return the case filed from a draft, empty when there is none."""
    row = run('SELECT "case" FROM filed_draft WHERE id = ?', (draft,)).fetchone()
    return str(row[0]) if row else ""


def date_anew(before: int, at: int) -> None:
    """Let drafts last kept before one time count as kept at the other."""
    run("UPDATE draft SET updated_at = ? WHERE updated_at < ?", (at, before))


def sweep(before: int) -> int:
    """Take out drafts not touched, and memories of filings made, before this time; return how many drafts."""
    run("DELETE FROM filed_draft WHERE filed_at < ?", (before,))
    return int(run("DELETE FROM draft WHERE updated_at < ?", (before,)).rowcount)


def put_check_list(case: str, login: str, marks: str, at: int) -> None:
    """Write a person's list of a case, whether it is there already or not."""
    run(
        'INSERT OR REPLACE INTO check_list ("case", login, marks, updated_at) VALUES (?, ?, ?, ?)',
        (case, login, marks, at),
    )


def check_list(case: str, login: str) -> str:
    """Return the marks of a person's list, "" when there is none."""
    row = run('SELECT marks FROM check_list WHERE "case" = ? AND login = ?', (case, login)).fetchone()
    return str(row[0]) if row else ""


def checked_cases(login: str, limit: int) -> list[str]:
    """Return the cases that wait for a check and of which a person has a list; the oldest list first."""
    found = run(
        'SELECT l."case" FROM check_list l JOIN case_file f ON f."case" = l."case" '
        "WHERE l.login = ? AND f.needs = 'check' ORDER BY l.updated_at LIMIT ?",
        (login, limit),
    )
    return [str(row[0]) for row in found.fetchall()]


def date_check_lists_anew(before: int, at: int) -> None:
    """Let lists last kept before one time count as kept at the other."""
    run("UPDATE check_list SET updated_at = ? WHERE updated_at < ?", (at, before))


def sweep_check_lists(before: int) -> int:
    """Take out lists not touched before this time; return how many."""
    return int(run("DELETE FROM check_list WHERE updated_at < ?", (before,)).rowcount)
