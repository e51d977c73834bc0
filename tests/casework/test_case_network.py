"""Six nodes with real databases: a case there and back, lines late and mixed up, two nodes at odds."""

from __future__ import annotations

import random

import pytest

from common.casework.context import Filing
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.flow import Action, Report, State
from common.casework.rules.words import Role
from common.errors import LiandongError
from common.store.database import unit_of_work
from sync.protocol.frame import Act
from tests.casework.build import (
    AGENT,
    APPROVER,
    CHECKER,
    CLERK,
    COUNTY,
    NOON,
    REVIEWER,
    TOWN,
    TOWN_2,
    VILLAGE,
    VILLAGE_2,
    VILLAGE_3,
    a_filing,
    a_paper,
    act_id,
    actor,
    as_act,
    signed_actor,
)
from tests.casework.nodes import Network
from tests.casework.story import SAID, USUAL

TO_RESULT = (("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER), ("issue", CLERK))
RECEIVER = {"receiver": {"name": "何秀英", "id_number": "x", "how": "当面"}}


def file(network: Network, item: str = "checked", at: str = VILLAGE, **changes) -> str:
    casework = network.sites[at].at()
    filing: Filing = a_filing(item, place=at, **changes)
    with unit_of_work():
        return casework.file_case(filing, AGENT, NOON)


def move(network: Network, at: str, case: str, action: str, who, **data) -> None:
    casework = network.sites[at].at()
    with unit_of_work():
        casework.move_case(case, action, who, {**USUAL.get(Action(action), {}), **data}, NOON)


def report(network: Network, at: str, case: str, what: str, **data) -> None:
    casework = network.sites[at].at()
    with unit_of_work():
        casework.report(case, what, AGENT, {"note": "说明", **RECEIVER, **data}, NOON)


def test_village_to_county_and_back(network):
    case = file(network, papers=(a_paper(),))
    network.run()
    move(network, TOWN, case, "send_back", CHECKER)
    network.run()
    report(network, VILLAGE, case, "papers_brought", papers=[a_paper("photo", "p")])
    network.run()
    move(network, TOWN, case, "resume", CHECKER)
    move(network, TOWN, case, "forward", CHECKER)
    network.run()
    for action, who in TO_RESULT:
        move(network, COUNTY, case, action, who)
    network.run()
    report(network, VILLAGE, case, "handed_over")
    network.run()
    states = network.states(case)
    assert set(states) == {VILLAGE, TOWN, COUNTY}
    assert states[VILLAGE] == states[TOWN] == states[COUNTY]
    assert (states[COUNTY].state, states[COUNTY].open_reports) == (State.CLOSED, ())
    assert set(states[COUNTY].papers) == {"id_card", "photo"}
    assert network.parked() == {}


def test_a_withdrawal_passes_on_with_the_case_and_is_granted_by_the_new_holder(network):
    """The township has forwarded before the withdrawal reaches it."""
    case = file(network)
    network.run()
    move(network, TOWN, case, "forward", CHECKER)
    report(network, VILLAGE, case, "withdraw")
    network.run(random.Random(3))
    states = network.states(case)
    assert {state.state for state in states.values()} == {State.WITHDRAWN}
    assert states[COUNTY].holder == COUNTY
    assert (
        len([1 for site in network.sites.values() for k, b in site.outbox.bodies() if b.get("answers")]) == 1
    )


def test_a_result_can_be_handed_over_on_another_line(network):
    """The apex points the case out to the other township and village, and hears of the hand-over there."""
    case = file(network, "direct", hand_over=VILLAGE_3)
    network.run()
    for action, who in TO_RESULT:
        move(network, COUNTY, case, action, who)
    network.run()
    report(network, VILLAGE_3, case, "handed_over")
    network.run()
    states = network.states(case)
    assert set(states) == {VILLAGE, TOWN, COUNTY, TOWN_2, VILLAGE_3}
    assert {state.state for state in states.values()} == {State.CLOSED}
    assert all(state == states[COUNTY] for state in states.values())


def test_two_copies_of_a_township_at_odds_end_in_one_case(network):
    """A copy put back from yesterday returns what the other forwarded; the county keeps what came first."""
    case = file(network)
    network.run()
    copy = network.states(case)[TOWN]
    move(network, TOWN, case, "forward", CHECKER)
    network.run()
    loser = forged_return(case, copy)
    for address in (VILLAGE, COUNTY):
        network.sites[address].receive([loser])
    network.run()
    states = network.states(case)
    assert {state.state for state in states.values()} == {State.CHECKED}
    assert all(state.forks == () for state in states.values())
    network.sites[TOWN].receive([loser])
    assert network.states(case)[TOWN].state is State.CHECKED


def forged_return(case: str, old: CaseState) -> Act:
    """Return what the restored copy would have signed."""
    body = {
        "action": "return", "answers": [], "case": case, "flow": 1, "follows": old.last, "holder": TOWN,
        "state": "RETURNED", "to": [COUNTY, VILLAGE],
        "data": {"actor": signed_actor(Role.CHECKER), "at": NOON, "note": "不符合"},
    }  # fmt: skip
    return as_act(CaseEvent(act_id("copy", case), "case.moved", TOWN, body))


@pytest.mark.parametrize("seed", range(25))
def test_all_nodes_agree_however_late_and_mixed_the_lines_are(network, seed):
    """Method: seeded clerks at every node do whatever the door lets them; streams deliver in drawn order.

    A failing seed is the whole bug report.
    """
    rng = random.Random(seed)
    cases = [file(network, rng.choice(ITEMS), at) for at in (VILLAGE, VILLAGE_2, VILLAGE_3)]
    done = 0
    for _ in range(40):
        done += act_at_random(network, rng, rng.choice(cases))
        if rng.random() < 0.4:
            network.run(rng)
    network.run(rng)
    assert done >= 3
    assert network.parked() == {}
    for case in cases:
        states = network.states(case)
        assert COUNTY in states and len(states) >= 3
        assert all(state == states[COUNTY] for state in states.values())
        answered = [r for state in states.values() for r in state.reports.values() if not r.is_open]
        assert all(r.answered_by in states[COUNTY].chain for r in answered)


ITEMS = ("checked", "town", "entrusted", "direct")
PEOPLE = (CHECKER, CLERK, REVIEWER, APPROVER, actor("AGENT"), actor("LEAD"))


def act_at_random(network: Network, rng: random.Random, case: str) -> int:
    """Let somebody somewhere try something, mostly what is offered; return 1 if the door allowed it."""
    at = rng.choice(sorted(network.sites))
    try:
        if rng.random() < 0.3:
            what = rng.choices(list(Report), (3, 1, 3, 1, 1, 3, *[1] * 6))[0]
            report(network, at, case, what, **SAID.get(what, {}))
            return 1
        holders = [a for a, state in network.states(case).items() if state.holder == a]
        at = rng.choice(holders or [at])
        casework = network.sites[at].at()
        state = casework.case(case)
        ways = [(a, who) for who in PEOPLE for a in casework.actions_for(state, [who.role])]
        action, who = rng.choice(ways or [(rng.choice(list(Action)), rng.choice(PEOPLE))])
        move(network, at, case, action, who)
    except LiandongError:
        return 0
    return 1
