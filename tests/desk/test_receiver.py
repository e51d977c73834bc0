"""Who took a result: compared with the case as corrected, and of others what they showed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.rules.facts import Correction
from common.casework.rules.words import Action
from common.desk.rules import action_form
from common.desk.rules.receiver import (
    IN_FOLDER,
    POST,
    PROXY,
    REFUSED,
    SELF,
    UNIT,
    VISIT,
    first_values,
    receiver_fields,
    receiver_of,
    receiver_problems,
    signature_problems,
    spared,
    ways,
)
from common.people.rules.roles import Role
from tests.casework.build import ID_NUMBER as APPLICANT
from tests.casework.story import Story
from tests.desk.three import ID_NUMBER, TOWN, VILLAGE, ThreeNodes, post

PERSON = Story("direct").state
AS_UNIT = {"id_type": "001", "id_number": "91511921MA6XYZ1234"}
UNIT_CASE = replace(PERSON, applicant={**PERSON.applicant, **AS_UNIT})
THEM = {"name": PERSON.applicant["name"], "id_number": APPLICANT}


def wrong(receiver: dict[str, str], state: object = PERSON) -> list[str]:
    return [problem.field.removeprefix("receiver.") for problem in receiver_problems(receiver, state)]


@pytest.mark.parametrize(
    ("receiver", "fields"),
    [
        ({}, ["how", "name", "id_number"]),
        ({**THEM, "how": SELF}, []),
        ({**THEM, "how": SELF, "name": "别人"}, ["name"]),
        ({**THEM, "how": SELF, "id_number": "511921194803072149", "name": "别人"}, ["name", "id_number"]),
        ({**THEM, "how": UNIT}, ["how", "letter"]),
        ({"id_number": "511921197001011234", "how": PROXY}, ["name", "id_number", "relation", "letter"]),
        ({**THEM, "how": PROXY, "relation": "子女", "letter": "没有"}, ["letter"]),
        ({**THEM, "how": PROXY, "relation": "子女", "letter": "已交委托书"}, []),
        ({**THEM, "how": VISIT}, []),
        ({**THEM, "how": VISIT, "name": "何大明", "id_number": "511921197001010010"}, ["relation"]),
        (
            {"how": VISIT, "name": "何大明", "id_number": "511921197001010010", "relation": "子女"},
            [],
        ),
        ({**THEM, "how": POST}, ["tracking"]),
        ({**THEM, "how": POST, "tracking": "EMS1"}, []),
    ],
)
def test_each_way_asks_for_what_it_needs_all_at_once(receiver: dict[str, str], fields: list[str]) -> None:
    assert wrong(receiver) == fields


def test_the_applicant_is_the_one_of_the_corrected_case() -> None:
    new = Correction("applicant.name", "申请人姓名", THEM["name"], "何秀瑛", "a" * 32)
    state = replace(PERSON, facts=replace(PERSON.facts, corrections=(new,)))
    assert wrong({**THEM, "how": SELF}, state) == ["name"]
    assert wrong({**THEM, "how": SELF, "name": "何秀瑛"}, state) == []
    assert first_values(state)["receiver.name"] == "何秀瑛"


def test_nobody_is_somebody_else_for_the_dot_in_their_name_or_the_number_of_their_old_card() -> None:
    """Who comes for their own result needs no letter of authority from themselves."""
    old = APPLICANT[:6] + APPLICANT[8:17]
    state = replace(PERSON, applicant={**PERSON.applicant, "name": "阿依古丽·买买提", "id_number": old})
    for name, number in (("阿依古丽•买买提", old), ("阿依古丽·买买提", APPLICANT)):
        for how in (SELF, VISIT):
            assert wrong({"how": how, "name": name, "id_number": number}, state) == []
    assert wrong({"how": SELF, "name": "·", "id_number": APPLICANT}, state) == ["name"]


def test_for_a_unit_somebody_comes_with_a_letter() -> None:
    assert "receiver.signed" not in first_values(UNIT_CASE) | first_values(PERSON)
    assert signature_problems({"how": UNIT}, 0) and signature_problems({"how": VISIT}, 3)
    signed = {"how": SELF, "signed": IN_FOLDER}
    assert signature_problems({"how": POST}, 0) == signature_problems(signed, 0) == []
    assert SELF not in ways(UNIT_CASE) and first_values(UNIT_CASE)["receiver.how"] == UNIT
    assert "receiver.relation" not in [spec.key for spec in receiver_fields(UNIT_CASE)]
    assert wrong({**THEM, "how": SELF}, UNIT_CASE) == ["how"]
    assert wrong({**THEM, "how": UNIT}, UNIT_CASE) == ["letter"]
    assert wrong({**THEM, "how": UNIT, "letter": "已交单位介绍信"}, UNIT_CASE) == []


def test_who_refuses_to_sign_is_witnessed_pictured_and_told() -> None:
    """Without this way a refused decision could not be served at all, or only by an untrue word."""
    refused = {**THEM, "how": VISIT, "signed": REFUSED}
    assert [one.field for one in signature_problems(refused, 0, " ")] == ["receiver.signed", "note"]
    assert [one.field for one in signature_problems(refused, 1, "")] == ["note"]
    assert signature_problems({**refused, "how": SELF}, 1, "不认可决定；见证人村主任张三") == []
    assert signature_problems(refused, 1, "不认可决定；见证人村主任张三") == []
    assert [one.field for one in signature_problems({**refused, "how": PROXY}, 1, "x")] == ["receiver.signed"]


def test_of_somebody_who_died_the_family_takes_the_notice_and_needs_no_letter_of_theirs() -> None:
    """The form began with the dead person's name, and asked the widow for a letter of authority."""
    story = Story("direct")
    story.move(Action.ACCEPT)
    story.move(Action.TERMINATE)
    state = story.state
    assert state.facts.ground == "death" and ways(state) == (PROXY, VISIT, POST)
    assert first_values(state) == {"receiver.how": PROXY}
    widow = {"name": "何大明", "id_number": "511921197001010010", "how": PROXY}
    assert wrong({**THEM, "how": SELF}, state) == ["how"]
    assert wrong(widow, state) == ["relation"] and wrong({**widow, "how": VISIT}, state) == ["relation"]
    assert wrong({**widow, "relation": "配偶"}, state) == []
    for way in (PROXY, VISIT):
        assert wrong({**THEM, "how": way, "relation": "配偶"}, state) == ["name"]
    assert wrong({**THEM, "how": POST, "tracking": "EMS1"}, state) == ["name"]
    # Nor when they come after the case was closed without them.
    story.move(Action.CLOSE_UNCOLLECTED)
    assert ways(story.state) == (PROXY, VISIT, POST)
    assert wrong({**widow, "relation": "配偶"}, story.state) == []
    # A unit that is no more writes no letter either.
    gone = replace(UNIT_CASE, state=state.state, facts=replace(state.facts, ground="dissolution"))
    assert wrong({**widow, "how": UNIT}, gone) == []


