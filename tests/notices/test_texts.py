"""What stands on each notice, from signed events alone: content, numbers, organ; the same for ever."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Action, Report, Role
from common.catalogue.rules.item import ServiceItem, parse_item
from common.catalogue.service import shipped_items
from common.notices.errors import NoSuchNotice
from common.notices.rules.characters import rare_characters
from common.notices.rules.kinds import DECISIONS, FORMS, Kind, kind_of
from common.notices.rules.moment import moment_of, word_of
from common.notices.rules.notice import Notice
from common.notices.rules.scene import Scene
from common.notices.rules.writing import write
from common.seal.rules.deed import DECIDING
from tests.casework.build import ID_NUMBER
from tests.casework.story import Story
from tests.notices.stories import EACH, RECEIVER, SUBSISTENCE, A, a_story, accepted, deemed, settled, urging

PLACES = {"511921": "通江县", "511921108": "沙溪镇", "511921108203": "沙溪镇龙转坪村"}
ITEMS = {str(obj["code"]): parse_item(obj) for obj in shipped_items()}
KINDS = list(EACH)


def place(address: str) -> str:
    return PLACES[address]


def notice_of(story: Story, event: CaseEvent, item: ServiceItem | None = None) -> Notice:
    """Write the notice from all events the story now has."""
    return write(Scene(moment_of(story.events, event.id), item, place))


def made(kind: Kind, item: ServiceItem | None = None) -> Notice:
    story, event = EACH[kind][0]()
    return notice_of(story, event, item)


def says(words: str, wanted: str) -> bool:
    return any(one in words for one in wanted.split("|"))


@pytest.mark.parametrize("has_item", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_each_notice_says_what_it_has_to(kind: Kind, has_item: bool) -> None:
    notice = made(kind, ITEMS[SUBSISTENCE] if has_item else None)
    assert notice.kind is kind and notice.title == FORMS[kind].title
    missing = [wanted for wanted in EACH[kind][1] if not says(notice.words, wanted)]
    assert missing == []


def test_every_kind_has_its_story() -> None:
    assert set(EACH) == set(Kind)


@pytest.mark.parametrize("kind", KINDS)
def test_each_notice_bears_case_person_item_organ_handler_and_day(kind: Kind) -> None:
    notice = made(kind, ITEMS[SUBSISTENCE])
    facts = dict(notice.facts)
    assert facts["申请人"] == "何秀英" and facts["申请事项"] == "最低生活保障金给付"
    assert facts["办件编号"] == notice.case and facts["申请日期"] == "2026年3月2日"
    assert notice.organ in ("通江县民政局", "沙溪镇便民服务中心", "沙溪镇龙转坪村便民服务室")
    assert re.fullmatch(r"2026年\d+月\d+日", notice.signed_on)
    assert re.fullmatch(r"\w+某（\w+）|系统依规则自动办理", notice.handler)
    assert "0827-" in notice.contact


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_id_stands_on_the_applicants_own_papers_alone(kind: Kind) -> None:
    words = made(kind).words
    is_masked = kind in (Kind.ANNOUNCEMENT, Kind.HANDOVER, Kind.REMINDER)
    assert (ID_NUMBER in words, "5119**********2148" in words) == (not is_masked, is_masked)


@pytest.mark.parametrize("kind", [*DECISIONS, Kind.NOT_ACCEPTED, Kind.LAPSE, Kind.RETURNED, Kind.TERMINATION])
def test_what_ends_a_case_tells_the_remedies_of_the_item(kind: Kind) -> None:
    assert made(kind, ITEMS[SUBSISTENCE]).remedies == ITEMS[SUBSISTENCE].remedies != ""
    assert "六十日" in made(kind).remedies and "六个月" in made(kind).remedies


def test_a_licence_rests_on_the_licensing_law_others_follow_its_pattern() -> None:
    licence = next(item for item in ITEMS.values() if item.type_code == "01")
    assert any("程序依照" in line for line in made(Kind.SUPPLEMENT, licence).basis)
    assert any("程序参照" in line for line in made(Kind.SUPPLEMENT, ITEMS[SUBSISTENCE]).basis)
    assert made(Kind.SUPPLEMENT).basis == ("办理程序参照《中华人民共和国行政许可法》第三十二条",)
    assert "准予行政许可" in made(Kind.APPROVAL, licence).words
    assert "不予行政许可" in made(Kind.REFUSAL, licence).words


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_in_any_order_and_after_all_that_came_later(kind: Kind) -> None:
    story, event = EACH[kind][0]()
    before = notice_of(story, event)
    story.report(Report.REMIND, note="后来的催办")
    if story.state.state.value == "ACCEPTED":
        story.go_to(A.REVIEW, A.REFUSE)
    for seed in range(3):
        shuffled = list(story.events)
        random.Random(seed).shuffle(shuffled)
        again = write(Scene(moment_of(shuffled, event.id), None, place))
        assert again == before


def test_a_strike_or_a_rival_changes_no_word() -> None:
    story, event = EACH[Kind.APPROVAL][0]()
    before = notice_of(story, event)
    rival = CaseEvent(
        "f" * 32, event.kind, event.author, {**event.body, "action": "refuse", "state": "REFUSED"}
    )
    story.events += [rival, story.strike(event.id)]
    assert notice_of(story, event) == before


def test_numbers_of_one_case_are_all_different() -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE)
    first = story.move(A.CORRECT_DECISION)
    second = story.move(A.CORRECT_DECISION)
    reminders = [story.report(Report.REMIND), story.report(Report.REMIND)]
    acts = [story.events[2], story.events[4], first, second, *reminders]
    numbers = [notice_of(story, event).number for event in acts]
    assert len(set(numbers)) == len(numbers)
    tail = story.case.removeprefix("511921")
    assert numbers[0] == f"通民受〔2026〕{tail}号" and numbers[2] == f"通民更〔2026〕{tail}号"
    assert numbers[3] == f"通民更〔2026〕{tail}之二号"


def test_another_paper_is_called_by_the_number_that_stands_on_it() -> None:
    """A transfer in between changes who is in charge, not what was printed before."""
    story = a_story().go_to(A.FORWARD)
    asked = story.move(A.ASK_PAPERS, data={"answer_by": "2026-03-20"})
    story.go_to(A.TAKE_PAPERS)
    story.move(A.TRANSFER, data={"department": "县医疗保障局"})
    # The department now in charge goes on.
    again = story.draft(A.STILL_LACKING)
    again.body["data"]["actor"]["department"] = "县医疗保障局"
    story.events.append(again)
    notice = notice_of(story, again)
    assert notice.organ == "通江县医疗保障局" and notice.number.startswith("通医保补告〔2026〕")
    assert notice_of(story, asked).number in notice.words
    assert notice_of(story, asked).number.startswith("通民补〔2026〕")


def test_after_a_transfer_the_organ_is_the_department_as_signed() -> None:
    story = accepted()
    story.move(A.TRANSFER, role=Role.REVIEWER, data={"department": "县医疗保障局"})
    event = story.draft(A.ASK_FEE)
    event.body["data"]["actor"]["department"] = "县医疗保障局"
    story.events.append(event)
    assert notice_of(story, event, ITEMS[SUBSISTENCE]).organ == "通江县医疗保障局"


def test_a_townships_organ_is_called_by_its_own_name_and_who_entrusted_it() -> None:
    relief = next(item for item in ITEMS.values() if "受通江县民政局委托" in item.department)
    story = a_story("town", relief.code)
    story.filed.body["department"] = relief.route.department
    event = story.draft(A.NOT_ACCEPT)
    event.body["data"]["actor"]["department"] = relief.route.department
    story.events.append(event)
    notice = notice_of(story, event, relief)
    assert notice.organ == "沙溪镇人民政府" and notice.office == "沙溪镇社会事务办公室"
    assert dict(notice.facts)["委托说明"] == "受通江县民政局委托"
    assert notice.number.startswith("通沙溪社事不受〔2026〕")


def test_silence_of_the_acceptor_is_told_as_the_law_has_it() -> None:
    words = notice_of(*deemed()).words
    assert (
        "即2026年3月2日起视为受理" in words and "系统依规则自动办理" in words and "决定予以受理" not in words
    )


def test_of_a_decision_that_was_given_up_the_end_is_handed_over_and_no_result() -> None:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ASK_FEE)
    end = story.move(A.TERMINATE, data={"ground": "other", "note": "逾期没有缴费"})
    said = str(notice_of(story, end).text)
    assert "不再执行的决定" in said and "《准予决定书》" in said and "逾期没有缴费" in said
    said = str(notice_of(story, story.report(Report.HANDED_OVER, receiver=RECEIVER)).text)
    assert "《终止办理通知书》" in said and "《准予决定书》" not in said and "示例证明" not in said


def test_what_is_settled_on_the_spot_is_a_decision() -> None:
    story, event = settled()
    notice = notice_of(story, event)
    assert notice.kind is Kind.APPROVAL and "当场审查" in notice.words and "示例证明" in notice.words


def test_a_silent_department_is_reminded_by_name_and_day() -> None:
    story, event = urging()
    notice = notice_of(story, event)
    assert notice.kind is Kind.REMINDER and notice.text.to.endswith("协办部门")
    assert "审资格" in notice.words and "2026年3月5日" in notice.words


def test_papers_brought_later_count_only_once_a_step_has_answered_them() -> None:
    """An open report may be here and not there; what the holder answered is everywhere."""
    story = accepted()
    event, before = story.events[-1], notice_of(story, story.events[-1])
    story.report(Report.PAPERS_BROUGHT, note="补来")
    assert notice_of(story, event) == before


def test_the_letter_under_which_an_agent_files_is_named() -> None:
    authority = {"letter": "W2026-00001-ABCD", "principal": "何秀英", "agent": "周代办", "scope": "*"}
    story = accepted(authority={**authority, "since": "2026-01-01", "until": "2026-12-31"})
    assert dict(notice_of(story, story.events[-1]).facts)["代办人"] == "周代办"


def test_a_relative_who_stands_for_the_applicant_is_named_with_relation_and_masked_number() -> None:
    authority = {"letter": "W2026-00001-ABCD", "principal": "何秀英", "agent": "赵小军", "scope": "*"}
    kin = {"relation": "子女", "agent_id_type": "111", "agent_id": "511921200001010015"}
    story = accepted(authority={**authority, **kin, "since": "2026-01-01", "until": "2026-12-31"})
    facts = dict(notice_of(story, story.events[-1]).facts)
    assert facts["申请人"] == "何秀英" and facts["委托代理人"] == "赵小军（委托人的子女）"
    assert facts["代理人证件号码"].endswith("0015") and kin["agent_id"] not in str(facts)


def test_who_acted_in_anothers_stead_is_told() -> None:
    story = accepted()
    event = story.draft(A.EXTEND)
    event.body["data"]["actor"]["stands_in_for"] = "zheng"
    story.events.append(event)
    assert notice_of(story, event).handler == "approver某（批准人，代岗）"


@pytest.mark.parametrize("action", [Action.FORWARD, Action.FILE])
def test_most_steps_give_no_notice(action: Action) -> None:
    story = a_story().go_to(A.FORWARD)
    event = next(one for one in story.events if word_of(one) == action)
    assert kind_of(action, story.filed.body["data"]) is None
    with pytest.raises(NoSuchNotice):
        notice_of(story, event)


def _unknown(story: Story) -> str:
    return "0" * 32


def _strike(story: Story) -> str:
    story.events.append(story.strike(story.filed.id))
    return story.events[-1].id


def _without_its_predecessor(story: Story) -> str:
    event = story.move(A.EXTEND)
    del story.events[1]
    return event.id


def _against_the_rules(story: Story) -> str:
    event = story.draft(A.EXTEND)
    story.events.append(CaseEvent(event.id, event.kind, "511921108", event.body))
    return event.id


def _follows_itself(story: Story) -> str:
    event = story.draft(A.EXTEND, follows="e" * 32)
    story.events.append(CaseEvent("e" * 32, event.kind, event.author, event.body))
    return "e" * 32


def _ahead_of_what_is_here(story: Story) -> str:
    return story.report(Report.REMIND, seen="d" * 32).id


@pytest.mark.parametrize(
    "wrong",
    [
        _unknown,
        _strike,
        _without_its_predecessor,
        _against_the_rules,
        _follows_itself,
        _ahead_of_what_is_here,
    ],
)
def test_what_cannot_be_shown_is_no_notice(wrong: Callable[[Story], str]) -> None:
    story = accepted()
    act = wrong(story)
    with pytest.raises(NoSuchNotice):
        moment_of(story.events, act)


@pytest.mark.parametrize(
    ("text", "rare"),
    [("张三，Wáng O'Neil 12", ()), ("张䶮", ("䶮",)), ("李𬱖李𬱖", ("𬱖",)), ("\ue5d4", ("\ue5d4",))],
)
def test_rare_characters_are_named_once(text: str, rare: tuple[str, ...]) -> None:
    assert rare_characters(text) == rare


def test_what_is_to_be_sealed_is_what_the_seal_signs():
    """A paper that the seal always refuses was made twice at each print, for nothing."""
    assert {kind_of(word, {}) for word in DECIDING} == set(DECISIONS)
