"""The page of a case and the forms that move it: what is asked, who may, what is refused and what is kept."""

from __future__ import annotations

import io
import re

import pytest

from common.casework.rules.words import Action
from common.catalogue.rules.identity import mask_id_number
from common.people.rules.roles import Role
from tests.desk.three import COUNTY, ID_NUMBER, JPEG, TOWN, VILLAGE, WAIVED, ThreeNodes, post, token_on


def state_of(three: ThreeNodes, number: str) -> str:
    return three.node.casework.case(number).state.value


def test_the_page_shows_facts_answers_papers_and_what_happened(three: ThreeNodes, received: str) -> None:
    page = three.client(TOWN, "checker").get(f"/case/{received}").text
    for words in ("王秀英", "青峪镇鹿角坪村", "家庭上年总收入", "6,200.50 元", "请初审员看材料", "周代办"):
        assert words in page, words
    assert page.count('class="sheet"') == 1 and "材料（2 份）" in page
    second = three.again("checker").get(f"/case/{received}?paper=2").text
    assert second.count('aria-current="true"') == 1 and second != page


@pytest.mark.parametrize(
    ("login", "offered"),
    [
        ("checker", {"forward", "send_back", "return", "expedite", "correct", "terminate"}),
        ("clerk", set()),
        ("approver", set()),
    ],
)
def test_only_the_steps_of_ones_posts_are_offered(
    three: ThreeNodes, received: str, login: str, offered: set[str]
) -> None:
    page = three.client(TOWN, login).get(f"/case/{received}").text
    assert set(re.findall(rf'href="/case/{received}/do/(\w+)"', page)) == offered


def test_the_village_is_offered_reports_and_no_step(three: ThreeNodes, received: str) -> None:
    page = three.client(VILLAGE, "agent").get(f"/case/{received}").text
    assert "/do/" not in page
    assert set(re.findall(r"/report/(\w+)", page)) == {"papers_brought", "withdraw", "remind", "collect_at"}


def test_a_wrong_role_is_refused_at_the_form_and_at_the_door(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "clerk")
    assert client.get(f"/case/{received}/do/forward").status_code == 403
    assert post(client, f"/case/{received}/do/forward", {}).status_code == 403
    assert state_of(three, received) == "RECEIVED"
    admin = three.again("admin")
    assert admin.get(f"/case/{received}/do/forward").status_code == 403


def test_a_form_without_its_secret_moves_nothing(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    answer = client.post(f"/case/{received}/do/forward", data={"note": ""})
    assert answer.status_code == 400 and "E220" in answer.text
    assert state_of(three, received) == "RECEIVED"


def test_forwarding_is_one_form_and_leads_back_to_the_case(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    form = f"/case/{received}/do/forward"
    answer = post(client, form, {"note": "材料齐全。"}, page=form)
    assert answer.status_code == 303 and answer.location == f"/case/{received}"
    assert state_of(three, received) == "CHECKED"
    page = client.get(answer.location).text
    assert "已办理“转报”" in page and "材料齐全。" in page and "/do/forward" not in page


def test_lacking_papers_are_ticked_from_the_items_list_and_reach_the_resident(
    three: ThreeNodes, received: str
) -> None:
    client = three.client(TOWN, "checker")
    form = client.get(f"/case/{received}/do/send_back").text
    assert 'name="lack-pledge"' in form and 'name="other-1-name"' in form
    typed = {"lack-pledge": "1", "how-pledge": "缺配偶签名", "other-1-name": "村证明", "other-1-how": "原件"}
    assert post(client, f"/case/{received}/do/send_back", typed).status_code == 303
    lacking = three.node.casework.case(received).lacking
    assert [(p["name"], p["how"]) for p in lacking][1:] == [("村证明", "原件")]
    assert (lacking[0]["key"], lacking[0]["how"]) == ("pledge", "缺配偶签名")
    three.carry(TOWN, VILLAGE)
    page = three.client(VILLAGE, "agent").get(f"/case/{received}").text
    assert "诚信承诺及核对授权书" in page and "缺配偶签名" in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "至少一项"),
        ({"how-pledge": "缺签名"}, "没有勾选"),
        ({"other-2-how": "原件"}, "请也写出材料名称"),
    ],
)
def test_a_list_that_names_nothing_is_refused_and_what_was_typed_stays(
    three: ThreeNodes, received: str, typed: dict[str, str], told: str
) -> None:
    client = three.client(TOWN, "checker")
    answer = post(client, f"/case/{received}/do/send_back", {**typed, "note": "见<清单>"})
    assert answer.status_code == 400 and told in answer.text and "见&lt;清单&gt;" in answer.text
    for value in typed.values():
        assert f'value="{value}"' in answer.text
    links = re.findall(r'<a href="#([^"]+)">', answer.text)
    assert links and all(f'id="{link}"' in answer.text for link in links)
    assert state_of(three, received) == "RECEIVED"


