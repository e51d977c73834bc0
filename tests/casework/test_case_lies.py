"""Acts that are well signed and lie: what a village under somebody else's hand could send. Nothing raises."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework import duties, incoming, queues
from common.casework.errors import BadShape, WrongRoute
from common.casework.rules.case import advance
from common.casework.rules.flow import Action, Report, State
from common.casework.rules.shape import STRUCK
from sync.protocol import canonical
from sync.protocol.frame import Act
from tests.casework.build import (
    COUNTY,
    NOON,
    TOWN,
    TOWN_2,
    VILLAGE,
    a_blob,
    act_id,
    as_act,
)
from tests.casework.nodes import acts_of, changed, take
from tests.casework.story import Story

A = Action
ENDLESS = 2**53 - 1


def with_data(act: Act, **data: Any) -> Act:
    """Return the act with other data in its body, signed anew by the same author."""
    return changed(act, data={**canonical.loads(act.content)["data"], **data})


def test_a_move_after_a_losing_one_names_no_holder_that_is_no_address(node):
    """A village that holds its case forks it and goes on from the loser towards nowhere.

    The apex strikes the loser and tells everyone it named: that must not fail for a name that is no address.
    """
    story = Story("instant")
    loser = story.branch()
    winning, losing = story.move(A.RETURN), loser.move(A.SETTLE)
    onward = as_act(loser.draft(A.NOTE, answers=[], role="NODE"))
    acts = [as_act(story.filed), as_act(winning), as_act(losing), changed(onward, holder="nowhere")]
    county = node(COUNTY)
    result = take(county, *acts)
    assert {why.reason for why in result.parked.values()} == {BadShape.code}
    assert set(result.parked) == {acts[-1].id}
    assert county.case(story.case).struck == {losing.id}


@pytest.mark.parametrize("at", [-1, -ENDLESS, ENDLESS, 40_000_000_000_000])
@pytest.mark.parametrize("which", [0, 1])
def test_a_time_no_calendar_has_is_refused(node, at, which):
    """It would stand first or last in every queue, and no page could write it as a date."""
    acts = acts_of(Story().go_to(A.FORWARD))
    lying = with_data(acts[which], at=at)
    result = take(node(COUNTY), *acts[:which], lying)
    assert result.parked[lying.id].reason == BadShape.code


@pytest.mark.parametrize("place", ["x" * 200, "000000000000", "51192110820"])
def test_a_place_that_is_no_address_is_refused(node, place):
    lying = changed(as_act(Story().filed), place=place)
    assert take(node(COUNTY), lying).parked[lying.id].reason == BadShape.code


def test_a_strike_that_brings_papers_of_no_form_is_kept_without_them(node):
    story = Story()
    story.go_to(A.FORWARD)
    body = {
        "case": story.case,
        "ids": [act_id("nobody")],
        "reason": "重复",
        "to": [VILLAGE],
        "data": {"at": NOON, "papers": [{"blob": 99}, 7]},
    }
    act = Act(act_id("lie"), STRUCK, COUNTY, canonical.dumps(body), (a_blob("one"),), "", NOON)
    village = node(VILLAGE)
    result = take(village, *acts_of(story), act)
    assert result.parked == {}
    assert village.page(story.case).papers == ()


def parties(route: str, **changes: str) -> dict[str, str]:
    """Return the parties of a route, some of them taken by others."""
    return {**Story(route).filed.body["parties"], **changes}


@pytest.mark.parametrize(
    ("route", "lie"),
    [
        ("checked", {"acceptor": VILLAGE, "competent": VILLAGE}),
        ("checked", {"competent": TOWN}),
        ("town", {"competent": VILLAGE}),
        ("direct", {"acceptor": TOWN}),
    ],
)
def test_no_node_makes_itself_competent_for_what_the_item_gives_to_those_above(node, route, lie):
    filed = as_act(Story(route).filed)
    named = parties(route, **lie)
    lying = changed(filed, parties=named, holder=named.get("checker", named["acceptor"]))
    result = take(node(COUNTY), lying)
    assert result.parked[lying.id].reason == WrongRoute.code
    assert queues.newest() == []


def test_a_checker_the_item_asks_for_is_not_passed_over(node):
    named = parties("checked")
    del named["checker"]
    lying = changed(as_act(Story("checked").filed), parties=named, holder=COUNTY)
    assert take(node(COUNTY), lying).parked[lying.id].reason == WrongRoute.code


def test_another_township_or_the_county_may_stand_in_for_a_township(node):
    """Which township is in service depends on the roster as the village knew it then."""
    for stand_in in (TOWN_2, COUNTY):
        named = parties("town", acceptor=stand_in, competent=stand_in)
        act = changed(as_act(Story("town", counter=len(stand_in)).filed), parties=named, holder=stand_in)
        assert take(node(COUNTY), act).parked == {}


def test_a_case_under_an_item_version_that_is_not_here_waits_for_it(node):
    filed = changed(as_act(Story().filed), item_version=2)
    result = take(node(COUNTY), filed)
    assert result.parked[filed.id].waits_for == "doc:catalogue.item/checked/2"


def test_a_fault_of_the_program_in_one_act_costs_no_other_its_place(node, monkeypatch):
    """Whatever one body does to the rules, the others of the exchange are applied and it is parked."""
    good, bad = Story(counter=1), Story(counter=2)

    def failing(state, event):
        if event.body["case"] == bad.case:
            raise RecursionError("a body nobody thought of")
        return advance(state, event)

    good.go_to(A.FORWARD)
    bad.go_to(A.FORWARD)
    acts = [*acts_of(bad), *acts_of(good)]
    monkeypatch.setattr(incoming, "advance", failing)
    county = node(COUNTY)
    result = take(county, *acts)
    assert {act: why.waits_for for act, why in result.parked.items()} == {acts[1].id: "version"}
    assert county.case(good.case).state is State.CHECKED
    assert county.case(bad.case).state is State.RECEIVED


def test_a_fault_of_the_program_in_a_duty_undoes_nothing_that_arrived(node, monkeypatch):
    story = Story()
    story.go_to(A.FORWARD, A.ACCEPT, A.REVIEW, A.APPROVE)

    def failing(*_: object) -> None:
        raise ValueError("a duty nobody thought of")

    monkeypatch.setattr(duties, "settle_duties", failing)
    report = story.report(Report.HANDED_OVER)
    county = node(COUNTY)
    result = take(county, *acts_of(story))
    assert result.parked == {}
    assert county.case(story.case).reports[report.id].is_open
