"""For which steps it is too early, as far as the state of a case alone does not say."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta

from common.casework import ledger
from common.casework.context import CaseContext
from common.casework.errors import (
    AnnouncementRuns,
    GapNotOver,
    NotGivenUpYet,
    NothingToServe,
    NotUncollectedYet,
    NotYetOverdue,
    OriginSilent,
    PapersWaiting,
    SiteNotHeard,
)
from common.casework.ledger import OpenCase
from common.casework.rules.deadlines import due_date, next_working_day, working_days_between
from common.casework.rules.event import CaseState
from common.casework.rules.facts import Asked
from common.casework.rules.fitting import places_with_a_say
from common.casework.rules.flow import MAKING, Party
from common.casework.rules.keeping import given_up_on, uncollected_on
from common.casework.rules.result_demands import is_held_up
from common.casework.rules.serving import announced_until, announcement_runs
from common.casework.rules.timed import last_answer_day
from common.casework.rules.waiting import is_handed_over, papers_are_here
from common.casework.rules.words import Action, State
from common.days import local_date

_ONE_DAY = timedelta(days=1)
_ACCEPTING = (Action.ACCEPT, Action.DEEM_ACCEPT)
_NOT_MEANWHILE = (Action.ANNOUNCE, Action.CLOSE_UNCOLLECTED, Action.KEEP_UNSERVED)
_FOLLOWING_LATE = "收件站点在容缺补交期限过后还没有联系上，可能有按期交来的材料在路上，暂不能以此终止。"


def too_early(ctx: CaseContext, state: CaseState, today: str) -> Collection[Action]:
    """Return the steps that would be refused today (local, YYYY-MM-DD) as the applicant still has time."""
    if state.state is State.SUPPLEMENT:
        last = last_answer_day(state, ctx.calendar()).isoformat()
        is_open = today <= last or not is_origin_heard(ctx, state)
        return (Action.LAPSE,) if is_open else ()
    if state.state in MAKING and is_held_up(state):
        day = given_up_on(state, ledger.load(state.case).events)
        return (Action.TERMINATE,) if today < day else ()
    return ()


def check_waited(ctx: CaseContext, case: OpenCase, today: date) -> None:
    """Check that whoever owes a fee or originals was waited for before what was approved is given up.

    Raises:
        NotGivenUpYet: they still have time on the local date `today`.
        SiteNotHeard: they may have paid or come where nothing was heard from since.
    """
    day = given_up_on(case.state, case.events)
    if today.isoformat() < day:
        raise NotGivenUpYet(day)
    if day:
        _check_heard(ctx, case.state, (case.state.parties[Party.ORIGIN], _place_of_result(case.state)), day)


def check_serving(ctx: CaseContext, state: CaseState, action: Action, today: date) -> None:
    """Check what ends the waiting for an applicant, or goes on without them, by what is known here alone.

    Elsewhere a report of a hand-over may come before the announcement that its sender did not know of, and
    before it in the fold: the announcement counts there all the same, or nodes would not agree on the case.

    Raises:
        NothingToServe: it would be announced, and was handed over.
        AnnouncementRuns: it was announced, and counts as served when the thirty days are over.
        NotUncollectedYet, SiteNotHeard: see `check_uncollected`.
    """
    if action is Action.ANNOUNCE and is_handed_over(state):
        raise NothingToServe()
    until = announcement_runs(state, today.isoformat())
    if action in _NOT_MEANWHILE and until is not None:
        raise AnnouncementRuns(until.isoformat())
    if action is Action.CLOSE_UNCOLLECTED or (action is Action.KEEP_UNSERVED and state.facts.unserved):
        check_uncollected(ctx, state, today)


def check_uncollected(ctx: CaseContext, state: CaseState, today: date) -> None:
    """Check that a result was kept long enough, and that nobody can have fetched it unknown to us.

    Raises:
        NotUncollectedYet: it is still to be kept on the local date `today`.
        SiteNotHeard: nothing was heard since from where it is to be fetched.
    """
    day = uncollected_on(state)
    if today.isoformat() < day:
        raise NotUncollectedYet(day)
    _check_heard(ctx, state, (_place_of_result(state),), day)


def _place_of_result(state: CaseState) -> str:
    return state.facts.collect_at or state.parties[Party.HAND_OVER]


def _check_heard(ctx: CaseContext, state: CaseState, places: Iterable[str], day: str) -> None:
    silent = [place for place in places if not _is_heard(ctx, state, place, date.fromisoformat(day))]
    if silent:
        raise SiteNotHeard(sites="、".join(map(ctx.neighbours.called, dict.fromkeys(silent))))


def check_lapsable(ctx: CaseContext, state: CaseState, today: date) -> None:
    """Check that nobody can have brought in time, or can still bring, what the notice asks for.

    Raises:
        PapersWaiting: papers that were brought are here.
        NotYetOverdue: on the local date `today` the applicant still has time.
        OriginSilent: nothing was heard from where the case was filed since the last day.
    """
    if papers_are_here(state):
        raise PapersWaiting()
    last = last_answer_day(state, ctx.calendar())
    if today <= last:
        raise NotYetOverdue(answer_by=last.isoformat())
    if not is_origin_heard(ctx, state):
        raise OriginSilent(origin=state.parties[Party.ORIGIN])


def check_gap_over(ctx: CaseContext, state: CaseState, today: date) -> None:
    """Check that a case may end because papers that were to follow (容缺) never came.

    Raises:
        PapersWaiting: papers that were brought are here.
        GapNotOver: none is owed, or on the local date `today` the applicant still has time.
        OriginSilent: nothing was heard from where the case was filed since the last day.
    """
    if not state.facts.tolerated:
        raise GapNotOver()
    if papers_are_here(state):
        raise PapersWaiting()
    last = next_working_day(date.fromisoformat(state.facts.tolerance_due), ctx.calendar())
    if today <= last:
        raise GapNotOver(f"容缺材料可以补交到 {last}，还没有到期，不能以此终止。")
    if not _is_heard(ctx, state, state.parties[Party.ORIGIN], last + _ONE_DAY):
        raise OriginSilent(_FOLLOWING_LATE)


def is_origin_heard(ctx: CaseContext, state: CaseState) -> bool:
    """Say whether all that was brought in time where the case was filed would be known here by now.

    Somebody may have come with the papers on the last day while the line was down: then the law's condition
    for ending the case is not met, and nobody here can tell. Where nobody is any more, nobody is waited for.
    """
    last = last_answer_day(state, ctx.calendar())
    return _is_heard(ctx, state, state.parties[Party.ORIGIN], last + _ONE_DAY)


def without_unheard(ctx: CaseContext, case: OpenCase, today: date) -> CaseState:
    """Return the case as if those departments had not been asked of which nobody here can tell, on the local
    date `today`, whether they keep silent.

    Who asked may have been cut off: a department has its days from when the question was here. And one whose
    people sit at another node may have answered there in time while the line was down. So it is neither taken
    to agree nor urged before its days are over and the nodes from which its opinion may come were heard.
    """
    state = case.state
    asked = tuple(one for one in state.facts.asked if one.verdict or _is_silent(ctx, case, one, today))
    return replace(state, facts=replace(state.facts, asked=asked))


def _is_silent(ctx: CaseContext, case: OpenCase, asked: Asked, today: date) -> bool:
    last = _last_day_to_answer(ctx, case, asked)
    if today <= last:
        return False
    places = () if asked.department in ctx.staffed() else places_with_a_say(case.state)
    return all(_is_heard(ctx, case.state, place, last + _ONE_DAY) for place in places)


def _last_day_to_answer(ctx: CaseContext, case: OpenCase, asked: Asked) -> date:
    last, calendar = date.fromisoformat(asked.due), ctx.calendar()
    # Whatever another step carries under that word asks nobody.
    accepted = (e for e in case.events if e.id in case.state.chain and e.body.get("action") in _ACCEPTING)
    asking = next(accepted)
    sent, came = local_date(asking.body["data"]["at"]), local_date(case.here[asking.id])
    if came <= sent:
        return last
    return max(last, due_date(came, working_days_between(sent, last, calendar), calendar))


def is_place_heard(ctx: CaseContext, state: CaseState) -> bool:
    """Say whether it would be known here by now that somebody came for what counts as served by announcement.

    Who came meanwhile was served that day, and not by the law's word.
    """
    until = announced_until(state)
    return until is None or _is_heard(ctx, state, _place_of_result(state), until + _ONE_DAY)


def _is_heard(ctx: CaseContext, state: CaseState, place: str, day: date) -> bool:
    """Say whether a site was heard on a local day or since; nobody waits for one that is no more."""
    is_no_site = place in state.facts.gone or place not in ctx.tree() or ctx.neighbours.is_relieved(place)
    if place == ctx.me or is_no_site:
        return True
    return local_date(ctx.neighbours.heard_at(place)) >= day
