"""Required papers that are missing: nobody accepts over them by accident, and the notice is true."""

from __future__ import annotations

import re
from html import unescape

import pytest

from common.casework.errors import PapersLacking
from common.people.rules.roles import Actor, Role
from tests.desk.desk_pages import Counter, photo
from tests.desk.three import RELIEF, TOWN, VILLAGE, WAIVED, ThreeNodes, post

ACTOR = Actor("clerk", "李窗口", Role.CLERK, "")


def test_accepting_over_missing_papers_is_refused_with_their_names(three: ThreeNodes, relief: str) -> None:
    lacking = three.node.casework.lacking_papers(relief)
    assert len(lacking) > 1
    for given in ({}, {"note": "急件"}, {"lacking_waived": 1}, {"waived": [{"key": "x", "name": "x"}]}):
        with pytest.raises(PapersLacking) as refused, three.node.unit():
            three.node.casework.move_case(relief, "accept", ACTOR, given, three.now())
        assert all(spec.name in refused.value.problems[0].sentence for spec in lacking)
    assert three.node.casework.case(relief).state.value != "ACCEPTED"


def test_the_form_asks_for_a_tick_and_a_reason_and_the_notice_says_so(three: ThreeNodes, relief: str) -> None:
    client = three.client(TOWN, "clerk")
    form = f"/case/{relief}/do/accept"
    names = [spec.name for spec in three.node.casework.lacking_papers(relief)]
    page = client.get(form).text
    assert all(name in page for name in names) and "已核对，所缺材料不需要" in page
    for typed in ({}, {"note": "x"}, {"lacking_waived": "1"}):
        assert post(client, form, typed, page=form).status_code == 400
    assert post(client, form, WAIVED, page=form).status_code == 303
    state = three.node.casework.case(relief)
    assert f"核对后不需要的材料：{'、'.join(names)}" in client.get(f"/case/{relief}").text
    notice = client.get(f"/case/{relief}/notice/{state.last}").text
    assert "申请材料齐全、符合法定形式" not in notice and "经核对不需要提交的材料" in notice
    assert "不需要提交的理由：已由部门核验" in notice and all(name in notice for name in names)


def test_a_case_with_all_papers_is_accepted_as_complete(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(RELIEF, papers=20)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "clerk")
    form = f"/case/{number}/do/accept"
    assert "所缺材料不需要" not in client.get(form).text
    assert post(client, form, {}, page=form).status_code == 303
    act = three.node.casework.case(number).last
    assert "申请材料齐全、符合法定形式" in client.get(f"/case/{number}/notice/{act}").text


def test_the_last_page_of_filing_tells_what_the_route_of_the_item_will_do(three: ThreeNodes) -> None:
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF)
    counter.to_check({"paper-id_card": photo()})
    page = counter.client.get(f"{counter.path}/check").text
    assert "受理窗口会一次告知补正" in page and "初审时" not in page


def test_a_promise_left_as_proposed_names_what_was_marked(three: ThreeNodes) -> None:
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF)
    item = three.node.catalogue.item(RELIEF)
    assert item is not None
    tolerant = [spec for spec in item.papers if spec.tolerant]
    counter.to_check({"paper-id_card": photo()})
    assert tolerant
    page = counter.client.get(f"{counter.path}/papers").text
    proposed = re.search(r'<textarea[^>]*name="promise"[^>]*>([^<]*)', page)
    assert proposed
    typed = {f"follow-{tolerant[0].key}": "1", "promise": unescape(proposed[1])}
    counter.send("papers", typed, leads_to="check")
    state = three.node.casework.case(counter.file())
    assert list(state.facts.tolerated) == [tolerant[0].key]
