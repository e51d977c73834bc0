"""The dates on a case's page: each has its name, and one that no longer runs says so."""

from __future__ import annotations

import re
from dataclasses import replace

from common.casework.rules.words import State
from common.desk.rules.life import limit_notes
from common.people.rules.roles import Role
from tests.desk.test_case_life import homestead, page_of
from tests.desk.test_decision_pages import person
from tests.desk.three import DAY_MS, RELIEF, TOWN, VILLAGE, ThreeNodes


def named_as_in_the_head(page: str, name: str) -> bool:
    """Whether the day in the head of a case's page stands in its card of limits under this name."""
    head = re.search(r"light [a-z]*\">(\d\d-\d\d) 前<", page)
    return head is not None and bool(re.search(rf"{name}</dt><dd><b>\d{{4}}-{head[1]}<", page))


def test_the_day_in_the_head_of_a_page_has_a_name_beside_the_other_limits(three: ThreeNodes) -> None:
    """The law's ten days to hand over stood beside the house's three, and a promise that was kept ran on."""
    three.open(VILLAGE)
    number = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    page = page_of(three, number)
    assert named_as_in_the_head(page, "受理期限") and "已停止计算" not in page
    for action, role in (("accept", Role.CLERK), ("review", Role.REVIEWER)):
        three.move(number, action, role)
    assert "期限</dt>" in page_of(three, number) and "送达期限" not in page_of(three, number)
    three.open(TOWN)
    three.move(number, "approve", Role.APPROVER, result_name="决定", result_number="1号")
    three.move(number, "issue", Role.CLERK)
    three.carry(TOWN, VILLAGE)
    page = page_of(three, number, VILLAGE, "agent")
    assert named_as_in_the_head(page, "送达期限")
    assert re.search(r"承诺期限</dt><dd><b>[\d-]+</b> <span class=\"light \">已停止计算", page)
    assert re.search(r"本环节内部时限.*?还剩 \d+ 个工作日", page, re.S)


def test_a_limit_that_has_stopped_is_not_said_to_be_counted_anew(three: ThreeNodes) -> None:
    state = three.open(TOWN).casework.case(homestead(three))
    ahead = replace(state, facts=replace(state.facts, provisional=1))
    assert any("公布后重新计算" in note for note in limit_notes(ahead, None))
    assert limit_notes(replace(ahead, state=State.CLOSED), None) == []


def test_a_procedure_is_late_by_the_day_it_was_to_end_and_a_case_that_ended_in_it_stands_no_more(
    three: ThreeNodes, relief: str
) -> None:
    person(three, "watch", Role.SUPERVISOR, "")
    three.move(relief, "accept", Role.CLERK)
    told = {"kind": "hearing", "name": "听证", "expected": "2026-04-30"}
    three.move(relief, "begin_special", Role.REVIEWER, special=told)
    three.clock.advance(45 * DAY_MS)
    assert relief not in three.client(TOWN, "watch").get("/queue?view=overdue").text
    page = three.client(TOWN, "reviewer").get("/queue?work=procedure").text
    assert relief in page and not re.search(r"\d 已超期", page)
    three.clock.advance(20 * DAY_MS)
    page = three.client(TOWN, "watch").get("/queue?view=overdue").text
    assert relief in page and "04-30 已超期" in page
    three.move(relief, "terminate", Role.APPROVER, ground="death", note="申请人去世")
    assert "时限暂停" not in three.client(TOWN, "clerk").get(f"/case/{relief}").text
