"""The pages of notices at real nodes: the same paper everywhere, who sees it, what is warned of."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from common.authority import records as letters
from common.casework.rules.words import Report, Role
from common.journal.rules import What
from common.notices.pages import letter_of, place_words
from common.notices.rules.kinds import FORMS, Kind
from common.notices.service import find_notice
from tests.authority.test_letters import LETTER
from tests.casework.story import Story
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes
from tests.documents.paper import text_of
from tests.notices.laid import address_of, client_with, lay
from tests.notices.stories import EACH, SUBSISTENCE, A, a_story, accepted, decided

LOGINS = {COUNTY: "clerk", TOWN: "clerk", VILLAGE: "agent"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=1>{{7*7}}"


def paper_on(answer: TestResponse) -> str:
    """Return the words of the paper itself; the code is each node's own signature."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'<article class="legal[^>]*>.*</article>', answer.text, re.DOTALL)
    assert found
    return re.sub(r"<svg.*?</svg>", "<svg>", found[0], flags=re.DOTALL)


@pytest.mark.parametrize("kind", list(EACH))
def test_every_notice_is_the_same_paper_at_village_township_and_county(three: ThreeNodes, kind: Kind) -> None:
    story, event = EACH[kind][0]()
    papers = set()
    for address, login in LOGINS.items():
        client = client_with(three, address, login, story)
        papers.add(paper_on(client.get(address_of(story, event))))
    (paper,) = papers
    assert FORMS[kind].title in paper and "<svg>" in paper and story.case in paper


def test_it_is_printed_again_later_word_for_word(three: ThreeNodes) -> None:
    story = accepted()
    event = story.events[-1]
    client = client_with(three, COUNTY, "clerk", story)
    before = paper_on(client.get(address_of(story, event)))
    known = len(story.events)
    story.go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER, receiver={"name": "何秀英", "id_number": "1", "how": "本人领取"})
    later = Story.branch(story)
    later.events = later.events[known:]
    lay(three, later)
    assert paper_on(client.get(address_of(story, event))) == before


def test_the_case_page_lists_its_notices(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE)
    client = client_with(three, COUNTY, "clerk", story)
    page = client.get(f"/case/{story.case}").text
    links = re.findall(rf'<a href="(/case/{story.case}/notice/\w+)">(\w+)</a>', page)
    assert [title for _, title in links] == ["受理通知书", "准予决定书"]
    assert all(client.get(link).status_code == 200 for link, _ in links)


@pytest.mark.parametrize(("origin", "is_shown"), [(COUNTY, True), (TOWN, False)])
def test_the_letter_of_authority_is_linked_where_it_lies(
    three: ThreeNodes, origin: str, is_shown: bool
) -> None:
    authority = {"letter": "W2026-00001-ABCD", "agent": "周代办", "principal": "何秀英", "scope": "*"}
    story = accepted(authority={**authority, "since": "2026-01-01", "until": "2026-12-31"})
    client_with(three, COUNTY, "clerk", story)
    with three.node.unit():
        letters.add(LETTER, (0, ""), ("agent", ""), three.now())
    page = three.node.casework.page(story.case)
    page = replace(page, state=replace(page.state, parties={**page.state.parties, "origin": origin}))
    path = f"/letters/{LETTER.id}/print?case={story.case}"
    with three.app.test_request_context():
        assert letter_of(page) == (path if is_shown else "")


def test_a_struck_step_prints_with_a_mark(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW)
    rival = story.branch()
    event = story.move(A.APPROVE)
    other = rival.move(A.REFUSE)
    client = client_with(three, COUNTY, "clerk", story, other, story.strike(event.id))
    page = client.get(address_of(story, event))
    assert '<p class="mark"' in paper_on(page) and "本件已撤销，不得使用。" in page.text
    assert "mark" not in paper_on(client.get(address_of(story, other)))
    listed = client.get(f"/case/{story.case}").text
    assert re.search(rf'{event.id}">准予决定书</a> <span class="badge bad">已撤销', listed)
    assert client.get(address_of(story, event) + ".pdf").data != b""


