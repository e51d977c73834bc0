"""What a site knows of a person is offered, used with their consent alone, and signed."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from common.catalogue.rules.item import parse_item
from common.catalogue.service import shipped_items
from common.desk.rules import terms
from common.desk.rules.drafts import Draft, DraftPaper, Step
from common.desk.rules.household import Person, household_of, is_one_door, is_own, offered_for
from common.desk.rules.life import lines_of
from common.node.demo_data.people import fill, resident, resident_for
from common.store.database import run
from tests.desk.filing.agent import OLD_AGE, RELIEF, Desk, cases, paper
from tests.desk.filing.village import VILLAGE, DeskNode

DOOR = "青龙石村2组7号"


def filed(node: DeskNode, desk: Desk, seed: int, code: str = OLD_AGE, address: str = DOOR, **who: str) -> str:
    """File a case of somebody at an address, with a picture of their identity card; return its number."""
    item = node.catalogue.item(code)
    assert item is not None
    person = resident_for(item, seed, VILLAGE)
    desk.begin(code)
    typed = {**person.as_applicant(), "place": VILLAGE, "address": address, **who}
    desk.send("applicant", typed, leads_to="form")
    desk.send("form", fill(item, person, Random(seed)), leads_to="papers")
    content = b"\xff\xd8\xff\xe0" + f"card of {seed}".encode() * 20
    files = {
        "paper-id_card": paper("id.jpg", content),
        "paper-application": paper("form.jpg", content + b"2"),
    }
    desk.send("papers", files, leads_to="check")
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 303, answer.text
    return str(answer.location.rpartition("/")[2])


@pytest.mark.parametrize(
    ("address", "is_door"),
    [
        ("青龙石村2组7号", True),
        ("城关1栋2单元301室", True),
        ("青龙石村2组", False),
        ("青龙石村", False),
        ("", False),
    ],
)
def test_only_an_address_with_a_door_is_a_household(address: str, is_door: bool) -> None:
    assert is_one_door(address) is is_door


def test_a_household_is_who_gave_the_same_door_the_newest_word_of_each() -> None:
    def one(number: str, address: str, at: int) -> Person:
        return Person(f"P{number}", "111", number, "", address, "", at)

    others = [
        one("2", "村 2组7号", 9),
        one("2", "村2组7号", 3),
        one("3", "村2组8号", 9),
        one("1", "村2组7号", 9),
    ]
    assert household_of(one("1", "村2组7号", 5), others) == [others[0]]
    assert household_of(one("1", "村2组", 5), [one("2", "村2组", 9)]) == []
    assert offered_for("application", "申请表", []) == []


def test_a_person_known_here_is_filled_in_only_after_they_agreed(node: DeskNode, desk: Desk) -> None:
    before = filed(node, desk, seed=1)
    known = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin(RELIEF)
    typed = {"name": known.name, "id_number": known.id_number, "place": VILLAGE, "phone": "", "address": ""}
    assert desk.post(f"{desk.path}/keep/applicant", typed).status_code == 200
    part = desk.get(f"{desk.path}/known").text
    assert "以前在本站办过" in part and known.phone not in part
    refused = desk.send("applicant", {**typed, "then": "known:self"})
    assert refused.status_code == 400 and f"要{known.name}本人同意" in refused.text
    assert node.drafts.draft(desk.draft, "zhou").applicant["phone"] == ""
    taken = desk.send(
        "applicant", {**typed, "then": "known:self", "consent": known.id_number}, leads_to="applicant"
    )
    assert taken.status_code == 303
    kept = node.drafts.draft(desk.draft, "zhou").applicant
    assert (kept["phone"], kept["address"]) == (known.phone, DOOR)
    # Who looked at whose data is in the log of views, also when the draft is thrown away.
    seen = run("SELECT DISTINCT login, object FROM view_log WHERE what = 'search'").fetchall()
    assert seen == [("zhou", before)]


def test_no_phone_of_somebody_else_stays_when_one_of_the_household_takes_over(
    node: DeskNode, desk: Desk
) -> None:
    filed(node, desk, seed=1)
    filed(node, desk, seed=2, phone="", no_phone="1")
    first, second = (resident_for(node.catalogue.item(OLD_AGE), seed, VILLAGE) for seed in (1, 2))
    desk.begin(RELIEF)
    typed = {**first.as_applicant(), "place": VILLAGE, "address": DOOR}
    then = {"then": f"known:{second.id_number}", "consent": second.id_number}
    desk.send("applicant", {**typed, **then}, leads_to="applicant")
    kept = node.drafts.draft(desk.draft, "zhou").applicant
    assert (kept["name"], kept["phone"], kept["address"]) == (second.name, "", DOOR)


def test_somebody_of_the_same_household_takes_the_applicants_place(node: DeskNode, desk: Desk) -> None:
    both = {filed(node, desk, seed=1), filed(node, desk, seed=2)}
    filed(node, desk, seed=3, address="青龙石村2组9号")
    item = node.catalogue.item(OLD_AGE)
    first, second, third = (resident_for(item, seed, VILLAGE) for seed in (1, 2, 3))
    desk.begin(RELIEF)
    typed = {"name": first.name, "id_number": first.id_number, "place": VILLAGE, "no_phone": "1"}
    desk.post(f"{desk.path}/keep/applicant", typed)
    part = desk.get(f"{desk.path}/known").text
    assert second.name in part and third.name not in part and second.id_number in part
    seen = run("SELECT DISTINCT object FROM view_log WHERE what = 'search'").fetchall()
    assert {row[0] for row in seen} == both
    then = {"then": f"known:{second.id_number}", "consent": first.id_number}
    # Who sits at the desk cannot agree for somebody else of the household.
    refused = desk.send("applicant", {**typed, **then})
    assert refused.status_code == 400 and f"要{second.name}本人同意" in refused.text
    assert node.drafts.draft(desk.draft, "zhou").applicant["id_number"] == first.id_number
    assert f"已问过{second.name}本人" in refused.text
    then["consent"] = second.id_number
    desk.send("applicant", {**typed, **then}, leads_to="applicant")
    kept = node.drafts.draft(desk.draft, "zhou").applicant
    assert (kept["id_number"], kept["phone"], kept["no_phone"]) == (second.id_number, second.phone, "")
    stranger = {"then": f"known:{third.id_number}", "consent": third.id_number}
    assert desk.send("applicant", {**typed, **stranger}).status_code == 400
    # Of papers nobody was asked yet: the box is there with the name, and not ticked.
    desk.send("applicant", {**second.as_applicant(), "place": VILLAGE, "address": DOOR}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), second, Random(2)), leads_to="papers")
    page = desk.get(f"{desk.path}/papers").text
    assert f"已问过{second.name}本人，同意使用以前交过的材料" in page
    assert not re.search(r'name="consent"[^>]* checked', page) and "again-id_card" in page
    said = terms.reuse_of(node.drafts.draft(desk.draft, "zhou"))
    assert said == {"consent": 1, "papers": [], "applicant": 1, "of": second.name}


# Key, name and how it is handed in. On none of these may anybody stand but who handed it in.
JUDGED = {
    ("bank_card", "本人社会保障卡", "拍有卡号的一面"),
    ("bank_card", "本人社会保障卡或对公账户证明", "个人交社会保障卡，组织交对公账户"),
    ("bank_card", "本人社会保障卡或银行卡", "拍卡号一面"),
    ("bank_card", "本人银行卡或社会保障卡", "拍有卡号的一面"),
    ("disability_certificate", "中华人民共和国残疾人证", "拍本人页和等级页"),
    ("disability_certificate", "中华人民共和国残疾人证", "残疾人提供"),
    ("education", "学历证书", "网上能查到学历的只看原件"),
    ("exam", "教师资格考试合格证明或师范生教学能力证书", "非师范毕业的必交考试合格证明"),
    ("graduate", "毕业证书", "离校未就业高校毕业生交"),
    ("id_card", "申请人居民身份证", "正反面拍在同一页"),
    ("id_card", "申请人居民身份证或社会保障卡", "正反面拍在同一页"),
    ("id_card", "经营者居民身份证", "正反面拍在同一页"),
    ("id_card", "领取人居民身份证", "正反面拍在同一页"),
    ("mandarin", "普通话水平测试等级证书", "能联网查到的不交复印件"),
    ("old_licence", "医师执业证书原件", "变更、重新注册的交"),
    ("photo", "两寸近期免冠白底彩照", "3张"),
    ("photo", "数字相片或者现场采集人像", "可在窗口免费采集（示例）"),
    ("photo", "申请人近期照片", "一寸免冠照片，或在服务室现场拍照"),
    ("photo", "经营者近期照片", "可以在窗口现场拍"),
    ("photo", "近期免冠照片", "一寸照片，或在窗口现场拍"),
    ("photo", "近期免冠照片", "与网上报名照片同底"),
    ("photo", "近期免冠照片", "电子照片也可以"),
    ("photo", "近期免冠白底彩色照片", "可以在窗口现场拍"),
    ("photo", "近期免冠白底证件照", "没有照片的现场拍"),
    ("qualification", "医师资格证书", "交原件核对后退回"),
    ("unemployment_record", "失业登记证明（就业创业证）", "能查到的不用交"),
}


def test_every_paper_of_the_catalogue_that_is_offered_again_was_judged() -> None:
    listed = [spec for obj in shipped_items() for spec in parse_item({**obj, "version": 1}).papers]
    found = [(spec.key, spec.name, spec.note) for spec in listed]
    assert {one for one in found if is_own(*one)} == JUDGED
    names = {name for _key, name, _note in JUDGED}
    assert not [name for name in names if "户口" in name or "结婚" in name or "双方" in name]
    # Of the same name and key as one's own, but of anybody at home.
    assert ("disability_certificate", "中华人民共和国残疾人证", "家里有残疾人的提供") in set(found) - JUDGED


def test_what_is_no_longer_offered_is_told_apart_and_an_older_draft_keeps_its_consent() -> None:
    def one(key: str, hash_: str) -> DraftPaper:
        return DraftPaper(key, f"name of {key}", "", hash_, 1, "image/jpeg", 1, "an earlier case")

    papers = (one("id_card", "a"), one("household_register", "b"), one("photo", "c"))
    said = {"consent": "12", "reused": "applicant"}
    draft = Draft(
        "d", "zhou", "i", 1, Step.PAPERS, {"name": "甲", "id_number": "12"}, {}, {}, papers, 0, 0, said
    )
    found = terms.reuse_problems(draft, offered={"a"}, handed_in={"a", "b"})
    assert [problem.code for problem in found] == ["not_theirs", "not_offered"]
    assert (
        "name of photo不是这位" in found[0].sentence and "name of household_register上" in found[1].sentence
    )
    assert terms.reuse_of(draft)["applicant"] == 1
    assert terms.reuse_of(replace(draft, applicant={"id_number": "13"})) == {}


def test_a_spouses_card_handed_in_with_an_earlier_case_is_asked_for_anew(node: DeskNode, desk: Desk) -> None:
    """Both cards were handed in as one paper with the husband's case; his wife was never asked."""
    before = filed(node, desk, seed=1)
    run(
        'UPDATE case_paper SET name = ? WHERE "case" = ? AND key = ?',
        ("本人和配偶居民身份证", before, "id_card"),
    )
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), person, Random(1)), leads_to="papers")
    page = desk.get(f"{desk.path}/papers").text
    assert "again-id_card" not in page and 'name="consent"' not in page
    (blob,) = run('SELECT hash FROM case_paper WHERE "case" = ? AND key = ?', (before, "id_card")).fetchone()
    assert desk.get(f"{desk.path}/earlier/{blob}").status_code == 404
    desk.send("papers", {"again-id_card": blob, "consent": "1", "consent_asked": "1"})
    assert node.drafts.draft(desk.draft, "zhou").papers == ()


