"""What a court makes of a relieved township's decision: the county takes the closed case over and says so."""

from __future__ import annotations

from tests.catalogue.forms import form_on
from tests.desk.test_letters_taken_over import PAGE, WHY, relieve
from tests.desk.test_served_later import ended
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, post


def test_the_county_marks_it_and_the_village_hands_the_paper_over(three: ThreeNodes, relief: str) -> None:
    ended(three, relief)
    three.carry(TOWN, COUNTY)
    relieve(three)
    approver = three.client(COUNTY, "approver")
    assert relief not in approver.get(PAGE).text, "nobody knows of a need"
    told = approver.get(f"/case/{relief}").text
    assert '<p class="notice ">持有站点已停用，决定的效力如有变化，无人能标注：县级可以接管。' in told
    way = f"{PAGE}?case={relief}"
    assert way in told and "mark_decision" not in told
    shown = post(approver, f"{PAGE}/check", {"case": relief, "note": WHY}, page=way)
    assert "标注决定效力" in shown.text
    assert approver.post(PAGE, data=form_on(shown.text, PAGE)).status_code == 303
    approver = three.again("approver")
    form = f"/case/{relief}/do/mark_decision"
    assert form in approver.get(f"/case/{relief}").text
    said = {"standing_word": "撤销", "standing_document": "（2026）川1921行初7号", "note": "依判决"}
    assert post(approver, form, said, page=form).status_code == 303
    assert "川1921行初7号" in approver.get(f"/case/{relief}").text
    three.carry(COUNTY, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    page = agent.get(f"/case/{relief}").text
    assert "川1921行初7号" in page and f"/case/{relief}/report/handed_over" in page
