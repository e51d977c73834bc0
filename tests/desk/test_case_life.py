"""The page of a case over its whole life: limits, pauses, opinions, money, corrections, standing, links."""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.casework import filling
from common.casework.context import Applicant, Filing
from common.casework.rules.words import Action
from common.desk.rules.life import lines_of
from common.desk.rules.seven import Mark, seven_steps
from common.people.rules.roles import Actor, Role
from tests.desk.desk_pages import FELLING, HOMESTEAD
from tests.desk.three import COUNTY, DAY_MS, ID_NUMBER, NOW, RELIEF, TOWN, VILLAGE, WAIVED, ThreeNodes, post


def page_of(three: ThreeNodes, number: str, address: str = TOWN, login: str = "clerk") -> str:
    return three.client(address, login).get(f"/case/{number}").text


def homestead(three: ThreeNodes) -> str:
    """A joint case that the township decides, accepted there."""
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    three.move(number, "accept", Role.CLERK)
    return number


def say(three: ThreeNodes, number: str, what: str, department: str, **data: Any) -> None:
    actor = Actor("reviewer", "吴审查", Role.REVIEWER, department)
    with three.node.unit():
        three.node.casework.report(number, what, actor, data, three.now())


def test_both_limits_stand_side_by_side_with_what_is_left(three: ThreeNodes) -> None:
    number = homestead(three)
    page = page_of(three, number)
    assert re.search(r"承诺期限.*?2026-03-24.*?还剩 15 个工作日", page, re.S)
    assert re.search(r"法定期限.*?2026-03-31.*?还剩 20 个工作日", page, re.S)
    # What the item allows for the review is told where that is done, and nowhere else.
    assert re.search(r"本环节内部时限.*?2026-03-13.*?还剩 8 个工作日", page, re.S)
    three.carry(TOWN, VILLAGE)
    assert "本环节内部时限" not in page_of(three, number, VILLAGE, "agent")
    three.open(TOWN)
    three.clock.advance(40 * DAY_MS)
    late = page_of(three, number)
    assert re.search(r"承诺期限.*?light bad\">已超期 \d+ 个工作日", late, re.S)


