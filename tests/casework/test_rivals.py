"""A move is struck out, and what stands in its place is not at the node whose move it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.duties import do_what_is_timed
from common.casework.ledger import load
from common.casework.rules.case import fold
from common.casework.rules.duties import Strike, duty_of
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import Action, Report, State
from common.casework.rules.rivals import STRIKES_MAX, has_rival_ahead, may_be_answered
from common.casework.rules.shape import MOVED, STRUCK
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE, as_act
from tests.casework.life.tools import Line
from tests.casework.nodes import Network
from tests.casework.story import Story

A = Action
DAY_MS = 86_400_000
# Of each there is one, but for what people say meanwhile; no more are waited for than would show a race.
ROUNDS_MAX = 12


def issued() -> Story:
    """A case whose result waits to be handed over, and that the township holds."""
    return Story("town").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)


def struck(strike: CaseEvent, *stands: str) -> CaseEvent:
    """Return a strike that names what stands."""
    return replace(strike, body={**strike.body, "stands": list(stands)})


def at_town(*events: CaseEvent) -> tuple[CaseState, tuple[CaseEvent, ...]]:
    return fold(events, apex=COUNTY), events


# --- the rule


def test_a_strike_names_what_stands():
    story = Story()
    returned, forwarded = story.branch().move(A.RETURN), story.move(A.FORWARD)
    duty = duty_of(fold([story.filed, forwarded, returned], apex=COUNTY), COUNTY)
    assert duty == Strike((returned.id,), stands=(forwarded.id,))
    assert duty.body(story.case, NOON, [VILLAGE])["stands"] == [forwarded.id]


@pytest.mark.parametrize("is_named", [0, 1])
def test_what_was_struck_is_not_done_again_while_what_stands_is_not_here(is_named):
    story = issued()
    report = story.report(Report.HANDED_OVER)
    before = tuple(story.events)
    rival, own = story.branch().draft(A.CLOSE, data={"note": "另一台"}), story.draft(A.CLOSE)
    strike = struck(story.strike(own.id), *[rival.id] * is_named)
    state, events = at_town(*before, own, strike)
    assert (state.state, [one.id for one in state.open_reports]) == (State.ISSUED, [report.id])
    assert has_rival_ahead(state, TOWN, events) and may_be_answered(state, TOWN, events) == frozenset()
    assert duty_of(state, TOWN, events) is None
    state, events = at_town(*events, rival)
    assert (state.last, state.open_reports) == (rival.id, ())
    assert not has_rival_ahead(state, TOWN, events)


def test_what_is_reported_after_the_strike_is_answered_once():
    story = issued()
    first = story.report(Report.HANDED_OVER)
    rival, own = story.branch().draft(A.CLOSE, data={"note": "另一台"}), story.draft(A.CLOSE)
    events = [*story.events, own, struck(story.strike(own.id), rival.id)]
    again = story.report(Report.HANDED_OVER)
    state, _ = at_town(*events, again)
    assert may_be_answered(state, TOWN, [*events, again]) == {again.id}
    duty = duty_of(state, TOWN, [*events, again])
    assert (duty.action, duty.report) == (A.CLOSE, again.id)
    tried = story.draft(A.CLOSE)
    assert set(tried.body["answers"]) == {first.id, again.id}
    events += [again, tried, struck(story.strike(tried.id), rival.id)]
    state, _ = at_town(*events)
    assert len(state.open_reports) == 2 and duty_of(state, TOWN, events) is None


def test_a_case_of_which_both_moves_were_struck_goes_on_by_itself():
    """Two lives of the top may each have struck what the other let stand: then nothing stands anywhere."""
    story = issued()
    story.report(Report.HANDED_OVER)
    rival, own = story.branch().draft(A.CLOSE, data={"note": "另一台"}), story.draft(A.CLOSE)
    one, other = struck(story.strike(own.id), rival.id), struck(story.strike(rival.id), own.id)
    for order in ((own, one, other), (own, rival, other, one), (rival, other, own, one)):
        state, events = at_town(*story.events, *order)
        assert not has_rival_ahead(state, TOWN, events)
        assert duty_of(state, TOWN, events).action is A.CLOSE


def test_what_fell_with_another_move_is_waited_for_no_longer():
    story = Story("town")
    accepted = story.move(A.ACCEPT)
    rival, own = story.branch().draft(A.REVIEW, data={"note": "另一台"}), story.draft(A.REVIEW)
    strike = struck(story.strike(own.id), rival.id)
    state, events = at_town(*story.events, own, strike)
    assert has_rival_ahead(state, TOWN, events), "it is not here"
    state, events = at_town(
        *story.events, own, rival, strike, struck(story.strike(accepted.id), story.filed.id)
    )
    assert (state.last, has_rival_ahead(state, TOWN, events)) == (story.filed.id, False)


@pytest.mark.parametrize("stands", [[], "x", {"a": 1}, [1], [None, []]])
def test_a_strike_that_names_what_cannot_be_read_is_taken_as_one_of_before(stands):
    story = issued()
    story.report(Report.HANDED_OVER)
    own = story.draft(A.CLOSE)
    strike = story.strike(own.id)
    strike = replace(strike, body={**strike.body, "stands": stands})
    state, events = at_town(*story.events, own, strike)
    assert state.struck == {own.id} and has_rival_ahead(state, TOWN, events)
    assert duty_of(state, TOWN, events) is None


def test_a_strike_by_another_than_the_apex_holds_nothing_up():
    story = issued()
    story.report(Report.HANDED_OVER)
    own = story.draft(A.CLOSE)
    false = struck(story.strike(own.id, author=VILLAGE), "f" * 32)
    real = struck(story.strike("e" * 32), story.filed.id)
    state, events = at_town(*story.events, real, false)
    assert duty_of(state, TOWN, events).action is A.CLOSE


def test_once_somebody_has_taken_the_case_on_what_never_came_holds_nothing_up():
    """What a strike named was a thief's, and is gone: nobody tells the node, and a person takes a step."""
    story = Story("town").go_to(A.ACCEPT)
    own = story.draft(A.REVIEW)
    strike = struck(story.strike(own.id), "f" * 32)
    state, events = at_town(*story.events, own, strike)
    assert has_rival_ahead(state, TOWN, events)
    state, events = at_town(*events, story.move(A.REVIEW, data={"note": "重新审查"}))
    assert state.state is State.REVIEWED and not has_rival_ahead(state, TOWN, events)


