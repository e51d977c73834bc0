"""Who may apply at the desk: old cards, papers from elsewhere, units, people without a telephone."""

from __future__ import annotations

import re
from datetime import date
from random import Random

import pytest

from common.casework import queues
from common.catalogue.rules.applicant import ID_TYPES, id_types_for, number_problem, tidy_name, tidy_number
from common.catalogue.rules.identity import (
    citizen_number_problem,
    credit_check_character,
    written_birth_date,
)
from common.node.demo_data.people import fill
from tests.desk.desk_pages import FELLING, Counter, told
from tests.desk.three import OLD_AGE, VILLAGE, ThreeNodes, post

BIRTH = "DEMO-511921-2004"
OLD_CARD = "511921460203001"
CREDIT = "91511921MA6400001"
CREDIT += credit_check_character(CREDIT)


def counter(three: ThreeNodes, code: str = FELLING) -> Counter:
    return Counter(three, three.client(VILLAGE, "agent"), code)


@pytest.mark.parametrize(
    ("id_type", "typed", "kept"),
    [
        ("111", "５１１９２１ 460203001", OLD_CARD),
        ("111", "511921-460203-001", OLD_CARD),
        ("414", "e 1234567x", "E1234567X"),
        ("516", "h01234567", "H01234567"),
        ("511", "01234567", "01234567"),
        ("553", "CHN110081010153", "CHN110081010153"),
        ("990", "a-1234（5）", "A-1234(5)"),
    ],
)
def test_people_file_with_any_of_their_papers(three: ThreeNodes, id_type: str, typed: str, kept: str) -> None:
    desk = counter(three).to_check(id_type=id_type, id_number=typed, name="李𠮷·阿里木")
    number = desk.file()
    applicant = three.node.casework.case(number).applicant
    assert (applicant["id_type"], applicant["id_number"]) == (id_type, kept)
    assert applicant["name"] == "李𠮷·阿里木" and "representative" not in applicant
    assert kept in desk.client.get(f"/case/{number}").text
    # The same person once more is noticed whatever the paper.
    assert queues.find(kept)[0].case == number


def test_somebody_without_a_telephone_says_so_and_files(three: ThreeNodes) -> None:
    desk = counter(three, OLD_AGE)
    refused = desk.send("applicant", desk.applicant(phone=""))
    assert refused.status_code == 400
    assert told(refused) == ["联系电话：请填写；没有电话的，勾选下面的“申请人没有电话”。"]
    desk.to_check(phone="", no_phone="1")
    # What is read out before filing, and whoever wants to call later, hears it, too.
    assert "没有电话" in desk.client.get(f"{desk.path}/check").text
    number = desk.file()
    assert three.node.casework.case(number).applicant["phone"] == ""
    assert "<dd>没有电话</dd>" in desk.client.get(f"/case/{number}").text


def test_a_unit_files_with_its_credit_code_and_who_represents_it(three: ThreeNodes) -> None:
    desk = counter(three)
    page = desk.client.get(f"{desk.path}/applicant").text
    assert "统一社会信用代码" in page and "法定代表人" in page
    unit = {"name": "通江县某林业专业合作社", "id_type": "001", "id_number": CREDIT.lower()}
    refused = desk.send("applicant", desk.applicant(**unit))
    assert refused.status_code == 400 and told(refused) == ["法定代表人（负责人）：请填写。"]
    number = desk.to_check(**unit, representative="王大山").file()
    applicant = three.node.casework.case(number).applicant
    assert (applicant["id_type"], applicant["id_number"]) == ("001", CREDIT)
    assert applicant["representative"] == "王大山"
    page = desk.client.get(f"/case/{number}").text
    assert "王大山" in page and "统一社会信用代码" in page


def test_a_credit_code_with_another_check_sign_is_taken_after_a_look_at_the_licence(
    three: ThreeNodes,
) -> None:
    """Some of the first codes were given out with a sign that the standard would not give."""
    wrong = CREDIT[:17] + ("A" if CREDIT[17] != "A" else "B")
    unit = {"name": "老企业", "id_type": "001", "id_number": wrong, "representative": "王大山"}
    desk = counter(three)
    refused = desk.send("applicant", desk.applicant(**unit))
    assert refused.status_code == 400 and 'name="id_sure"' in refused.text
    assert three.node.casework.case(desk.to_check(**unit, id_sure="1").file()).applicant["id_number"] == wrong


def test_an_item_for_people_alone_takes_no_unit(three: ThreeNodes) -> None:
    desk = counter(three, OLD_AGE)
    page = desk.client.get(f"{desk.path}/applicant").text
    assert "统一社会信用代码" not in page and "法定代表人" not in page
    refused = desk.send("applicant", desk.applicant(id_type="001", id_number=CREDIT))
    assert refused.status_code == 400 and "证件类型：请从列表中选择" in told(refused)[0]


