"""Staff and residents each have a sentence for every state, and not the same one."""

from __future__ import annotations

import pytest

from common.casework.rules.labels import MEANINGS
from common.casework.rules.staff_words import BY_WORK, SENTENCES, staff_sentence
from common.casework.rules.waiting import Work
from common.casework.rules.words import State


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence_for_staff(state: State) -> None:
    told = staff_sentence(state)
    assert told.endswith("。") and told != MEANINGS.get(state.value)
    # Whoever works on a case is not the one who asked for something.
    assert "您" not in told


def test_no_sentence_stands_for_a_state_or_work_that_does_not_exist() -> None:
    assert set(SENTENCES) == {state.value for state in State}
    for state, work in BY_WORK:
        assert State(state) and Work(work)


def test_who_is_next_decides_between_two_sentences_of_one_state() -> None:
    assert "初审员" in staff_sentence(State.RECEIVED, Work.CHECK.value)
    assert "受理窗口" in staff_sentence(State.RECEIVED, Work.ACCEPTANCE.value)
    assert staff_sentence(State.SUPPLEMENT, Work.BROUGHT.value) != staff_sentence(State.SUPPLEMENT)


def test_a_state_of_a_newer_program_has_no_sentence_and_breaks_nothing() -> None:
    assert staff_sentence("INSPECTED") == ""