def test_the_form_of_acceptance_shows_the_very_dates_that_are_signed(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    form = three.client(TOWN, "clerk").get(f"/case/{number}/do/accept").text
    assert "农业综合服务中心（3 个工作日）" in form and "自然资源所" in form
    three.move(number, "accept", Role.CLERK)
    state = three.node.casework.case(number)
    assert f"办理期限：{state.due}" in form and f"法定期限：{state.facts.legal_due}" in form


def test_an_extension_and_a_pause_say_so(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(FELLING)
    three.carry(VILLAGE, COUNTY)
    client = three.client(COUNTY, "clerk")
    assert post(client, f"/case/{number}/do/accept", WAIVED).status_code == 303
    reviewer = three.again("reviewer")
    form = f"/case/{number}/do/begin_special"
    special = {"special_kind": "检验", "special_name": "伐区<复核>", "special_expected": "2026-03-20"}
    wrong = post(reviewer, form, {**special, "special_expected": "三月"}, page=form)
    assert wrong.status_code == 400 and "伐区&lt;复核&gt;" in wrong.text
    assert post(reviewer, form, special, page=form).status_code == 303
    page = reviewer.get(f"/case/{number}").text
    assert "时限暂停，结束后顺延" in page and "预计 2026-03-20 结束，时限暂停中" in page
    assert "伐区&lt;复核&gt;" in page and "<复核>" not in page
    three.clock.advance(7 * DAY_MS)
    reviewer = three.client(COUNTY, "reviewer")
    form = f"/case/{number}/do/end_special"
    assert "特别程序用去的时间不算" in reviewer.get(form).text
    assert post(reviewer, form, {"note": "检验合格"}, page=form).status_code == 303
    page = reviewer.get(f"/case/{number}").text
    assert "时限暂停" not in page.split("特别程序：")[0] and "2026-03-10 结束" in page


def test_before_acceptance_the_board_tells_whose_papers_are_complete(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    say(three, number, "opinion", "自然资源所", verdict="lacking", lacking=[{"key": "x", "name": "红线图"}])
    page = page_of(three, number)
    assert "红线图" in page and "等待答复材料是否齐全" in page


def test_a_correction_shows_old_and_new_and_its_reason(three: ThreeNodes, relief: str) -> None:
    client = three.client(TOWN, "clerk")
    form = f"/case/{relief}/do/correct"
    typed = {"correct_field": "申请人姓名", "correct_new": "王秀<英>", "note": "抄错"}
    assert post(client, form, {**typed, "correct_new": "王秀英"}, page=form).status_code == 400
    answer = post(client, form, {**typed, "correct_new": "王秀英"}, page=form)
    assert "E144" in answer.text and "填写与原来不同的新内容" in answer.text
    assert post(client, form, typed, page=form).status_code == 303
    page = client.get(f"/case/{relief}").text
    assert "<del>王秀英</del> → <ins>王秀&lt;英&gt;</ins>" in page and "抄错" in page


def test_a_decision_that_was_suspended_or_revoked_says_so_at_the_top(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    client = three.client(TOWN, "approver")
    form = f"/case/{relief}/do/mark_decision"
    typed = {"standing_word": "撤销", "standing_document": "通府复〔2026〕3号", "note": "复议"}
    assert post(client, form, typed, page=form).status_code == 303
    page = client.get(f"/case/{relief}").text
    alert = page[: page.index('class="actions off-paper"')]
    assert "决定已撤销，依据：通府复〔2026〕3号" in alert and "notice bad" in alert
    typed = {"standing_word": "恢复效力", "standing_document": "通法〔2026〕8号", "note": "判决"}
    assert post(client, form, typed, page=form).status_code == 303
    assert "决定已撤销" not in client.get(f"/case/{relief}").text


def test_deemed_acceptance_is_told_at_the_acceptor_and_the_top_alone(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number, no_licence = three.file(FELLING), three.file(RELIEF, seed=1)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.clock.advance(9 * DAY_MS)
    words = "自 2026-03-03 起视为受理"
    assert f"没有答复：参照行政许可法第三十二条，{words}" in page_of(three, no_licence, TOWN)
    with three.open(TOWN).unit():
        three.node.casework.do_timed_duties(("", ""), three.now())
    page = page_of(three, no_licence, TOWN)
    assert f"告知补正，参照行政许可法第三十二条，{words}" in page and "依照行政许可法第三十二条" not in page
    assert words in page_of(three, number, COUNTY)
    assert words not in page_of(three, number, VILLAGE, "agent")
    with three.open(COUNTY).unit():
        three.node.casework.do_timed_duties(("", ""), three.now())
    page = page_of(three, number, COUNTY)
    assert f"依照行政许可法第三十二条，{words}" in page and "已受理" in page


def test_a_fee_its_receipt_and_the_originals_are_told(
    three: ThreeNodes, relief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No item that a township decides has a fee; this one does for once.
    monkeypatch.setattr(filling, "check_provided", lambda *_said: None)
    three.move(relief, "accept", Role.CLERK)
    with three.node.unit():
        actor = Actor("clerk", "李窗口", Role.CLERK, "")
        fee = {"fee": {"basis": "川价〔2020〕1号", "fen": 1050}}
        three.node.casework.move_case(relief, Action.ASK_FEE, actor, fee, three.now())
    page = page_of(three, relief)
    assert "10.50 元，还没有缴（依据：川价〔2020〕1号）" in page
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    form = f"/case/{relief}/report/paid"
    assert 'value="10.50"' in agent.get(form).text
    answer = post(agent, form, {"receipt_fen": "10.50", "receipt_number": "川财票<88>"}, page=form)
    assert answer.status_code == 303
    assert "已登记“已缴费”，等待办理站点记入" in agent.get(f"/case/{relief}").text
    three.carry(VILLAGE, TOWN)
    assert "已缴，票据 川财票&lt;88&gt;" in page_of(three, relief)


def test_rating_and_call_back_are_told_and_asked_once(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    client = three.client(TOWN, "clerk")
    form = f"/case/{relief}/report/rated"
    assert post(client, form, {"rating": "基本满意", "note": ""}, page=form).status_code == 303
    page = client.get(f"/case/{relief}").text
    assert re.search(r"申请人评价</dt><dd>基本满意", page) and "/report/rated" not in page
    form = f"/case/{relief}/report/called_back"
    empty = post(client, form, {"note": " "}, page=form)
    assert empty.status_code == 400 and empty.text.count("请写明回访方式") == 2
    assert "回访情况</label>" in empty.text
    assert post(client, form, {"note": "电话，满意"}, page=form).status_code == 303
    page = client.get(f"/case/{relief}").text
    assert re.search(r"回访</dt><dd>2026-03-03", page) and "/report/called_back" not in page


def test_refusals_say_what_to_do(three: ThreeNodes) -> None:
    number = homestead(three)
    client = three.client(TOWN, "both")
    answer = post(client, f"/case/{number}/do/review", {"note": "同意", "proposal": "建议批准"})
    assert answer.status_code == 409 and "E136" in answer.text
    assert "请催办联办部门" in answer.text and "自然资源所" in answer.text
    three.move(number, "extend", Role.APPROVER, note="需要再看", extension_days=5)
    form = f"/case/{number}/do/extend"
    again = post(client, form, {"extension_days": "5", "note": "再延"}, page=form)
    assert again.status_code == 409 and "E133" in again.text and "转入特别程序" in again.text
    assert "已延期一次 5 个工作日，不能再延" in client.get(f"/case/{number}").text


def test_a_former_version_is_asked_about_on_the_form_of_acceptance(
    three: ThreeNodes, relief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = three.client(TOWN, "clerk")
    form = f"/case/{relief}/do/accept"
    assert 'name="version_confirmed"' not in client.get(form).text
    monkeypatch.setattr(three.node.casework, "has_version_question", lambda number: True)
    assert 'name="version_confirmed"' in client.get(form).text


def test_whatever_a_signed_part_holds_its_words_are_words() -> None:
    """Method: every odd value in every part that is put into words."""
    odd: list[Any] = [1, "x", [], {}, [1], {"fen": "x"}, [{"label": "a"}], None, {"word": []}]
    keys = "waived fee receipt correction standing special ground rating departments verdict answer_by"
    for key in keys.split():
        for value in odd:
            assert all(type(line) is str for line in lines_of({key: value})), (key, value)


def test_the_seven_steps_are_read_off_the_events() -> None:
    def mark(word: str, day: int, author: str = TOWN, **more: Any) -> Mark:
        return Mark(word, author, NOW + day * DAY_MS, **more)

    marks = [
        mark("file", 0, VILLAGE, has_letter=True),
        mark("forward", 1, received_on="2026-03-03"),
        mark("accept", 2, accepted_on="2026-03-05", received_on="2026-03-04"),
        mark("approve", 6),
        mark("handed_over", 8, VILLAGE),
        mark("handed_over", 9, VILLAGE),
        mark("called_back", 14, VILLAGE),
        mark("archive", 15),
    ]
    assert seven_steps(marks) == {
        "委托": "2026-03-03",
        "受理": "2026-03-05",
        "办理": "2026-03-09",
        "送达": "2026-03-12",
        "归档": "2026-03-18",
        "上报": "2026-03-03",
        "回访": "2026-03-17",
    }
    alone = seven_steps([mark("file", 0, VILLAGE), mark("settle", 0, VILLAGE, received_on="2026-03-03")])
    assert alone["委托"] == alone["上报"] == "" and alone["受理"] == alone["办理"] == "2026-03-03"


def test_names_and_letters_with_signs_are_text(three: ThreeNodes) -> None:
    node = three.open(VILLAGE)
    item = node.catalogue.item(RELIEF)
    answers: dict[str, Any] = {spec.key: "1" for spec in item.fields}
    evil = "<script>alert(1)</script>"
    filing = Filing(
        RELIEF,
        VILLAGE,
        Applicant(evil, "111", ID_NUMBER, "", evil, evil),
        answers,
        green=evil,
        linked={"case": evil, "why": evil},
        authority={
            "letter": evil,
            "principal": evil,
            "agent": evil,
            "scope": "*",
            "since": "2026-01-01",
            "until": "2027-01-01",
        },
    )
    with node.unit():
        number = node.casework.file_case(filing, Actor("agent", "周代办", Role.AGENT, ""), three.now())
    client = three.client(VILLAGE, "agent")
    for path in (f"/case/{number}", f"/file/slip/{number}", "/register"):
        answer = client.get(path)
        assert answer.status_code == 200 and "<script>alert" not in answer.text, path


@pytest.mark.parametrize(
    ("number", "told"),
    [("51192119480307214", "应为 18 位"), ("511921194803072149", "校验码不对"), ("hello", "应为 18 位")],
)
def test_a_number_is_not_corrected_into_one_that_is_none(
    three: ThreeNodes, relief: str, number: str, told: str
) -> None:
    before = three.node.casework.case(relief).applicant["id_number"]
    client = three.client(TOWN, "clerk")
    form = f"/case/{relief}/do/correct"
    typed = {"correct_field": "证件号码", "correct_new": number, "note": "录错"}
    answer = post(client, form, typed, page=form)
    assert answer.status_code == 400 and told in answer.text and f'value="{number}"' in answer.text
    assert three.node.casework.case(relief).applicant["id_number"] == before
    typed["correct_new"] = " ５１１９２１１９４８０３０７２１４８ "
    assert post(client, form, typed, page=form).status_code == 303
    assert three.node.casework.case(relief).applicant["id_number"] == "511921194803072148"
