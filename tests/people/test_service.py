"""Accounts and sign-in over a real database."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from common.clock import Moment
from common.errors import BadInput
from common.people.errors import LastAdmin, LoginTaken, NoSuchStaff, SignInPaused, WrongPassword
from common.people.records import accounts as records
from common.people.records import wider
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.people.service import People
from common.store import audit
from common.store.database import Base, UnitMisuse, run, unit_of_work
from tests.people.conftest import LIMITS, MINUTE, NOW, PASSWORD, moment

BEGIN = moment()


def sign_in(people: People, login: str, password: str, *, ip: str = "10.0.0.5", at: Moment = BEGIN) -> str:
    """Sign in as a page does: proof, unit of work, token."""
    proof = people.prove(login, password, ip, at)
    with unit_of_work():
        outcome = people.sign_in(proof, at)
    return outcome.token()


def change(people: People, token: str, old: str, new: str) -> None:
    """Change a password as a page does."""
    session = people.session_of(token, moment())
    assert session is not None
    proof = people.prove(session.staff.login, old, "10.0.0.5", moment())
    if not proof.is_right:
        with unit_of_work():
            people.count_wrong(proof, moment())
    ready = people.own_password(proof, old, new)
    with unit_of_work():
        people.change_password(token, ready, NOW)


def reset(people: People, login: str, new: str) -> None:
    """Give a first password as a page does."""
    ready = people.first_password(login, new)
    with unit_of_work():
        people.reset_password(ready, "boss", NOW)


def test_the_right_password_opens_a_session_that_knows_the_person(people: People) -> None:
    session = people.session_of(sign_in(people, " Zhou ", PASSWORD), moment())
    assert session is not None
    assert (session.staff.name, session.staff.roles) == ("周建国", {Role.CLERK, Role.AGENT})
    actor = session.staff.acting_as([Role.CLERK])
    assert actor is not None and (actor.login, actor.role, actor.department) == (
        "zhou",
        "CLERK",
        "青峪镇便民服务中心",
    )
    assert session.staff.acting_as([Role.APPROVER]) is None


def test_neither_password_nor_token_is_in_the_database(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    tables = [row[0] for row in run("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    everything = "".join(str(run(f"SELECT * FROM {table}").fetchall()) for table in tables)
    assert PASSWORD not in everything and token not in everything
    assert "$argon2id$" in everything


@pytest.mark.parametrize(("login", "password"), [("zhou", "Wrong-2026x"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_sign_in_says_not_what_was_wrong(people: People, login: str, password: str) -> None:
    with pytest.raises(WrongPassword) as caught:
        sign_in(people, login, password)
    assert caught.value.code == "E201"


def test_a_login_nobody_has_is_not_stored_as_typed(people: People) -> None:
    """People type their password into the wrong box."""
    with pytest.raises(WrongPassword):
        sign_in(people, "mysecretpassword", "x")
    assert "mysecretpassword" not in str(run("SELECT * FROM sign_in_attempt").fetchall())
    assert "mysecretpassword" not in str(audit.latest(5))


def test_too_many_wrong_passwords_pause_the_account_even_for_the_right_one(people: People) -> None:
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            sign_in(people, "zhou", "Wrong-2026x")
    with pytest.raises(SignInPaused) as caught:
        sign_in(people, "zhou", PASSWORD, ip="10.0.0.6", at=moment(14 * MINUTE))
    assert "1 分钟" in str(caught.value)
    assert sign_in(people, "zhou", PASSWORD, at=moment(15 * MINUTE))


def test_wrong_passwords_from_elsewhere_shut_nobody_out_where_they_work(people: People) -> None:
    """Else a stranger could keep the one who decides away until the last day has passed."""
    sign_in(people, "zhou", PASSWORD, ip="10.0.0.5")
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            sign_in(people, "zhou", "Wrong-2026x", ip="10.0.0.99")
    for elsewhere in ("10.0.0.99", "10.0.0.6"):
        with pytest.raises(SignInPaused):
            sign_in(people, "zhou", PASSWORD, ip=elsewhere)
    assert sign_in(people, "zhou", PASSWORD, ip="10.0.0.5")
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            sign_in(people, "zhou", "Wrong-2026x", ip="10.0.0.5")
    with pytest.raises(SignInPaused):
        sign_in(people, "zhou", PASSWORD, ip="10.0.0.5")
    with pytest.raises(WrongPassword):
        sign_in(people, "zhou", "Wrong-2026x", ip="10.0.0.5", at=moment(15 * MINUTE))
    with pytest.raises(SignInPaused):
        sign_in(people, "zhou", PASSWORD, ip="10.0.0.5", at=moment(29 * MINUTE))
    reset(people, "zhou", "Lin-shi2026")
    assert sign_in(people, "zhou", "Lin-shi2026", ip="10.0.0.5", at=moment(29 * MINUTE))


def test_wrong_passwords_for_many_accounts_pause_the_address(people: People) -> None:
    for number in range(LIMITS.attempts * 4):
        with pytest.raises(WrongPassword):
            sign_in(people, f"guess{number}", "Wrong-2026x")
    with pytest.raises(SignInPaused):
        sign_in(people, "zhou", PASSWORD)
    assert sign_in(people, "zhou", PASSWORD, ip="10.0.0.6")


def test_one_computer_has_no_second_address_for_its_guesses(people: People) -> None:
    """Under IPv6 it chooses half of its address as it likes; IPv4 comes in two ways of writing."""
    for number in range(LIMITS.attempts * 4):
        with pytest.raises(WrongPassword):
            sign_in(people, f"guess{number}", "Wrong-2026x", ip=f"2001:db8:1:2::{number + 1:x}")
    with pytest.raises(SignInPaused):
        sign_in(people, "zhou", PASSWORD, ip="2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert sign_in(people, "zhou", PASSWORD, ip="2001:db8:1:3::1")
    for number in range(LIMITS.attempts * 4):
        with pytest.raises(WrongPassword):
            sign_in(people, f"guess{number}", "Wrong-2026x", ip="::ffff:" * (number % 2) + "10.0.0.9")
    with pytest.raises(SignInPaused):
        sign_in(people, "zhou", PASSWORD, ip="10.0.0.9")


def test_who_works_from_a_plug_is_shut_out_by_nobody_elsewhere(people: People) -> None:
    """A computer takes a new address each day under IPv6; it is the same desk all the same."""
    assert sign_in(people, "zhou", PASSWORD, ip="2001:db8:1:2::1")
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            sign_in(people, "zhou", "Wrong-2026x", ip="2001:db8:9:9::1")
    assert sign_in(people, "zhou", PASSWORD, ip="2001:db8:1:2::2")


def test_a_right_password_wipes_the_slate(people: People) -> None:
    for _ in range(3):
        for _ in range(LIMITS.attempts - 1):
            with pytest.raises(WrongPassword):
                sign_in(people, "zhou", "Wrong-2026x")
        sign_in(people, "zhou", PASSWORD)


def test_a_session_ends_when_idle_and_lives_while_used(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    for step in range(1, 20):
        at = moment(step * 29 * MINUTE)
        assert people.session_of(token, at) is not None
        with unit_of_work():
            people.touch(token, at)
    assert people.session_of(token, moment((19 * 29 + 30) * MINUTE)) is None
    assert people.session_of(token, moment(600 * MINUTE)) is None


def test_signing_out_ends_this_session_only(people: People) -> None:
    first, second = sign_in(people, "zhou", PASSWORD), sign_in(people, "zhou", PASSWORD)
    assert first != second
    with unit_of_work():
        people.sign_out(first, moment())
        people.sign_out("unknown", moment())
    assert people.session_of(first, moment()) is None
    assert people.session_of(second, moment()) is not None
    assert [row.action for row in audit.latest(1)] == ["people.sign_out"]


def test_a_new_password_ends_the_other_sessions(people: People) -> None:
    mine, other = sign_in(people, "zhou", PASSWORD), sign_in(people, "zhou", PASSWORD)
    change(people, mine, PASSWORD, "Xin-mima2027")
    assert people.session_of(mine, moment()) is not None
    assert people.session_of(other, moment()) is None
    with pytest.raises(WrongPassword):
        sign_in(people, "zhou", PASSWORD)
    assert sign_in(people, "zhou", "Xin-mima2027")


def test_a_password_that_will_not_do_changes_nothing_and_says_all(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    with pytest.raises(BadInput) as caught:
        change(people, token, "wrong", "short")
    assert [p.field for p in caught.value.problems] == ["old_password", "new_password", "new_password"]
    with pytest.raises(BadInput):
        change(people, token, PASSWORD, PASSWORD)
    assert sign_in(people, "zhou", PASSWORD)


def test_the_old_password_is_guessed_no_more_often_than_at_sign_in(people: People) -> None:
    """A desk that was left open for a minute must not be where one may try for ever."""
    token = sign_in(people, "zhou", PASSWORD)
    for _ in range(LIMITS.attempts):
        with pytest.raises(BadInput):
            change(people, token, "Wrong-2026x", "Xin-mima2027")
    with pytest.raises(SignInPaused):
        change(people, token, PASSWORD, "Xin-mima2027")
    assert [row.action for row in audit.latest(1)] == ["people.password_wrong"]
    assert people.session_of(token, moment()) is not None, "the work at hand goes on"
    assert sign_in(people, "zhou", PASSWORD, at=moment(15 * MINUTE))


def test_a_reset_password_must_be_changed(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    reset(people, "zhou", "Lin-shi2026")
    assert people.session_of(token, moment()) is None
    token = sign_in(people, "zhou", "Lin-shi2026")
    session = people.session_of(token, moment())
    assert session is not None and session.staff.must_change
    change(people, token, "Lin-shi2026", "Xin-mima2027")
    session = people.session_of(token, moment())
    assert session is not None and not session.staff.must_change


def test_who_holds_no_post_is_out_at_once(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    with unit_of_work():
        people.set_roles("zhou", frozenset(), "boss", NOW)
    assert people.session_of(token, moment()) is None
    with pytest.raises(WrongPassword):
        sign_in(people, "zhou", PASSWORD)
    assert [s.login for s in people.staff()] == ["boss", "zhou"]


def test_new_posts_count_from_the_next_page_on(people: People) -> None:
    token = sign_in(people, "zhou", PASSWORD)
    with unit_of_work():
        people.set_roles("zhou", frozenset({Role.REVIEWER}), "boss", NOW)
    session = people.session_of(token, moment())
    assert session is not None and session.staff.roles == {Role.REVIEWER}


def test_the_last_administrator_stays(people: People) -> None:
    with pytest.raises(LastAdmin), unit_of_work():
        people.set_roles("boss", frozenset({Role.CLERK}), "boss", NOW)
    with unit_of_work():
        people.set_roles("zhou", frozenset({Role.ADMIN}), "boss", NOW)
        people.set_roles("boss", frozenset({Role.CLERK}), "zhou", NOW)


def test_a_new_person_is_checked_whole(people: People) -> None:
    with pytest.raises(BadInput) as caught:
        people.ready(NewStaff("周", " ", frozenset(), "x" * 61, "x"))
    fields = {p.field for p in caught.value.problems}
    assert fields == {"login", "name", "roles", "department", "new_password"}
    again = people.ready(NewStaff("zhou", "周二", frozenset({Role.AGENT}), "", PASSWORD))
    with pytest.raises(LoginTaken), unit_of_work():
        people.add_staff(again, "boss", NOW)
    with pytest.raises(NoSuchStaff):
        people.first_password("ghost", "Lin-shi2026")


def test_nothing_changes_without_a_unit_of_work(people: People) -> None:
    proof = people.prove("zhou", PASSWORD, "10.0.0.5", moment())
    for attempt in (
        lambda: people.sign_in(proof, moment()),
        lambda: people.touch("t", moment()),
        lambda: people.sign_out("t", moment()),
        lambda: people.set_roles("zhou", frozenset({Role.AGENT}), "boss", NOW),
    ):
        with pytest.raises(UnitMisuse):
            attempt()


@pytest.mark.usefixtures("hashing_cost")
def test_a_hash_with_older_cost_is_renewed_at_sign_in(people: People) -> None:
    weak = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1).hash(PASSWORD)
    with unit_of_work():
        run("UPDATE staff SET password = ? WHERE login = 'zhou'", (weak,))
    sign_in(people, "zhou", PASSWORD)
    stored = records.find_staff("zhou")
    assert stored is not None and "m=19456,t=2,p=1" in stored.password
    assert sign_in(people, "zhou", PASSWORD)


TABLES = [
    *(records.Staff, records.SignInSession, records.SignInAttempt, records.SignInWrong, records.StaffBar),
    *(wider.RosterBelow, wider.BarredList, wider.PeopleSent, wider.StandInRow),
    *(wider.ResetChallenge, wider.ResetBelow),
]


@pytest.mark.parametrize("table", TABLES)
def test_the_migrated_schema_is_what_the_tables_say(people: People, table: type[Base]) -> None:
    columns = {row[1] for row in run(f"PRAGMA table_info({table._meta.table_name})")}
    assert columns == {field.column_name for field in table._meta.sorted_fields}
