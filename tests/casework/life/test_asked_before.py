"""Departments that a township had asked before the county took the case over from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework import queues
from common.casework.rules.facts import DISAGREE
from common.casework.rules.flow import Report, State
from common.casework.rules.taking_over import SILENT_DAYS
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.test_taking_over import take_over
from tests.casework.life.tools import ALSO, CLERK, ITEMS_OF_LIFE, JOINT, REVIEWER, Life, staff

LAND = staff("REVIEWER", ALSO)


def asked_by_the_township(life: Life, at: str = VILLAGE) -> str:
    """Return a joint case of a township, which asks a department of its own and is then cut off."""
    life.shelf.items["town"] = replace(ITEMS_OF_LIFE["town"], joint=JOINT[1:])
    case = life.file("town", at=at)
    life.line.heard[TOWN] = life.now
    return case


@pytest.mark.parametrize(("at", "is_cut_off"), [(VILLAGE, True), (TOWN, True), (TOWN, False)])
def test_the_township_s_department_can_answer_the_county_as_its_list_says(life, at, is_cut_off):
    """Also where the township was only late, and remains among the parties as the place of filing."""
    case = asked_by_the_township(life, at)
    life.wait(SILENT_DAYS + 1)
    if not is_cut_off:
        life.line.heard[TOWN] = life.now
    assert take_over(life, case).done == (case,)
    life.network.run()
    assert life.agreed(case).state is State.ACCEPTED
    township = life.at(TOWN)
    assert [line.case for line in queues.asked_of(ALSO, TOWN)] == [case]
    assert Report.OPINION in township.reports_for(life.state(case, TOWN), ["REVIEWER"], ALSO)
    life.report(TOWN, case, "opinion", LAND, verdict="agree")
    life.at(TOWN)
    assert queues.asked_of(ALSO, TOWN) == []
    life.move(COUNTY, case, "review", REVIEWER)
    assert life.agreed(case).state is State.REVIEWED


def test_what_it_answered_while_the_township_was_cut_off_is_not_lost(life):
    case = asked_by_the_township(life)
    life.move(TOWN, case, "accept", CLERK)
    life.report_unheard(TOWN, case, "opinion", LAND, verdict=DISAGREE, note="占了农田")
    life.wait(SILENT_DAYS)
    assert take_over(life, case).done == (case,)
    life.network.run()
    (asked,) = life.agreed(case).facts.asked
    assert (asked.verdict, asked.note) == (DISAGREE, "占了农田")