def test_at_the_top_nothing_else_is_waited_for():
    """What its strike named and is not there any more was a thief's: the case goes on without a person."""
    story = Story("direct").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER)
    own = story.draft(A.CLOSE)
    state, events = at_town(*story.events, own, struck(story.strike(own.id), "f" * 32))
    assert duty_of(state, COUNTY, events).action is A.CLOSE


def test_two_tops_that_strike_each_others_moves_stop_after_some():
    story = Story("direct").go_to(A.ACCEPT, A.REVIEW, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER)
    events = list(story.events)
    for number in range(1, STRIKES_MAX + 1):
        assert duty_of(fold(events, apex=COUNTY), COUNTY, events).action is A.CLOSE
        own, other = (story.draft(A.CLOSE, data={"note": f"{number} {top}"}) for top in "ab")
        events += [own, other, struck(story.strike(own.id, other.id), other.id)]
    state = fold(events, apex=COUNTY)
    assert duty_of(state, COUNTY, events) is None and has_rival_ahead(state, COUNTY, events)
    again = story.report(Report.HANDED_OVER)
    events.append(again)
    assert duty_of(fold(events, apex=COUNTY), COUNTY, events).report == again.id


# --- nodes with real databases


def is_at_rest(network: Network) -> int:
    """Let acts travel; say whether nothing is under way after so many rounds."""
    for _ in range(ROUNDS_MAX):
        network.collect()
        under_way, network.waiting = network.waiting, {}
        for key in sorted(under_way):
            network.sites[key[2]].receive(under_way[key])
    network.collect()
    return not network.waiting


def signed(network: Network, at: str, kind: str) -> list[CaseEvent]:
    """Return what a node has announced of a kind."""
    return [event for event in network.sites[at].outbox.events() if event.kind == kind]


def with_rival(network: Network, story: Story) -> tuple[CaseEvent, CaseEvent]:
    """Give all a case, and the top alone two acts by which a second life of the township has ended it."""
    twin = story.branch()
    for at in (VILLAGE, TOWN, COUNTY):
        network.sites[at].receive([as_act(event) for event in story.events])
    said, rival = twin.report(Report.HANDED_OVER, TOWN), twin.move(A.CLOSE)
    network.sites[COUNTY].receive([as_act(said), as_act(rival)])
    return said, rival


def tell_all(network: Network, event: CaseEvent) -> None:
    for at in (VILLAGE, TOWN, COUNTY):
        network.sites[at].receive([as_act(event)])


def test_a_node_and_its_top_do_not_answer_each_other_without_end(network):
    story = issued()
    _, rival = with_rival(network, story)
    tell_all(network, story.report(Report.HANDED_OVER))
    assert is_at_rest(network)
    (close,), (strike,) = signed(network, TOWN, MOVED), signed(network, COUNTY, STRUCK)
    assert (strike.body["ids"], strike.body["stands"]) == ([close.id], [rival.id])
    assert network.states(story.case)[TOWN].state is State.ISSUED
    tell_all(network, story.report(Report.HANDED_OVER))
    assert is_at_rest(network)
    assert len(signed(network, TOWN, MOVED)) == len(signed(network, COUNTY, STRUCK)) == 2


def test_once_what_stands_has_come_all_have_the_same_case(network):
    story = issued()
    said, rival = with_rival(network, story)
    tell_all(network, story.report(Report.HANDED_OVER))
    assert is_at_rest(network)
    for event in (said, rival):
        network.sites[TOWN].receive([as_act(event)])
        network.sites[VILLAGE].receive([as_act(event)])
    assert is_at_rest(network)
    states = network.states(story.case)
    assert states[VILLAGE] == states[TOWN] == states[COUNTY]
    assert (states[TOWN].state, states[TOWN].open_reports) == (State.CLOSED, ())


@pytest.mark.parametrize("is_struck", [0, 1])
def test_what_a_day_brings_is_not_done_again_either(network, is_struck):
    story = issued().go_to(A.ANNOUNCE)
    own, rival = story.draft(A.DEEM_SERVED), story.branch().draft(A.DEEM_SERVED, data={"note": "另一台"})
    of_before = [own, struck(story.strike(own.id), rival.id)] * is_struck
    town = network.sites[TOWN]
    town.receive([as_act(event) for event in (*story.events, *of_before)])
    ctx = replace(town.at().ctx, neighbours=Line())
    with unit_of_work():
        do_what_is_timed(ctx, load(story.case), NOON + 60 * DAY_MS)
    assert len(signed(network, TOWN, MOVED)) == 1 - is_struck
