"""The county's pages for what is left of the service of a relieved township's closed cases."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from common.casework.rules.flow import State
from common.casework.rules.services import service_of
from common.days import local_date
from common.people.rules.roles import Role
from county_node.pages import take_over
from tests.catalogue.forms import form_on
from tests.desk.test_posted_pages import DAY, POSTED
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes, post

WHY = "青峪镇便民服务中心撤并"
PAGE = f"/take-over/{TOWN}"


def posted_cases(three: ThreeNodes, *said: dict[str, str]) -> list[str]:
    """Return cases of the township that ended as the village posted their results; the county knows all."""
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n) for n in range(len(said))]
    three.carry(VILLAGE, TOWN)
    for case in cases:
        three.move(case, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    for case, one in zip(cases, said, strict=True):
        assert post(agent, f"/case/{case}/report/handed_over", {**POSTED, **one}).status_code == 303
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    assert [three.node.casework.case(case).state for case in cases] == [State.CLOSED] * len(cases)
    return cases


def relieve(three: ThreeNodes) -> None:
    with three.node.unit():
        three.node.trust.relieve(TOWN, ("", three.now()), WHY)


def test_the_letters_of_a_relieved_township_are_listed_taken_over_together_and_asked_after(
    three: ThreeNodes,
) -> None:
    cases = posted_cases(three, {"receiver.tracking": "EMS1"}, {"receiver.tracking": "EMS2"})
    approver = three.client(COUNTY, "approver")
    assert TOWN not in approver.get("/take-over").text, "who is at work asks the post by itself"
    assert "接管本件" not in approver.get(f"/case/{cases[0]}").text
    relieve(three)
    approver = three.client(COUNTY, "approver")
    assert "另有 2 件寄出的邮件没有回执" in approver.get("/take-over").text
    told = approver.get(f"/case/{cases[0]}").text
    assert '<p class="notice warn">持有站点已停用，寄出的邮件还没有回执：县级可以接管。' in told
    listed = approver.get(PAGE).text
    assert all(case in listed for case in cases) and "站点已停用，寄出的邮件还没有回执" in listed
    shown = post(approver, f"{PAGE}/check", {"case": cases, "note": WHY})
    assert "确认接管 2 件" in shown.text and "只接办送达" in shown.text
    assert approver.post(PAGE, data=form_on(shown.text, PAGE)).status_code == 303
    assert "没有在办的件" in approver.get("/take-over").text
    three.clock.advance(20 * DAY)
    clerk = three.client(COUNTY, "clerk")
    rows = clerk.get("/queue?view=letters").text
    assert all(case in rows for case in cases) and "交邮 20 天，没有回执" in rows
    # At the archive it is not lost sight of.
    archived = post(clerk, f"/case/{cases[1]}/do/archive", {"note": "归档"})
    assert archived.status_code == 303 and cases[1] in clerk.get("/queue?view=letters").text
    day = (local_date(three.now()) - timedelta(days=18)).isoformat()
    for case, number in zip(cases, ("EMS1", "EMS2"), strict=True):
        (choice,) = re.findall(
            rf"({number}（[0-9-]+ 交邮）)", clerk.get(f"/case/{case}/report/letter_came").text
        )[:1]
        said = {"letter_number": choice, "letter_on": day}
        assert post(clerk, f"/case/{case}/report/letter_came", said).status_code == 303
        state = three.node.casework.case(case)
        assert service_of(state, state.concluded).on == day and state.open_reports == ()
    assert not any(case in clerk.get("/queue?view=letters").text for case in cases)
    three.carry(COUNTY, VILLAGE)
    assert f"<dd>{day}" in three.client(VILLAGE, "agent").get(f"/case/{cases[0]}").text


def test_a_case_whose_day_is_wrong_is_in_no_list_and_is_taken_over_from_its_page(three: ThreeNodes) -> None:
    three.open(TOWN)
    today = local_date(three.now()).isoformat()
    (case,) = posted_cases(three, {"served_on": today, "delivered_on": today})
    relieve(three)
    approver = three.client(COUNTY, "approver")
    assert "没有在办的件" in approver.get("/take-over").text and case not in approver.get(PAGE).text
    told = approver.get(f"/case/{case}").text
    assert '<p class="notice ">持有站点已停用，登记的回执日期如有错，无人能更正；决定的效力' in told, (
        "a word, and no warning"
    )
    way = f"{PAGE}?case={case}"
    assert way in told
    listed = approver.get(way).text
    assert f'value="{case}" checked' in listed
    # Refused for want of a reason, it is still there to be ticked.
    refused = post(approver, f"{PAGE}/check", {"case": case, "note": " "}, page=way)
    assert refused.status_code == 400 and f'value="{case}" checked' in refused.text
    shown = post(approver, f"{PAGE}/check", {"case": case, "note": WHY}, page=way)
    assert approver.post(PAGE, data=form_on(shown.text, PAGE)).status_code == 303
    clerk = three.again("clerk")
    assert f"/case/{case}/do/correct_letter_day" in clerk.get(f"/case/{case}").text
    assert "接管原因：站点已停用，办结以后的事由县级接着办" in clerk.get(f"/case/{case}").text


def test_a_try_in_vain_that_nobody_wrote_down_is_told_as_that(three: ThreeNodes) -> None:
    (case,) = posted_cases(three, {})
    relieve(three)
    today = local_date(three.now()).isoformat()
    said = {"tried_how": "上门送达", "tried_why": "家里没有人", "tried_on": today}
    agent = three.client(VILLAGE, "agent")
    assert post(agent, f"/case/{case}/report/not_served", said).status_code == 303
    three.carry(VILLAGE, COUNTY)
    approver = three.client(COUNTY, "approver")
    assert "另有 1 件办结后的送达还没有办完" in approver.get("/take-over").text
    assert "站点已停用，报来的送达情况还没有登记" in approver.get(PAGE).text
    told = approver.get(f"/case/{case}").text
    assert "送达情况已报，等待办理站点登记" in told and "已送达，等待" not in told


def test_the_list_opens_though_the_holder_does_what_was_left_just_then(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = posted_cases(three, {})
    relieve(three)
    approver = three.client(COUNTY, "approver")
    monkeypatch.setattr(take_over, "left_to_do", lambda state: ())
    listed = approver.get(PAGE)
    assert listed.status_code == 200 and case in listed.text and "办结以后的事由县级接着办" in listed.text


def test_a_case_of_another_site_is_not_shown_for_being_asked_for(three: ThreeNodes) -> None:
    (case,) = posted_cases(three, {})
    relieve(three)
    approver = three.client(COUNTY, "approver")
    for page in (f"/take-over/{VILLAGE}", "/take-over/unanswered"):
        assert f'value="{case}"' not in approver.get(f"{page}?case={case}&case=x").text