def test_a_reason_must_be_written_where_the_applicant_will_read_one(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    answer = post(client, f"/case/{received}/do/return", {"note": "  "})
    assert answer.status_code == 400 and "请写明理由" in answer.text
    assert post(client, f"/case/{received}/do/return", {"note": "不属于本镇"}).status_code == 303
    assert state_of(three, received) == "RETURNED"


def test_whoever_comes_second_is_told_and_keeps_what_was_typed(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    secret = token_on(client.get(f"/case/{received}/do/forward").text)
    three.move(received, "send_back", Role.CHECKER, lacking=[{"key": "pledge", "name": "承诺书"}])
    typed = {"csrf_token": secret, "note": "写了很久的理由"}
    answer = client.post(f"/case/{received}/do/forward", data=typed)
    assert answer.status_code == 409 and "E101" in answer.text and "写了很久的理由" in answer.text
    assert "看最新情况" in answer.text and state_of(three, received) == "SENT_BACK"


def test_a_case_held_elsewhere_cannot_be_moved_from_here(three: ThreeNodes, received: str) -> None:
    three.move(received, "forward", Role.CHECKER)
    client = three.client(TOWN, "clerk")
    assert client.get(f"/case/{received}/do/accept").status_code == 409
    answer = post(client, f"/case/{received}/do/accept", {"note": "急件"})
    assert answer.status_code == 409 and "E103" in answer.text and "急件" in answer.text
    # The very step that sent it on has been taken: that is said, with who took it and when.
    for again in (
        client.get(f"/case/{received}/do/forward"),
        post(client, f"/case/{received}/do/forward", {}),
    ):
        assert again.status_code == 409 and "E173" in again.text
        assert "“转报”已由何初审于 2026-03-03 09:06 办过，办件已经转走，不用再办。" in again.text


def test_programs_are_told_in_english_too_what_a_step_is_called(three: ThreeNodes, received: str) -> None:
    """Pages are finished on their way out, answers to programs were not: steps stood in Chinese there."""
    client, wants = three.client(TOWN, "checker"), {"Accept": "application/json"}
    assert post(client, "/preferences", {"language": "en"}, "/preferences").status_code == 303

    def told(action: str) -> str:
        error = client.get(f"/case/{received}/do/{action}", headers=wants).json["error"]
        return f"{error['code']} {error['sentence']}"

    assert told("approve").startswith('E101 The case is "taken in"; "Approve" is not possible. Now possible:')
    assert told("accept") == 'E102 "Checker" may not do "Accept" with a case that is "taken in".'
    three.move(received, "forward", Role.CHECKER)
    assert told("forward").startswith("E173 “Forward” was done by 何初审 on 2026-03-03 09:06")


def test_accepting_shows_the_due_date_that_is_then_signed(three: ThreeNodes, relief: str) -> None:
    client = three.client(TOWN, "clerk")
    form = client.get(f"/case/{relief}/do/accept").text
    shown = re.search(r"办理期限：(\d{4}-\d\d-\d\d)", form)
    assert shown and "7 个工作日" in form
    assert post(client, f"/case/{relief}/do/accept", WAIVED).status_code == 303
    assert three.node.casework.case(relief).due == shown[1] == "2026-03-12"


def test_a_decision_carries_its_result_and_the_document(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER, note="属实")
    client = three.client(TOWN, "approver")
    form = client.get(f"/case/{relief}/do/approve").text
    assert "审查人：吴审查" in form
    typed = {
        "result_name": "",
        "result_number": "青府救〔2026〕1号",
        "result_valid_until": "2027-3-1",
        "paper-result": (io.BytesIO(JPEG + b"decision"), "决定书.jpg"),
    }
    assert post(client, f"/case/{relief}/do/approve", typed).status_code == 303
    case = three.node.casework.case(relief)
    assert case.result["number"] == "青府救〔2026〕1号" and case.result["valid_until"] == "2027-03-01"
    assert case.result["name"] and len(case.papers["result"]) == 1
    assert "结果文书（扫描件）" in client.get(f"/case/{relief}").text


def test_a_file_once_uploaded_survives_a_refusal(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER)
    client = three.client(TOWN, "approver")
    wrong = {"result_valid_until": "昨天", "paper-result": (io.BytesIO(JPEG + b"kept"), "a.jpg")}
    answer = post(client, f"/case/{relief}/do/approve", wrong)
    assert answer.status_code == 400 and "请填日期" in answer.text and "已上传：结果文书" in answer.text
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert kept
    assert post(client, f"/case/{relief}/do/approve", {"kept": kept[1]}).status_code == 303
    assert len(three.node.casework.case(relief).papers["result"]) == 1


def test_a_made_up_token_attaches_nothing(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER)
    client = three.client(TOWN, "approver")
    assert post(client, f"/case/{relief}/do/approve", {"kept": "W10.forged"}).status_code == 303
    assert "result" not in three.node.casework.case(relief).papers


def test_the_reviewer_does_not_approve_even_with_both_posts(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "accept", Role.CLERK)
    client = three.client(TOWN, "both")
    typed = {"note": "属实", "proposal": "建议批准"}
    assert post(client, f"/case/{relief}/do/review", typed).status_code == 303
    form = client.get(f"/case/{relief}/do/approve").text
    assert "批准必须由另一人作出" in form and re.search(r"<button class=\"button \" disabled>", form)
    answer = post(client, f"/case/{relief}/do/approve", {})
    assert answer.status_code == 409 and "E104" in answer.text
    assert state_of(three, relief) == "REVIEWED"


def test_the_slip_is_printed_again_where_the_case_came_in(three: ThreeNodes, received: str) -> None:
    slip = f'href="/file/slip/{received}"'
    assert slip not in three.client(TOWN, "checker").get(f"/case/{received}").text
    client = three.client(VILLAGE, "agent")
    assert slip in client.get(f"/case/{received}").text
    assert client.get(f"/file/slip/{received}").status_code == 200


def test_slip_list_and_claim_hide_the_same_of_an_id_number(three: ThreeNodes, received: str) -> None:
    client = three.client(VILLAGE, "agent")
    masked = mask_id_number(ID_NUMBER)
    for path in (f"/file/slip/{received}", "/register?scope=all"):
        page = client.get(path).text
        assert masked in page and ID_NUMBER not in page, path
    node = three.node
    claim = node.proofs.claim("slip", node.casework.case(received), three.now())
    checked = node.proofs.check(claim)
    assert checked.claim is not None and masked.endswith(f"*{checked.claim.tail}")


@pytest.mark.parametrize("path", ["/case/511921-A1-AAAAA", "/case/x", "/case/%3Cscript%3E"])
def test_an_unknown_case_is_not_found(three: ThreeNodes, path: str) -> None:
    answer = three.client(COUNTY, "clerk").get(path, follow_redirects=True)
    assert answer.status_code == 404 and "<script>" not in answer.text


def test_an_unknown_step_or_report_is_refused_in_words(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    assert client.get(f"/case/{received}/do/explode").status_code == 409
    assert client.get(f"/case/{received}/report/explode").status_code == 409


def test_the_nodes_own_steps_are_no_persons(three: ThreeNodes, received: str) -> None:
    client = three.client(TOWN, "checker")
    for action in (Action.CLOSE, Action.GRANT_WITHDRAWAL, Action.NOTE, Action.FILE):
        answer = post(client, f"/case/{received}/do/{action}", {})
        assert answer.status_code in (403, 409), action
    assert state_of(three, received) == "RECEIVED"


def test_names_are_shown_as_text_everywhere(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(name="<img src=x onerror=alert(1)>")
    client = three.client(VILLAGE, "agent")
    for path in ("", "/report/remind", "/report/papers_brought"):
        page = client.get(f"/case/{number}{path}").text
        assert "<img src=x" not in page and "&lt;img src=x" in page