def test_a_paper_once_given_is_used_again_by_its_hash_and_the_consent_is_signed(
    node: DeskNode, desk: Desk
) -> None:
    before = filed(node, desk, seed=1)
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE, "address": DOOR}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), person, Random(1)), leads_to="papers")
    page = desk.get(f"{desk.path}/papers").text
    (blob,) = set(re.findall(r'name="again-id_card" value="(\w+)"', page))
    # A form of one case is no paper of another.
    assert "again-application" not in page
    assert desk.get(f"{desk.path}/earlier/{blob}").mimetype == "image/jpeg"
    assert desk.get(f"{desk.path}/earlier/{'0' * 64}").status_code == 404
    refused = desk.send("papers", {"again-id_card": blob})
    assert refused.status_code == 400 and "要申请人同意" in refused.text
    desk.send(
        "papers", {"again-id_card": [blob, "f" * 64], "consent": "1", "consent_asked": "1"}, leads_to="check"
    )
    assert "申请人已同意" in desk.get(f"{desk.path}/check").text
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 303
    body: Any = node.outbox.acts[-1][1]
    assert body["data"]["reuse"] == {
        "consent": 1, "applicant": 0, "papers": [{"key": "id_card", "case": before}], "of": person.name,
    }  # fmt: skip
    assert node.outbox.acts[-1][2][0].hash == blob
    assert f"经{person.name}本人同意，使用以前交过的材料 1 份" in lines_of(body["data"])
    assert "以前交过的，经申请人同意" in desk.get(answer.location).text


