"""Letters of authority: what they cover, what may be entered, the pages, and what is kept."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest

from common.authority.errors import LetterEnded, NoSuchLetter, NotCovered
from common.authority.records import LetterRow
from common.authority.rules import (
    ALL_ITEMS,
    Draft,
    Letter,
    Principal,
    Proof,
    claim,
    covers,
    problems,
    why_not,
)
from common.days import local_day
from common.desk import jobs
from common.errors import BadInput
from common.node.demo_data.people import resident
from common.people.errors import NoSuchStaff
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store.database import run
from sync.protocol import canonical
from tests.desk.three import DAY_MS, ID_NUMBER, JPEG, PASSWORD, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post

TODAY = "2026-03-03"
WHO = Principal("王秀英", "111", ID_NUMBER, "15400001234")
DRAFT = Draft(WHO, "agent", SUBSISTENCE, TODAY, "2026-12-31", Proof.KEPT)
LETTER = Letter("W2026-00001-ABCD", WHO, "agent", "周代办", SUBSISTENCE, TODAY, "2026-12-31", Proof.KEPT, "")


@pytest.mark.parametrize(
    ("change", "item", "day", "is_good"),
    [
        ({}, SUBSISTENCE, TODAY, True),
        ({}, SUBSISTENCE, "2026-12-31", True),
        ({}, SUBSISTENCE, "2026-03-02", False),
        ({}, SUBSISTENCE, "2027-01-01", False),
        ({}, "ANOTHER", TODAY, False),
        ({"scope": ALL_ITEMS}, "ANOTHER", TODAY, True),
        ({"scope": ALL_ITEMS}, "ANOTHER", "2027-01-01", False),
        ({"revoked_on": "2026-06-01"}, SUBSISTENCE, "2026-05-31", False),
        ({"revoked_on": "2026-06-01"}, SUBSISTENCE, "2026-06-01", False),
        ({"revoked_on": TODAY}, SUBSISTENCE, TODAY, False),
    ],
)
def test_a_letter_covers_its_item_within_its_days_until_revoked(
    change: dict[str, Any], item: str, day: str, is_good: bool
) -> None:
    letter = replace(LETTER, **change)
    assert covers(letter, item, day) is is_good
    assert (why_not(letter, "agent", item, day) == "") is is_good
    assert why_not(letter, "somebody", item, day)


def test_what_a_filing_carries_is_signable_and_holds_no_number_of_a_person() -> None:
    told = canonical.dumps(claim(LETTER)).decode()
    assert set(claim(LETTER)) == {"letter", "principal", "agent", "scope", "from", "to"}
    assert ID_NUMBER not in told and "15400001234" not in told


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"principal": replace(WHO, name=" ")}, ["name"]),
        ({"principal": replace(WHO, id_number=ID_NUMBER[:-1] + "Y")}, ["id_number"]),
        ({"principal": replace(WHO, id_number="")}, ["id_number"]),
        ({"principal": Principal("Ann", "other", "P1234567")}, []),
        ({"principal": Principal("某" * 80 + "合作社", "001", "91511921MA6000000A")}, []),
        ({"principal": Principal("某合作社", "001", "9151")}, ["id_number"]),
        ({"principal": Principal("John " * 9 + "Doe", "414", "E12345678")}, []),
        ({"principal": replace(WHO, name="王\u202e秀英")}, ["name"]),
        ({"principal": replace(WHO, name="王\n秀英")}, ["name"]),
        ({"principal": replace(WHO, phone="9" * 500)}, ["phone"]),
        ({"principal": replace(WHO, phone="")}, []),
        ({"agent": "", "scope": ""}, ["agent", "scope"]),
        ({"proof": Proof.PHOTO}, ["photo"]),
        ({"proof": Proof.PHOTO, "blob": "ab" * 32}, []),
        ({"from_day": "", "to_day": "2026-13-01"}, ["from_day", "to_day"]),
        ({"to_day": "2026-03-02"}, ["to_day"]),
        ({"to_day": "2036-03-02"}, ["to_day"]),
        ({"from_day": "2026-01-01"}, []),
    ],
)
def test_a_letter_is_judged_with_all_its_faults_at_once(change: dict[str, Any], fields: list[str]) -> None:
    assert [problem.field for problem in problems(replace(DRAFT, **change), TODAY)] == fields


def enter(three: ThreeNodes, **change: Any) -> Letter:
    with three.node.unit():
        return three.node.letters.enter(replace(DRAFT, **change), None, "agent", three.now())


def test_a_letter_is_found_for_a_filing_and_its_claim_given(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    made, other = enter(three), enter(three, scope="ANOTHER")
    assert re.fullmatch(r"W2026-00001-[0-9A-F]{4}", made.id) and other.id != made.id
    letters, now = three.node.letters, three.now()
    assert letters.good_for(ID_NUMBER, "agent", SUBSISTENCE, now) == [made]
    assert letters.good_for(ID_NUMBER, "admin", SUBSISTENCE, now) == []
    assert letters.authority(made.id, "agent", SUBSISTENCE, now) == claim(made)
    for letter, agent, item, at, fault in (
        (made.id, "admin", SUBSISTENCE, now, NotCovered),
        (made.id, "agent", "ANOTHER", now, NotCovered),
        (made.id, "agent", SUBSISTENCE, now + 400 * DAY_MS, NotCovered),
        ("W2026-00009-0000", "agent", SUBSISTENCE, now, NoSuchLetter),
    ):
        with pytest.raises(fault):
            letters.authority(letter, agent, item, at)


def test_a_letter_is_revoked_once_and_at_once(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    made = enter(three)
    with three.node.unit():
        three.node.letters.revoke(made.id, "本人要求", "agent", three.now())
    assert three.node.letters.good_for(ID_NUMBER, "agent", SUBSISTENCE, three.now()) == []
    assert three.node.letters.letter(made.id).revoked_why == "本人要求"
    with pytest.raises(LetterEnded), three.node.unit():
        three.node.letters.revoke(made.id, "", "agent", three.now())


def test_a_letter_sent_twice_is_one_and_revoked_it_is_good_for_nothing(three: ThreeNodes) -> None:
    """A double click, or two windows: of two letters the one that was not revoked would stay good."""
    three.open(VILLAGE)
    letters = three.node.letters
    with three.node.unit():
        first = letters.enter(DRAFT, None, "agent", three.now())
        assert letters.enter(DRAFT, None, "agent", three.now() + 1) == first
        other = letters.enter(replace(DRAFT, scope=ALL_ITEMS), None, "agent", three.now())
        letters.revoke(first.id, "", "agent", three.now())
    assert letters.good_for(ID_NUMBER, "agent", SUBSISTENCE, three.now()) == [other]
    # Signed once more after that, it is another one; so is one that somebody else entered.
    with three.node.unit():
        again = letters.enter(DRAFT, None, "agent", three.now())
        assert len({first.id, again.id, letters.enter(DRAFT, None, "clerk", three.now()).id}) == 3


@pytest.mark.parametrize("days", [-400, 400])
def test_a_letter_revoked_by_a_wrong_clock_stays_revoked_when_the_clock_is_mended(
    three: ThreeNodes, days: int
) -> None:
    three.open(VILLAGE)
    made = enter(three)
    with three.node.unit():
        three.node.letters.revoke(made.id, "本人要求", "agent", three.now() + days * DAY_MS)
    assert three.node.letters.good_for(ID_NUMBER, "agent", SUBSISTENCE, three.now()) == []
    with pytest.raises(NotCovered):
        three.node.letters.authority(made.id, "agent", SUBSISTENCE, three.now())


def test_what_will_not_do_is_not_stored(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    with pytest.raises(BadInput):
        enter(three, scope="")
    with pytest.raises(NoSuchStaff):
        enter(three, agent="nobody")
    assert three.node.letters.newest(9) == []


FORM = {
    "name": "王秀英",
    "id_type": "111",
    "id_number": ID_NUMBER,
    "phone": "15400001234",
    "agent": "agent",
    "scope": SUBSISTENCE,
    "from_day": TODAY,
    "to_day": "2026-12-31",
    "proof": "PHOTO",
}


def test_a_letter_goes_by_the_pages_and_lists_mask_numbers(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    assert "打印空白委托书" in agent.get("/letters").text
    assert "委托权限" in agent.get("/letters/blank").text
    file = {"photo": (io.BytesIO(JPEG), "letter.jpg")}
    refused = post(agent, "/letters/new", {**FORM, "name": "", **file}, "/letters/new")
    assert refused.status_code == 400 and "照片已收下" in refused.text and ID_NUMBER in refused.text
    kept = re.search(r'name="kept_photo" value="([^"]+)"', refused.text)
    assert kept
    forged = post(agent, "/letters/new", {**FORM, "kept_photo": kept[1][:-3] + "AAA"}, "/letters/new")
    assert forged.status_code == 400 and "请拍摄或上传" in forged.text
    made = post(agent, "/letters/new", {**FORM, "kept_photo": kept[1]}, "/letters/new")
    assert made.status_code == 303
    listed = agent.get("/letters").text
    assert ID_NUMBER not in listed and "15400001234" not in listed and ID_NUMBER[-4:] in listed
    page = agent.get(made.location).text
    assert ID_NUMBER in page and "看照片" in page
    assert agent.get(f"{made.location}/photo").data == JPEG
    assert ID_NUMBER in agent.get(f"{made.location}/print").text
    number = made.location.rpartition("/")[2]
    *seen, listed_one = [(view.what, view.object, view.fields) for view in three.node.views.newest(9)]
    assert seen == [("letter", number, "whole"), ("letter", number, "papers"), ("letter", number, "whole")]
    assert listed_one == ("letter", local_day(three.now()), "contact")
    assert post(agent, f"{made.location}/revoke", {"why": "改主意"}, made.location).status_code == 303
    assert "已撤销" in agent.get(made.location).text
    assert agent.get("/letters/W2026-00009-0000").status_code == 404


def test_a_letter_is_opened_by_who_entered_it_and_by_those_who_see_all(three: ThreeNodes) -> None:
    three.open(TOWN)
    for login, department in (
        ("farming", "农业综合服务中心"),
        ("beside", "农业综合服务中心"),
        ("housing", "村镇建设办公室"),
        ("hall", "便民服务中心"),
    ):
        clerk = NewStaff(login, f"员{login}", frozenset({Role.CLERK}), department, PASSWORD)
        ready = three.node.people.ready(clerk)
        with three.node.unit():
            three.node.people.add_staff(ready, "", three.now())
    farming = three.client(TOWN, "farming")
    photo = {"photo": (io.BytesIO(JPEG), "letter.jpg")}
    kin = {"agent": "-", "agent_name": "何小妹", "relation": "子女", "agent_id_type": "111"}
    form = {**FORM, **kin, "agent_id_number": resident(5, VILLAGE).id_number, "scope": ALL_ITEMS, **photo}
    path = post(farming, "/letters/new", form, "/letters/new").location
    for login in ("farming", "beside", "hall", "clerk"):
        client = three.again(login)
        assert {client.get(f"{path}{way}").status_code for way in ("", "/photo", "/print")} == {200}, login
    for login in ("housing", "admin"):
        client = three.again(login)
        answers = [client.get(f"{path}{way}") for way in ("", "/photo", "/print")]
        answers.append(post(client, f"{path}/revoke", {"why": "x"}))
        assert {answer.status_code for answer in answers} == {403}, login
        assert not [one for one in answers if ID_NUMBER in one.text]
    assert not three.node.letters.letter(path.rpartition("/")[2]).revoked_on


@pytest.mark.parametrize(
    ("change", "said"),
    [
        *(({"agent": nobody}, "请选择受托人") for nobody in ("admin", "gone")),
        ({"scope": "X"}, "请选择委托事项"),
    ],
)
def test_only_what_the_page_offers_can_be_chosen(
    three: ThreeNodes, change: dict[str, str], said: str
) -> None:
    form = {**FORM, "proof": "KEPT", **change}
    refused = post(three.client(VILLAGE, "agent"), "/letters/new", form, "/letters/new")
    assert refused.status_code == 400 and said in refused.text
    assert three.node.letters.newest(9) == []


def test_a_letter_by_another_paper_is_found_for_the_filing_and_named_in_words(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    form = {**FORM, "proof": "KEPT", "id_type": "414", "id_number": " e1234 5678"}
    made = post(agent, "/letters/new", form, "/letters/new")
    assert made.status_code == 303
    assert "护照" in agent.get(made.location).text
    assert three.node.letters.good_for("E12345678", "agent", SUBSISTENCE, three.now())


def test_a_photograph_that_would_hang_whoever_opens_it_is_not_taken(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2
    file = {"photo": (io.BytesIO(huge), "letter.png")}
    refused = post(agent, "/letters/new", {**FORM, **file}, "/letters/new")
    assert refused.status_code == 400 and "E329" in refused.text
    assert three.node.blobs.unclaimed(2**53) == []


def test_a_form_that_lay_open_too_long_asks_for_the_photograph_again(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    file = {"photo": (io.BytesIO(JPEG), "letter.jpg")}
    refused = post(agent, "/letters/new", {**FORM, "name": "", **file}, "/letters/new").text
    kept = re.search(r'name="kept_photo" value="([^"]+)"', refused)
    assert kept
    (blob,) = three.node.blobs.unclaimed(2**53)
    assert three.node.blobs.remove(blob, 2**53)
    answer = post(agent, "/letters/new", {**FORM, "kept_photo": kept[1]}, "/letters/new")
    assert answer.status_code == 400 and "请拍摄或上传" in answer.text


def test_the_photograph_of_a_letter_is_never_swept_away(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    photo, loose = (three.node.papers.take_in(io.BytesIO(JPEG + one)) for one in (b"letter", b"loose"))
    draft = replace(DRAFT, proof=Proof.PHOTO, blob=photo.hash)
    with three.node.unit():
        three.node.letters.enter(draft, photo, "agent", three.now())
    assert jobs._named_for_good(three.node, [photo.hash, loose.hash]) == {photo.hash}


def test_the_migrated_schema_is_what_the_table_says(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    columns = {field.column_name for field in LetterRow._meta.sorted_fields}
    assert {row[1] for row in run("PRAGMA table_info(letter)")} == columns
