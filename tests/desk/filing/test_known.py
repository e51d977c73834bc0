"""What a site knows of a person is offered, used with their consent alone, and signed (MISSION C16)."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from common.desk.rules import terms
from common.desk.rules.household import Person, household_of, is_of_others, is_one_door, offered_for
from common.desk.rules.life import lines_of
from common.node.demo_data.people import fill, resident, resident_for
from common.store.database import run
from tests.desk.filing.agent import OLD_AGE, RELIEF, Desk, cases, paper
from tests.desk.filing.village import VILLAGE, DeskNode

DOOR = "青龙石村2组7号"


def filed(node: DeskNode, desk: Desk, seed: int, code: str = OLD_AGE, address: str = DOOR) -> str:
    """File a case of somebody at an address, with a picture of their identity card; return its number."""
    item = node.catalogue.item(code)
    assert item is not None
    person = resident_for(item, seed, VILLAGE)
    desk.begin(code)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE, "address": address}, leads_to="form")
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


def test_somebody_of_the_same_household_takes_the_applicants_place(node: DeskNode, desk: Desk) -> None:
    both = {filed(node, desk, seed=1), filed(node, desk, seed=2)}
    filed(node, desk, seed=3, address="青龙石村2组9号")
    item = node.catalogue.item(OLD_AGE)
    first, second, third = (resident_for(item, seed, VILLAGE) for seed in (1, 2, 3))
    desk.begin(RELIEF)
    typed = {"name": first.name, "id_number": first.id_number, "place": VILLAGE}
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
    assert node.drafts.draft(desk.draft, "zhou").applicant["id_number"] == second.id_number
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


@pytest.mark.parametrize(
    ("name", "is_others"),
    [
        ("居民身份证", False),
        ("户口簿（首页和本人页）", False),
        ("申请人居民身份证", False),
        ("居民户口簿", True),
        ("双方居民身份证", True),
        ("本人和配偶居民身份证", True),
        ("监护人身份证和户口簿", True),
        ("结婚证、离婚证或婚姻状况说明", True),
        ("代办委托书和代办人身份证", True),
    ],
)
def test_a_paper_on_which_others_stand_is_not_offered_again(name: str, is_others: bool) -> None:
    assert is_of_others(name) is is_others


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
