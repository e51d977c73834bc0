"""What a form says that cannot be right together, drafts in which nothing was typed, and words of results."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from common.catalogue.rules.applicant import tidy_number
from common.catalogue.rules.form import FormResult
from common.catalogue.rules.item import FieldSpec, parse_item
from common.catalogue.service import matching, shipped_items
from common.desk.rules import terms
from common.desk.rules.applicants import check_applicant
from common.desk.rules.drafts import Draft, Ground, check_result, known_from_id
from common.desk.rules.intake_checks import check_together
from common.desk.rules.result_names import choices_of
from common.node.demo_data.people import resident
from common.notices.rules.speaking import basis_of
from tests.casework.build import ID_NUMBER
from tests.desk.desk_pages import FELLING, Counter
from tests.desk.three import DAY_MS, RELIEF, VILLAGE, ThreeNodes, post

ITEMS = {item.code[-4:]: item for item in map(parse_item, shipped_items())}
OLD_AGE = ITEMS["0503"]
TODAY = date(2026, 3, 3)
BORN = f"{ID_NUMBER[6:10]}-{ID_NUMBER[10:12]}-{ID_NUMBER[12:14]}"


def wrong(values: dict[str, Any], code: str = "0503", **applicant: str) -> list[str]:
    result = FormResult(dict(values), [], {})
    check_together(ITEMS[code], {"id_number": ID_NUMBER, "id_type": "111", **applicant}, result, TODAY)
    return [problem.field for problem in result.problems]


def test_a_birth_date_is_held_against_the_number() -> None:
    assert wrong({"birthday": BORN}) == []
    assert wrong({"birthday": "1950-01-01"}) == ["birthday"]
    assert wrong({"birthday": "1950-01-01"}, id_type="414") == []
    assert wrong({"birthday": "1950-01-01"}, id_number="51") == []
    assert wrong({"child_born": "2020-01-01", "child_id": ID_NUMBER}, "0711") == ["child_born"]
    assert wrong({"child_born": "2020-01-01"}, "0711") == []


def test_a_day_that_cannot_be_is_found_while_the_applicant_sits_there() -> None:
    """Born in the year after next, ended before it began: one figure is wrong, each day alone is good."""
    assert wrong({"birth_date": "2026-03-03"}, "2004") == []
    assert wrong({"birth_date": "2028-02-14"}, "2004") == ["birth_date"]
    assert wrong({"from_date": "2026-05-01", "to_date": "2026-05-01"}, "0102") == []
    assert wrong({"from_date": "2026-05-01", "to_date": "2025-09-01"}, "0102") == ["to_date"]
    assert wrong({"to_date": "2025-09-01"}, "0102") == []
    result = check_result({"valid_until": "2026-03-02"}, TODAY)
    assert [problem.field for problem in result.problems] == ["valid_until"]
    assert not check_result({"valid_until": "2026-03-03"}, TODAY).problems


@pytest.mark.parametrize(
    ("typed", "is_wrong"),
    [
        ("6217 0012 3456 7890 123", False), ("621700123456", False), ("62170012345", True), ("9" * 31, True),
        ("农商银行", True), ("6217x0012345678", True),
    ],
)  # fmt: skip
def test_an_account_is_so_many_digits(typed: str, is_wrong: bool) -> None:
    assert wrong({"bank_account": typed}) == (["bank_account"] if is_wrong else [])


def test_a_village_is_no_township() -> None:
    assert wrong({"plot_place": "511921126"}, "0101") == ["plot_place"]
    assert wrong({"plot_place": VILLAGE}, "0101") == []


def test_every_item_is_found_by_everyday_words() -> None:
    for item in ITEMS.values():
        words = item.more["keywords"]
        assert 3 <= len(words) <= 8
        assert all(item in matching(ITEMS.values(), word) for word in words), item.code
    assert matching(ITEMS.values(), "低保")[0].code.endswith("0504")


def test_a_result_of_several_is_chosen() -> None:
    assert choices_of(ITEMS["0106"]) == ("诊所备案凭证", "医疗机构执业许可证")
    assert choices_of(OLD_AGE) == () and choices_of(None) == ()


def test_articles_stand_in_order() -> None:
    for item in ITEMS.values():
        assert basis_of(item, ())
    (words, *_) = basis_of(ITEMS["0711"], ())
    assert words.endswith("第二条、第四条、第五条、第六条、第七条、第八条")


def test_urgency_can_be_taken_back() -> None:
    assert terms.green_of({"green": terms.NO_GREEN}) == ""
    for item in ITEMS.values():
        green = [spec for spec in terms.first_fields(item) if spec.key == "green"]
        assert all(isinstance(spec, FieldSpec) and spec.choices[0] == terms.NO_GREEN for spec in green)
        assert not terms.has_rare(item, {"green": terms.NO_GREEN})


def test_a_draft_in_which_nothing_was_typed_is_not_kept(three: ThreeNodes) -> None:
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF)
    assert "接着办" not in counter.client.get("/file").text
    answer = counter.send("applicant", {"place": VILLAGE, "then": "leave"})
    assert answer.status_code == 303 and three.node.drafts.find(counter.draft, "agent") is None


def test_a_blank_form_prints_for_every_item(three: ThreeNodes) -> None:
    three.client(VILLAGE, "agent")
    stranger = three.app.test_client()
    for item in three.node.catalogue.all_items():
        page = stranger.get(f"/guide/{item.code}/form").text
        assert all(spec.label in page for spec in item.fields)
        assert all(paper.name in page for paper in item.papers)
        guide = stranger.get(f"/guide/{item.code}").text
        assert f"/guide/{item.code}/form" in guide and "LawRefBook" not in guide and "http" not in guide
    assert stranger.get("/guide/none/form").status_code == 404


def test_a_tick_that_was_taken_away_is_gone_when_the_page_is_sent(three: ThreeNodes) -> None:
    """The browser sends nothing of a box without a tick; a try before had kept it."""
    counter = Counter(three, three.client(VILLAGE, "agent"), FELLING).to_check()
    first = counter.file()
    again = Counter(three, counter.client, FELLING).to_check()
    refused = again.send("check", {"no_papers": "1", "overrule": ""})
    assert refused.status_code == 409 and first in refused.text
    answer = post(again.client, f"{again.path}/check", {"overrule": "另一片林地"}, page=f"{again.path}/check")
    assert answer.status_code == 400 and "没有收到任何材料：确实仍要收件的，请勾选" in answer.text
    assert not _draft(again).terms["no_papers"]


def test_what_was_said_of_one_applicant_stands_for_no_other(three: ThreeNodes) -> None:
    """Looked at, and overruled with a reason: both were said of the cases of somebody else."""
    counter = Counter(three, three.client(VILLAGE, "agent"), FELLING).to_check()
    said = {"namesakes_seen": "1", "overrule": "另一片林地"}
    keep = f"{counter.path}/keep/result"
    assert post(counter.client, keep, said, page=f"{counter.path}/check").status_code == 200
    counter.send("applicant", counter.applicant(phone="13900000000"), leads_to="check")
    assert {**_draft(counter).terms, **said} == _draft(counter).terms
    other = resident(8, VILLAGE)
    counter.send("applicant", counter.applicant(name=other.name, id_number=other.id_number), leads_to="check")
    assert not {*said} & {key for key, text in _draft(counter).terms.items() if text}


def test_a_promise_of_another_day_is_printed_and_signed_anew(three: ThreeNodes) -> None:
    """The draft was left overnight: the last day in the promise is no longer the one of this filing."""
    counter = Counter(three, three.client(VILLAGE, "agent"), FELLING)
    item = three.node.catalogue.item(FELLING)
    assert item is not None
    tolerant = next(paper for paper in item.papers if paper.tolerant)
    counter.send("applicant", counter.applicant(), leads_to="form")
    proposed = terms.promise_words([tolerant.name], "2026-03-10")
    marked = {f"follow-{tolerant.key}": "1", "promise": proposed}
    counter.on_from_form(marked)
    three.clock.advance(7 * DAY_MS)
    client = counter.client = three.again("agent")
    answer = counter.send("check", {})
    assert answer.status_code == 400 and "2026-03-10" in answer.text and "重新打印" in answer.text
    for page in ("promise", "papers"):
        text = client.get(f"{counter.path}/{page}").text
        assert "本人承诺在 2026-03-17 前补交" in text and "2026-03-10" not in text
    counter.send("papers", {**marked, "promise": proposed.replace("03-10", "03-17")}, leads_to="check")
    facts = three.node.casework.case(counter.file()).facts
    assert facts.tolerance_due == "2026-03-17"


def test_a_promise_in_words_of_ones_own_names_no_day_that_must_fit() -> None:
    assert terms.promised_day("三月底前补") == terms.promised_day("") == ""
    assert terms.promised_day("2026-03-31 前补") == ""
    assert terms.promised_day(terms.promise_words(["合同"], "2026-03-10")) == "2026-03-10"


def _draft(counter: Counter) -> Draft:
    found: Draft = counter.three.node.drafts.draft(counter.draft, "agent")
    return found


def test_a_number_pasted_with_signs_that_nobody_sees_is_taken() -> None:
    """A telephone puts signs of direction round what is copied, a page blanks that do not break."""
    pasted = f"\u202a{ID_NUMBER[:6]}\u00a0{ID_NUMBER[6:14]}\u200e{ID_NUMBER[14:]}\u202c"
    typed = {"name": "王秀英", "phone": "\u202d13800138000\u202c", "address": "2组7号", "id_number": pasted}
    result = check_applicant(OLD_AGE, {**typed, "place": VILLAGE}, Ground(TODAY, (), ()))
    assert result.problems == []
    assert (result.values["id_number"], result.values["phone"]) == (ID_NUMBER, "13800138000")
    passport = check_applicant(
        OLD_AGE, {**typed, "id_type": "414", "id_number": "\u202aE12345678"}, Ground(TODAY, (), ())
    )
    assert passport.values["id_number"] == "E12345678"


def test_a_number_written_in_groups_is_the_same_everywhere() -> None:
    grouped = f"{ID_NUMBER[:6]}-{ID_NUMBER[6:14]}-{ID_NUMBER[14:]}"
    assert tidy_number(grouped) == ID_NUMBER and tidy_number("C-1234-567") == "C-1234-567"
    assert wrong({"birthday": "1950-01-01"}, id_number=grouped) == ["birthday"]
    assert known_from_id(OLD_AGE, {"id_number": grouped, "id_type": "111"}) == {"birthday": BORN}


@pytest.mark.parametrize(
    ("label", "is_own"),
    [
        ("出生日期", True),
        ("申请人出生日期", True),
        ("本人的出生年月日", True),
        ("生日", True),
        ("儿童出生日期", False),
    ],
)
def test_a_childs_birth_date_is_not_the_applicants(label: str, is_own: bool) -> None:
    """Whatever the county calls the field inside; a parent could not say when the child was born."""
    fields = tuple(replace(spec, label=label) if spec.key == "birthday" else spec for spec in OLD_AGE.fields)
    item, who = replace(OLD_AGE, fields=fields), {"id_number": ID_NUMBER, "id_type": "111"}
    result = FormResult({"birthday": "2020-01-01"}, [], {})
    check_together(item, who, result, TODAY)
    assert bool(result.problems) == bool(known_from_id(item, who)) == is_own
