"""Reports from who stood above a case's village when they were made, and does no more when they come."""

from __future__ import annotations

import pytest

from common.casework.rules.flow import State
from common.casework.rules.waiting import papers_are_here
from common.node.watches.keeper import Keeper
from common.people.rules.roles import Actor, Role
from tests.desk.three import COUNTY, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes

# Filed at a village, decided by the county: the township between them has no part in it.
FELLING = "DEMO-511921-0102"
CLERK = Actor("clerk", "李窗口", Role.CLERK, "")
LACKING = [{"key": "photo", "name": "照片", "how": "原件"}]


def brought_at_the_township(three: ThreeNodes) -> str:
    """Return a case whose applicant has brought what the county asked for to the township's hall."""
    three.open(VILLAGE)
    case = three.file(FELLING)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.move(case, "ask_papers", Role.CLERK, lacking=LACKING)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    with three.open(TOWN).unit():
        three.node.casework.report(case, "papers_brought", CLERK, {"note": "照片一张"}, three.now())
    return case


def change(three: ThreeNodes, how: str) -> None:
    """Let the village stand below the county itself."""
    node, by = three.open(COUNTY), ("admin", three.now())
    with node.unit():
        if how == "moved":
            node.trust.move(VILLAGE, COUNTY, by)
        else:
            getattr(node.trust, how)(TOWN, by, "撤并")
    assert node.tree().parent(VILLAGE) == COUNTY


@pytest.mark.parametrize("how", ["moved", "relieve", "retire"])
def test_papers_brought_in_time_count_though_the_village_has_left_meanwhile(
    three: ThreeNodes, how: str
) -> None:
    case = brought_at_the_township(three)
    change(three, how)
    three.carry(TOWN, COUNTY)
    assert papers_are_here(three.node.casework.case(case)), "or the case would lapse"
    assert three.node.spool.parked() == []


def test_what_the_county_answered_goes_on_at_the_village_that_has_left(three: ThreeNodes) -> None:
    case = brought_at_the_township(three)
    three.carry(TOWN, COUNTY)
    three.move(case, "take_papers", Role.CLERK)
    change(three, "moved")
    for source, target in ((COUNTY, TOWN), (TOWN, COUNTY), (COUNTY, VILLAGE)):
        three.carry(source, target)
    assert three.node.casework.case(case).state is State.SUPPLEMENTED
    assert three.node.spool.parked() == []


@pytest.mark.parametrize("how", ["moved", "relieve", "retire"])
def test_a_village_hears_what_its_dead_township_had_done(three: ThreeNodes, how: str) -> None:
    """It forwarded the case and burnt down before the village had heard; what followed waited for that."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    Keeper(three.node).brief()
    three.move(case, "accept", Role.CLERK)
    change(three, how)
    Keeper(three.node).brief()
    for source, target in ((COUNTY, VILLAGE), (VILLAGE, COUNTY), (COUNTY, VILLAGE)):
        three.carry(source, target)
    assert three.node.casework.case(case).state is State.ACCEPTED
    assert three.node.spool.parked() == []
