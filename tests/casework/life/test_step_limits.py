"""Each step has the days its item allows it, counted from when whoever has it had the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework import queues
from common.casework.queues import Past, Wanted
from common.casework.rules.clocks.steps import step_limit
from common.catalogue.rules.values import Supervision
from common.days import local_date, local_day
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CHECKER, CLERK, ITEMS_OF_LIFE, NOTICE, REVIEWER, Life

DAYS = Supervision(check_days=1, accept_days=2, review_days=3, decide_days=1, deliver_days=5)


@pytest.fixture
def watched(life: Life) -> Life:
    for code in ("checked", "special", "fee"):
        life.shelf.items[code] = replace(ITEMS_OF_LIFE[code], supervision=DAYS, extension_days=5)
    return life


def limit(life: Life, case: str, at: str = COUNTY) -> str:
    page = life.at(at).page(case)
    day = step_limit(page.state, life.shelf.item(page.state.item), local_date(page.step_at), life.calendar)
    return day.isoformat() if day else ""


def test_each_step_counts_from_its_own_beginning(watched: Life) -> None:
    """A Monday; the day on which a step begins is not counted, the time of the applicant neither."""
    case = watched.file("checked")
    assert limit(watched, case, TOWN) == "2026-03-03"
    watched.wait(1)
    watched.move(TOWN, case, "forward", CHECKER)
    assert limit(watched, case) == "2026-03-05"
    watched.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    assert limit(watched, case) == ""
    watched.wait(6)
    watched.report(VILLAGE, case, "papers_brought", note="补来")
    watched.move(COUNTY, case, "take_papers", CLERK)
    assert limit(watched, case) == "2026-03-11"
    watched.move(COUNTY, case, "accept", CLERK, lacking_waived=1, note="核对过")
    assert limit(watched, case) == "2026-03-12"
    watched.move(COUNTY, case, "review", REVIEWER)
    assert limit(watched, case) == "2026-03-10"
    watched.move(COUNTY, case, "extend", APPROVER, note="情况复杂")
    assert limit(watched, case) == "2026-03-10"
    watched.wait(1)
    watched.move(COUNTY, case, "reconsider", APPROVER, note="再看看")
    assert limit(watched, case) == "2026-03-13"


def test_what_is_noted_after_papers_were_taken_moves_no_day(watched: Life) -> None:
    """Taken on the 10th: five working days from then, whatever reminder or correction comes later."""
    case = watched.file("checked")
    watched.move(TOWN, case, "forward", CHECKER)
    watched.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    watched.wait(8)
    watched.report(VILLAGE, case, "papers_brought", note="补来")
    watched.move(COUNTY, case, "take_papers", CLERK)
    taken = local_day(watched.now)
    watched.wait(6)
    watched.report(VILLAGE, case, "remind", note="请快办")
    watched.move(COUNTY, case, "expedite", CLERK, note="老人")
    watched.at(COUNTY)
    (line,) = queues.waiting(Wanted(waits_at=COUNTY, works=("acceptance",)))
    assert (taken, line.alarm_on) == ("2026-03-10", "2026-03-17")
    assert local_day(line.updated_at) == local_day(watched.now) == "2026-03-16"
    assert local_day(watched.at(COUNTY).page(case).counted_from) == taken
    late = Past("2026-03-18", 0, 0)
    assert queues.waiting(Wanted(waits_at=COUNTY, works=("acceptance",), past=late)) == [line]


def test_whoever_took_a_case_over_does_not_answer_for_the_time_before(life: Life) -> None:
    """A week in the review of a township that is gone: the county's three days run from its own day."""
    life.shelf.items["town"] = replace(ITEMS_OF_LIFE["town"], supervision=DAYS)
    case = life.file("town")
    life.move(TOWN, case, "accept", CLERK)
    life.wait(7)
    assert limit(life, case) == "2026-03-05"
    life.line.relieved.add(TOWN)
    casework = life.at(COUNTY)
    with unit_of_work():
        casework.take_over((case,), APPROVER, "电脑已经损坏", life.now)
    assert limit(life, case) == "2026-03-12"


def test_a_step_without_days_has_no_limit(life: Life) -> None:
    life.shelf.items["direct"] = replace(ITEMS_OF_LIFE["direct"], supervision=replace(DAYS, decide_days=0))
    case = life.accepted()
    assert limit(life, case) == "2026-03-05"
    life.move(COUNTY, case, "review", REVIEWER)
    assert limit(life, case) == ""


def test_time_on_the_way_is_nobodys(watched: Life) -> None:
    """Forwarded on Monday, at the county on Thursday: its two days run from Thursday."""
    case = watched.file("checked")
    watched.move_unheard(TOWN, case, "forward", CHECKER)
    watched.wait(3)
    watched.network.run()
    assert limit(watched, case) == "2026-03-09"


def test_a_procedure_stops_the_step_and_what_the_applicant_owes_has_none(watched: Life) -> None:
    case = watched.accepted("special")
    special = {"special": {"kind": "inspection", "name": "现场检验", "expected": "2026-03-20"}}
    watched.wait(1)
    watched.move(COUNTY, case, "begin_special", REVIEWER, **special)
    assert limit(watched, case) == ""
    watched.wait(7)
    watched.move(COUNTY, case, "end_special", REVIEWER, note="合格")
    assert limit(watched, case) == "2026-03-12"
    owing = watched.approved("fee")
    assert limit(watched, owing) == "2026-03-17"
    watched.move(COUNTY, owing, "ask_fee", CLERK, fee={"fen": 8_000, "basis": "示例"})
    assert limit(watched, owing) == ""


def test_an_item_that_says_nothing_of_steps_limits_none(life: Life) -> None:
    case = life.file("direct")
    assert limit(life, case) == ""
    assert step_limit(life.state(case), None, date(2026, 3, 2), life.calendar) is None
