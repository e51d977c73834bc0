"""The day of a letter put right by who holds a key and not our program: refused or counted, no more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.casework.errors import LetterDayMissing
from common.casework.rules.case import advance, fold
from common.casework.rules.letter_days import receipts_of
from common.casework.rules.letters import letters_out
from common.casework.rules.words import Action, Report, Role
from common.errors import LiandongError
from tests.casework.build import COUNTY
from tests.casework.life.wild import SIGNABLE
from tests.casework.story import Story

A = Action
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
BY_POST = {"receiver": {"name": "何秀英", "id_number": "x", "how": "邮寄", "tracking": "EMS1"}}
DAYS = st.sampled_from(
    ["", "0001-01-01", "1970-01-01", "2026-03-01", "2026-03-02", "2026-03-03", "2999-12-31"]
)
TIMES = st.sampled_from([0, 1_772_424_000_000, 1_772_510_400_000, 4_102_444_800_000, 32_503_651_200_000])


def told() -> Story:
    """A case that ended by a letter, whose receipt came with the hand-over."""
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER, **BY_POST, delivered_on="2026-03-02")
    story.move(A.CLOSE)
    return story


def good(story: Story) -> dict[str, Any]:
    (one,) = receipts_of(story.state)
    return {"record": one.record, "tracking": one.tracking, "was": one.on, "on": "2026-03-03"}


@SLOW
@given(
    key=st.sampled_from(["record", "tracking", "was", "on", "all"]),
    value=st.one_of(SIGNABLE, DAYS, st.just("长" * 100_000)),
    at=TIMES,
)
def test_whatever_it_names_it_counts_alike_everywhere_or_is_refused(key, value, at):
    story = told()
    said = value if key == "all" else {**good(story), key: value}
    event = story.draft(A.CORRECT_LETTER_DAY, role=Role.CLERK, data={"letter_day": said, "at": at})
    try:
        state = advance(story.state, event)
    except LiandongError as fault:
        assert fold([*story.events, event], apex=COUNTY).invalid == {event.id: fault.code}
        return
    assert fold([*story.events, event], apex=COUNTY) == state
    (receipt,) = receipts_of(state)
    assert receipt.record == event.id and letters_out(state) == ()


@pytest.mark.parametrize("flow", [1, 7])
def test_to_sign_it_under_a_former_table_leaves_out_no_demand(flow):
    story = told()
    said = {**good(story), "record": "f" * 32}
    event = story.draft(A.CORRECT_LETTER_DAY, role=Role.CLERK, data={"letter_day": said}, flow=flow)
    with pytest.raises(LetterDayMissing):
        advance(story.state, event)
