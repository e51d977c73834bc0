"""A letter of which the post tells nothing for days stands in a list of whoever holds the case."""

from __future__ import annotations

import pytest

from common.casework.late import count_overdue, count_unreceipted, unreceipted
from common.casework.rules.letters import posted_longest
from common.casework.rules.services import service_of
from common.days import later, local_day
from tests.casework.build import COUNTY, VILLAGE
from tests.casework.life.test_announced import public
from tests.casework.life.test_handed_over_on import issued
from tests.casework.life.test_not_reached import letter
from tests.casework.life.test_posted import posted
from tests.casework.life.test_served_after_the_end import NAME
from tests.casework.life.tools import APPROVER, CLERK, OTHER, OURS, REVIEWER, Life, staff

SENT = "2026-03-04"


def sent(life: Life) -> str:
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(served_on=later(local_day(life.now), -10)))
    return case


def listed(life: Life, at: str = COUNTY, department: str = "", days: int = 15) -> list[tuple[str, str]]:
    """Return the cases in the list with the day of posting, as of the present day of the test."""
    life.at(at)
    today = local_day(life.now)
    posted_on = (later(today, -365), later(today, -days))
    found = [(line.case, line.alarm_on) for line in unreceipted(at, department, posted_on)]
    assert count_unreceipted(at, department, posted_on) == len(found)
    return found


@pytest.mark.parametrize(
    ("waited", "is_listed"),
    # It was posted on the 4th and registered on the 14th.
    [(4, False), (5, True), (200, True), (355, True), (356, False)],
)
def test_it_is_listed_from_the_fifteenth_day_on_for_a_year(life, waited, is_listed):
    case = sent(life)
    life.wait(waited)
    assert listed(life) == ([(case, SENT)] if is_listed else [])
    assert listed(life, VILLAGE) == [], "whoever does not hold it cannot bring it to its end"
    assert count_overdue(COUNTY, local_day(life.now)) == 0


def test_what_is_told_of_the_letter_takes_it_off_the_list(life):
    came, back = sent(life), sent(life)
    life.wait(20)
    assert len(listed(life)) == 2
    life.report(VILLAGE, came, "letter_came", letter={"tracking": "EMS1", "on": "2026-03-09"})
    assert [case for case, _ in listed(life)] == [back]
    life.report(VILLAGE, back, "not_served", **letter(local_day(life.now)))
    assert listed(life) == []


def test_of_two_letters_the_one_that_has_been_out_longer_counts(life):
    case = sent(life)
    life.move(COUNTY, case, "correct_decision", APPROVER, **NAME)
    life.wait(20)
    assert listed(life) == [(case, SENT)], "also while something else is to be handed over"
    today = local_day(life.now)
    life.report(VILLAGE, case, "handed_over", **posted("EMS2"))
    assert posted_longest(life.agreed(case)) == SENT
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": "2026-03-09"})
    assert posted_longest(life.agreed(case)) == today and listed(life) == []
    life.wait(15)
    assert listed(life) == [(case, today)]


def test_what_is_announced_is_not_waited_for_so(life):
    announced = sent(life)
    life.move(COUNTY, announced, "correct_decision", APPROVER, **NAME)
    life.move(COUNTY, announced, "announce", CLERK, **public(local_day(life.now)))
    life.wait(20)
    assert listed(life) == []


def test_a_file_in_the_archive_leaves_its_letter_on_the_list(life):
    """Who archived a case lost sight of its letter, and of the day from which its terms run."""
    case = sent(life)
    life.move(COUNTY, case, "archive", CLERK)
    life.wait(20)
    assert listed(life) == [(case, SENT)] and count_overdue(COUNTY, local_day(life.now)) == 0
    life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": "2026-03-09"})
    assert listed(life) == [] and service_of(life.agreed(case), life.state(case).concluded).on == "2026-03-09"


def test_it_is_for_the_window_of_the_department_in_charge(life):
    case = life.accepted()
    life.move(COUNTY, case, "transfer", REVIEWER, department=OTHER, note="不归我们")
    for action, post in (("review", "REVIEWER"), ("approve", "APPROVER"), ("issue", "CLERK")):
        life.move(COUNTY, case, action, staff(post, OTHER))
    life.report(VILLAGE, case, "handed_over", **posted())
    life.wait(20)
    assert [len(listed(life, department=name)) for name in ("", OURS, OTHER)] == [1, 0, 1]


def test_the_daily_look_leaves_it_alone(life):
    case = sent(life)
    life.wait(20)
    before = life.agreed(case)
    life.day_job(COUNTY)
    assert life.agreed(case) == before and len(listed(life)) == 1
