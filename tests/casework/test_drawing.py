"""The diagram in ARCHITECTURE.md is the one the flow table gives, and every step stands in it."""

from __future__ import annotations

from pathlib import Path

from common.casework.rules.drawing import BEGIN, END, drawing
from common.casework.rules.labels import label
from common.casework.rules.table import FLOW
from common.casework.rules.words import Action

PAGE = Path(__file__).parent.parent.parent / "ARCHITECTURE.md"


def test_the_page_shows_the_table_as_it_is_now():
    """When this fails: `.venv/bin/python tools/draw_flow.py`."""
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text[text.index(BEGIN) : text.index(END) + len(END)] == drawing()


def test_every_step_is_drawn_or_listed():
    drawn = drawing()
    unseen = (Action.NOTE, Action.RECORD, Action.REFUSE_WITHDRAWAL)
    for action in {step.action for step in FLOW} - set(unseen):
        assert label(action.value) in drawn, action
    for step in FLOW:
        assert step.next_state.value in drawn
