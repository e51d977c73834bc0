"""What a decision rests on stands beside its form; what may be done stands in order, or why it may not."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest

from common.casework import filling, queues
from common.casework.rules.table import FLOW, REPORTS
from common.casework.rules.waiting import Work
from common.casework.rules.words import Action, Report
from common.casework.rules.words import Role as CaseRole
from common.days import local_date
from common.desk.rules.offers import GRAVE, NEXT, TOLD, arranged
from common.people.rules.roles import Actor, Role
from common.people.rules.staff import NewStaff
from tests.desk.test_case_life import homestead, say
from tests.desk.three import DAY_MS, JPEG, NOW, PASSWORD, RELIEF, TOWN, ThreeNodes, post

LAND, FARM, OFFICE = "自然资源所", "农业综合服务中心", "村镇建设办公室"


def person(three: ThreeNodes, login: str, post_held: Role, department: str) -> Any:
    ready = three.node.people.ready(NewStaff(login, "岳某", frozenset({post_held}), department, PASSWORD))
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    return three.client(TOWN, login)


def agreed(three: ThreeNodes) -> str:
    """A joint case on which all have answered, one with a condition."""
    number = homestead(three)
    say(three, number, "opinion", LAND, verdict="conditions", note="不得占用<农田>")
    for asked in three.node.casework.case(number).facts.silent:
        say(three, number, "opinion", asked.department, verdict="agree")
    return number


def test_a_review_waits_for_the_silent_and_the_page_says_for_whom(three: ThreeNodes) -> None:
    number = homestead(three)
    page = three.client(TOWN, "reviewer").get(f"/case/{number}").text
    assert f"/case/{number}/do/review" not in page
    (told,) = re.findall(r"还不能审查：[^<]+", page)
    assert f"{LAND}（2026-03-" in told and FARM in told


def test_a_review_says_what_it_proposes_and_the_approver_sees_all_it_rests_on(three: ThreeNodes) -> None:
    number = agreed(three)
    client = three.client(TOWN, "reviewer")
    form = f"/case/{number}/do/review"
    assert "不得占用&lt;农田&gt;" in client.get(form).text
    bare = post(client, form, {"note": "符合<条件>"}, page=form)
    assert bare.status_code == 400 and "审查建议" in bare.text
    fixed = {"correct_field": "联系电话", "correct_new": "15400009999", "note": "换了号码"}
    assert post(client, f"/case/{number}/do/correct", fixed, page=form).status_code == 303
    typed = {"note": "符合<条件>", "proposal": "建议批准"}
    assert post(client, form, typed, page=form).status_code == 303
    ready = three.node.people.ready(NewStaff("wu2", "吴审查", frozenset({Role.APPROVER}), "", PASSWORD))
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    # Who only has the reviewer's name is not told that they reviewed it.
    page = three.again("wu2").get(f"/case/{number}/do/approve").text
    assert "审查人与您同名" in page and "本件由您审查" not in page
    approver = three.again("approver")
    page = approver.get(f"/case/{number}/do/approve").text
    rests = page[page.index('id="rests"') : page.index('<form class="card"')]
    for words in (
        "建议批准",
        "符合&lt;条件&gt;",
        "有条件同意",
        "不得占用&lt;农田&gt;",
        "15400009999",
        "换了号码",
    ):
        assert words in rests
    note = re.search(r'<textarea id="note"[^>]*>([^<]*)</textarea>', page) or re.search(
        r'name="note"[^>]*>([^<]*)</textarea>', page
    )
    assert note and note[1] == f"{LAND}意见：不得占用&lt;农田&gt;"
    refusal = approver.get(f"/case/{number}/do/refuse").text
    assert "建议批准" in refusal and f"{LAND}意见：" not in refusal


def test_what_was_put_right_shows_in_what_was_filled_in(three: ThreeNodes, relief: str) -> None:
    client = three.client(TOWN, "clerk")
    item = three.node.catalogue.item(three.node.casework.case(relief).item)
    assert item is not None
    spec = next(spec for spec in item.fields if spec.kind in ("choice", "money_fen", "number"))
    form = f"/case/{relief}/do/correct"
    wrong = {"correct_field": spec.label, "correct_new": "不是选项", "note": "抄错"}
    refused = post(client, form, wrong, page=form)
    assert refused.status_code == 400 and f"{spec.label}：请" in refused.text
    right = spec.choices[-1] if spec.choices else "7"
    assert post(client, form, {**wrong, "correct_new": right}, page=form).status_code == 303
    page = client.get(f"/case/{relief}").text
    assert re.search(rf"<dt>{spec.label}</dt><dd>{right}[^<]*（原为 [^<]+）</dd>", page)


def test_everything_that_may_be_offered_has_its_sentence_and_its_place() -> None:
    steps = {step.action for step in FLOW if step.role is not CaseRole.NODE} - {Action.FILE}
    assert set(TOLD) == steps | {rule.what for rule in REPORTS}
    found = (Action.RETURN, Action.CORRECT, Action.NOT_ACCEPT, Action.ACCEPT, Report.REMIND)
    offered = arranged(found, Work.ACCEPTANCE)
    assert [one.word for one in offered] == [
        Action.ACCEPT, Action.CORRECT, Report.REMIND, Action.RETURN, Action.NOT_ACCEPT,
    ]  # fmt: skip
    assert [one.kind for one in offered].count(NEXT) == 1 and offered[-1].kind == GRAVE
    assert arranged((Report.REMIND, Action.RETURN), Work.NOTHING)[0].kind != NEXT


def test_at_most_three_buttons_stand_open_and_the_grave_ones_last(three: ThreeNodes, relief: str) -> None:
    page = three.client(TOWN, "clerk").get(f"/case/{relief}").text
    page = page[page.index('class="actions off-paper"') :]
    row = page[: page.index("<details")]
    assert 2 <= row.count('class="button') <= 3 and "danger" not in row
    assert re.search(r'class="button "[^>]*>受理<', row)
    fold = page[page.index("<details") : page.index("</details>")]
    assert fold.index("转办") < fold.index("结束本件或影响决定的") < fold.rindex("不予受理")


def test_a_supervisor_sees_late_cases_and_a_lead_the_silent(three: ThreeNodes) -> None:
    number = homestead(three)
    lead = person(three, "lead", Role.LEAD, OFFICE)
    assert number in lead.get("/queue?view=silent").text and "会办未答复" in lead.get("/").text
    assert 'view=overdue"' not in lead.get("/queue").text
    watcher = person(three, "watch", Role.SUPERVISOR, "")
    assert number not in watcher.get("/queue?view=overdue").text
    (line,) = queues.find(number)
    # The day of a department passes long before that of the case: the row says why it is among the late.
    gap = f"会办答复或容缺补交 {line.alarm_on[5:]} 已到期"
    three.clock.advance((date.fromisoformat(line.alarm_on) - local_date(three.now())).days * DAY_MS)
    assert gap not in three.client(TOWN, "watch").get("/queue").text
    three.clock.advance(DAY_MS)
    page = three.client(TOWN, "watch").get("/queue?view=overdue").text
    assert number in page and gap in page and "已超期" not in page
    three.clock.advance(60 * DAY_MS)
    watcher = three.client(TOWN, "watch")
    assert gap not in watcher.get("/queue?view=overdue").text
    assert number in watcher.get("/queue?view=overdue").text and "超期" in watcher.get("/").text


@pytest.mark.parametrize(("post_held", "count"), [(Role.REVIEWER, 1), (Role.LEAD, 0)])
def test_who_can_answer_for_a_department_finds_its_cases_counted(
    three: ThreeNodes, post_held: Role, count: int
) -> None:
    number = homestead(three)
    client = person(three, "land", post_held, LAND)
    assert client.get("/").text.count("待本部门会办") == count
    page = client.get("/queue?work=asked").text
    assert (number in page) is bool(count)
    if count:
        assert re.search(r"待本部门会办 <b>1</b>", page)
        say(three, number, "opinion", LAND, verdict="agree")
        assert "待本部门会办" not in client.get("/").text


def test_the_form_of_a_payment_says_what_is_due(
    three: ThreeNodes, relief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.move(relief, "accept", Role.CLERK)
    # No item that a township decides has a fee; this one does for once.
    monkeypatch.setattr(filling, "check_provided", lambda *_said: None)
    three.move(relief, "ask_fee", Role.CLERK, fee={"basis": "川价〔2020〕1号", "fen": 1050})
    client = three.client(TOWN, "clerk")
    page = client.get(f"/case/{relief}").text
    assert "/do/take_fee" in page and "/report/paid" not in page
    form = f"/case/{relief}/do/take_fee"
    assert "应缴 10.50 元，须与缴费通知一致" in client.get(form).text
    wrong = post(client, form, {"receipt_fen": "10.5", "receipt_number": ""}, page=form)
    assert wrong.status_code == 400 and "票据号码" in wrong.text
    other = post(client, form, {"receipt_fen": "11", "receipt_number": "票1"}, page=form)
    assert "E141" in other.text and "应缴 10.50 元，填的是 11 元" in other.text
    three.move(relief, "review", Role.REVIEWER)
    three.move(relief, "approve", Role.APPROVER)
    page = client.get(f"/case/{relief}").text
    assert "还不能制证：应缴 10.50 元还没有缴" in page and "/do/issue" not in page


def seen_on(client: Any, form: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(form).text)
    assert found
    return found[1]


def test_nobody_decides_on_papers_they_have_not_seen(three: ThreeNodes, relief: str) -> None:
    """The missing paper comes while the refusal is being written: it would have been answered unread."""
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER, proposal="refuse")
    form = f"/case/{relief}/do/refuse"
    approver = three.client(TOWN, "approver")
    typed = {"note": "没有交<收入证明>", "seen": seen_on(approver, form)}
    say(three, relief, "remind", "", note="请尽快")
    agent = Actor("agent", "周代办", Role.AGENT, "")
    with three.node.unit():
        three.node.casework.report(relief, "papers_brought", agent, {"note": "补来收入证明"}, three.now())
    refused = post(approver, form, typed, page=form)
    assert refused.status_code == 409 and "E174" in refused.text
    assert "没有交&lt;收入证明&gt;" in refused.text and "补来收入证明" in refused.text
    assert three.node.casework.case(relief).state.value == "REVIEWED"
    typed["seen"] = seen_on(approver, form)
    assert post(approver, form, typed, page=form).status_code == 303


def test_a_picture_sent_with_a_form_that_came_too_late_is_kept(three: ThreeNodes, relief: str) -> None:
    """The page says that all that was entered is still there; a browser forgets chosen files."""
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER, proposal="approve")
    form = f"/case/{relief}/do/approve"
    approver = three.client(TOWN, "approver")
    picture = (io.BytesIO(JPEG + b"scan"), "决定书.jpg")
    typed = {"note": "同意", "seen": "0" * 16, "paper-result": picture}
    refused = post(approver, form, typed, page=form)
    assert refused.status_code == 409 and "E174" in refused.text and 'name="kept"' in refused.text


def test_a_hearing_is_begun_also_where_the_item_names_no_procedure(three: ThreeNodes, relief: str) -> None:
    """Whoever is affected may ask for one whatever the item says; its time counts for nobody."""
    item = three.node.catalogue.item(RELIEF)
    assert not item.special
    three.move(relief, "accept", Role.CLERK)
    reviewer, form = three.client(TOWN, "reviewer"), f"/case/{relief}/do/begin_special"
    assert form in reviewer.get(f"/case/{relief}").text
    assert "听证" in reviewer.get(form).text and "检验" not in reviewer.get(form).text
    typed = {"special_kind": "听证", "special_name": "听证会", "special_expected": "2026-03-20"}
    assert post(reviewer, form, typed, page=form).status_code == 303
    assert three.node.casework.case(relief).state.value == "SPECIAL"


def test_nobody_decides_on_a_review_that_was_made_anew_meanwhile(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER, proposal="approve")
    form = f"/case/{relief}/do/approve"
    approver = three.client(TOWN, "approver")
    typed = {"note": "同意", "seen": seen_on(approver, form)}
    three.move(relief, "reconsider", Role.APPROVER, note="请再核对")
    three.move(relief, "review", Role.REVIEWER, proposal="refuse")
    refused = post(approver, form, typed, page=form)
    assert refused.status_code == 409 and "E174" in refused.text and "建议不予批准" in refused.text
    assert three.node.casework.case(relief).state.value == "REVIEWED"


def test_who_has_the_applicants_name_is_asked_on_the_form(three: ThreeNodes, relief: str) -> None:
    """Who reviews is called as the applicant is: another person, or the one who asks for relief."""
    three.move(relief, "accept", Role.CLERK)
    applicant = three.node.casework.case(relief).applicant["name"]
    new = NewStaff("namesake", applicant, frozenset({Role.REVIEWER}), "", PASSWORD)
    ready = three.node.people.ready(new)
    with three.node.unit():
        three.node.people.add_staff(ready, "", NOW)
    form, typed = f"/case/{relief}/do/review", {"note": "符合条件", "proposal": "建议批准"}
    assert "申请人或其代理人与您同名" not in three.client(TOWN, "reviewer").get(form).text
    client = three.client(TOWN, "namesake")
    assert "申请人或其代理人与您同名" in client.get(form).text
    refused = post(client, form, typed, page=form)
    assert refused.status_code == 400 and 'href="#f-not-the-app' in refused.text
    assert three.node.casework.case(relief).state.value == "ACCEPTED"
    assert post(client, form, {**typed, "not_the_applicant": "1"}, page=form).status_code == 303


def test_a_corrected_amount_stands_in_yuan_on_the_case_and_before_who_decides(
    three: ThreeNodes, relief: str
) -> None:
    """An approver read an income of 1350050, where the applicant has 13,500.50."""
    item = three.node.catalogue.item(RELIEF)
    label = next(spec.label for spec in item.fields if spec.kind == "money_fen")
    three.move(relief, "accept", Role.CLERK)
    three.move(relief, "review", Role.REVIEWER)
    client = three.client(TOWN, "reviewer")
    form = f"/case/{relief}/do/correct"
    typed = {"correct_field": label, "correct_new": "13500.50", "note": "抄错"}
    assert post(client, form, typed, page=form).status_code == 303
    for page in (client.get(f"/case/{relief}"), three.again("approver").get(f"/case/{relief}/do/approve")):
        assert "<ins>13,500.50 元</ins>" in page.text and "1350050" not in page.text


def test_a_corrected_account_is_one_as_it_has_to_be_when_it_is_filed(three: ThreeNodes, relief: str) -> None:
    """Money goes there: with a figure short it would come back, with blanks no bank finds it."""
    client, form = three.client(TOWN, "clerk"), f"/case/{relief}/do/correct"
    typed = {"correct_field": "银行账号", "correct_new": "6217 0012 34", "note": "抄错"}
    refused = post(client, form, typed, page=form)
    assert refused.status_code == 400 and "银行账号：应为 12 到 30 位数字" in refused.text
    answer = post(client, form, {**typed, "correct_new": "6217 0012 3456 7890 123"}, page=form)
    assert answer.status_code == 303
    assert three.node.casework.case(relief).facts.corrections[-1].new == "6217001234567890123"
