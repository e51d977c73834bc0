"""The same person twice for the same: caught at filing, overruled with a reason that is signed."""

from __future__ import annotations

import pytest

from common.casework.context import Applicant
from common.casework.errors import DuplicateCase, FilingIncomplete
from common.catalogue.rules.identity import both_forms
from tests.casework.build import AGENT, COUNTY, ID_NUMBER, VILLAGE, VILLAGE_2
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER, REVIEWER

OLD = "511921480307214"  # the fifteen digits of before 1999
UNIT = "91350100M000100Y43"


def test_an_open_case_of_the_same_person_and_item_is_named(life):
    first = life.file()
    with pytest.raises(DuplicateCase) as refused:
        life.file()
    assert (refused.value.code, refused.value.status) == ("E147", 409)
    assert first in refused.value.sentence and refused.value.details["cases"] == first
    with pytest.raises(DuplicateCase):
        life.file(overrule="  ")
    assert len(life.network.sites[VILLAGE].outbox.acts) == 1


def test_the_reason_why_it_is_filed_all_the_same_is_signed(life):
    first = life.file()
    life.file(overrule="另一处房屋")
    body = life.network.sites[VILLAGE].outbox.bodies()[1][1]
    assert body["data"]["overruled"] == {"cases": [first], "reason": "另一处房屋"}


def test_a_reason_without_a_case_before_is_not_signed(life):
    life.file(overrule="另一处房屋")
    assert "overruled" not in life.network.sites[VILLAGE].outbox.bodies()[0][1]["data"]


def test_another_item_or_another_person_is_no_duplicate(life):
    life.file("direct")
    life.file("checked")
    life.file("direct", applicant=Applicant("王小明", "111", "511921197001010010"))


def test_a_case_with_a_result_or_an_end_does_not_count(life):
    case = life.file()
    life.report(VILLAGE, case, "withdraw", AGENT)
    case = life.file()
    life.move(COUNTY, case, "return", CLERK, note="不归我们")
    case = life.file()
    life.move(COUNTY, case, "accept", CLERK)
    life.move(COUNTY, case, "review", REVIEWER)
    with pytest.raises(DuplicateCase):
        life.file()
    life.move(COUNTY, case, "refuse", APPROVER, note="理由")
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.file()


def test_a_case_filed_elsewhere_is_caught_where_it_is_known(life):
    """A village knows its own cases; the county's window knows them all."""
    first = life.file(at=VILLAGE_2)
    life.file(at=VILLAGE)
    with pytest.raises(DuplicateCase) as refused:
        life.file(at=COUNTY, who=CLERK)
    assert first in refused.value.sentence


@pytest.mark.parametrize(
    "applicant",
    [
        Applicant("何秀英", "111", OLD),
        Applicant("Maria Ng", "414", "E1234567"),
        Applicant("陈大文", "516", "H1234567800"),
        Applicant("通江县某某合作社", "001", UNIT, "", ""),
        Applicant("何秀英", "111", ID_NUMBER, "", ""),
        Applicant("𠮷田䶮", "111", ID_NUMBER),
    ],
)
def test_whoever_comes_can_file_and_twice_is_noticed(life, applicant):
    """Fifteen digits, foreign papers, units, people without a telephone, names in rare characters."""
    case = life.file(applicant=applicant)
    assert life.agreed(case).applicant["name"] == applicant.name
    with pytest.raises(DuplicateCase):
        life.file(applicant=applicant)


@pytest.mark.parametrize("first", [OLD, ID_NUMBER])
def test_the_old_and_the_new_number_of_one_person_are_one_person(life, first):
    """The first card with fifteen digits, and the one that took its place; the name was written otherwise."""
    case = life.file(applicant=Applicant("何秀英", "111", first))
    second = next(number for number in (OLD, ID_NUMBER) if number != first)
    with pytest.raises(DuplicateCase) as refused:
        life.file(applicant=Applicant("何秀瑛", "111", second))
    assert refused.value.details["cases"] == case
    assert both_forms(OLD) == (OLD, ID_NUMBER) and both_forms(ID_NUMBER) == (ID_NUMBER, OLD)
    assert both_forms("E1234567") == ("E1234567",)
    # Born in this century nobody had a card of the old kind.
    assert both_forms("511921200001010015") == ("511921200001010015",)


def test_a_number_that_is_none_is_still_refused(life):
    for wrong in ("511921481307214", "51192148030721", "511921194803072141", ""):
        with pytest.raises(FilingIncomplete):
            life.file(applicant=Applicant("何秀英", "111", wrong))
