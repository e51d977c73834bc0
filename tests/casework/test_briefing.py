"""After a move, or when a machine came back with an empty disk, the top briefs whom acts have passed by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from common.casework import ledger
from common.casework.context import Tick
from common.casework.incoming import Batch
from common.casework.jobs import brief_who_was_passed_by
from common.casework.rules.duties import briefs
from common.casework.rules.flow import Action
from common.casework.rules.standing import changed, standing_of
from common.casework.service import Casework
from common.store.database import run, unit_of_work
from sync.protocol.address import Tree
from tests.casework.build import COUNTY, NOON, TOWN, TOWN_2, VILLAGE, VILLAGE_2, VILLAGE_3, small_tree
from tests.casework.nodes import NodeMaker, with_case
from tests.casework.story import Story

A = Action
DAY_MS = 86_400_000
BEFORE = small_tree()
AFTER = Tree({COUNTY: "", TOWN: COUNTY, TOWN_2: COUNTY, VILLAGE: TOWN_2, VILLAGE_2: TOWN, VILLAGE_3: TOWN_2})


class Lost:
    """A view of the sync layer in which one node has lost the acts named."""

    def __init__(self) -> None:
        self.by: dict[str, set[str]] = {}
        self.new: list[str] = []

    def place_of(self, act: str) -> Tick:
        return Tick.SAVED

    def places_of(self, acts: Iterable[str]) -> dict[str, Tick]:
        return dict.fromkeys(acts, Tick.SAVED)

    def note_anew(self) -> list[str]:
        new, self.new = self.new, []
        return new

    def lost_by(self, acts: Iterable[str]) -> dict[str, frozenset[str]]:
        asked = set(acts)
        return {address: frozenset(asked & lost) for address, lost in self.by.items()}


class Top:
    """The county, whose tree and view a test changes."""

    def __init__(self, node: NodeMaker) -> None:
        self.tree, self.lost = BEFORE, Lost()
        ctx = replace(node(COUNTY).ctx, tree=lambda: self.tree, sync=self.lost)
        self.casework = Casework(ctx)

    def look(self, since_ms: int = 0) -> int:
        return brief_who_was_passed_by(self.casework, unit_of_work, since_ms, NOON)

    def told(self) -> list[tuple[list[str], list[str]]]:
        bodies = [body for kind, body in outbox_of(self.casework).bodies() if kind == "sync.brief"]
        return [(body["to"], body["ids"]) for body in bodies]


def outbox_of(casework: Casework) -> Any:
    return casework.ctx.outbox


@pytest.fixture
def top(node: NodeMaker) -> Top:
    return Top(node)


def test_who_has_a_part_and_was_passed_by_at_a_move_is_told_once(top):
    """The filing went up by the former township's line; by the present one it does not pass there.

    What the township sent to the village may never leave it, now that it goes another way.
    """
    assert top.look() == 1, "the first look only remembers"
    open_one, other = Story("town").go_to(A.ACCEPT), Story("direct", 2).go_to(A.ACCEPT)
    with_case(top.casework, open_one)
    with_case(top.casework, other)
    assert top.look() == 1 and top.told() == []
    top.tree = AFTER
    assert top.look() > 1
    filed, accepted = (event.id for event in open_one.events)
    assert top.told() == [([TOWN], [filed]), ([VILLAGE], [accepted])], "it has no part in the other case"
    assert top.look() == 1 and len(top.told()) == 2
    top.tree = BEFORE
    top.look()
    assert len(top.told()) == 2, "what was told once is not told again on the way back"


def test_a_pass_goes_on_where_it_ended_and_leaves_out_what_ended_long_ago(top):
    top.look()
    stories = [Story("town", number).go_to(A.ACCEPT) for number in range(1, 5)]
    for story in stories:
        with_case(top.casework, story)
    ended = stories[-1].case
    with unit_of_work():
        run("UPDATE case_file SET state = 'CLOSED', needs = '' WHERE \"case\" = ?", (ended,))
    top.tree = AFTER
    with unit_of_work():
        assert top.casework.begin_pass()
    with unit_of_work():
        assert top.casework.brief_some(NOON + DAY_MS, NOON, 2)
    assert len(top.told()) == 2 * 2, "the filing to the township, the acceptance to the village"
    again = Casework(top.casework.ctx)
    with unit_of_work():
        assert again.begin_pass(), "after a restart the pass is still under way"
    with unit_of_work():
        assert not again.brief_some(NOON + DAY_MS, NOON, 2)
    filed = {story.filed.id for story in stories if story.case != ended}
    assert {ids[0] for to, ids in top.told() if to == [TOWN]} == filed


def test_only_the_top_owes_anything(node):
    town = Casework(replace(node(TOWN).ctx, sync=Lost()))
    with unit_of_work():
        assert not town.begin_pass() and not town.brief_some(0, NOON, 9)


def test_a_machine_with_an_empty_disk_is_told_of_all_its_case_has_and_only_of_what_was_before(top):
    top.look()
    story = Story("town").go_to(A.ACCEPT)
    with_case(top.casework, story)
    ids = [event.id for event in story.events]
    top.lost.by, top.lost.new = {VILLAGE: set(ids)}, [VILLAGE]
    assert top.look() > 1
    assert top.told() == [([VILLAGE], ids)]
    top.lost.new = [VILLAGE]
    top.look()
    assert len(top.told()) == 1, "it was told since"
    # Replaced once more: the briefing itself is among what was sent to the machine before.
    brief = outbox_of(top.casework).acts[-1].id
    top.lost.by, top.lost.new = {VILLAGE: {*ids, brief}}, [VILLAGE]
    top.look()
    assert [to for to, _ in top.told()] == [[VILLAGE], [VILLAGE]]


def test_a_township_with_an_empty_disk_is_told_of_a_case_that_only_passed_it(top):
    """The case goes from the village to the county, and names the township nowhere."""
    top.look()
    story = Story("direct").go_to(A.ACCEPT)
    with_case(top.casework, story)
    ids = [event.id for event in story.events]
    assert TOWN not in str([event.body for event in story.events]).replace(VILLAGE, "")
    top.lost.by, top.lost.new = {TOWN: set(ids)}, [TOWN]
    assert top.look() > 1 and top.told() == [([TOWN], ids)]


def test_what_a_replaced_township_passed_on_by_a_briefing_is_pointed_out_past_it_again(top):
    """Else it would not know that the village may have these acts, and gave it none of their papers."""
    top.look()
    story = Story("town").go_to(A.ACCEPT)
    with_case(top.casework, story)
    ids = [event.id for event in story.events]
    top.lost.by, top.lost.new = {VILLAGE: set(ids)}, [VILLAGE]
    top.look()
    brief = outbox_of(top.casework).acts[-1].id
    top.lost.by, top.lost.new = {VILLAGE: set(ids), TOWN: {*ids, brief}}, [TOWN]
    top.look()
    assert top.told() == [([VILLAGE], ids), ([VILLAGE], ids)]
    top.lost.new = [TOWN]
    assert top.look() and len(top.told()) == 2, "it was told since"


def test_acts_are_looked_up_only_of_cases_on_whose_line_a_new_machine_stands(top, monkeypatch):
    top.look()
    story, asked = Story("direct").go_to(A.ACCEPT), []
    with_case(top.casework, story)
    ids = [event.id for event in story.events]
    top.lost.by = {VILLAGE_2: set(ids)}
    lost_by = top.lost.lost_by
    monkeypatch.setattr(top.lost, "lost_by", lambda acts: lost_by(asked.extend(found := [*acts]) or found))
    for address, looked_up in ((VILLAGE_2, 0), (VILLAGE, 1)):
        top.lost.by = {address: set(ids)}
        assert lost_in(top.casework, story.case) == ({story.case} if looked_up else set())
        assert bool(asked) == bool(looked_up)


def lost_in(casework: Casework, case: str) -> set[str]:
    batch = Batch(casework.ctx, [], NOON)
    batch._cases[case] = ledger.load(case)
    return batch._lost({case})


def test_an_old_case_that_goes_on_is_told_whole_to_who_lost_it(top):
    """It had ended too long ago to be given back; now somebody takes a step in it."""
    top.look()
    story = Story("town").go_to(A.ACCEPT)
    with_case(top.casework, story)
    ids = [event.id for event in story.events]
    top.lost.by, top.lost.new = {VILLAGE: set(ids)}, [VILLAGE]
    story.go_to(A.REVIEW)
    with_case(top.casework, story)
    assert ([VILLAGE], ids) in top.told()


def test_nobody_is_told_of_a_case_in_which_it_has_no_part():
    story = Story("direct").go_to(A.ACCEPT)
    ids = frozenset(event.id for event in story.events)
    assert briefs(story.state, story.events, BEFORE, {VILLAGE_2: ids, TOWN_2: ids}) == {}
    assert briefs(story.state, story.events, BEFORE, {TOWN: ids}) == {TOWN: tuple(e.id for e in story.events)}


def test_who_stands_elsewhere_is_seen_and_who_only_joins_is_not():
    now = standing_of(BEFORE)
    assert changed(now, now) == set()
    assert changed(now, standing_of(AFTER)) == {VILLAGE}
    without = {address: above for address, above in now.items() if address != VILLAGE_3}
    assert changed(without, now) == set() and changed(now, without) == {VILLAGE_3}
    # It may have filed on its former line, and moved before anybody looked; the county alone may stand above.
    joined = {address: above for address, above in now.items() if address != VILLAGE}
    elsewhere = {**joined, VILLAGE: COUNTY}
    assert changed(joined, standing_of(AFTER)) == changed(joined, elsewhere) == {VILLAGE}
    assert changed(joined, now) == changed({}, now) == set()
