"""What is to be handed over after a case has ended: what puts its decision right, or takes or gives it force.

Pure. Until the end all papers go with the result, and the hand-over of the result closes the case. Whatever
is made later is served by itself (行政许可法 44; 民事诉讼法 87 on the receipt: offices follow its ways), and
the case stays ended meanwhile.
"""

from __future__ import annotations

from datetime import date

from common.casework.rules.clocks.announced import counts_on
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.table import ENDED, TO_HAND_OVER
from common.casework.rules.words import Report, State
from common.days import local_day


def known_at(state: CaseState, seen: str) -> frozenset[str]:
    """Return the acts that whoever knew the case up to `seen` has; none where that act does not stand."""
    if seen not in state.chain:
        return frozenset()
    return frozenset(state.chain[: state.chain.index(seen) + 1])


def served_by(state: CaseState, report: ReportState) -> tuple[str, ...]:
    """Return which of the papers that are still to be handed over a report of a hand-over speaks of."""
    if report.what is not Report.HANDED_OVER:
        return ()
    known = known_at(state, report.seen)
    return tuple(one.act for one in state.facts.unserved if one.act in known)


def to_be_served(state: CaseState) -> frozenset[str]:
    """Return the acts whose papers have to reach the applicant now; none before there is a result.

    A result that is suspended or revoked is handed to nobody; that the case has ended is told all the same.
    """
    if state.state in ENDED:
        return frozenset(one.act for one in state.facts.unserved)
    if state.state not in TO_HAND_OVER or (state.facts.standing and state.state is not State.TERMINATED):
        return frozenset()
    return frozenset({state.concluded, *(one.act for one in state.facts.corrections)})


def announced_until(state: CaseState) -> date | None:
    """Return the local day on which what is to be served counts as served, None where it is not announced.

    What came after the announcement was not announced with the rest, nor what is owed only since then.
    """
    one, wanted = state.facts.announced, to_be_served(state)
    if state.state in ENDED:
        wanted = frozenset(late.since or late.act for late in state.facts.unserved)
    if one is None or not wanted or not wanted <= known_at(state, one.act):
        return None
    return counts_on(date.fromisoformat(one.on))


def announcement_runs(state: CaseState, today: str) -> date | None:
    """Return until when an announcement is waited for on a local day (YYYY-MM-DD, "": any), None if not.

    One of a day that has not come was dated by a clock that was ahead: nobody waits years for its end.
    """
    one, until = state.facts.announced, announced_until(state)
    return None if one is not None and today and one.on > today else until


def made_on(state: CaseState) -> str:
    """Return the local day on which the newest of what is to be served was made, YYYY-MM-DD."""
    late = [one.on for one in state.facts.unserved]
    return max(late or [local_day(state.concluded_at), *(one.on for one in state.facts.corrections)])