def test_a_paper_of_somebody_else_is_not_filed_after_the_applicant_changed(
    node: DeskNode, desk: Desk
) -> None:
    """The draft took a paper of one person over; then another number is typed."""
    filed(node, desk, seed=1)
    person, other = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE), resident(40, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), person, Random(1)), leads_to="papers")
    page = desk.get(f"{desk.path}/papers").text
    blob = re.findall(r'name="again-id_card" value="(\w+)"', page)[0]
    desk.send("papers", {"again-id_card": blob, "consent": "1", "consent_asked": "1"}, leads_to="check")
    desk.send("applicant", {**other.as_applicant(), "place": VILLAGE}, leads_to="check")
    count = len(cases())
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 400 and "要申请人同意" in answer.text and len(cases()) == count
    # Agreed by the new one all the same: it is still not theirs.
    desk.send("papers", {"consent": "1", "consent_asked": "1"}, leads_to="check")
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 400 and "不是这位申请人交的" in answer.text and len(cases()) == count


def test_an_earlier_paper_in_a_draft_leaves_a_row_when_seen_and_is_not_turned_into_a_new_one(
    node: DeskNode, desk: Desk
) -> None:
    filed(node, desk, seed=1)
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), person, Random(1)), leads_to="papers")
    blob = re.findall(r'name="again-id_card" value="(\w+)"', desk.get(f"{desk.path}/papers").text)[0]
    desk.send("papers", {"again-id_card": blob, "consent": "1", "consent_asked": "1"}, leads_to="check")
    seen = "SELECT login, fields FROM view_log WHERE what = 'paper' AND object = ?"
    assert run(seen, (blob,)).fetchall() == []
    assert desk.get(f"{desk.path}/paper/{blob}").status_code == 200
    assert run(seen, (blob,)).fetchall() == [("zhou", "papers")]
    before = node.drafts.draft(desk.draft, "zhou").papers
    turned = desk.post(f"{desk.path}/papers/turn", {"paper": f"id_card/{blob}", "turned": paper("t.jpg")})
    assert turned.status_code == 404 and node.drafts.draft(desk.draft, "zhou").papers == before
    # What was brought with the draft itself may be.
    desk.send("papers", {"paper-application": paper("own.jpg")}, leads_to="check")
    own = next(one for one in node.drafts.draft(desk.draft, "zhou").papers if not one.source)
    fresh = paper("t.jpg", b"\xff\xd8\xff\xe0" + b"q" * 200)
    turned = desk.post(f"{desk.path}/papers/turn", {"paper": f"application/{own.hash}", "turned": fresh})
    assert turned.status_code == 303 and own not in node.drafts.draft(desk.draft, "zhou").papers
