"""Originals that are looked at only after the decision: the papers say when to bring them."""

from __future__ import annotations

from dataclasses import replace

from common.notices.rules.kinds import Kind
from tests.notices.stories import SUBSISTENCE
from tests.notices.test_texts import ITEMS, made


def test_originals_that_are_looked_at_last_are_asked_for_with_the_decision() -> None:
    """Else the applicant stands at the counter without them, told that they had been seen at the filing."""
    item = ITEMS[SUBSISTENCE]
    late = replace(item, originals="after_review")
    assert "带上申请材料的原件" in made(Kind.APPROVAL, late).words
    assert "带上申请材料的原件" not in made(Kind.APPROVAL, item).words
    assert "原件 1 份审查通过后核对" in made(Kind.ACCEPTANCE, late).words
    assert "原件 1 份核对后退还" in made(Kind.ACCEPTANCE, item).words
