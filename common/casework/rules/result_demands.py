"""What rows demand between a decision and its result: that nothing stands in the way, or that something does.

Pure. `demands.py` asks these together with all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.casework import errors
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import AFTER_REVIEW, ANNOUNCED_FOR, MISSING, REVOKED
from common.casework.rules.letter_days import DAY, VOID, may_be_right, named_receipt, relied_on
from common.casework.rules.services import to_be_announced
from common.casework.rules.serving import announced_until, made_on, served_by
from common.casework.rules.tried import NEEDS_TRY, closed_by, may_be_announced, was_tried, ways_left
from common.days import local_day


def check_in_force(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that the decision is neither suspended nor revoked; a restored one bears no mark.

    Raises:
        DecisionNotInForce: it is.
    """
    if state.facts.standing:
        raise errors.DecisionNotInForce()


def check_no_debt(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that a fee that was asked for is paid.

    Raises:
        FeeOpen: it is not.
    """
    if state.facts.owes_fee:
        raise errors.FeeOpen()


def check_originals(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that originals were compared where the item asks for them after the review.

    Raises:
        OriginalsMissing: they were not.
    """
    if owes_originals(state):
        raise errors.OriginalsMissing()


def check_held_up(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that what was approved cannot be made out, so that the case may end without it.

    Without that way out it would wait for ever: nobody else may take the decision back.

    Raises:
        NotHeldUp: nothing stands in the way.
    """
    if not is_held_up(state):
        raise errors.NotHeldUp()


def check_unserved(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that something made after the end of the case is still to be handed over.

    Raises:
        NothingToServe: nothing is.
    """
    if not state.facts.unserved:
        raise errors.NothingToServe()


def check_served(state: CaseState, answered: Sequence[ReportState]) -> None:
    """Check that the hand-over that was reported is one of something made after the end of the case.

    Raises:
        NothingToServe: whoever reported it knew of no such paper.
    """
    if not any(served_by(state, report) for report in answered):
        raise errors.NothingToServe()


def check_announced(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check an announcement: something is to be served by it, and where, when and why are said.

    Raises:
        NothingToServe: nothing is.
        AnnouncedMissing: a part is missing, or its day is not one on which it can have come out.
    """
    if not to_be_announced(state):
        raise errors.NothingToServe()
    said = data.get("announced", {})
    if said.get("why") not in ANNOUNCED_FOR or not said.get("where", "").strip():
        raise errors.AnnouncedMissing()
    if not made_on(state) <= said["on"] <= local_day(data["at"]):
        raise errors.AnnouncedMissing("公告日期不能早于文书作出的那天，也不能晚于今天。")


def check_tried(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that something of what is announced as other ways failed was tried in one of them, on record.

    Raises:
        NotTried: nothing was, or it was only refused.
    """
    if not was_tried(data["announced"]["why"], state.facts.tries, to_be_announced(state)):
        raise errors.NotTried()


def check_ways(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that who is said to be missing was sought, and that else every way failed that was open.

    Raises:
        NotSought: it is not said how.
        NotTried: a paper was not tried in any way, or was only refused.
        WaysLeft: a way was not tried with each paper, and it is not said why it was not open.
    """
    why = data["announced"]["why"]
    if not may_be_announced(why, state.facts.tries, to_be_announced(state)):
        raise errors.NotTried()
    if why == MISSING and not data.get("sought", "").strip():
        raise errors.NotSought()
    if NEEDS_TRY.get(why, True) and ways_left(state.facts.tries, to_be_announced(state), closed_by(data)):
        raise errors.WaysLeft()


def check_letter_day(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that a step puts a day right that counts now, by one on which the letter can have come.

    Raises:
        LetterDayMissing: it names no such record, or no such day.
    """
    receipt = named_receipt(state, data)
    if receipt is None or not may_be_right(state, receipt, data["letter_day"]["on"], local_day(data["at"])):
        raise errors.LetterDayMissing()


def check_letter_void(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that a step makes a record void by which a letter came, as it counts now.

    Raises:
        LetterVoidMissing: it names no such record.
    """
    if named_receipt(state, data, VOID) is None:
        raise errors.LetterVoidMissing()


def check_unrelied(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that nobody has spoken on the decision since, who may have gone by the day on record.

    Raises:
        LetterDayReliedOn: somebody has.
    """
    for part in (DAY, VOID):
        receipt = named_receipt(state, data, part)
        if receipt is not None and relied_on(state, receipt):
            raise errors.LetterDayReliedOn()


def check_passed(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that what was announced counts as served, and that the day which counts is signed.

    Raises:
        NotPassed: it was not announced, the thirty days have not passed, or another day is signed.
    """
    day = announced_until(state)
    if day is None or data.get("served_on") != day.isoformat() or local_day(data["at"]) <= day.isoformat():
        raise errors.NotPassed()


def owes_originals(state: CaseState) -> bool:
    """Say whether originals have to be compared before the result is made out, and were not."""
    return state.facts.originals == AFTER_REVIEW and not state.facts.originals_act


def is_held_up(state: CaseState) -> bool:
    """Say whether a result can not be made out: the decision is revoked, or the applicant owes something.

    One that is only suspended waits for what becomes of it.
    """
    facts = state.facts
    return facts.standing.get("word") == REVOKED or facts.owes_fee or owes_originals(state)
