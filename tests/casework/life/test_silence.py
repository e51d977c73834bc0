"""When a department counts as silent: after its days, and once its answer would be known by the holder."""

from __future__ import annotations

from dataclasses import replace

from common.casework.rules.facts import AGREE, DISAGREE, LATE
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN
from tests.casework.life.test_joint import US, opinion, verdicts
from tests.casework.life.tools import ALSO, CHECKER, CLERK, DAY, HELPS, ITEMS_OF_LIFE, JOINT


def test_a_department_elsewhere_is_not_called_silent_before_its_node_was_heard(life):
    """Cut off from the county, the township cannot tell whether the county's department has answered."""
    life.shelf.items["town"] = replace(ITEMS_OF_LIFE["town"], joint=JOINT)
    case = life.file("town")
    life.move(TOWN, case, "accept", CLERK)
    life.line.heard[COUNTY] = life.now
    life.report_unheard(COUNTY, case, "opinion", US[HELPS], verdict=DISAGREE, note="不符合规划")
    life.wait(10)
    township = life.at(TOWN)
    with unit_of_work():
        township.do_timed_duties(("", ""), life.now, 10)
    assert [(a.verdict, a.urged) for a in life.state(case, TOWN).facts.asked] == [("", 0), ("", 0)]
    life.network.run()
    life.line.heard[COUNTY] = life.now
    life.day_job(TOWN)
    assert verdicts(life, case) == {HELPS: DISAGREE, ALSO: ""}
    assert [a.urged for a in life.agreed(case).facts.asked] == [0, 1]


def test_days_of_silence_count_from_when_the_question_was_here(life):
    """The township accepts for the county, and its line is down for longer than the departments have."""
    life.shelf.items["entrusted"] = replace(ITEMS_OF_LIFE["entrusted"], joint=JOINT)
    case = life.file("entrusted")
    life.move_unheard(TOWN, case, "accept", CLERK)
    life.wait(10)  # Thursday the week after
    life.network.run()
    life.day_job()
    assert {(a.verdict, a.urged) for a in life.agreed(case).facts.asked} == {("", 0)}
    opinion(life, case, ALSO, AGREE)
    life.wait(5)  # Tuesday: three working days later
    life.day_job()
    assert verdicts(life, case) == {HELPS: "", ALSO: AGREE}
    life.wait(1)
    life.day_job()
    assert verdicts(life, case)[HELPS] == LATE


def test_a_township_s_word_of_questions_that_nobody_asked_moves_no_day(life):
    """Its step says nothing, and was signed by a clock of last year: the silence would begin in a year."""
    life.shelf.items["checked"] = replace(ITEMS_OF_LIFE["checked"], joint=JOINT)
    case, now = life.file("checked"), life.now
    life.now -= 300 * DAY
    life.move_unheard(TOWN, case, "forward", CHECKER, asked=[])
    life.now = now
    life.network.run()
    life.move(COUNTY, case, "accept", CLERK)
    life.wait(10)
    life.day_job()
    assert verdicts(life, case)[HELPS] == LATE
