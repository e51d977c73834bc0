"""Tables of what other nodes say of staff and what is said to them, of stand-ins and of resets.

Decides nothing.
"""

from __future__ import annotations

import json
from typing import Any

from peewee import BigIntegerField, CompositeKey, IntegerField, TextField

from common.people.rules.sessions import Stamp
from common.people.rules.standing import StandIn
from common.store.database import Base, run

_ARRANGED = (
    "SELECT id, node, absent, absent_name, desk, acting, acting_name, from_day, to_day, source, ended_at"
    " FROM stand_in"
)


class RosterBelow(Base):
    """The staff of a node below as it last said; `staff` is JSON, `at` when it was said by its clock."""

    node = TextField(primary_key=True)
    at = BigIntegerField()
    staff = TextField()


class BarredList(Base):
    """The newest `people.disabled` of an author for a node, of one's own making or seen on the way."""

    node = TextField()
    author = TextField()
    version = IntegerField()
    logins = TextField()

    class Meta:
        primary_key = CompositeKey("node", "author")


class PeopleSent(Base):
    """What was last told to the nodes above, by its hash, so that nothing is told twice."""

    what = TextField(primary_key=True)
    digest = TextField()


class StandInRow(Base):
    """Who stands in for whom; see `rules.standing.StandIn`. `is_own` is 1 for what was made at this node."""

    id = TextField()
    source = TextField()
    node = TextField(index=True)
    absent = TextField()
    absent_name = TextField()
    desk = TextField()
    acting = TextField()
    acting_name = TextField()
    from_day = TextField()
    to_day = TextField()
    made_by = TextField()
    made_at = BigIntegerField()
    ended_at = BigIntegerField()
    is_own = IntegerField()

    class Meta:
        table_name = "stand_in"
        primary_key = CompositeKey("source", "id")
        indexes = ((("acting",), False),)


class ResetChallenge(Base):
    """The challenge that may still be answered, and when it was made in running time."""

    challenge = TextField(primary_key=True)
    made_at = BigIntegerField()
    boot = TextField()
    mono = BigIntegerField()


class ResetBelow(Base):
    """An administrator's password set anew at a node below, as that node said."""

    act = TextField(primary_key=True)
    node = TextField()
    login = TextField()
    way = TextField()
    author = TextField()
    at = BigIntegerField()


# --- staff of nodes below
def put_roster(node: str, at: int, staff: list[dict[str, Any]]) -> None:
    """Store the staff of a node below in place of what it said before."""
    run("REPLACE INTO roster_below (node, at, staff) VALUES (?, ?, ?)", (node, at, json.dumps(staff)))


def roster_of(node: str) -> tuple[int, list[dict[str, Any]]] | None:
    """Return when a node below last spoke of its staff (UTC ms by its clock) and what it said."""
    row = run("SELECT at, staff FROM roster_below WHERE node = ?", (node,)).fetchone()
    return (int(row[0]), json.loads(row[1])) if row else None


def put_barred(node: str, author: str, version: int, logins: tuple[str, ...]) -> None:
    """Store the newest list of an author for a node."""
    run(
        "REPLACE INTO barred_list (node, author, version, logins) VALUES (?, ?, ?, ?)",
        (node, author, version, json.dumps(logins)),
    )


def barred_version(node: str, author: str) -> int:
    """Return the version of an author's newest list for a node, 0 when there is none."""
    row = run("SELECT version FROM barred_list WHERE node = ? AND author = ?", (node, author)).fetchone()
    return int(row[0]) if row else 0


def barred_lists(node: str) -> dict[str, tuple[str, ...]]:
    """Return author → logins out of service at a node, as far as this node knows."""
    rows = run("SELECT author, logins FROM barred_list WHERE node = ?", (node,)).fetchall()
    return {str(author): tuple(json.loads(logins)) for author, logins in rows}


# --- what was sent up
def sent(what: str) -> str:
    """Return the hash of what was last told of `what`, empty when nothing was."""
    row = run("SELECT digest FROM people_sent WHERE what = ?", (what,)).fetchone()
    return str(row[0]) if row else ""


def set_sent(what: str, digest: str) -> None:
    """Remember what was told."""
    run("REPLACE INTO people_sent (what, digest) VALUES (?, ?)", (what, digest))


