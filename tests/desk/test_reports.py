"""What a node tells the holder of a case: papers brought, results handed over, withdrawals, reminders."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from common.casework import queues
from common.desk.rules.receiver import IN_FOLDER, ON_SCREEN, POST, REFUSED, SELF, SIGNATURE, VISIT
from common.notices.rules import signing
from common.people.rules.roles import Role
from tests.desk.three import ID_NUMBER, JPEG, TOWN, VILLAGE, ThreeNodes, post
from tests.documents.paper import text_of


def _drawn_name(strokes: int = 1) -> bytes:
    """Return a picture of the size the pad gives, with lines on it."""
    picture, drawn = Image.new("L", (900, 300), 255), io.BytesIO()
    for stroke in range(strokes):
        picture.paste(0, (100 + 7 * stroke, 140 - stroke, 800 - 3 * stroke, 150 + stroke))
    picture.save(drawn, "PNG")
    return drawn.getvalue()


def test_desk_and_notice_call_a_signature_on_the_screen_the_same() -> None:
    assert (ON_SCREEN, SELF, SIGNATURE.key) == (signing.ON_SCREEN, signing.SELF, signing.SIGNATURE)
    assert (POST, VISIT, REFUSED) == (signing.POST, signing.VISIT, signing.REFUSED)


def state_of(three: ThreeNodes, number: str) -> str:
    return three.node.casework.case(number).state.value


def test_papers_are_brought_at_the_village_and_taken_by_the_holder(three: ThreeNodes, relief: str) -> None:
    """The whole round: one notice, papers from the village by file, taken, accepted."""
    client = three.client(TOWN, "clerk")
    asked = {"lack-id_card": "1", "how-id_card": "反面不清"}
    assert post(client, f"/case/{relief}/do/ask_papers", asked).status_code == 303
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert relief in agent.get("/queue").text and "待申请人补材料" in agent.get("/queue").text
    form = agent.get(f"/case/{relief}/report/papers_brought").text
    assert "反面不清" in form
    brought = {"paper-id_card": (io.BytesIO(JPEG + b"back side"), "b.jpg"), "note": "已重拍"}
    assert post(agent, f"/case/{relief}/report/papers_brought", brought).status_code == 303
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    assert "补来材料待收取" in clerk.get("/queue").text
    taking = clerk.get(f"/case/{relief}/do/take_papers").text
    assert "这一步同时答复" in taking and "已重拍" in taking
    assert post(clerk, f"/case/{relief}/do/take_papers", {}).status_code == 303
    page = clerk.get(f"/case/{relief}").text
    assert "/do/accept" in page and "/do/ask_papers" not in page


def test_files_that_are_no_papers_are_all_named_and_the_good_one_is_kept(
    three: ThreeNodes, received: str
) -> None:
    client = three.client(VILLAGE, "agent")
    files = {
        "paper-id_card": (io.BytesIO(b"<html><script>alert(1)</script>"), "<b>卡.html"),
        "paper-pledge": (io.BytesIO(b""), "空.jpg"),
        "paper-application": (io.BytesIO(JPEG), "好.jpg"),
    }
    answer = post(client, f"/case/{received}/report/papers_brought", files)
    assert answer.status_code == 400
    assert "&lt;b&gt;卡.html" in answer.text and "不是照片" in answer.text and "空.jpg" in answer.text
    assert "已上传：最低生活保障申请表" in answer.text
    assert not three.node.casework.case(received).open_reports


def test_a_result_is_handed_over_with_who_took_it(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    wrong = {"receiver.name": "王秀英", "receiver.id_number": "", "receiver.how": ""}
    answer = post(agent, f"/case/{relief}/report/handed_over", wrong)
    assert answer.status_code == 400
    assert "请填写领取人证件号码" in answer.text and "请选择送达方式" in answer.text
    right = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": "本人领取"}
    page = agent.get(f"/case/{relief}/report/handed_over").text
    assert re.search(r'value="本人领取"[^>]* checked', page)
    assert not re.search(r'value="[^"]*签名[^>]* checked', page)
    nothing = post(agent, f"/case/{relief}/report/handed_over", right)
    assert nothing.status_code == 400 and "没有签名的，不能登记送达" in nothing.text
    unsigned = post(agent, f"/case/{relief}/report/handed_over", {**right, "receiver.signed": ON_SCREEN})
    assert unsigned.status_code == 400 and "还没有签名" in unsigned.text
    pen = (io.BytesIO(_drawn_name()), "signature.png")
    signed = {**right, "receiver.signed": ON_SCREEN, "paper-signature": pen}
    assert post(agent, f"/case/{relief}/report/handed_over", signed).status_code == 303
    page = three.node.casework.page(relief)
    assert [(paper.key, paper.name) for paper in page.papers if paper.key == "signature"] == [
        ("signature", "领取签名")
    ]
    three.carry(VILLAGE, TOWN)
    assert state_of(three, relief) == "CLOSED"
    assert "领取人：王秀英（本人领取）" in three.client(TOWN, "clerk").get(f"/case/{relief}").text


@pytest.mark.parametrize("is_picture", [True, False])
def test_a_name_signed_on_the_screen_stands_on_the_receipt(
    three: ThreeNodes, relief: str, is_picture: bool
) -> None:
    """What only calls itself a picture is left to the words, on the page and in the PDF."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    content = _drawn_name() if is_picture else b"\x89PNG\r\n\x1a\n" + b"no picture"
    signed = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": SELF}
    signed |= {"receiver.signed": ON_SCREEN}
    pen = {"paper-signature": (io.BytesIO(content), "signature.png")}
    assert post(agent, f"/case/{relief}/report/handed_over", {**signed, **pen}).status_code == 303
    papers = three.node.casework.page(relief).papers
    blob = next(paper.hash for paper in papers if paper.key == SIGNATURE.key)
    (address,) = re.findall(r'href="(\S+/notice/[0-9a-f]+)">送达回证', agent.get(f"/case/{relief}").text)
    sheet = agent.get(address).text
    assert "申请人在屏幕上签名" in sheet
    assert (f'<img class="signature" src="/paper/{blob}"' in sheet) is is_picture
    three.carry(VILLAGE, TOWN)
    pdf = three.client(TOWN, "clerk").get(address + ".pdf").data
    assert "申请人在屏幕上签名" in text_of(pdf)
    assert (b"/Subtype /Image" in pdf or b"/Subtype/Image" in pdf) is is_picture


