"""Who knows what at which time, and what is said then: the whole table of a file with a revoked seal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.casework.rules.words import Action
from common.seal.rules.deed import decision_of
from common.seal.rules.revoked import (
    NO_LIST,
    Known,
    Reason,
    Revocation,
    RevocationList,
    Span,
    When,
    Word,
    lacking,
    span_of,
    weigh,
    with_one,
)
from tests.casework.build import TOWN
from tests.seal.stage import ORGAN, reviewed

SINCE = 1_000_000
B, A = SINCE - 10, SINCE + 10
LOG_B, LOG_A, LOG_X = Span(B, B), Span(A, A), Span(B, A)


@pytest.mark.parametrize(
    ("known", "word", "when"),
    [
        # The node that sealed, by its log.
        (Known(LOG_B, B, B, B), Word.LOGGED_BEFORE, When.BEFORE),
        (Known(LOG_B, A, B, B), Word.LOGGED_BEFORE, When.BEFORE),
        (Known(LOG_B, B, B, A), Word.LOGGED_BEFORE, When.BEFORE),
        (Known(LOG_B, B, 0, 0), Word.LOGGED_ALONE, When.UNKNOWN),
        (Known(LOG_B, B, A, A), Word.DECIDED_AFTER, When.AFTER),
        (Known(LOG_A, A, B, B), Word.LOGGED_AFTER, When.AFTER),
        (Known(LOG_A, B, B, B), Word.LOGGED_AFTER, When.AFTER),
        (Known(LOG_A, A, 0, 0), Word.LOGGED_AFTER, When.AFTER),
        (Known(LOG_X, B, B, B), Word.LOG_UNSURE, When.UNKNOWN),
        (Known(LOG_X, B, 0, 0), Word.LOG_UNSURE, When.UNKNOWN),
        # Any other node: the file's own word for it proves nothing.
        (Known(None, B, B, B), Word.DECISION_HELD, When.UNKNOWN),
        (Known(None, B, B, A), Word.DECISION_SAYS, When.UNKNOWN),
        (Known(None, B, 0, 0), Word.NOTHING, When.UNKNOWN),
        (Known(None, 0, 0, 0), Word.NOTHING, When.UNKNOWN),
        # What speaks against itself is believed.
        (Known(None, A, B, B), Word.CLAIMS_AFTER, When.AFTER),
        (Known(None, A, 0, 0), Word.CLAIMS_AFTER, When.AFTER),
        (Known(None, B, A, A), Word.DECIDED_AFTER, When.AFTER),
        # The very moment of the revocation is after it.
        (Known(Span(SINCE, SINCE), SINCE, B, B), Word.LOGGED_AFTER, When.AFTER),
        (Known(None, SINCE, B, B), Word.CLAIMS_AFTER, When.AFTER),
        (Known(None, B, SINCE, SINCE), Word.DECIDED_AFTER, When.AFTER),
        (Known(None, B, B, SINCE), Word.DECISION_SAYS, When.UNKNOWN),
    ],
)
def test_what_is_said_of_a_file_with_a_revoked_seal(known: Known, word: Word, when: When):
    assert weigh(SINCE, known) is word and word.when is when


@given(claimed=st.integers(0, 2 * SINCE), decided=st.integers(0, 2 * SINCE), held=st.integers(0, 2 * SINCE))
def test_without_a_line_in_the_log_no_file_is_ever_called_good(claimed: int, decided: int, held: int):
    """Whoever stole the seal chooses the time in the file and which decision it names."""
    assert weigh(SINCE, Known(None, claimed, decided, held)).when is not When.BEFORE


@given(times=st.lists(st.integers(0, 100), min_size=1, max_size=8), data=st.data())
def test_a_line_lies_between_all_that_comes_before_and_after_it(times: list[int], data: st.DataObject):
    place = data.draw(st.integers(0, len(times) - 1))
    span = span_of(times, [place])
    assert span.earliest <= times[place] <= span.latest
    assert all(span.latest >= one for one in times[:place])
    assert all(span.earliest <= one for one in times[place:])
    if times == sorted(times):
        assert span == Span(times[place], times[place])


def test_a_clock_that_was_set_back_makes_a_line_unsure():
    """The seventh of May was written before the third: one of both is wrong."""
    assert span_of([1, 7, 3, 8], [1]) == Span(3, 7)
    assert span_of([1, 7, 3, 8], [2]) == Span(3, 7)
    assert span_of([1, 7, 3, 8], [0, 3]) == Span(1, 8)


def test_the_decision_is_the_one_the_seal_names_for_its_organ_wherever_it_was_made():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    deed = decision_of(story.state, story.events, act, ORGAN)
    assert deed is not None and deed.act == act
    assert decision_of(story.state, story.events, act, "别的部门") is None
    assert decision_of(story.state, story.events, story.state.chain[1], ORGAN) is None
    assert decision_of(story.state, story.events, "0" * 32, ORGAN) is None
    elsewhere = [replace(one, author=TOWN) if one.id == act else one for one in story.events]
    assert decision_of(story.state, elsewhere, act, ORGAN) is not None


def test_a_decision_that_was_revoked_since_is_none():
    story = reviewed()
    act = story.move(Action.APPROVE).id
    marked = {"standing": {"word": "revoked", "document": "复议决定7号"}}
    story.move(Action.MARK_DECISION, data=marked)
    assert decision_of(story.state, story.events, act, ORGAN) is None


def test_a_seal_may_be_revoked_from_an_earlier_day_on_never_from_a_later_one():
    first = Revocation("a1", Reason.REPLACED, 50, 50)
    known = RevocationList(1, 50, with_one(NO_LIST, first) or {})
    assert with_one(known, Revocation("a1", Reason.STOLEN, 60, 60)) is None
    assert with_one(known, Revocation("a1", Reason.REPLACED, 60, 50)) is None
    earlier = with_one(known, Revocation("a1", Reason.STOLEN, 60, 20))
    assert earlier == {"a1": Revocation("a1", Reason.STOLEN, 50, 20)}
    both = with_one(known, Revocation("b2", Reason.CEASED, 70, 70))
    assert both is not None and set(both) == {"a1", "b2"}
    assert lacking(RevocationList(2, 70, both), known) == ["b2"]
    assert lacking(known, RevocationList(2, 70, both)) == []
