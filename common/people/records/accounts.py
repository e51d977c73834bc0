"""Tables and queries of staff, sessions and wrong attempts. Decides nothing.

Points of running time are two columns: which run of the machine (`boot`) and monotonic milliseconds in it.
"""

from __future__ import annotations

from typing import NamedTuple

from peewee import AutoField, BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, TextField

from common.people.rules.sessions import SessionTimes, Stamp, Wrongs
from common.store.database import Base, run

NEVER = Wrongs(0, Stamp("", 0))


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
    boot = TextField()
    created_mono = BigIntegerField()
    seen_mono = BigIntegerField()


class SignInAttempt(Base):
    """A wrong password. `login` is a hash when nobody has the login: people type passwords there in it."""

    id = AutoField()
    login = TextField(index=True)
    ip = TextField(index=True)
    at = BigIntegerField()
    boot = TextField()
    mono = BigIntegerField()


class SignInWrong(Base):
    """How often a login was tried wrongly since it last went right; the row goes with the next right one."""

    login = TextField(primary_key=True)
    count = IntegerField()
    boot = TextField()
    mono = BigIntegerField()


class StaffBar(Base):
    """A login of this node that a node above (`author`) put out of service."""

    login = TextField()
    author = TextField()

    class Meta:
        primary_key = CompositeKey("login", "author")


class SessionRow(NamedTuple):
    """A session and its person, as one query finds them."""

    boot: str
    created_mono: int
    seen_mono: int
    revoked_at: int
    login: str
    name: str
    roles: str
    department: str
    active: int
    must_change: int
    barred: int

    def times(self) -> SessionTimes:
        """Return when the session was made and last used."""
        created, seen = Stamp(self.boot, self.created_mono), Stamp(self.boot, self.seen_mono)
        return SessionTimes(created, seen, bool(self.revoked_at))


_LIVE = """
SELECT s.boot, s.created_mono, s.seen_mono, s.revoked_at,
  p.login, p.name, p.roles, p.department, p.active, p.must_change,
  EXISTS (SELECT 1 FROM staff_bar b WHERE b.login = p.login)
FROM sign_in_session s JOIN staff p ON p.login = s.login WHERE s.token_hash = ?
"""


# --- staff
def find_staff(login: str) -> Staff | None:
    """Return the member of staff with this login, None when there is none."""
    found: Staff | None = Staff.get_or_none(Staff.login == login)
    return found


def all_staff() -> list[Staff]:
    """Return everybody, those in service first, then by login."""
    return list(Staff.select().order_by(Staff.active.desc(), Staff.login))


def add_staff(row: tuple[str, str, str, str, str, int, int]) -> None:
    """Store a person in service: login, name, roles, department, password, must_change, added_at."""
    run(
        "INSERT INTO staff (login, name, roles, department, password, must_change, added_at, active)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
        row,
    )


def set_roles(login: str, roles: str) -> None:
    """Store the posts of a person; without any they are out of service."""
    run("UPDATE staff SET roles = ?, active = ? WHERE login = ?", (roles, int(bool(roles)), login))


def set_department(login: str, department: str) -> None:
    """Store the department of a person."""
    run("UPDATE staff SET department = ? WHERE login = ?", (department, login))


def set_password(login: str, password: str, must_change: int) -> None:
    """Store the Argon2id string of a person."""
    run("UPDATE staff SET password = ?, must_change = ? WHERE login = ?", (password, must_change, login))


def renew_hash(login: str, before: str, password: str) -> None:
    """Store a stronger hash of the same password, unless the password was changed meanwhile."""
    run("UPDATE staff SET password = ? WHERE login = ? AND password = ?", (password, login, before))


# --- put out of service from above
def barred_by(login: str) -> list[str]:
    """Return the addresses that put this login out of service."""
    return [
        str(row[0])
        for row in run("SELECT author FROM staff_bar WHERE login = ? ORDER BY author", (login,)).fetchall()
    ]


def all_barred() -> set[str]:
    """Return every login that is out of service by the word of a node above."""
    return {str(row[0]) for row in run("SELECT DISTINCT login FROM staff_bar").fetchall()}


def barring() -> set[str]:
    """Return every address that put a login of this node out of service."""
    return {str(row[0]) for row in run("SELECT DISTINCT author FROM staff_bar").fetchall()}


def set_bars(author: str, logins: tuple[str, ...]) -> None:
    """Store exactly these logins as put out of service by `author`."""
    run("DELETE FROM staff_bar WHERE author = ?", (author,))
    for login in logins:
        run("INSERT INTO staff_bar (login, author) VALUES (?, ?)", (login, author))


# --- wrong attempts
def wrongs(login: str) -> Wrongs:
    """Return how often a login was tried wrongly since it last went right."""
    row = run("SELECT count, boot, mono FROM sign_in_wrong WHERE login = ?", (login,)).fetchone()
    return Wrongs(int(row[0]), Stamp(str(row[1]), int(row[2]))) if row else NEVER


