"""Filing for somebody else, papers that follow, urgency, cases before, look-alikes; through the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.casework import queues
from common.catalogue.rules.identity import id_check_character
from tests.desk.desk_pages import FELLING, Counter, photo, told
from tests.desk.three import COUNTY, OLD_AGE, TOWN, VILLAGE, ThreeNodes, post

LETTER = {"letter": "new", "scope": "*", "from_day": "2026-03-01", "to_day": "2026-12-31", "proof": "KEPT"}
KIN = "511921200001010015"


@pytest.fixture
def counter(three: ThreeNodes) -> Counter:
    return Counter(three, three.client(VILLAGE, "agent"), FELLING)


def filed(three: ThreeNodes, number: str) -> dict[str, Any]:
    """Return the signed data of a filing."""
    page = three.node.casework.page(number)
    return dict(page.timeline[0].data)


def seen(three: ThreeNodes) -> tuple[str, ...]:
    """Return what was looked at last, as the log of views has it."""
    return three.node.views.newest(1)[0][2:]


def test_an_agent_files_under_a_letter_entered_on_the_way(three: ThreeNodes, counter: Counter) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    page = counter.client.get(f"{counter.path}/authority").text
    assert counter.person.name in page and "登记新的委托书" in page
    wrong = counter.send("authority", {**LETTER, "to_day": "2026-02-01"})
    assert wrong.status_code == 400 and "不能早于" in wrong.text and 'value="2026-02-01"' in wrong.text
    counter.send("authority", LETTER, leads_to="form")
    number = counter.on_from_form().file()
    said = filed(three, number)["authority"]
    assert (said["principal"], said["agent"], said["until"]) == (counter.person.name, "周代办", "2026-12-31")
    page = counter.client.get(f"/case/{number}").text
    assert said["letter"] in page and "委托" in page
    assert said["letter"] in counter.client.get(f"/file/slip/{number}").text


def test_a_letter_entered_before_is_offered_and_no_others(three: ThreeNodes, counter: Counter) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.send("authority", LETTER, leads_to="form")
    (letter,) = three.node.letters.newest(5)
    second = Counter(three, counter.client, OLD_AGE)
    second.send("applicant", second.applicant(filer="proxy"), leads_to="authority")
    page = counter.client.get(f"{second.path}/authority").text
    assert re.search(rf'value="{letter.id}"[^>]* checked', page) and f"/letters/{letter.id}/print" in page
    assert seen(three) == ("agent", "letter", letter.id, "contact")
    stranger = Counter(three, counter.client, OLD_AGE, seed=8)
    stranger.send("applicant", stranger.applicant(filer="proxy"), leads_to="authority")
    assert letter.id not in counter.client.get(f"{stranger.path}/authority").text
    answer = stranger.send("authority", {"letter": letter.id})
    assert answer.status_code == 400 and "请选择一份有效的委托书" in answer.text


def test_a_relative_comes_with_the_letter_and_both_are_printed(three: ThreeNodes, counter: Counter) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    kin = {"agent": "-", "agent_name": "赵小军", "relation": "子女", "agent_id_type": "111"}
    wrong = counter.send("authority", {**LETTER, **kin, "agent_id_number": "123"})
    assert wrong.status_code == 400 and "亲属证件号码" in wrong.text and "赵小军" in wrong.text
    counter.send("authority", {**LETTER, **kin, "agent_id_number": KIN}, leads_to="form")
    number = counter.on_from_form().file()
    said = filed(three, number)["authority"]
    assert (said["agent"], said["agent_id"], said["relation"]) == ("赵小军", KIN, "子女")
    slip = counter.client.get(f"/file/slip/{number}").text
    assert counter.person.name in slip and "赵小军（委托人的子女" in slip and KIN not in slip
    assert "赵小军（委托人的子女）代办" in counter.client.get(f"/case/{number}").text


@pytest.mark.parametrize("letter", ["new", "W2026-00001-ABCD", ""])
def test_a_letter_sent_before_it_is_known_who_applies_leads_back(
    three: ThreeNodes, counter: Counter, letter: str
) -> None:
    """As another window may leave it: the applicant emptied while the page of the letter lay open."""
    typed, page = {**LETTER, "letter": letter}, f"{counter.path}/applicant"
    answer = post(counter.client, f"{counter.path}/authority", typed, page=page)
    assert (answer.status_code, answer.location) == (303, page) and not three.node.letters.newest(5)


def test_without_a_letter_an_agent_files_nothing(three: ThreeNodes, counter: Counter) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.on_from_form()
    page = counter.client.get(f"{counter.path}/check").text
    assert "请选择或登记委托书" in page and f"{counter.path}/authority" in page
    assert counter.send("check", {}).status_code == 400
    assert cases(three) == []


def test_a_letter_that_ended_meanwhile_is_refused_with_what_to_do(
    three: ThreeNodes, counter: Counter
) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.send("authority", LETTER, leads_to="form")
    counter.on_from_form()
    (letter,) = three.node.letters.newest(5)
    with three.node.unit():
        three.node.letters.revoke(letter.id, "本人回来了", "agent", three.now())
    answer = counter.send("check", {})
    assert answer.status_code == 409 and "E257" in answer.text and "请另签委托书" in answer.text
    assert cases(three) == []


def test_a_letter_of_somebody_else_does_not_cover_a_namesake(three: ThreeNodes, counter: Counter) -> None:
    """The applicant is changed after the letter was chosen; the name stays, the number does not."""
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.send("authority", LETTER, leads_to="form")
    counter.on_from_form()
    other = counter.applicant(filer="proxy", id_type="414", id_number="E7654321")
    counter.send("applicant", other, leads_to="authority")
    page = counter.client.get(f"{counter.path}/authority").text
    (letter,) = three.node.letters.newest(5)
    assert f'value="{letter.id}"' not in page
    answer = counter.send("check", {})
    assert answer.status_code == 409 and "委托人不是这位申请人" in answer.text and cases(three) == []


def test_a_photograph_of_the_letter_survives_a_refusal(three: ThreeNodes, counter: Counter) -> None:
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    typed = {**LETTER, "proof": "PHOTO", "to_day": "", "paper-letter": photo()}
    answer = counter.send("authority", typed)
    kept = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert answer.status_code == 400 and kept
    counter.send("authority", {**LETTER, "proof": "PHOTO", "kept": kept[1]}, leads_to="form")
    (letter,) = three.node.letters.newest(5)
    assert letter.blob and three.node.letters.photograph(letter.id).size > 0


def test_papers_follow_against_a_promise_and_by_a_day(three: ThreeNodes, counter: Counter) -> None:
    item = three.node.catalogue.item(FELLING)
    tolerant = next(paper for paper in item.papers if paper.tolerant)
    counter.to_check()
    page = counter.client.get(f"{counter.path}/papers").text
    assert f'name="follow-{tolerant.key}"' in page and "2026-03-10 前补交" in page
    assert 'name="follow-application"' not in page
    bare = counter.send("papers", {f"follow-{tolerant.key}": "1", "promise": " "})
    assert bare.status_code == 400 and "请写明承诺" in bare.text
    assert re.search(rf'name="follow-{tolerant.key}"[^>]* checked', bare.text)
    counter.send("papers", {f"follow-{tolerant.key}": "1", "promise": "十天内<补>"}, leads_to="check")
    check = counter.client.get(f"{counter.path}/check").text
    assert "容缺后补，2026-03-10 前补交" in check
    promise = counter.client.get(f"{counter.path}/promise").text
    assert "容缺承诺书" in promise and "十天内&lt;补&gt;" in promise and tolerant.name in promise
    number = counter.file()
    state = three.node.casework.case(number)
    assert dict(state.facts.tolerated) == {tolerant.key: tolerant.name}
    assert state.facts.tolerance_due == "2026-03-10"
    slip = counter.client.get(f"/file/slip/{number}").text
    assert "容缺后补的材料（2026-03-10 前补交）" in slip
    assert f"{tolerant.name}（2026-03-10 前补交" in counter.client.get(f"/case/{number}").text
    bring = counter.client.get(f"/case/{number}/report/papers_brought").text
    first = bring[bring.index('<div class="field') : bring.index('type="file"')]
    assert tolerant.name in first and "容缺后补：2026-03-10 前补交" in first and "选填" not in first


def test_a_paper_that_was_brought_after_all_does_not_follow(three: ThreeNodes, counter: Counter) -> None:
    item = three.node.catalogue.item(FELLING)
    tolerant = next(paper for paper in item.papers if paper.tolerant)
    counter.to_check({f"follow-{tolerant.key}": "1", "promise": "补"})
    counter.send("papers", {f"paper-{tolerant.key}": photo()}, leads_to="check")
    number = counter.file()
    assert not three.node.casework.case(number).facts.tolerated
    assert "tolerance" not in filed(three, number)


def test_a_key_that_may_not_follow_is_passed_over(three: ThreeNodes, counter: Counter) -> None:
    """The tick of a paper that is not on the list, as somebody might send who edits the page."""
    counter.to_check({"follow-application": "1", "follow-../x": "1", "promise": "补"})
    assert not three.node.casework.case(counter.file()).facts.tolerated


def test_urgency_comes_from_the_list_or_in_other_words(three: ThreeNodes, counter: Counter) -> None:
    reason = three.node.catalogue.item(FELLING).green[0]
    number = counter.to_check(green=reason, green_other="<急>").file()
    assert three.node.casework.case(number).facts.green == f"{reason}；<急>"
    page = counter.client.get(f"/case/{number}").text
    assert "绿色通道" in page and "&lt;急&gt;" in page and "<急>" not in page
    other = Counter(three, counter.client, FELLING, seed=5)
    answer = other.send("applicant", other.applicant(green="随便写的"))
    assert answer.status_code == 400 and "绿色通道：请从选项中选择" in told(answer)[0]


def test_a_case_after_a_review_names_the_one_before_and_both_pages_say_so(
    three: ThreeNodes, counter: Counter
) -> None:
    first = counter.to_check().file()
    again = Counter(three, counter.client, FELLING)
    wrong = again.send("applicant", again.applicant(linked_case="511921-A1-XXXXX"))
    assert wrong.status_code == 400
    assert [line.partition("：")[0] for line in told(wrong)] == ["关联的原办件编号", "为什么重新办理"]
    typed = {"linked_case": first.lower(), "linked_why": "复议后重新办理"}
    second = again.to_check(**typed).file(overrule="复议决定重办")
    page = counter.client.get(f"/case/{second}").text
    assert "原办件" in page and f'href="/case/{first}"' in page and "复议后重新办理" in page
    assert f'href="/case/{second}"' in counter.client.get(f"/case/{first}").text


def test_a_second_case_of_the_same_person_is_shown_and_needs_a_reason(
    three: ThreeNodes, counter: Counter
) -> None:
    first = counter.to_check().file()
    again = Counter(three, counter.client, FELLING).to_check()
    page = counter.client.get(f"{again.path}/check").text
    assert first in page and "已有办件正在办理" in page and 'name="overrule"' in page
    assert seen(three) == ("agent", "search", first, "contact"), "thrown away, the draft tells nobody of it"
    answer = again.send("check", {"overrule": "  "})
    assert answer.status_code == 409 and "E147" in answer.text and "不要另收" in answer.text
    assert cases(three) == [first]
    second = again.file(overrule="另一片<林>地")
    assert filed(three, second)["overruled"] == {"cases": [first], "reason": "另一片<林>地"}


def test_a_namesake_born_on_the_same_day_must_be_looked_at(three: ThreeNodes, counter: Counter) -> None:
    first = counter.to_check().file()
    person = counter.person
    other = person.id_number[:14] + "".join(reversed(person.id_number[14:17]))
    number = other + id_check_character(other)
    assert number != person.id_number
    again = Counter(three, counter.client, FELLING).to_check(id_number=number)
    page = counter.client.get(f"{again.path}/check").text
    assert "有同名、同日出生的人正在办同一事项" in page and first in page
    assert person.id_number not in page
    assert seen(three) == ("agent", "search", first, "contact")
    answer = again.send("check", {})
    assert answer.status_code == 400 and "核对是不是同一个人" in told(answer)[0]
    second = again.file(namesakes_seen="1")
    assert set(cases(three)) == {first, second}


def test_pressing_twice_files_once_whatever_was_settled(three: ThreeNodes, counter: Counter) -> None:
    counter.to_check()
    first = counter.send("check", {"overrule": "", "namesakes_seen": "1"})
    secret = {"overrule": "", "namesakes_seen": "1"}
    second = post(counter.client, f"{counter.path}/check", secret, page="/file")
    assert first.location == second.location and len(cases(three)) == 1


def test_what_was_settled_survives_leaving_and_is_another_persons_never(
    three: ThreeNodes, counter: Counter
) -> None:
    counter.send("applicant", counter.applicant(filer="proxy", green_other="住院", then="leave"))
    page = counter.client.get(f"{counter.path}/applicant").text
    assert re.search(r'value="proxy"[^>]* checked', page) and 'value="住院"' in page
    assert re.search(r"<details[^>]* open", page)
    stranger = three.client(COUNTY, "clerk")
    for page in ("applicant", "authority", "promise"):
        assert stranger.get(f"{counter.path}/{page}").status_code == 404


def test_the_page_of_papers_says_that_originals_are_compared_later(
    three: ThreeNodes, counter: Counter
) -> None:
    counter.to_check()
    assert "审查通过后再核对原件" in counter.client.get(f"{counter.path}/papers").text
    other = Counter(three, counter.client, OLD_AGE)
    other.send("applicant", other.applicant(), leads_to="form")
    assert "再核对原件" not in counter.client.get(f"{other.path}/papers").text


def test_a_window_files_for_a_resident_under_a_letter_of_its_own(three: ThreeNodes) -> None:
    client = three.client(TOWN, "clerk")
    counter = Counter(three, client, OLD_AGE)
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.send("authority", LETTER, leads_to="form")
    number = counter.on_from_form().file()
    assert filed(three, number)["authority"]["agent"] == "李窗口"


def cases(three: ThreeNodes) -> list[str]:
    return [line.case for line in queues.newest()]


def test_a_letter_half_entered_and_the_ticks_of_papers_are_kept_as_they_are_typed(counter: Counter) -> None:
    """What filing.js sends from both pages; a letter that is not whole may be left, and is none."""
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    keep = f"{counter.path}/keep/terms"
    half = {"letter": "new", "to_day": "2026-12", "agent_name": "何"}
    assert post(counter.client, keep, half, page=f"{counter.path}/authority").status_code == 200
    page = counter.client.get(f"{counter.path}/authority").text
    assert 'value="2026-12"' in page and 'value="何"' in page
    left = counter.send("authority", {**half, "to_day": "2026-12-3", "then": "leave"})
    assert (left.status_code, left.location) == (303, "/")
    draft = counter.three.node.drafts.draft(counter.draft, "agent")
    assert draft.terms["to_day"] == "2026-12-3" and not draft.terms.get("letter")
    ticks = {"follow_asked": "1", "follow-contract": "1", "promise": "三月底前补"}
    assert post(counter.client, keep, ticks, page=f"{counter.path}/papers").status_code == 200
    page = counter.client.get(f"{counter.path}/papers").text
    assert re.search(r'name="follow-contract"[^>]* checked', page) and "三月底前补" in page
    post(counter.client, keep, {"follow_asked": "1"}, page=f"{counter.path}/papers")
    assert counter.three.node.drafts.draft(counter.draft, "agent").terms["follow"] == ""