@pytest.mark.parametrize(
    ("id_type", "number", "told_of"),
    [
        ("111", "511921194613030", "出生日期不存在"),
        ("111", "51192119480307214X", "校验码不对"),
        ("111", "51192119480307", "应为 18 位"),
        ("414", "E1", "4 至 30 位"),
        ("414", "<script>alert(1)</script>", "4 至 30 位"),
        ("001", "91511921", "应为 18 位数字或大写字母"),
        ("<b>", "E1234567", "请从列表中选择"),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_words(
    three: ThreeNodes, id_type: str, number: str, told_of: str
) -> None:
    desk = counter(three)
    more = {"representative": "王大山"} if id_type == "001" else {}
    refused = desk.send("applicant", desk.applicant(id_type=id_type, id_number=number, **more))
    assert refused.status_code == 400 and told_of in told(refused)[0]
    assert "<script>alert" not in refused.text and 'value="<b>"' not in refused.text


def test_a_birth_date_is_known_from_an_old_card_and_asked_of_a_stranger(three: ThreeNodes) -> None:
    desk = counter(three, OLD_AGE)
    desk.send("applicant", desk.applicant(id_number=OLD_CARD), leads_to="form")
    assert 'value="1946-02-03"' in desk.client.get(f"{desk.path}/form").text
    other = Counter(three, desk.client, OLD_AGE)
    other.send("applicant", other.applicant(id_type="414", id_number="511921194602030014"), leads_to="form")
    assert 'value="1946-02-03"' not in desk.client.get(f"{other.path}/form").text


def test_kinds_of_papers_are_told_apart_by_whom_an_item_serves() -> None:
    assert [kind.code for kind in id_types_for(("2",))] == ["001"]
    assert "001" not in {kind.code for kind in id_types_for(("1",))}
    assert {kind.code for kind in id_types_for(("1", "6"))} == {kind.code for kind in ID_TYPES}
    assert tidy_number(" ａ１2 3x ") == "A123X"


def test_numbers_of_the_first_cards_are_read_as_of_the_last_century() -> None:
    assert citizen_number_problem(OLD_CARD) == "" and written_birth_date(OLD_CARD) == "1946-02-03"
    assert citizen_number_problem("511921460230001") == "id_birth_date"
    assert written_birth_date("511921460230001") == written_birth_date("E1234567") == ""
    kind = ID_TYPES[0]
    assert number_problem(kind, "51192120260304123X", date(2026, 3, 3))[0] == "id_future"


def test_a_field_is_asked_only_where_its_condition_holds_and_stands_under_its_heading(
    three: ThreeNodes,
) -> None:
    """The birth of a child that is born, the due day of one that is not; a plain post, no script."""
    desk = counter(three, BIRTH)
    desk.send("applicant", desk.applicant(), leads_to="form")
    page = desk.client.get(f"{desk.path}/form?topic=2").text
    assert re.search(r"<h2>子女信息 <span[^>]*>第 2 页，共 2 页", page) and page.count("时填写") >= 2
    item = three.node.catalogue.item(BIRTH)
    assert item is not None
    typed = fill(item, desk.person, Random(1)) | {"already_born": "是", "birth_date": "", "due_date": ""}
    refused = desk.send("form", typed)
    assert refused.status_code == 400 and len(told(refused)) == 1
    assert 'href="#f-birth-date"' in refused.text and 'href="#f-due-date"' not in refused.text
    # What was typed in a field that is not asked is no problem, and is not filed.
    desk.send("form", {**typed, "birth_date": "2026-02-01", "due_date": "不知道"}, leads_to="papers")
    desk.send("papers", desk.all_papers(), leads_to="check")
    number = desk.file()
    form = three.node.casework.page(number).form
    assert form["birth_date"] == "2026-02-01" and "due_date" not in form


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("阿依古丽•买买提", "阿依古丽·买买提"), ("阿依古丽.买买提", "阿依古丽·买买提"),
        (" 阿依古丽 ・ 买买提 ", "阿依古丽·买买提"), ("阿依古丽．买买提·艾力", "阿依古丽·买买提·艾力"),
        ("李　明", "李明"), ("李 𠮷", "李𠮷"), ("𰻝·㐂", "𰻝·㐂"), ("王小明", "王小明"),
        ("John F. Smith", "John F. Smith"), ("J.R.李", "J.R.李"), ("", ""), ("·", "·"),
    ],
)  # fmt: skip
def test_a_name_is_written_in_one_way_however_its_dot_was_typed(typed: str, name: str) -> None:
    assert tidy_name(typed) == name == tidy_name(name)


def test_a_letter_covers_a_name_whose_dot_was_typed_in_another_way(three: ThreeNodes) -> None:
    """The dot of a keyboard and that of a telephone are two signs; the person and the number are one."""
    client = three.client(VILLAGE, "agent")
    desk = Counter(three, client, OLD_AGE)
    letter = {
        "name": "阿依古丽.买买提", "id_type": "111", "id_number": desk.person.id_number, "agent": "agent",
        "scope": "*", "from_day": "2026-03-01", "to_day": "2026-12-31", "proof": "KEPT",
    }  # fmt: skip
    assert post(client, "/letters/new", letter, page="/letters/new").status_code == 303
    (known,) = three.node.letters.newest(5)
    who = desk.applicant(name="阿依古丽•买买提", filer="proxy")
    desk.send("applicant", who, leads_to="authority")
    desk.send("authority", {"letter": known.id}, leads_to="form")
    case = three.node.casework.case(desk.on_from_form().file())
    assert case.applicant["name"] == known.principal.name == "阿依古丽·买买提"


def test_a_unit_keeps_the_dots_of_its_name(three: ThreeNodes) -> None:
    unit = {"name": "通江县A・B 林业合作社", "id_type": "001", "id_number": CREDIT}
    number = counter(three).to_check(**unit, representative="王 大山").file()
    applicant = three.node.casework.case(number).applicant
    assert (applicant["name"], applicant["representative"]) == (unit["name"], "王大山")