def test_what_was_left_empty_is_not_signed() -> None:
    typed = {"receiver.name": " 何 ", "receiver.id_number": "５１１9 21", "receiver.tracking": ""}
    assert receiver_of(typed) == {"name": "何", "id_number": "511921", "how": ""}


def test_what_was_typed_for_another_way_is_not_asked_for_and_not_signed() -> None:
    rest = {"relation": "子女", "letter": "已交委托书", "tracking": "EMS1", "signed": IN_FOLDER}
    typed = {f"receiver.{key}": value for key, value in {**THEM, **rest}.items()}
    needed = {
        SELF: {"signed"}, PROXY: {"relation", "letter", "signed"}, VISIT: {"relation", "letter", "signed"},
        POST: {"tracking"},
    }  # fmt: skip
    for at, way in enumerate(ways(PERSON), 1):
        kept = receiver_of({**typed, "receiver.how": way}).keys() - {"name", "id_number", "how"}
        assert kept == needed[way]
        assert {key for key, places in spared(PERSON).items() if at not in places} == {
            *(f"receiver.{key}" for key in kept),
            # The day of the post's receipt stands beside them.
            *(["delivered_on"] if way == POST else []),
        }
    assert spared(UNIT_CASE)["receiver.tracking"] == (1, 2)


def test_the_receipt_prints_who_fetched_with_the_number_masked(three: ThreeNodes, relief: str) -> None:
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    form = f"/case/{relief}/report/handed_over"
    assert "与申请人的关系" in agent.get(form).text
    typed = {"receiver.how": PROXY, "receiver.name": "何大明", "receiver.id_number": ID_NUMBER}
    answer = post(agent, form, typed, page=form)
    assert answer.status_code == 400 and "代领须有委托书" in answer.text and "何大明" in answer.text
    typed |= {"receiver.signed": IN_FOLDER, "receiver.relation": "子女", "receiver.letter": "已交委托书"}
    assert post(agent, form, typed, page=form).status_code == 303
    act = next(iter(three.node.casework.case(relief).reports))
    paper = agent.get(f"/case/{relief}/notice/{act}").text
    assert "子女" in paper and "已交委托书" in paper and ID_NUMBER not in paper
    assert f"{ID_NUMBER[:4]}**********{ID_NUMBER[-4:]}" in paper


def test_who_took_a_result_is_signed_as_it_is_seen() -> None:
    """The receipt for it is read by a court; what turns or hides a sign says two things at once."""
    typed = {"receiver.name": "何\u202e英\u200d秀\x00", "receiver.id_number": "511921", "receiver.how": SELF}
    assert receiver_of(typed)["name"] == "何英秀"
    assert action_form.plain("不办了\u202e，\r\n另行\u200b通知\t") == "不办了，\n另行通知"
