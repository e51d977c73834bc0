"""Passwords, posts, pauses and the end of a session, each rule at its edges."""

from __future__ import annotations

from itertools import product

import pytest

from common.casework.rules import flow
from common.people.rules.passwords import password_problems
from common.people.rules.roles import ROLE_NAMES, Role, acting_role, read_roles, write_roles
from common.people.rules.sessions import (
    CLOCK_SLACK_MS,
    SessionTimes,
    SignInLimits,
    is_live,
    pause_left_ms,
)

LIMITS = SignInLimits(idle_ms=1_000, absolute_ms=5_000, attempts=3, pause_ms=600)


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Qing-yu2026", []),
        ("青峪Zhen-2026!", []),
        ("Qing-yu26", ["length"]),
        ("x" * 200 + "A1bcd", ["length"]),
        ("qingyuzhen2026", ["simple"]),
        ("Zhou-jg2026!", ["own_name"]),
        ("My周建国-2026", ["own_name"]),
        ("Password-2026", ["obvious"]),
        ("123456Abcdef", ["obvious"]),
        ("Aa1Aa1Aa1Aa1", ["obvious"]),
        ("", ["length", "simple", "obvious"]),
    ],
)
def test_a_password_is_judged_with_all_its_faults_at_once(password: str, codes: list[str]) -> None:
    assert [p.code for p in password_problems(password, "zhou", "周建国")] == codes


def test_a_problem_never_repeats_the_password() -> None:
    for problem in password_problems("123456", "zhou", "周建国"):
        assert "123456" not in problem.sentence


def test_posts_are_stored_in_one_order_and_unknown_ones_passed_over() -> None:
    text = write_roles([Role.APPROVER, Role.AGENT, Role.AGENT])
    assert text == "AGENT,APPROVER"
    assert read_roles(text + ",ORACLE") == {Role.AGENT, Role.APPROVER}
    assert read_roles("") == frozenset()


def test_every_post_of_the_flow_table_is_one_staff_can_hold() -> None:
    """NODE is the machine itself: nobody signs in as it."""
    assert {role.value for role in flow.Role} - {"NODE"} == {role.value for role in Role} == set(ROLE_NAMES)


@pytest.mark.parametrize(("held", "wanted"), list(product(Role, Role)))
def test_one_acts_only_in_a_post_one_holds(held: Role, wanted: Role) -> None:
    assert acting_role({held}, [wanted]) == (held if held is wanted else None)


def test_of_several_posts_the_first_wanted_is_taken() -> None:
    assert acting_role({Role.AGENT, Role.CLERK}, [Role.CLERK, Role.AGENT]) is Role.CLERK


@pytest.mark.parametrize(
    ("created", "seen", "revoked", "now", "live"),
    [
        (0, 0, 0, 999, True),
        (0, 0, 0, 1_000, False),
        (0, 4_500, 0, 4_999, True),
        (0, 4_500, 0, 5_000, False),
        (0, 0, 1, 1, False),
        (CLOCK_SLACK_MS, CLOCK_SLACK_MS, 0, 0, True),
        (CLOCK_SLACK_MS + 1, CLOCK_SLACK_MS + 1, 0, 0, False),
    ],
)
def test_a_session_ends_by_idleness_by_age_by_revocation_or_by_a_clock_set_back(
    created: int, seen: int, revoked: int, now: int, live: bool
) -> None:
    assert is_live(SessionTimes(created, seen, revoked), now, LIMITS) is live


@pytest.mark.parametrize(
    ("wrong_at", "now", "left"),
    [
        ([], 100, 0),
        ([10, 20], 100, 0),
        ([10, 20, 30], 100, 530),
        ([30, 10, 20], 100, 530),
        ([10, 20, 30], 611, 0),
        ([10, 20, 30], 630, 0),
        ([200, 300, 400], 100, 0),
    ],
)
def test_wrong_passwords_pause_until_long_enough_after_the_last(
    wrong_at: list[int], now: int, left: int
) -> None:
    assert pause_left_ms(wrong_at, now, 3, 600) == left
