"""A notice after a take-over says who decides, in whose stead and why, and whom a remedy is against."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework.rules.case import advance, begin
from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Action, Report
from common.catalogue.rules.item import ServiceItem
from common.notices.rules.kinds import Kind
from common.notices.rules.notice import Notice
from tests.casework.build import COUNTY, NOON
from tests.casework.life.test_take_over_rules import take_over_event
from tests.casework.story import Story
from tests.notices.stories import DAY_MS, RELIEF, A, a_story
from tests.notices.test_texts import ITEMS, notice_of, place

HALL = "县政务服务中心"
# The township's own item, entrusted to it; another whose papers the township takes in and the county decides.
TOWNS: ServiceItem = ITEMS[RELIEF]


def of_the_township() -> Story:
    """Return a case that a township's department was to decide."""
    story = a_story("town", RELIEF)
    filed = story.filed
    body = {**filed.body, "department": TOWNS.route.department}
    story.filed = story.events[0] = CaseEvent(filed.id, filed.kind, filed.author, body, filed.blobs)
    story.state = begin(story.filed, apex=COUNTY)
    return story


def step(story: Story, *actions: Action) -> CaseEvent:
    """Take steps as people of the department in charge; return the event of the last."""
    for action in actions:
        event = story.draft(action)
        event.body["data"]["actor"]["department"] = story.state.facts.department
        story.events.append(event)
        story.state = advance(story.state, event)
    return story.events[-1]


def taken_over(story: Story, **data: Any) -> Story:
    """Let the county take the case over."""
    event = take_over_event(story, data={"department": HALL, **data})
    story.events.append(event)
    story.state = advance(story.state, event)
    return story


def decided(story: Story, *actions: Action) -> Notice:
    return notice_of(story, step(story, *actions), TOWNS)


SINCE = {"cause": "silent", "since": "2026-03-10"}
CAUSES = [
    ({"cause": "relieved", "since": ""}, "青峪镇便民服务中心已停用"),
    (SINCE, "青峪镇便民服务中心自2026年3月10日以后没有联系"),
    ({"cause": "deemed", "since": "2026-03-02"}, "青峪镇便民服务中心没有按期答复"),
]


@pytest.mark.parametrize(("data", "why"), CAUSES, ids=[str(data["cause"]) for data, _why in CAUSES])
def test_a_decision_in_anothers_stead_says_whose_and_why_and_whom_a_remedy_is_against(
    data: dict[str, str], why: str
) -> None:
    notice = decided(taken_over(of_the_township(), **data), A.ACCEPT, A.REVIEW, A.REFUSE)
    town = place("511921108")
    facts = dict(notice.facts)
    assert notice.kind is Kind.REFUSAL and notice.organ == notice.office == "通江县政务服务中心"
    said = facts["接管说明"]
    assert said.startswith(
        f"本件原由{town}人民政府办理，因{why.replace('青峪镇', town)}，2026年4月1日由通江县"
    )
    assert said.endswith("本文书由通江县政务服务中心代为作出。") and facts["接管理由"]
    assert notice.remedies.startswith(TOWNS.remedies)
    assert notice.remedies.endswith(f"复议、诉讼请写明通江县政务服务中心，不写{town}人民政府。")
    assert notice.number.startswith("通政务不准〔2026〕")


def test_what_the_township_itself_wrote_before_stays_as_it_was() -> None:
    story = of_the_township()
    accepted = step(story, A.ACCEPT)
    before = notice_of(story, accepted, TOWNS)
    taken_over(story)
    assert notice_of(story, accepted, TOWNS) == before and "接管说明" not in dict(before.facts)
    assert before.organ == f"{place('511921108')}人民政府"


def test_where_the_county_decides_anyway_only_what_was_taken_over_is_said_to_be_in_a_stead() -> None:
    """The township was to take the case in for the county; the county does, and decides as its own."""
    story = taken_over(a_story("entrusted"))
    accepted = notice_of(story, step(story, A.ACCEPT), TOWNS)
    assert "接管说明" in dict(accepted.facts) and accepted.remedies == ""
    refused = decided(story, A.REVIEW, A.REFUSE)
    assert "接管说明" not in dict(refused.facts) and "代为" not in refused.words
    assert refused.remedies == TOWNS.remedies


def test_papers_of_the_desk_say_nothing_of_it() -> None:
    story = taken_over(of_the_township())
    reminder = notice_of(story, story.report(Report.REMIND, at=NOON + 40 * DAY_MS), TOWNS)
    assert "接管说明" not in dict(reminder.facts)


@pytest.mark.parametrize("action", [A.CORRECT_DECISION, A.MARK_DECISION])
def test_what_became_of_the_townships_decision_is_told_by_the_county_under_the_townships_name(
    action: Action,
) -> None:
    """The paper of the county said that the county itself had decided."""
    story = of_the_township()
    step(story, A.ACCEPT, A.REVIEW, A.APPROVE)
    after = decided(taken_over(story, cause="relieved", since=""), action)
    assert "本机关" not in after.words
    assert f"{place('511921108')}人民政府就“" in after.words and "准予决定书》（通沙溪" in after.words
    assert after.organ == "通江县政务服务中心"


def test_a_closed_decision_of_a_relieved_township_is_marked_under_its_name() -> None:
    story = of_the_township()
    step(story, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE, A.CLOSE_UNCOLLECTED)
    event = take_over_event(story, data={"department": HALL, "cause": "unserved", "since": ""}, flow=10)
    story.events.append(event)
    story.state = advance(story.state, event)
    notice = decided(story, A.MARK_DECISION)
    assert notice.kind is Kind.STANDING and f"{place('511921108')}人民政府就“" in notice.words
    assert "代为作出" in dict(notice.facts)["接管说明"] and "已停用" in dict(notice.facts)["接管说明"]
