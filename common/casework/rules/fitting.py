"""Which reports can be written into a case as it stands; all others are noted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import DOOR_VERDICTS, RATINGS, VERDICTS
from common.casework.rules.letters import came_by
from common.casework.rules.parts import LIST_MAX
from common.casework.rules.result_demands import owes_originals
from common.casework.rules.services import is_unreached
from common.casework.rules.table import BEFORE_ACCEPTANCE, ENDED, TO_HAND_OVER, UNDER_REVIEW
from common.casework.rules.words import Party, Report

# Nodes whose staff have a say in a case; where it was filed and where its result is fetched have none.
_WITH_A_SAY = (Party.CHECKER, Party.ACCEPTOR, Party.COMPETENT)
_OVER = (*TO_HAND_OVER, *ENDED)


def report_fits(state: CaseState, report: ReportState) -> bool:
    """Say whether what a report brings can be written into the case as it now stands; else it is only noted.

    It is asked by the holder's node alone; what it then writes down (or notes) is what counts everywhere.
    """
    fits = _FITS.get(report.what)
    return fits is None or fits(state, report)


def may_have_a_say(state: CaseState, author: str) -> bool:
    """Say whether opinions of departments may come from this node; see `places_with_a_say`."""
    return author in places_with_a_say(state)


def places_with_a_say(state: CaseState) -> frozenset[str]:
    """Return the nodes whose departments have a say in a case: the top, those that judge it, and those that
    did before the top took it over, for the departments that were asked sit there all the same.

    A node at which people only file or fetch speaks for no department, whatever name its message bears.
    """
    judging = (state.parties[part] for part in _WITH_A_SAY if part in state.parties)
    return frozenset({state.apex, *judging, *state.facts.former})


def _opinion_fits(state: CaseState, report: ReportState) -> bool:
    data = report.data
    department, verdict = data["actor"].get("department", ""), data.get("verdict")
    if not may_have_a_say(state, report.author):
        return False
    if state.state in UNDER_REVIEW:
        return verdict in VERDICTS and department in {asked.department for asked in state.facts.silent}
    # After the one full notice a department that kept silent has lost its turn.
    at_door = state.state in BEFORE_ACCEPTANCE and not state.facts.noticed
    return at_door and verdict in DOOR_VERDICTS and department in state.facts.joint


def _paid_fits(state: CaseState, report: ReportState) -> bool:
    receipt = report.data.get("receipt", {})
    named = bool(str(receipt.get("number", "")).strip())
    return named and state.facts.owes_fee and receipt.get("fen") == state.facts.fee["fen"]


def _originals_fit(state: CaseState, report: ReportState) -> bool:
    return owes_originals(state)


def _place_fits(state: CaseState, report: ReportState) -> bool:
    if state.state in ENDED and not state.facts.unserved:
        return False
    return report.data.get("place") in state.parties.values() or len(state.parties) < LIST_MAX


def _rating_fits(state: CaseState, report: ReportState) -> bool:
    is_over = state.state in _OVER
    return is_over and report.data.get("rating") in RATINGS and not state.facts.rating


def _letter_fits(state: CaseState, report: ReportState) -> bool:
    return came_by(state, report)


def _try_fits(state: CaseState, report: ReportState) -> bool:
    return is_unreached(state)


def _call_fits(state: CaseState, report: ReportState) -> bool:
    return state.state in _OVER


_FITS: Mapping[Report, Callable[[CaseState, ReportState], bool]] = {
    Report.OPINION: _opinion_fits,
    Report.PAID: _paid_fits,
    Report.ORIGINALS_SEEN: _originals_fit,
    Report.COLLECT_AT: _place_fits,
    Report.RATED: _rating_fits,
    Report.CALLED_BACK: _call_fits,
    Report.LETTER_CAME: _letter_fits,
    Report.NOT_SERVED: _try_fits,
}
