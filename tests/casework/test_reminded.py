"""Who has a case in hand sees in their list that somebody reminds them of it, until they have gone on."""

from __future__ import annotations

from typing import Any

from common.casework import late
from common.casework.queues import Wanted
from common.store.database import database
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.tools import CLERK, NOTICE, OTHER, OURS, Life
from tests.casework.nodes import Network


def listed(life: Life, **more: Any) -> list[str]:
    life.at(COUNTY)
    return [line.case for line in late.reminded(Wanted(waits_at=COUNTY, **more), 10)]


def test_a_reminder_stands_in_the_list_of_who_has_the_case_until_a_person_goes_on(network: Network) -> None:
    life = Life(network)
    other, case = life.file(), life.file(overrule="另一户")
    assert listed(life) == []
    life.report(VILLAGE, case, "remind", note="急着用")
    life.report(TOWN, case, "remind", CLERK, note="请尽快")
    assert listed(life) == [case]
    assert late.reminders([other, case, "x"]) == {case: 2}
    assert listed(life, works=("examine",)) == [] and listed(life, works=("acceptance",)) == [case]
    life.move(COUNTY, case, "expedite", CLERK, note="急")
    life.at(COUNTY)
    assert late.reminders([case]) == {} and listed(life) == []
    life.move(COUNTY, case, "accept", CLERK)
    life.report(VILLAGE, case, "remind", note="又来问")
    assert listed(life) == [case]
    assert listed(life, department=OTHER) == [] and listed(life, department=OURS) == [case]


def test_what_was_answered_by_a_step_that_was_struck_out_waits_again(network: Network) -> None:
    life = Life(network)
    case = life.file("town")
    life.report(VILLAGE, case, "remind", note="急着用")
    act = life.move(TOWN, case, "ask_papers", CLERK, **NOTICE)
    assert late.reminders([case]) == {}
    life.at(TOWN)
    database.execute_sql("UPDATE case_event SET struck = 1 WHERE act = ?", (act,))
    assert late.reminders([case]) == {case: 1}


def test_reminders_are_found_by_their_own_index(network: Network) -> None:
    life = Life(network)
    life.at(COUNTY)
    sql = f"EXPLAIN QUERY PLAN {late._OPEN} AND e.\"case\" = 'x'"
    assert "case_event_reminder" in str(database.execute_sql(sql).fetchall())
