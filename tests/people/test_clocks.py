"""No trick with the clock opens, shuts or keeps an account: over a real database, and through the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.clock import FixedClock, SystemClock
from common.people.errors import SignInPaused, WrongPassword
from common.people.service import People
from common.store.database import close_database, run, unit_of_work
from common.web.factory import make_app
from tests.people.conftest import LIMITS, MINUTE, NOW, PASSWORD
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile

IN_2099 = 4_080_000_000_000
IN_1970 = 60_000
JUMPS = [IN_1970, NOW - 86_400_000, NOW, NOW + 86_400_000, IN_2099]


def try_in(people: People, clock: FixedClock, password: str) -> str:
    """Try to sign in as zhou; return the token."""
    proof = people.prove("zhou", password, "10.0.0.5", clock.moment())
    with unit_of_work():
        outcome = people.sign_in(proof, clock.moment())
    return outcome.token()


def lock(people: People, clock: FixedClock) -> None:
    """Err until the account is paused."""
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            try_in(people, clock, "Wrong-2026x")


def restart(people: People, clock: FixedClock) -> None:
    """Restart the machine and start the node."""
    clock.restart_machine()
    with unit_of_work():
        people.start(clock.moment())


@pytest.fixture
def clock() -> FixedClock:
    made = FixedClock(NOW)
    made.advance(1_000_000)
    return made


@pytest.mark.parametrize("wall", JUMPS)
def test_a_paused_account_stays_paused_for_its_time_wherever_the_date_is_set(
    people: People, clock: FixedClock, wall: int
) -> None:
    lock(people, clock)
    clock.set_wall(wall)
    with pytest.raises(SignInPaused):
        try_in(people, clock, PASSWORD)
    clock.advance(14 * MINUTE)
    with pytest.raises(SignInPaused):
        try_in(people, clock, PASSWORD)
    clock.advance(MINUTE)
    assert try_in(people, clock, PASSWORD)


@pytest.mark.parametrize("wall", JUMPS)
def test_a_restart_begins_the_pause_anew_and_no_longer(people: People, clock: FixedClock, wall: int) -> None:
    lock(people, clock)
    clock.advance(10 * MINUTE)
    restart(people, clock)
    clock.set_wall(wall)
    clock.advance(14 * MINUTE)
    with pytest.raises(SignInPaused):
        try_in(people, clock, PASSWORD)
    clock.advance(MINUTE)
    assert try_in(people, clock, PASSWORD)


def test_a_node_that_could_not_write_at_its_start_begins_the_pause_with_the_first_try(
    people: People, clock: FixedClock
) -> None:
    lock(people, clock)
    clock.restart_machine()
    with pytest.raises(SignInPaused):
        try_in(people, clock, PASSWORD)
    clock.advance(15 * MINUTE)
    assert try_in(people, clock, PASSWORD)


def test_a_restart_of_the_program_alone_changes_nothing(people: People, clock: FixedClock) -> None:
    lock(people, clock)
    clock.advance(10 * MINUTE)
    with unit_of_work():
        people.start(clock.moment())
    clock.advance(5 * MINUTE)
    assert try_in(people, clock, PASSWORD)


def test_wrong_attempts_count_until_a_right_sign_in_however_long_it_takes(
    people: People, clock: FixedClock
) -> None:
    """Guessing slowly, or setting the clock on between two guesses, gains nothing."""
    for _ in range(LIMITS.attempts):
        with pytest.raises(WrongPassword):
            try_in(people, clock, "Wrong-2026x")
        clock.advance(20 * MINUTE)
    with pytest.raises(WrongPassword):
        try_in(people, clock, "Wrong-2026x")
    with pytest.raises(SignInPaused):
        try_in(people, clock, PASSWORD)
    clock.advance(15 * MINUTE)
    assert try_in(people, clock, PASSWORD)
    assert run("SELECT count(*) FROM sign_in_wrong").fetchone()[0] == 0


@pytest.mark.parametrize("wall", JUMPS)
def test_a_good_session_lives_and_a_dead_one_stays_dead_wherever_the_date_is_set(
    people: People, clock: FixedClock, wall: int
) -> None:
    token = try_in(people, clock, PASSWORD)
    clock.set_wall(wall)
    assert people.session_of(token, clock.moment()) is not None
    clock.advance(LIMITS.idle_ms)
    assert people.session_of(token, clock.moment()) is None
    for back in JUMPS:
        clock.set_wall(back)
        assert people.session_of(token, clock.moment()) is None


def test_use_while_the_clock_is_wrong_keeps_a_session_no_longer_than_its_limit(
    people: People, clock: FixedClock
) -> None:
    token = try_in(people, clock, PASSWORD)
    for step in range(100):
        clock.set_wall(IN_2099 if step % 2 else IN_1970)
        clock.advance(20 * MINUTE)
        if people.session_of(token, clock.moment()) is None:
            break
        with unit_of_work():
            people.touch(token, clock.moment())
    assert step == LIMITS.absolute_ms // (20 * MINUTE) - 1


def test_with_the_machine_every_session_ends(people: People, clock: FixedClock) -> None:
    token = try_in(people, clock, PASSWORD)
    restart(people, clock)
    clock.advance(10**9)
    assert people.session_of(token, clock.moment()) is None


def test_the_real_clock_names_the_run_of_the_machine_not_of_the_program() -> None:
    one, other = SystemClock().moment(), SystemClock().moment()
    assert one.boot == other.boot and len(one.boot) == 32
    assert 0 <= other.mono_ms - one.mono_ms < 60_000 and other.wall_ms > NOW - 10**12


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    yield FakeNode(tmp_path)
    close_database()


@pytest.mark.parametrize("wall", JUMPS)
def test_neither_page_nor_cookie_minds_the_date(
    node: FakeNode, wall: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flask's own cookies grow old by the wall clock; ours do not, and neither does the form secret."""
    boss = Browser(make_app(node, FakeProfile(), [])).sign_in("boss")
    node.clock.set_wall(wall)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: wall / 1000)
    assert boss.get("/password").status_code == 200
    assert boss.post("/display", {"size": "large"}).status_code == 303
    assert boss.get("/password").status_code == 200
    node.clock.advance(node.config.session_idle_s * 1000)
    assert boss.get("/password").status_code == 303
    node.clock.set_wall(NOW)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: NOW / 1000)
    assert boss.get("/password").status_code == 303


@pytest.mark.parametrize("wall", JUMPS)
def test_the_page_pauses_and_opens_again_whatever_the_date(node: FakeNode, wall: int) -> None:
    browser = Browser(make_app(node, FakeProfile(), []))
    browser.get("/sign-in")
    for _ in range(5):
        browser.post("/sign-in", {"login": "boss", "password": "Wrong-2026x"})
    node.clock.set_wall(wall)
    assert browser.post("/sign-in", {"login": "boss", "password": PASSWORD}).status_code == 429
    node.clock.advance(15 * MINUTE)
    assert browser.post("/sign-in", {"login": "boss", "password": PASSWORD}).status_code == 303
