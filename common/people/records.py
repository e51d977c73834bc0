"""Tables and queries of staff, sessions and sign-in attempts. Decides nothing."""

from __future__ import annotations

from typing import Any

from peewee import AutoField, BigIntegerField, ForeignKeyField, IntegerField, TextField

from common.store.database import Base, run


class Staff(Base):
    """Staff: `roles` is a comma separated list, `password` an Argon2id string, flags are 0 or 1."""

    login = TextField(primary_key=True)
    name = TextField()
    roles = TextField()
    department = TextField()
    password = TextField()
    active = IntegerField()
    must_change = IntegerField()
    added_at = BigIntegerField()


class SignInSession(Base):
    """A signed-in browser. The token itself is only in the browser; here is its SHA-256."""

    token_hash = TextField(primary_key=True)
    login = ForeignKeyField(Staff, column_name="login", on_delete="NO ACTION")
    created_at = BigIntegerField()
    seen_at = BigIntegerField()
    ip = TextField()
    revoked_at = BigIntegerField()


class SignInAttempt(Base):
    """A wrong password. `login` is a hash when nobody has the login: people type passwords there in it."""

    id = AutoField()
    login = TextField(index=True)
    ip = TextField(index=True)
    at = BigIntegerField()


_LIVE = """
SELECT s.created_at, s.seen_at, s.revoked_at, p.login, p.name, p.roles, p.department, p.active, p.must_change
FROM sign_in_session s JOIN staff p ON p.login = s.login WHERE s.token_hash = ?
"""


def find_staff(login: str) -> Staff | None:
    """Return the member of staff with this login, None when there is none."""
    found: Staff | None = Staff.get_or_none(Staff.login == login)
    return found


def all_staff() -> list[Staff]:
    """Return everybody, those in service first, then by login."""
    return list(Staff.select().order_by(Staff.active.desc(), Staff.login))


def session_row(token_hash: str) -> tuple[Any, ...] | None:
    """Return times and person of a session in one query: see `_LIVE` for the columns."""
    row: tuple[Any, ...] | None = run(_LIVE, (token_hash,)).fetchone()
    return row


def wrong_by_login(login: str, since_ms: int) -> list[int]:
    """Return when this login was tried wrongly since `since_ms`."""
    return _times("SELECT at FROM sign_in_attempt WHERE login = ? AND at > ?", login, since_ms)


def wrong_by_ip(ip: str, since_ms: int) -> list[int]:
    """Return when somebody at this address erred since `since_ms`."""
    return _times("SELECT at FROM sign_in_attempt WHERE ip = ? AND at > ?", ip, since_ms)


def add_attempt(login: str, ip: str, now_ms: int) -> None:
    """Remember one wrong attempt."""
    run("INSERT INTO sign_in_attempt (login, ip, at) VALUES (?, ?, ?)", (login, ip, now_ms))


def forget_attempts(login: str, before_ms: int) -> None:
    """Drop the attempts of one login, and everybody's before `before_ms`."""
    run("DELETE FROM sign_in_attempt WHERE login = ? OR at < ?", (login, before_ms))


def add_session(token_hash: str, login: str, ip: str, now_ms: int) -> None:
    """Store a new session."""
    run(
        "INSERT INTO sign_in_session (token_hash, login, created_at, seen_at, ip, revoked_at)"
        " VALUES (?, ?, ?, ?, ?, 0)",
        (token_hash, login, now_ms, now_ms, ip),
    )


def mark_seen(token_hash: str, now_ms: int) -> None:
    """Move the time a session was last used."""
    run("UPDATE sign_in_session SET seen_at = ? WHERE token_hash = ?", (now_ms, token_hash))


def revoke(token_hash: str, now_ms: int) -> None:
    """End one session."""
    run(
        "UPDATE sign_in_session SET revoked_at = ? WHERE token_hash = ? AND revoked_at = 0",
        (now_ms, token_hash),
    )


def revoke_all(login: str, except_hash: str, now_ms: int) -> None:
    """End all sessions of a person but one (empty: all)."""
    run(
        "UPDATE sign_in_session SET revoked_at = ? WHERE login = ? AND token_hash <> ? AND revoked_at = 0",
        (now_ms, login, except_hash),
    )


def drop_old_sessions(before_ms: int) -> None:
    """Take out sessions made before `before_ms`; the audit log keeps that they were."""
    run("DELETE FROM sign_in_session WHERE created_at < ?", (before_ms,))


def _times(sql: str, key: str, since_ms: int) -> list[int]:
    return [int(row[0]) for row in run(sql, (key, since_ms)).fetchall()]
