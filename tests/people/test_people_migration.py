"""Migrations 0010 and 0011 over a database of before: accounts stay, sessions end, counts go on."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from argon2 import PasswordHasher
from playhouse.migrations import Migration

from common.people.errors import SignInPaused
from common.people.service import People
from common.store import migrate as migration
from common.store.database import close_database, open_database, run, unit_of_work
from tests.people.conftest import LIMITS, MINUTE, NOW, PASSWORD, moment


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[People]:
    """A node that was upgraded: two people, a session, wrong attempts at one of the two logins."""
    db = open_database(tmp_path / "node.sqlite")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    for name in ("0002_store", "0003_people"):
        scripts[name].load().up(None, db)
    stored = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1).hash(PASSWORD)
    for login, roles in (("zhou", "AGENT,CLERK"), ("boss", "ADMIN")):
        run(
            "INSERT INTO staff (login, name, roles, department, password, active, must_change, added_at)"
            " VALUES (?, ?, ?, '', ?, 1, 0, ?)",
            (login, login, roles, stored, NOW),
        )
    run("INSERT INTO sign_in_session VALUES ('t', 'zhou', ?, ?, '10.0.0.5', 0)", (NOW, NOW))
    for number in range(LIMITS.attempts):
        run(
            "INSERT INTO sign_in_attempt (login, ip, at) VALUES ('zhou', '10.0.0.5', ?)",
            (NOW + number,),
        )
    for name in ("0010_people", "0011_views_letters"):
        scripts[name].load().up(None, db)
    yield People(Random(1).randbytes, LIMITS)
    close_database()


def sign_in(people: People, login: str, after_ms: int = 0) -> str:
    proof = people.prove(login, PASSWORD, "10.0.0.9", moment(after_ms))
    with unit_of_work():
        outcome = people.sign_in(proof, moment(after_ms))
    return outcome.token()


def test_people_and_passwords_stay(earlier: People) -> None:
    assert [(one.login, len(one.roles)) for one in earlier.staff()] == [("boss", 1), ("zhou", 2)]
    assert earlier.session_of(sign_in(earlier, "boss"), moment()) is not None


def test_sessions_of_the_earlier_program_are_over(earlier: People) -> None:
    run("UPDATE sign_in_session SET token_hash = ?", (token_hash("old"),))
    assert earlier.session_of("old", moment()) is None


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def test_a_login_that_was_paused_stays_so_for_one_pause_at_most(earlier: People) -> None:
    with unit_of_work():
        earlier.start(moment())
    with pytest.raises(SignInPaused):
        sign_in(earlier, "zhou", 14 * MINUTE)
    assert sign_in(earlier, "zhou", 15 * MINUTE)


def test_the_new_tables_are_there_and_empty(earlier: People) -> None:
    for table in ("view_log", "view_digest", "view_below", "letter", "stand_in", "barred_list", "staff_bar"):
        assert run(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