def test_before_the_county_has_ruled_both_say_that_they_are_disputed(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW)
    other = story.branch().move(A.REFUSE)
    event = story.move(A.APPROVE)
    client = client_with(three, TOWN, "clerk", story, other)
    assert "有冲突，县级尚未裁定" in client.get(address_of(story, event)).text
    page = client.get(address_of(story, other))
    assert "有冲突，县级尚未裁定" in page.text and "本件不生效，不得使用。" in page.text


def test_a_decision_revoked_since_is_told_above_the_paper(three: ThreeNodes) -> None:
    story, event = decided()
    story.move(A.MARK_DECISION, data={"standing": {"word": "revoked", "document": "复议决定7号"}})
    client = client_with(three, COUNTY, "clerk", story)
    page = client.get(address_of(story, event))
    assert "复议决定7号" in page.text and "复议决定7号" not in paper_on(page)
    assert "本件已被撤销，不得使用。" in paper_on(page)
    # That the papers were taken in is as true as before.
    assert "不得使用" not in client.get(address_of(story, story.events[2])).text


def test_a_decision_put_right_since_is_not_printed_alone(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    assert "作过更正" not in client.get(address_of(story, event)).text
    accepted_by = story.events[2]
    lay(three, Story.branch(story), story.move(A.CORRECT_DECISION))
    page = client.get(address_of(story, event))
    assert "后来作过更正" in page.text and "作过更正" not in paper_on(page)
    assert "作过更正" not in client.get(address_of(story, accepted_by)).text


def test_where_the_items_version_is_not_here_what_is_signed_is_printed(three: ThreeNodes) -> None:
    story = a_story(item="DEMO-999999-0001").go_to(A.FORWARD)
    event = story.move(A.NOT_ACCEPT)
    client = client_with(three, VILLAGE, "agent", story)
    page = client.get(address_of(story, event))
    paper = paper_on(page)
    assert "事项版本还没有传到本站" in page.text
    for words in ("最低生活保障金给付", "通江县民政局", "不符合受理条件", "六十日", "第三十二条"):
        assert words in paper, words
    other = client_with(three, VILLAGE, "agent", a_story(item=SUBSISTENCE))
    assert other.get(f"/case/{story.case}").status_code == 200


@pytest.mark.parametrize("address", [VILLAGE, TOWN, COUNTY])
def test_a_rare_name_prints_and_is_pointed_out(three: ThreeNodes, address: str) -> None:
    story = a_story(applicant={**a_story().filed.body["data"]["applicant"], "name": "何䶮"}).go_to(A.FORWARD)
    event = story.move(A.NOT_ACCEPT)
    client = client_with(three, address, LOGINS[address], story)
    page = client.get(address_of(story, event))
    assert "何䶮" in paper_on(page) and "有生僻字：䶮" in page.text
    if address != VILLAGE:
        assert "何䶮" in text_of(client.get(address_of(story, event) + ".pdf").data)


def test_a_character_no_font_has_is_listed_and_left_for_the_hand(three: ThreeNodes) -> None:
    name = "何\ue5d4"
    story = a_story(applicant={**a_story().filed.body["data"]["applicant"], "name": name}).go_to(A.FORWARD)
    event = story.move(A.NOT_ACCEPT)
    client = client_with(three, COUNTY, "clerk", story)
    page = client.get(address_of(story, event))
    assert name in paper_on(page) and "PDF字库里没有：\ue5d4" in page.text
    assert f'{address_of(story, event)}.pdf?marked=1"' in page.text
    refused = client.get(address_of(story, event) + ".pdf")
    assert refused.status_code == 409 and "U+E5D4" in refused.text
    assert "何〓" in text_of(client.get(address_of(story, event) + ".pdf?marked=1").data)


def test_hostile_words_are_words(three: ThreeNodes) -> None:
    applicant = {**a_story().filed.body["data"]["applicant"], "name": HOSTILE, "phone": HOSTILE}
    story = a_story(applicant=applicant, item_name=HOSTILE).go_to(A.FORWARD)
    lacking = [{"key": "x", "name": HOSTILE, "how": HOSTILE}, {"key": "y", "name": "甲", "how": {"a": [1]}}]
    event = story.move(A.ASK_PAPERS, data={"lacking": lacking, "answer_by": "2026-03-20", "note": HOSTILE})
    client = client_with(three, COUNTY, "clerk", story)
    page = client.get(address_of(story, event)).text
    assert "<script>alert" not in page and "<img src=x" not in page and page.count("&lt;script&gt;") >= 5
    assert "{{7*7}}" in page
    assert "<script>alert(1)</script>" in text_of(client.get(address_of(story, event) + ".pdf").data)


def test_a_receiver_half_told_prints_blank(three: ThreeNodes) -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    event = story.report(Report.HANDED_OVER, receiver={"name": 7})
    client = client_with(three, COUNTY, "clerk", story)
    assert client.get(address_of(story, event)).status_code == 200


def test_nobody_sees_it_without_signing_in_and_each_view_is_written_down(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    stranger = three.app.test_client()
    for path in (address_of(story, event), address_of(story, event) + ".pdf"):
        assert stranger.get(path).status_code == 303
    before = [view for view in three.node.views.newest(50) if view.what == What.NOTICE]
    client.get(address_of(story, event))
    client.get(address_of(story, event) + ".pdf")
    views = [view for view in three.node.views.newest(50) if view.what == What.NOTICE]
    assert before == [] and [(view.login, view.object) for view in views] == [("clerk", story.case)] * 2


@pytest.mark.parametrize("act", ["0" * 32, "x", "0" * 31 + "g", "..%2f..%2fkeys.json", "%00"])
def test_an_act_that_gives_none_is_not_found(three: ThreeNodes, act: str) -> None:
    story, _ = decided()
    client = client_with(three, COUNTY, "clerk", story)
    for path in (f"/case/{story.case}/notice/{act}", f"/case/{story.case}/notice/{act}.pdf"):
        assert client.get(path).status_code == 404
    assert client.get(f"/case/{story.case}/notice/{story.filed.id}").status_code == 404
    assert client.get(f"/case/511921-A1-00000/notice/{story.events[2].id}").status_code == 404


def test_a_village_prints_from_the_browser_alone(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, VILLAGE, "agent", story)
    assert ".pdf" not in client.get(address_of(story, event)).text
    answer = client.get(address_of(story, event) + ".pdf")
    assert answer.status_code == 404 and "请用浏览器打印" in answer.text


def test_the_code_on_the_paper_is_good_at_every_node(three: ThreeNodes) -> None:
    story, event = decided()
    client_with(three, COUNTY, "clerk", story)
    node = three.node
    with three.app.app_context():
        found = find_notice(story.case, event.id, node.catalogue, place_words)
    claim = node.proofs.claim(found.notice.kind.value, found.state, found.state.changed_at)
    checked = node.proofs.check(claim)
    assert checked.verdict.value == "valid" and checked.claim.kind == "approval"
    assert checked.claim.act == event.id and checked.claim.stage == "APPROVED"


def test_a_square_of_the_code_is_half_a_millimetre(three: ThreeNodes) -> None:
    """Smaller ones are lost to a cheap printer and a cheap telephone."""
    story, event = decided()
    page = client_with(three, COUNTY, "clerk", story).get(address_of(story, event))
    sheet = (Path(str(three.app.static_folder)) / "liandong.css").read_text(encoding="utf-8")
    width = re.search(r"^\.end \.qr\{width:(\d+)mm;height:\1mm\}", sheet, re.MULTILINE)
    drawn = re.search(r"<svg[^>]*viewBox=\"0 0 (\d+) \1\"[^>]*class=\"qr\"", page.text)
    assert width and drawn
    assert int(width[1]) / int(drawn[1]) >= 0.5


def test_a_page_works_without_scripts_and_asks_no_other_host(three: ThreeNodes) -> None:
    story, event = decided()
    page = client_with(three, COUNTY, "clerk", story).get(address_of(story, event))
    assert "Ctrl+P" in page.text and 'style="' not in paper_on(page)
    assert not re.search(r'(?:src|href)="https?://', page.text)


def test_staff_of_any_post_that_works_on_cases_may_print(three: ThreeNodes) -> None:
    story, event = decided()
    for login in ("reviewer", "approver", "admin"):
        client = client_with(three, COUNTY, login, story) if login == "reviewer" else three.again(login)
        wanted = 403 if login == "admin" else 200
        assert client.get(address_of(story, event)).status_code == wanted
    assert Role.ADMIN in three.node.profile.roles