def wrong_by_ip(ip: str) -> list[Stamp]:
    """Return when somebody at this address erred, as far as it is kept."""
    rows = run("SELECT boot, mono FROM sign_in_attempt WHERE ip = ?", (ip,)).fetchall()
    return [Stamp(str(boot), int(mono)) for boot, mono in rows]


def add_attempt(login: str, ip: str, wall_ms: int, now: Stamp) -> None:
    """Remember one wrong attempt, and count it for the login."""
    run(
        "INSERT INTO sign_in_attempt (login, ip, at, boot, mono) VALUES (?, ?, ?, ?, ?)",
        (login, ip, wall_ms, *now),
    )
    run(
        "INSERT INTO sign_in_wrong (login, count, boot, mono) VALUES (?, 1, ?, ?)"
        " ON CONFLICT (login) DO UPDATE SET count = count + 1, boot = excluded.boot, mono = excluded.mono",
        (login, *now),
    )


def wrongs_at(login: str, ip: str) -> Wrongs:
    """Return how often a login was tried wrongly at one address, as far as it is kept, and when last."""
    rows = run(
        "SELECT boot, mono FROM sign_in_attempt WHERE login = ? AND ip = ? ORDER BY id", (login, ip)
    ).fetchall()
    return Wrongs(len(rows), Stamp(str(rows[-1][0]), int(rows[-1][1]))) if rows else NEVER


def forget_wrongs(login: str) -> None:
    """Begin to count anew for a login, wherever it was tried."""
    run("DELETE FROM sign_in_wrong WHERE login = ?", (login,))
    run("DELETE FROM sign_in_attempt WHERE login = ?", (login,))


def forget_wrongs_at(login: str, ip: str) -> None:
    """Begin to count anew for a login that went right at an address; other addresses keep what they erred."""
    run("DELETE FROM sign_in_wrong WHERE login = ?", (login,))
    run("DELETE FROM sign_in_attempt WHERE login = ? AND ip = ?", (login, ip))


def forget_attempts(now: Stamp, kept_ms: int) -> None:
    """Drop attempts of this run of the machine older than `kept_ms`, and the counts of logins nobody has."""
    before = now.mono_ms - kept_ms
    run("DELETE FROM sign_in_attempt WHERE boot = ? AND mono < ?", (now.boot, before))
    run(
        "DELETE FROM sign_in_wrong WHERE boot = ? AND mono < ? AND login NOT IN (SELECT login FROM staff)",
        (now.boot, before),
    )


def begin_anew(now: Stamp) -> None:
    """Date what is known from another run of the machine to now: pauses begin anew."""
    for table in ("sign_in_attempt", "sign_in_wrong"):
        run(f"UPDATE {table} SET boot = ?, mono = ? WHERE boot <> ?", (*now, now.boot))


# --- sessions
def session_row(token_hash: str) -> SessionRow | None:
    """Return times and person of a session in one query."""
    row = run(_LIVE, (token_hash,)).fetchone()
    return SessionRow(*row) if row else None


def has_been_at(login: str, ip: str, boot: str) -> bool:
    """Say whether a login went right at an address in this run of the machine, as far as it is kept."""
    found = run(
        "SELECT 1 FROM sign_in_session WHERE login = ? AND ip = ? AND boot = ? LIMIT 1", (login, ip, boot)
    )
    return found.fetchone() is not None


def add_session(token_hash: str, login: str, ip: str, wall_ms: int, now: Stamp) -> None:
    """Store a new session."""
    run(
        "INSERT INTO sign_in_session"
        " (token_hash, login, created_at, seen_at, ip, revoked_at, boot, created_mono, seen_mono)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)",
        (token_hash, login, wall_ms, wall_ms, ip, now.boot, now.mono_ms, now.mono_ms),
    )


def mark_seen(token_hash: str, wall_ms: int, now: Stamp) -> None:
    """Move the time a session was last used."""
    run(
        "UPDATE sign_in_session SET seen_at = ?, seen_mono = ? WHERE token_hash = ? AND boot = ?",
        (wall_ms, now.mono_ms, token_hash, now.boot),
    )


def revoke(token_hash: str, wall_ms: int) -> None:
    """End one session."""
    run(
        "UPDATE sign_in_session SET revoked_at = ? WHERE token_hash = ? AND revoked_at = 0",
        (max(1, wall_ms), token_hash),
    )


def revoke_all(login: str, except_hash: str, wall_ms: int) -> int:
    """End all sessions of a person but one (empty: all); return how many there were."""
    cursor = run(
        "UPDATE sign_in_session SET revoked_at = ? WHERE login = ? AND token_hash <> ? AND revoked_at = 0",
        (max(1, wall_ms), login, except_hash),
    )
    return int(cursor.rowcount)


def drop_old_sessions(now: Stamp, kept_ms: int) -> None:
    """Take out sessions of other runs of the machine or made long ago; the audit log keeps that they were."""
    run(
        "DELETE FROM sign_in_session WHERE boot <> ? OR created_mono < ?",
        (now.boot, now.mono_ms - kept_ms),
    )
