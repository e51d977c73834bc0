"""Urgent cases stand first in the queue of everybody whose work they are, and push nobody else out of it."""

from __future__ import annotations

import pytest

from common.casework import queues
from common.casework.queues import FIRST, CaseLine, Wanted
from tests.casework.build import COUNTY, TOWN
from tests.casework.life.tools import CENTRE, OURS


def read_by(wanted: Wanted, size: int) -> list[CaseLine]:
    """Return a queue as somebody sees it who turns its pages."""
    found: list[CaseLine] = []
    after = FIRST
    while page := queues.waiting(wanted, size, after):
        found += page
        after = page[-1].place_in_queue
    return found


@pytest.mark.parametrize("department", ["", "便民服务中心"])
def test_an_urgent_case_that_is_for_everybody_is_shown_to_people_of_a_department(life, department):
    usual = life.file("checked")
    urgent = life.file("checked", green="住院待报销", overrule="另有一户")
    life.at(TOWN)
    wanted = Wanted(waits_at=TOWN, works=("check",), department=department)
    assert [line.case for line in queues.waiting(wanted)] == [urgent, usual]


def test_a_department_sees_its_own_urgent_cases_and_no_others(life):
    urgent = life.file("direct", green="急")
    centre = life.file("centre", green="急")
    life.at(COUNTY)
    works = ("acceptance",)
    own = queues.waiting(Wanted(waits_at=COUNTY, works=works, department=OURS))
    other = queues.waiting(Wanted(waits_at=COUNTY, works=works, department=CENTRE))
    assert ({line.case for line in own}, {line.case for line in other}) == ({urgent, centre}, {centre})


@pytest.mark.parametrize("size", [1, 2, 3, 5, 50])
@pytest.mark.parametrize("department", ["", OURS])
def test_every_case_is_on_one_page_however_many_are_urgent(life, size, department):
    """Urgent ones filed later than all others filled the first page, and the others came on none."""
    usual = []
    for _ in range(3):
        usual.append(life.file("direct", overrule="另有一户"))
        life.wait(0.01)
    urgent = []
    for _ in range(4):
        urgent.append(life.file("direct", overrule="另有一户", green="急"))
        life.wait(0.01)
    life.at(COUNTY)
    wanted = Wanted(waits_at=COUNTY, works=("acceptance", "examine"), department=department)
    assert [line.case for line in read_by(wanted, size)] == [*urgent, *usual]