def test_who_signs_after_the_form_came_back_is_who_stands_on_the_receipt(
    three: ThreeNodes, relief: str
) -> None:
    """What somebody else had drawn before came along and stood there as the signature of the second."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    form = f"/case/{relief}/report/handed_over"
    signed = {"receiver.name": "何大明", "receiver.id_number": ID_NUMBER, "receiver.how": SELF}
    signed |= {"receiver.signed": ON_SCREEN}
    first = {"paper-signature": (io.BytesIO(_drawn_name(20)), "signature.png")}
    back = post(agent, form, {**signed, **first})
    (token,) = re.findall(r'name="kept" value="([^"]+)"', back.text)
    signed |= {"receiver.name": "王秀英", "kept": token}
    second = {"paper-signature": (io.BytesIO(_drawn_name(90)), "signature.png")}
    assert post(agent, form, {**signed, **second}).status_code == 303
    (paper,) = [one for one in three.node.casework.page(relief).papers if one.key == SIGNATURE.key]
    assert paper.size == len(_drawn_name(90)) != len(_drawn_name(20))


def test_what_was_handed_over_says_so_until_the_holder_closes_it(three: ThreeNodes, relief: str) -> None:
    """The village has done its part; the township has not heard of it yet."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert relief in agent.get("/queue").text and "work=hand_out" in agent.get("/").text
    told = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": "本人领取"}
    told["receiver.signed"] = IN_FOLDER
    assert post(agent, f"/case/{relief}/report/handed_over", told).status_code == 303
    for path in (f"/case/{relief}", "/queue?view=filed"):
        page = agent.get(path).text
        assert "已送达，等待办结确认" in page and "待送达" not in page, path
    page = agent.get(f"/case/{relief}").text
    assert "领取地点不用再做什么" in page and "notice warn" not in page
    # Nothing is left to do here, so it is in no heap.
    assert relief not in agent.get("/queue").text and "work=hand_out" not in agent.get("/").text
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    page = three.client(VILLAGE, "agent").get(f"/case/{relief}").text
    assert "已送达，等待办结确认" not in page and "已办结" in page


def test_a_hand_over_of_a_former_result_leaves_the_case_to_be_handed_over(
    three: ThreeNodes, relief: str
) -> None:
    """It waits for the holder's word then, and is in no heap of the village."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    told = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": "本人领取"}
    told["receiver.signed"] = IN_FOLDER
    post(agent, f"/case/{relief}/report/handed_over", told)
    (line,) = queues.find(relief)
    assert (line.needs, line.waits_at) == ("closing", TOWN)
    assert "hand_out" not in queues.heaps(VILLAGE)


def test_a_report_that_makes_no_sense_is_refused_in_words(three: ThreeNodes, received: str) -> None:
    client = three.client(VILLAGE, "agent")
    form = client.get(f"/case/{received}/report/handed_over").text
    assert "现在的状态不需要" in form
    typed = {"receiver.name": "王", "receiver.id_number": "1", "receiver.how": "代领"}
    typed["receiver.signed"] = IN_FOLDER
    answer = post(client, f"/case/{received}/report/handed_over", typed)
    assert answer.status_code == 409 and "E117" in answer.text


def test_required_papers_that_nobody_brought_are_named_until_the_decision(
    three: ThreeNodes, received: str
) -> None:
    """The checker, acceptor and approver must see what the item asks for and the case does not have."""
    client = three.client(TOWN, "checker")
    page = client.get(f"/case/{received}").text
    assert "必交而还没有交的材料：" in page
    form = client.get(f"/case/{received}/do/forward").text
    assert "必交而还没有交的材料：" in form


def test_a_village_reminds_and_withdraws_by_its_pages_and_the_holder_answers(
    three: ThreeNodes, relief: str
) -> None:
    """The holder sees who reminds; a withdrawal before the decision is granted by itself, and told below."""
    agent = three.client(VILLAGE, "agent")
    page = agent.get(f"/case/{relief}").text
    assert f"/case/{relief}/report/remind" in page and f"/case/{relief}/report/withdraw" in page
    assert "各级都能看到" in agent.get(f"/case/{relief}/report/remind").text
    assert post(agent, f"/case/{relief}/report/remind", {"note": "老人等着用钱"}).status_code == 303
    three.carry(VILLAGE, TOWN)
    seen = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    assert "老人等着用钱" in seen and "催办" in seen
    agent = three.client(VILLAGE, "agent")
    assert "本人提出" in agent.get(f"/case/{relief}/report/withdraw").text
    assert post(agent, f"/case/{relief}/report/withdraw", {"note": "不办了"}).status_code == 303
    assert state_of(three, relief) != "WITHDRAWN", "only the holder ends a case"
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    assert state_of(three, relief) == "WITHDRAWN"
    page = three.client(VILLAGE, "agent").get(f"/case/{relief}").text
    assert "已撤回" in page and "/report/withdraw" not in page and "/report/remind" not in page
