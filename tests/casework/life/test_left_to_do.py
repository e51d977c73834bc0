"""What is left to do of a closed case: a letter out, a word unanswered, a wrong day, a decision's force."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.casework.rules.flow import ENDED, FLOW_VERSION
from common.casework.rules.left_to_do import LEFT, NOTES, Left, left_to_do
from common.days import local_day
from tests.casework.build import TOWN, VILLAGE
from tests.casework.life.test_collected_after_relief import issued, kept, sent
from tests.casework.life.test_fetched_afterwards import SUSPENDED
from tests.casework.life.test_posted import posted
from tests.casework.life.test_service_after_relief import ended
from tests.casework.life.tools import APPROVER, CLERK, RECEIVER, Life

FORMER = 8


def came(life: Life) -> str:
    """A case closed as the result was posted, of which the receipt came with it."""
    case, today = issued(life), local_day(life.now)
    life.report(VILLAGE, case, "handed_over", **posted(served_on=today, delivered_on=today))
    return case


def came_and_relied_on(life: Life) -> str:
    case = came(life)
    life.move(TOWN, case, "mark_decision", APPROVER, **SUSPENDED)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    return case


def corrected(life: Life) -> str:
    case = ended(life)
    life.move(TOWN, case, "mark_decision", APPROVER, **SUSPENDED)
    return case


def sent_and_suspended(life: Life) -> str:
    """A letter is out with a decision that nobody hands out any more; that it is suspended is told."""
    case = sent(life)
    life.move(TOWN, case, "mark_decision", APPROVER, **SUSPENDED)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    return case


def archived(make: Callable[[Life], str]) -> Callable[[Life], str]:
    def made(life: Life) -> str:
        case = make(life)
        life.move(TOWN, case, "archive", CLERK)
        return case

    return made


@pytest.mark.parametrize(
    ("make", "left", "former"),
    [
        (issued, (), ()),
        (ended, (), ()),
        (archived(ended), (), ()),
        (corrected, (Left.UNSERVED,), (Left.UNSERVED,)),
        (kept, (Left.KEPT,), (Left.KEPT,)),
        (archived(kept), (Left.KEPT,), (Left.KEPT,)),
        (sent, (Left.LETTER, Left.KEPT), (Left.KEPT,)),
        (archived(sent), (Left.LETTER, Left.KEPT), (Left.KEPT,)),
        (sent_and_suspended, (Left.LETTER,), ()),
        (came, (Left.DAY,), ()),
        (archived(came), (Left.DAY,), ()),
        (came_and_relied_on, (), ()),
    ],
)
def test_each_closed_case_is_left_with_what_its_holder_may_have_to_do(
    life: Life, make: Callable[[Life], str], left: tuple[Left, ...], former: tuple[Left, ...]
) -> None:
    state = life.agreed(make(life))
    force = (Left.FORCE,) if state.state in ENDED else ()
    assert left_to_do(state) == (*left, *force), "each of them was decided"
    assert left_to_do(state, 9) == left, "what the former table knew of it"
    assert left_to_do(state, FORMER) == former
    assert left_to_do(state, 6) == tuple(one for one in former if one is not Left.KEPT)


def test_every_thing_that_may_be_left_has_its_words_and_the_table_since_which_it_counts() -> None:
    assert set(NOTES) == set(Left) and all(NOTES.values())
    assert all(1 <= rule.since <= FLOW_VERSION for rule in LEFT)
