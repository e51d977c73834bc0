"""Originals that are looked at only after the decision: the papers say when to bring them."""

from __future__ import annotations

from dataclasses import replace

from common.casework.rules.words import Report
from common.notices.rules.kinds import Kind
from tests.notices.stories import SUBSISTENCE, A, accepted
from tests.notices.test_texts import ITEMS, made, notice_of

BRING = "带上申请材料的原件"


def decided(*, seen_before: int = 0) -> str:
    """Return the words of the decision in a case whose originals are looked at after the review."""
    story = accepted(originals="after_review")
    if seen_before:
        told = story.report(Report.ORIGINALS_SEEN)
        story.move(A.RECORD, answers=[told.id])
    event = story.go_to(A.REVIEW).move(A.APPROVE)
    return notice_of(story, event, None).words


def test_originals_that_are_looked_at_last_are_asked_for_with_the_decision() -> None:
    """Else the applicant stands at the counter without them, told that they had been seen at the filing."""
    item = ITEMS[SUBSISTENCE]
    late = replace(item, originals="after_review")
    assert BRING in decided()
    # Somebody brought them before the decision, or nobody has to.
    assert BRING not in decided(seen_before=1)
    assert BRING not in made(Kind.APPROVAL, item).words
    assert "原件 1 份审查通过后核对" in made(Kind.ACCEPTANCE, late).words
    assert "原件 1 份核对后退还" in made(Kind.ACCEPTANCE, item).words
