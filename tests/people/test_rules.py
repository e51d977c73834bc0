"""Passwords, posts, pauses and the end of a session, each rule at its edges."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Lock
from time import sleep

import pytest

from common.casework.rules import flow
from common.people import hashing
from common.people.rules.departments import departments, is_out_of_reach
from common.people.rules.passwords import password_problems
from common.people.rules.roles import ROLE_NAMES, Role, acting_role, read_roles, write_roles
from common.people.rules.sessions import (
    SessionTimes,
    SignInLimits,
    Stamp,
    Wrongs,
    address_pause_ms,
    is_live,
    login_pause_ms,
)
from common.people.rules.staff import NewStaff, StaffMember, person_problems, told_apart

LIMITS = SignInLimits(idle_ms=1_000, absolute_ms=5_000, attempts=3, pause_ms=600)


@pytest.mark.parametrize("name", ["李\u202e口窗", "李\u200b窗口", "李\x00窗口", "李\n窗口"])
def test_a_name_shows_as_it_is_kept(name: str) -> None:
    """It stands on every slip and receipt that its owner makes."""
    found = person_problems(NewStaff("li", name, frozenset({Role.CLERK}), "", "Qing-yu2026"))
    assert [problem.code for problem in found] == ["bad_character"]
    assert not person_problems(NewStaff("li", "李窗口", frozenset({Role.CLERK}), "", "Qing-yu2026"))


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Qing-yu2026", []),
        ("青峪Zhen-2026!", []),
        ("", ["missing"]),
        ("Qing-yu26", ["length"]),
        ("x" * 200 + "A1bcd", ["length"]),
        ("qingyuzhen2026", ["simple"]),
        ("Zhou-jg2026!", ["own_name"]),
        ("My周建国-2026", ["own_name"]),
        ("Password-2026", ["obvious"]),
        ("123456Abcdef", ["obvious"]),
        ("Aa1Aa1Aa1Aa1", ["obvious"]),
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


A, B = "boot-a", "boot-b"


@pytest.mark.parametrize(
    ("created", "seen", "revoked", "now", "live"),
    [
        (0, 0, False, Stamp(A, 999), True),
        (0, 0, False, Stamp(A, 1_000), False),
        (0, 4_500, False, Stamp(A, 4_999), True),
        (0, 4_500, False, Stamp(A, 5_000), False),
        (0, 0, True, Stamp(A, 1), False),
        (0, 0, False, Stamp(B, 1), False),
        (500, 500, False, Stamp(A, 499), False),
    ],
)
def test_a_session_ends_by_idleness_by_age_by_revocation_or_by_a_restart_of_the_machine(
    created: int, seen: int, revoked: bool, now: Stamp, live: bool
) -> None:
    times = SessionTimes(Stamp(A, created), Stamp(A, seen), revoked)
    assert is_live(times, now, LIMITS) is live


@pytest.mark.parametrize(
    ("count", "last", "now", "left"),
    [
        (2, Stamp(A, 10), Stamp(A, 20), 0),
        (3, Stamp(A, 10), Stamp(A, 10), 600),
        (3, Stamp(A, 10), Stamp(A, 110), 500),
        (3, Stamp(A, 10), Stamp(A, 609), 1),
        (3, Stamp(A, 10), Stamp(A, 610), 0),
        (9, Stamp(A, 10), Stamp(A, 110), 500),
        (3, Stamp(A, 10_000), Stamp(B, 5), 600),
        (3, Stamp(A, 10), Stamp(B, 10_000), 600),
        (3, Stamp(A, 10_000), Stamp(A, 5), 600),
    ],
)
def test_a_login_is_paused_by_its_count_and_never_longer_than_one_pause(
    count: int, last: Stamp, now: Stamp, left: int
) -> None:
    assert login_pause_ms(Wrongs(count, last), now, LIMITS) == left


@pytest.mark.parametrize(
    ("ages", "left"),
    [([], 0), ([10] * 11, 0), ([10] * 12, 590), ([*[599] * 11, 100], 500), ([*[600] * 5, *[1] * 11], 0)],
)
def test_an_address_is_paused_by_what_went_wrong_within_one_pause(ages: list[int], left: int) -> None:
    now = Stamp(A, 5_000)
    wrong_at = [Stamp(A, now.mono_ms - age) for age in ages]
    assert address_pause_ms(wrong_at, now, LIMITS) == left


def test_departments_are_the_centre_first_then_each_once() -> None:
    assert departments(["县民政局", "县林业局", "县民政局"], ["", " 县林业局 ", "政务服务中心"]) == (
        "政务服务中心",
        "县林业局",
        "县民政局",
    )


@pytest.mark.parametrize(
    ("posts", "department", "is_lost"),
    [
        ({Role.REVIEWER}, "通江县民政局", True),
        ({Role.REVIEWER}, "县民政局", False),
        ({Role.APPROVER}, "", False),
        ({Role.CLERK}, "便民服务中心", False),
        # Who watches over all departments, and who only administers the site, is given no case by department.
        ({Role.SUPERVISOR, Role.ADMIN}, "纪检组", False),
        ({Role.ADMIN, Role.CHECKER}, "纪检组", True),
    ],
)
def test_a_department_that_no_item_names_is_out_of_reach_of_cases(
    posts: set[Role], department: str, is_lost: bool
) -> None:
    assert is_out_of_reach(posts, department, {"县民政局"}) == is_lost


def test_strangers_who_sign_in_all_at_once_take_the_memory_of_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 19 MB, and anybody on the net may begin one in every thread of the node."""
    at_work, most, counting = 0, 0, Lock()

    class Hasher:
        def verify(self, stored: str, password: str) -> bool:
            nonlocal at_work, most
            with counting:
                at_work += 1
                most = max(most, at_work)
            sleep(0.02)
            with counting:
                at_work -= 1
            return True

    monkeypatch.setattr(hashing, "_hasher", Hasher())
    with ThreadPoolExecutor(16) as strangers:
        assert all(strangers.map(lambda _: hashing.fits(hashing.NOBODY, "Qing-yu2026"), range(32)))
    assert most == hashing.AT_ONCE


def test_two_of_one_name_are_told_apart_by_their_logins() -> None:
    def member(login: str, name: str) -> StaffMember:
        return StaffMember(login, name, frozenset({Role.AGENT}), "", True, False)

    told = told_apart([member("li", "李霞"), member("lixia2", "李霞"), member("zhou", "周代办")])
    assert told == [("li", "李霞（li）"), ("lixia2", "李霞（lixia2）"), ("zhou", "周代办")]
