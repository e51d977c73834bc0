"""What was reported knowing of steps that fell with a struck one: nobody's word is lost with them."""

from __future__ import annotations

from common.casework.rules.flow import State
from common.store.database import unit_of_work
from tests.casework.build import AGENT, COUNTY, NOON, TOWN, VILLAGE
from tests.casework.life.tools import APPROVER, CLERK, NOTICE, Life

WHY = "青峪镇的电脑已经损坏，无人办理。"


def without_the_county(life: Life) -> None:
    """Let village and township hear of each other while the line to the county is down."""
    network = life.network
    network.collect()
    while keys := [key for key in network.waiting if key[2] != COUNTY and key[0] != COUNTY]:
        for key in keys:
            network.sites[key[2]].receive(network.waiting.pop(key))
        network.collect()


def test_a_withdrawal_is_granted_though_all_its_village_knew_of_the_case_was_struck_out(life):
    """Three steps of the township fall with the first; the village spoke in the knowledge of the last."""
    case = life.file("town")
    life.line.heard[TOWN] = NOON
    life.wait(3)
    life.move_unheard(TOWN, case, "ask_papers", CLERK, **NOTICE)
    without_the_county(life)
    life.report_unheard(VILLAGE, case, "papers_brought", AGENT, note="补来照片")
    without_the_county(life)
    life.move_unheard(TOWN, case, "take_papers", CLERK)
    life.move_unheard(TOWN, case, "accept", CLERK)
    without_the_county(life)
    assert life.state(case, VILLAGE).state is State.ACCEPTED
    life.wait(6)
    casework = life.at(COUNTY)
    with unit_of_work():
        assert casework.take_over([case], APPROVER, WHY, life.now).done == (case,)
    # The village asks while it does not know of that yet; the township would have granted it at once.
    life.report_unheard(VILLAGE, case, "withdraw", AGENT, note="不办了")
    life.network.run()
    state = life.agreed(case)
    assert state.state is State.WITHDRAWN
    assert not [report for report in state.open_reports if report.what == "withdraw"]
