"""Forks among arriving events: the apex strikes and tells, others come round; briefings of new parties."""

from __future__ import annotations

from common.casework import queues, records
from common.casework.queues import Wanted
from common.casework.rules.flow import Action, State
from common.casework.rules.shape import STRUCK
from common.casework.search import Sought, search
from common.store.database import database, unit_of_work
from tests.casework.build import CLERK, COUNTY, NOON, TOWN, VILLAGE, VILLAGE_3, as_act
from tests.casework.nodes import acts_of, changed, take
from tests.casework.story import Story

A = Action


def test_the_apex_strikes_the_second_of_two_and_tells_whoever_it_named(node):
    story = Story("town")
    twin = story.branch()
    accepted = story.move(A.ACCEPT)
    loser = twin.move(A.RETURN, parties_added={"helper": VILLAGE_3})
    county = node(COUNTY)
    take(county, as_act(story.filed), as_act(accepted), as_act(loser))
    ((kind, body),) = county.ctx.outbox.bodies()
    assert (kind, body["ids"], body["to"]) == (STRUCK, [loser.id], sorted([VILLAGE, VILLAGE_3]))
    assert county.case(story.case).state is State.ACCEPTED
    standings = [entry.standing for entry in county.page(story.case).timeline]
    assert standings == ["stands", "stands", "struck", "stands"]
    with unit_of_work():
        county.do_duties([story.case], NOON)
    assert len(county.ctx.outbox.acts) == 1


def test_a_node_that_saw_the_other_first_comes_round_with_the_strike(node):
    story = Story("town")
    twin = story.branch()
    accepted, loser = story.move(A.ACCEPT), twin.move(A.RETURN)
    village = node(VILLAGE)
    take(village, as_act(story.filed), as_act(loser), as_act(accepted))
    assert village.case(story.case).state is State.RETURNED
    assert village.ctx.outbox.acts == []
    take(village, as_act(story.strike(loser.id)))
    assert village.case(story.case).state is State.ACCEPTED
    (line,) = queues.newest()
    assert (line.state, line.needs, line.waits_at) == ("ACCEPTED", "examine", TOWN)


def test_a_strike_before_its_act_keeps_it_out(node):
    story = Story("town")
    twin = story.branch()
    accepted, loser = story.move(A.ACCEPT), twin.move(A.RETURN)
    village = node(VILLAGE)
    take(village, as_act(story.filed), as_act(story.strike(loser.id)), as_act(loser))
    assert village.case(story.case).state is State.RECEIVED
    take(village, as_act(accepted))
    assert village.case(story.case).state is State.ACCEPTED
    assert {row.act: row.struck for row in records.events_of(story.case)}[loser.id] == 1


def test_a_struck_act_that_comes_later_is_marked(node):
    story = Story("town")
    loser = story.branch().move(A.RETURN)
    village = node(VILLAGE)
    take(village, as_act(story.filed), as_act(story.strike(loser.id)))
    take(village, as_act(loser))
    assert {row.act: row.struck for row in records.events_of(story.case)}[loser.id] == 1


def test_a_forked_move_against_the_rules_is_parked_and_not_kept(node):
    """It follows an earlier act, so only the fold of all events can judge it."""
    story = Story()
    wrong = story.draft(A.RETURN, author=COUNTY)
    county = node(COUNTY)
    result = take(county, *acts_of(story.go_to(A.FORWARD)), as_act(wrong))
    assert (result.parked[wrong.id].reason, result.parked[wrong.id].waits_for) == ("E103", "person")
    assert wrong.id not in {row.act for row in records.events_of(story.case)}


def test_a_second_filing_under_one_number_is_struck(node):
    story = Story()
    again = changed(as_act(story.filed), place=TOWN)
    county = node(COUNTY)
    take(county, as_act(story.filed))
    assert take(county, again).parked == {}
    assert [body["ids"] for _, body in county.ctx.outbox.bodies()] == [[again.id]]
    assert queues.by_state() == {"RECEIVED": 1}


# --- briefings


def test_lists_and_search_go_by_the_filing_that_is_left(node):
    """A number filed twice, to each line another way: with the strike the lists tell the case that stands."""
    story, other = Story("town"), Story("entrusted", clock=NOON + 3_600_000)
    assert story.case == other.case
    town = node(TOWN)
    take(town, as_act(story.filed))
    take(town, as_act(other.filed))
    (line,) = queues.newest()
    assert (line.item, line.filed_at) == ("town", story.state.filed_at)
    with unit_of_work():
        records.set_asked(story.case, [("协办部门", "")])
    take(town, as_act(story.strike(story.filed.id)))
    assert queues.count_asked("协办部门", TOWN) == (0, ""), "asked by the filing that was struck"
    (line,) = queues.newest()
    state = town.case(story.case)
    assert (state.item, line.item, line.item_name) == ("entrusted", "entrusted", "事项entrusted")
    assert line.filed_at == state.filed_at == other.state.filed_at
    assert queues.newest(Wanted(item="town")) == [] and queues.newest(Wanted(item="entrusted")) == [line]
    found = [search(Sought("hxy", item=item)) for item in ("entrusted", "town")]
    assert found == [[line], []]
    assert database.execute_sql("SELECT DISTINCT filed_at FROM case_term").fetchall() == [(line.filed_at,)]


def test_the_apex_points_out_to_a_new_party_what_it_was_not_sent(node):
    story = Story("direct")
    county = node(COUNTY)
    take(county, as_act(story.filed))
    with unit_of_work():
        added = {"parties_added": {"helper": VILLAGE_3}, "lacking": [{"key": "k", "name": "n"}]}
        county.move_case(story.case, "ask_papers", CLERK, added, NOON)
    brief = next(body for kind, body in county.ctx.outbox.bodies() if kind == "sync.brief")
    assert (brief["to"], brief["ids"]) == ([VILLAGE_3], [story.filed.id])
    with unit_of_work():
        county.do_duties([story.case], NOON)
    assert len([kind for kind, _ in county.ctx.outbox.bodies() if kind == "sync.brief"]) == 1
