"""What was served on the applicant, on which day, and what nobody had fetched when the waiting for it ended.

Pure. Who comes after an announcement has counted as service is given the papers all the same: the day of
service stays that of the law (民事诉讼法 95). What was kept as nobody came for it was never served: it is on
the day on which somebody fetches it. A node with an older program takes note of that report, no more; what
it speaks of is read here, whatever step answers it. So it is with a letter that came back: what was in it was
not served, and is to be served like anything that is made after the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from common.casework.rules.event import CaseEvent, CaseState, ReportState
from common.casework.rules.facts import (
    DEEMED,
    HANDED,
    POSTED,
    RESTORED,
    Facts,
    Said,
    Service,
    Tried,
    Unserved,
)
from common.casework.rules.handed import credible_day, delivered_on, is_posted, served_day
from common.casework.rules.letter_days import with_right_day, without_receipt
from common.casework.rules.letters import came_back, letters_out, with_receipts
from common.casework.rules.serving import known_at, served_by, to_be_served
from common.casework.rules.table import ENDED, TO_HAND_OVER
from common.casework.rules.words import Action, Report
from common.days import local_day

# Step → the table since which it gives a paper: what was signed before gave none, and none is waited for.
_PAPERS = {Action.CORRECT_DECISION: 1, Action.MARK_DECISION: 5}
# The table since which the end leaves to be told what the hand-over did not know of.
_TOLD_AFTERWARDS = 6
# The table since which what was kept, as nobody came for it, may be announced after all.
_KEPT_ANNOUNCED = 7


def collectable(state: CaseState) -> frozenset[str]:
    """Return the acts whose papers somebody may still fetch after the end, as nobody did before.

    A decision that is suspended or revoked is handed to nobody, nor is what had put it right; that the case
    has ended without one is told all the same. What was posted is taken to have come: it is fetched alone, if
    it came back, and does not go with what was made since.
    """
    return _left(state, frozenset(state.chain))


def collected_by(state: CaseState, report: ReportState) -> frozenset[str]:
    """Return which of these papers the report of a hand-over speaks of.

    What lost or regained its force, or was made, while the report was under way changes nothing of what was
    handed over and what was not.
    """
    if report.what is not Report.HANDED_OVER:
        return frozenset()
    known = known_at(state, report.seen)
    return _left(state, known) & known


def _left(state: CaseState, known: frozenset[str]) -> frozenset[str]:
    """Return what may be fetched, as whoever knows of these acts alone has to take it."""
    left = frozenset(state.facts.uncollected)
    if state.state not in ENDED:
        return frozenset()
    if any(one.act in known for one in state.facts.unserved):
        left -= {act for act in left if (one := service_of(state, act)) and one.how == POSTED}
    return left - _withheld(state, known)


def _withheld(state: CaseState, known: Collection[str]) -> frozenset[str]:
    """Return what is handed to nobody, as whoever knows of these acts has to take it: it is not in force."""
    words = [word for act, word in state.facts.marks.items() if act in known]
    is_in_force = not words or words[-1] == RESTORED
    return frozenset() if is_in_force or state.facts.ground else _result_of(state)


def to_be_announced(state: CaseState) -> frozenset[str]:
    """Return the acts whose papers an announcement serves: what is to be served, and what nobody came for."""
    return to_be_served(state) | {act for act in collectable(state) if service_of(state, act) is None}


def is_unreached(state: CaseState) -> bool:
    """Say whether there is a paper with which somebody may have tried in vain to reach the applicant."""
    return bool(to_be_announced(state) or letters_out(state))


def service_of(state: CaseState, act: str) -> Service | None:
    """Return the service from which terms against the paper of an act run, None where there was none.

    That is the first: who fetches a paper after it counts as served is not served again, and who was served
    before an announcement came to its end was not served by that.
    """
    found = [one for one in state.facts.served if act in one.acts]
    return min(found, key=lambda one: one.on or "9", default=None)


def with_services(
    facts: Facts, state: CaseState, action: Action, said: Said, answered: Sequence[ReportState]
) -> Facts:
    """Return the facts with what a step that counts says of service; `state` is the case before it."""
    left = [*facts.uncollected]
    new = [one for report in answered if (one := _handed(state, report, said))]
    served = with_receipts((*facts.served, *new), state, answered, said.on)
    tries = tuple(_tried(state, served, one, said) for one in answered if one.what is Report.NOT_SERVED)
    if action in (Action.CLOSE_UNCOLLECTED, Action.KEEP_UNSERVED):
        left += _still_owed(state)
    if action is Action.CORRECT_LETTER_DAY:
        served = with_right_day(served, state, said)
    if action is Action.VOID_RECEIPT:
        served = without_receipt(served, state, said)
        left += _not_come(served, said)
    if action is Action.DEEM_SERVED:
        acts = _announced(state)
        served = (*served, Service(acts, DEEMED, str(said.data["served_on"])))
        left += acts
    # A letter may come back: then somebody comes for what was in it.
    left += [act for one in new if one.how == POSTED for act in one.acts]
    # Who counts as served may still come; who has it by any other word comes no more.
    gone = {act for one in served if one not in facts.served and _has_reached(one) for act in one.acts}
    kept = tuple(dict.fromkeys(act for act in left if act not in gone))
    back = {one.told_by for report in answered for one in came_back(served, state, report)}
    served = tuple(one for one in served if one.told_by not in back) if back else served
    if not tries and served == facts.served and kept == facts.uncollected:
        return facts
    return replace(facts, served=served, uncollected=kept, tries=(*facts.tries, *tries))


def _not_come(served: Sequence[Service], said: Said) -> Iterable[str]:
    """Return what is in the letter whose receipt is void now, without what the applicant has all the same."""
    has_it = {act for one in served if _has_reached(one) for act in one.acts}
    return (act for one in served if one.dated_by == said.act for act in one.acts if act not in has_it)


def _has_reached(one: Service) -> bool:
    """Say whether the applicant has it, on whichever day: what is posted may still be on its way."""
    return one.how == HANDED or (one.how == POSTED and bool(one.on))


def _tried(state: CaseState, served: Iterable[Service], report: ReportState, said: Said) -> Tried:
    """Return the try of which a report tells; of a letter it speaks of what was in that alone."""
    tried, known = report.data["tried"], known_at(state, report.seen)
    back = {act for one in came_back(served, state, report) for act in one.acts}
    acts = back or to_be_announced(state) & known
    ordered, came = (tuple(sorted(some, key=state.chain.index)) for some in (acts, back))
    on = credible_day(state, str(tried["on"]), said.on)
    return Tried(said.act, ordered, came, str(tried["how"]), str(tried["why"]), on or said.on)


def owed_again(state: CaseState, facts: Facts, event: CaseEvent) -> Sequence[Unserved]:
    """Return what came back, by a step that counts, in a letter by which the case had ended.

    While it has not ended the result is waited for all the same. Who has it otherwise, or by another letter,
    is owed nothing; one that is not in force by now is handed to nobody.

    Args:
        facts: those of the case after the step, `state` being the case before it.
    """
    if event.body["state"] not in ENDED:
        return ()
    tries = (one for one in facts.tries if one.act == event.id)
    not_owed = {one.act for one in state.facts.unserved} | _withheld(state, state.chain)
    not_owed |= {act for one in facts.served for act in one.acts}
    found = {act: Unserved(act, one.on, event.id) for one in tries for act in one.back if act not in not_owed}
    return tuple(found.values())


def _still_owed(state: CaseState) -> Iterable[str]:
    owed = (one.act for one in state.facts.unserved) if state.state in ENDED else _result_of(state)
    return sorted(owed, key=state.chain.index)


def _announced(state: CaseState) -> tuple[str, ...]:
    """Return what counts as served; after the end also the decision that nobody had, announced with it."""
    acts = to_be_served(state)
    if state.state in ENDED:
        acts |= {act for act in collectable(state) if service_of(state, act) is None}
    return tuple(sorted(acts, key=state.chain.index))


def _handed(state: CaseState, report: ReportState, said: Said) -> Service | None:
    if report.what is not Report.HANDED_OVER:
        return None
    acts = collected_by(state, report)
    if state.state in TO_HAND_OVER:
        acts = _result_of(state) & known_at(state, report.seen)
    elif state.state in ENDED:
        acts |= {one.act for one in state.facts.unserved} & known_at(state, report.seen)
    if not acts:
        return None
    by_post = is_posted(report.data)
    # The day on which it was posted is none of service.
    is_told = bool(delivered_on(report.data)) or not by_post
    on = credible_day(state, served_day(report.data), said.on) if is_told else ""
    ordered = tuple(sorted(acts, key=state.chain.index))
    dated_by = report.id if by_post and on else ""
    return Service(ordered, POSTED if by_post else HANDED, on, report.id, dated_by)


def _result_of(state: CaseState) -> frozenset[str]:
    acts = {state.concluded, *(one.act for one in state.facts.corrections)}
    return frozenset(acts) & frozenset(state.chain)


def unserved_after(
    state: CaseState, event: CaseEvent, action: Action, flow: int, answered: Iterable[ReportState]
) -> Sequence[Unserved]:
    """Return what is still to be handed over after a step that counts.

    Whatever answers the report of a hand-over takes from it what that spoke of: a node with an older program
    only takes note of it.

    Args:
        flow: the table under which the step was signed.
    """
    left = state.facts.unserved
    if action is Action.MARK_DECISION:
        # A result that came back goes to nobody once it is not in force; it is still there to be fetched.
        left = tuple(one for one in left if not (one.since and one.act in _result_of(state)))
    if action is Action.CLOSE and flow >= _TOLD_AFTERWARDS:
        return _marked_meanwhile(state, event, answered)
    if state.state not in ENDED:
        return left
    if action in (Action.KEEP_UNSERVED, Action.DEEM_SERVED):
        return ()
    served = {act for report in answered for act in served_by(state, report)} if left else set()
    left = tuple(one for one in left if one.act not in served)
    if flow >= _TOLD_AFTERWARDS:
        left = (*left, *_not_told(state, event, answered))
    if action is Action.ANNOUNCE and flow >= _KEPT_ANNOUNCED:
        return (*left, *_kept(state, event))
    if flow >= _PAPERS.get(action, flow + 1):
        return (*left, Unserved(event.id, local_day(event.body["data"]["at"])))
    return left


def _kept(state: CaseState, event: CaseEvent) -> Iterable[Unserved]:
    """Return what nobody had come for and is announced now: it is to be served from now on."""
    made = local_day(state.concluded_at)
    late = to_be_announced(state) - {one.act for one in state.facts.unserved}
    return (Unserved(act, made, event.id) for act in sorted(late, key=state.chain.index))


def _marked_meanwhile(
    state: CaseState, event: CaseEvent, answered: Iterable[ReportState]
) -> Sequence[Unserved]:
    """Return what took or gave the decision its force while it was handed over, of which nobody told there.

    Whoever had it fetched later was told with it, or had nothing of which to be told.
    """
    known: set[str] = set()
    for report in answered:
        known |= known_at(state, report.seen)
    on = local_day(event.body["data"]["at"])
    return tuple(Unserved(act, on, event.id) for act in state.facts.marks if act not in known)


def _not_told(state: CaseState, event: CaseEvent, answered: Iterable[ReportState]) -> Sequence[Unserved]:
    """Return the same of who had fetched it before that, and of whom was heard when the case had ended."""
    facts = state.facts
    dealt_with = {*facts.uncollected, *(one.act for one in facts.unserved)}
    dealt_with.update(act for one in facts.served for act in one.acts)
    for report in answered:
        if state.concluded in collected_by(state, report):
            known, on = known_at(state, report.seen), local_day(event.body["data"]["at"])
            left = [act for act in facts.marks if act not in known | dealt_with]
            return tuple(Unserved(act, on, event.id) for act in left)
    return ()
