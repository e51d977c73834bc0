"""What is said of a try to serve that failed, and when that opens the way to an announcement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import AlreadyThere, FilingIncomplete, ReportNotAllowed
from common.casework.rules import tried
from common.casework.rules.facts import FAILED, MISSING, Tried
from common.casework.rules.letters import letters_out
from common.days import local_day
from tests.casework.build import VILLAGE
from tests.casework.life.test_announced import issued
from tests.casework.life.test_not_reached import letter, visit
from tests.casework.life.test_posted import posted
from tests.casework.life.tools import RECEIVER


def one_try(why: str, *acts: str) -> tuple[Tried, ...]:
    return (Tried("t" * 32, acts, (), "邮寄", why, "2026-03-02"),)


def by_visit(why: str, *acts: str) -> tuple[Tried, ...]:
    return (replace(one_try(why, *acts)[0], how="上门送达"),)


@pytest.mark.parametrize(
    ("why", "tries", "may"),
    [
        # 民事诉讼法 95: nobody knows where the applicant is, or the other ways failed; nothing else.
        (MISSING, (), True),
        (FAILED, (), False),
        *((FAILED, one_try(word, "a", "b"), word != tried.REFUSED) for word in tried.HAS_FAILED),
        (FAILED, one_try("a word of a newer program", "a", "b"), False),
        (FAILED, one_try(tried.UNKNOWN, "of another paper"), False),
        (FAILED, one_try(tried.REFUSED, "a", "b") + one_try(tried.MOVED, "a", "b"), True),
        # Every paper has to have been tried: one was made since, the other was left at the door.
        (FAILED, one_try(tried.MOVED, "a"), False),
        (FAILED, one_try(tried.MOVED, "a") + one_try(tried.REFUSED, "b"), False),
        (FAILED, one_try(tried.MOVED, "a") + one_try(tried.ABSENT, "b"), True),
        ("lazy", (), False),
    ],
)
def test_an_announcement_stands_on_missing_people_or_on_ways_that_failed(why, tries, may):
    assert tried.may_be_announced(why, tries, frozenset("ab")) is may


@pytest.mark.parametrize(
    ("why", "tries", "was"),
    [
        (MISSING, (), True),
        (FAILED, (), False),
        (FAILED, one_try(tried.MOVED, "a"), True),
        (FAILED, one_try(tried.REFUSED, "a", "b"), False),
        (FAILED, one_try(tried.MOVED, "of another paper"), False),
    ],
)
def test_what_table_seven_asked_is_asked_of_what_it_signed_and_no_more(why, tries, was):
    """An announcement that counted there, one of two papers tried, counts as it did."""
    assert tried.was_tried(why, tries, frozenset("ab")) is was


BOTH = one_try(tried.MOVED, "a", "b") + by_visit(tried.ABSENT, "a", "b")
VISIT, POST = tried.WAYS


@pytest.mark.parametrize(
    ("tries", "closed", "left"),
    [
        ((), (), (VISIT, POST)),
        (one_try(tried.MOVED, "a", "b"), (), (VISIT,)),
        (by_visit(tried.ABSENT, "a", "b"), (), (POST,)),
        (BOTH, (), ()),
        # Each paper by each way.
        (one_try(tried.MOVED, "a", "b") + by_visit(tried.ABSENT, "a"), (), (VISIT,)),
        # Why a way was not open is said.
        (one_try(tried.MOVED, "a", "b"), (VISIT,), ()),
        (one_try(tried.MOVED, "a", "b"), (POST,), (VISIT,)),
        ((), (VISIT, POST), ()),
        # Who refuses at the door is there: it is left with a witness. Who refuses a letter is to be visited.
        (one_try(tried.MOVED, "a", "b") + by_visit(tried.REFUSED, "a"), (VISIT,), (VISIT,)),
        (one_try(tried.REFUSED, "a", "b") + by_visit(tried.ABSENT, "a", "b"), (), (POST,)),
        (one_try(tried.REFUSED, "a", "b") + by_visit(tried.ABSENT, "a", "b"), (POST,), ()),
        (BOTH + by_visit(tried.REFUSED, "a"), (), ()),
        ((Tried("t" * 32, ("a", "b"), (), "a way of a newer program", "moved", ""),), (), (VISIT, POST)),
    ],
)
def test_each_way_that_was_open_has_to_have_failed(tries, closed, left):
    assert tried.ways_left(tries, frozenset("ab"), frozenset(closed)) == left


def test_every_reason_and_every_ground_has_its_row():
    assert set(tried.NEEDS_TRY) == {MISSING, FAILED}
    assert set(tried.HAS_FAILED) == {"unknown", "moved", "unclaimed", "absent", "refused", "other"}


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({}, ["tried_how", "tried_why", "tried_on"]),
        ({**visit("2026-03-03")}, ["tried_on"]),
        ({**visit("2026-03-01")}, ["tried_on"]),
        ({**visit("2026-03-02", "lazy")}, ["tried_why"]),
        ({**letter("2026-03-02", tracking=" ")}, ["tried_number"]),
        ({**visit("2026-03-02", "other"), "note": " "}, ["note"]),
    ],
)
def test_a_try_says_how_why_and_a_day_on_which_it_can_have_been(life, said, fields):
    case = issued(life)
    with pytest.raises(FilingIncomplete) as refused:
        life.report(VILLAGE, case, "not_served", **said)
    assert [one.field for one in refused.value.problems] == fields


def test_the_same_try_is_told_once_and_none_is_told_of_what_was_served(life):
    case, today = issued(life), local_day(life.now)
    life.report(VILLAGE, case, "not_served", **visit(today))
    with pytest.raises(AlreadyThere):
        life.report(VILLAGE, case, "not_served", **visit(today))
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "not_served", **visit(today, "moved"))
    with pytest.raises(ReportNotAllowed):
        life.report(VILLAGE, case, "letter_came", letter={"tracking": "EMS1", "on": today})


def test_a_door_that_stayed_shut_brings_no_letter_back(life):
    """Not one without a number either, as other programs may have posted it."""
    case = issued(life)
    life.report(VILLAGE, case, "handed_over", **posted(""))
    life.report(VILLAGE, case, "not_served", **visit(local_day(life.now)))
    state = life.agreed(case)
    assert state.facts.unserved == () and [one.back for one in state.facts.tries] == [()]
    assert len(letters_out(state)) == 1


def test_a_number_under_which_nothing_was_posted_is_not_taken(life):
    """The word would speak of nothing, and the letter that came back would be waited for."""
    case, today = issued(life), local_day(life.now)
    life.report(VILLAGE, case, "handed_over", **posted())
    with pytest.raises(FilingIncomplete) as refused:
        life.report(VILLAGE, case, "not_served", **letter(today, tracking="EMSI"))
    assert [(one.field, one.code) for one in refused.value.problems] == [("tried_number", "unknown")]
    life.report(VILLAGE, case, "not_served", **letter(today, tracking=" EMS1 "))
    assert [one.act for one in life.agreed(case).facts.unserved] == [life.agreed(case).concluded]