# --- stand-ins
def add_own_arrangement(one: StandIn, made_by: str, made_at: int) -> None:
    """Store an arrangement made at this node."""
    _add_arrangement(one, made_by, made_at, 1)


def add_told_arrangement(one: StandIn, made_at: int) -> None:
    """Store an arrangement another node told of."""
    _add_arrangement(one, "", made_at, 0)


def _add_arrangement(one: StandIn, made_by: str, made_at: int, is_own: int) -> None:
    run(
        "INSERT INTO stand_in (id, node, absent, absent_name, desk, acting, acting_name, from_day, to_day,"
        " source, ended_at, made_by, made_at, is_own) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(one.id, one.node, one.absent, one.absent_name, one.desk, one.acting, one.acting_name),
            *(one.from_day, one.to_day, one.source, one.ended_at, made_by, made_at, is_own),
        ),
    )


def end_arrangement(source: str, arrangement: str, at: int) -> None:
    """Store that an arrangement was called off."""
    run(
        "UPDATE stand_in SET ended_at = ? WHERE source = ? AND id = ? AND ended_at = 0",
        (at, source, arrangement),
    )


def end_of_agent(node: str, absent: str, at: int) -> list[str]:
    """Store that what was arranged here for an agent of `node` ("": of this one) is over; return the ids."""
    return _end("absent = ? AND node = CASE ? WHEN '' THEN source ELSE ? END", (absent, node, node), at)


def end_of_acting(acting: str, at: int) -> list[str]:
    """Store that somebody of this node does nobody's work any more, as arranged here; return the ids."""
    return _end("acting = ? AND desk = source", (acting,), at)


def _end(which: str, values: tuple[str, ...], at: int) -> list[str]:
    # Those whose days are over, too: by what clock they are, nobody knows.
    sql = f"UPDATE stand_in SET ended_at = ? WHERE is_own = 1 AND ended_at = 0 AND {which} RETURNING id"
    return [str(row[0]) for row in run(sql, (at, *values)).fetchall()]


def drop_arrangements(source: str) -> None:
    """Take out everything another node said of stand-ins; what it says now follows."""
    run("DELETE FROM stand_in WHERE source = ? AND is_own = 0", (source,))


def arrangements_since(day: str) -> list[StandIn]:
    """Return every arrangement whose last day is `day` or later, the newest first."""
    rows = run(f"{_ARRANGED} WHERE to_day >= ? ORDER BY from_day DESC, id", (day,)).fetchall()
    return [StandIn(*row) for row in rows]


def arrangements_of(acting: str, day: str) -> list[StandIn]:
    """Return what a person of this node stands in for on a day, as arranged here."""
    rows = run(
        f"{_ARRANGED} WHERE acting = ? AND from_day <= ? AND to_day >= ? AND ended_at = 0 AND is_own = 1",
        (acting, day, day),
    ).fetchall()
    return [StandIn(*row) for row in rows]


# --- resets
def open_challenge() -> tuple[str, int, Stamp] | None:
    """Return the challenge that waits for an answer, and when it was made (UTC ms) in running time, too."""
    row = run("SELECT challenge, made_at, boot, mono FROM reset_challenge").fetchone()
    return (str(row[0]), int(row[1]), Stamp(str(row[2]), int(row[3]))) if row else None


def set_challenge(challenge: str, wall_ms: int, now: Stamp) -> None:
    """Put a challenge in the place of the one before."""
    drop_challenge()
    run(
        "INSERT INTO reset_challenge (challenge, made_at, boot, mono) VALUES (?, ?, ?, ?)",
        (challenge, wall_ms, *now),
    )


def drop_challenge() -> None:
    """Take the challenge out: no answer fits any more."""
    run("DELETE FROM reset_challenge")


def add_reset(row: tuple[str, str, str, str, str, int]) -> None:
    """Store a reset below: act, node, login, way, author, at; again is no error."""
    run(
        "INSERT OR IGNORE INTO reset_below (act, node, login, way, author, at) VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )


def resets_of(node: str, limit: int) -> list[tuple[str, str, str, int]]:
    """Return (login, way, author, at) of resets at a node below, the newest first."""
    rows = run(
        "SELECT login, way, author, at FROM reset_below WHERE node = ? ORDER BY at DESC LIMIT ?",
        (node, limit),
    ).fetchall()
    return [(str(login), str(way), str(author), int(at)) for login, way, author, at in rows]
