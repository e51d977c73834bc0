"""A village that was merged into another is offered no more: new cases are filed for what it is part of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from common.casework.ledger import file_row
from common.casework.records import add_files
from common.casework.service import Casework
from common.desk.pages.node_places import places_below
from common.desk.pages.stood_in import calling_for
from common.node.demo_data.people import fill, resident_for
from common.places.rules import Place
from common.store.database import close_database, unit_of_work
from sync.protocol.address import Tree
from tests.casework.build import NOON
from tests.casework.story import Story
from tests.desk.filing.agent import OLD_AGE, Desk
from tests.desk.filing.test_filing import cases
from tests.desk.filing.village import COUNTY, PLACES, TOWNSHIP, TREE, VILLAGE, DeskNode, desk_app

HEIR = "511921108204"
ADDED = Place(HEIR, "石龙村", "village", "2026-01-01", "", "石龙村")
KEPT = PLACES | {HEIR: ADDED}
MERGED = KEPT | {VILLAGE: replace(PLACES[VILLAGE], successor=HEIR)}


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[DeskNode]:
    """Return the township above both villages, before the merger."""
    node = DeskNode(tmp_path, TOWNSHIP)
    node.places = KEPT
    yield node
    close_database()


def offered(page: str) -> set[str]:
    return set(re.findall(r'<option value="(51\d+)"', page))


def test_the_hall_offers_what_the_village_was_merged_into(hall: DeskNode) -> None:
    desk: Desk = Desk(desk_app(hall)).sign_in("zhou")  # type: ignore[assignment]
    desk.begin()
    desk.get(f"{desk.path}/applicant")
    assert {VILLAGE, HEIR} <= offered(desk.page)
    hall.places = MERGED
    desk.get(f"{desk.path}/applicant")
    assert HEIR in offered(desk.page) and VILLAGE not in offered(desk.page)
    person = resident_for(hall.catalogue.item(OLD_AGE), 1, VILLAGE).as_applicant()
    desk.send("applicant", {**person, "place": VILLAGE})
    assert "已并入青峪镇石龙村，请重新选择" in desk.page
    desk.send("applicant", {**person, "place": HEIR}, leads_to="form")


def test_a_draft_of_before_says_so_and_stands_on_the_new_place(hall: DeskNode) -> None:
    desk: Desk = Desk(desk_app(hall)).sign_in("zhou")  # type: ignore[assignment]
    item = hall.catalogue.item(OLD_AGE)
    person = resident_for(item, 1, VILLAGE)
    desk.begin()
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(item, person, Random(1)), leads_to="papers")
    hall.places = MERGED
    desk.get(f"{desk.path}/check")
    assert "已并入青峪镇石龙村" in desk.page
    desk.get(f"{desk.path}/applicant")
    assert re.search(rf'<option value="{HEIR}"\s*selected', desk.page)


def test_the_room_of_the_merged_village_still_files_for_the_new_one(node: DeskNode, desk: Desk) -> None:
    """Nobody chooses the place there; were it still the old one, nothing could be filed or put right."""
    node.places = MERGED
    item = node.catalogue.item(OLD_AGE)
    person = resident_for(item, 1, VILLAGE)
    desk.begin()
    desk.get(f"{desk.path}/applicant")
    (place,) = re.findall(r'<input type="hidden" name="place" value="(\d+)"', desk.page)
    assert place == HEIR
    desk.send("applicant", {**person.as_applicant(), "place": place}, leads_to="form")
    desk.send("form", fill(item, person, Random(1)), leads_to="papers")
    desk.send("papers", {}, leads_to="check")
    desk.post(f"{desk.path}/check", {"no_papers": "1"})
    assert node.casework.case(cases()[0]).place == HEIR


def test_one_merged_into_a_place_that_nobody_here_knows_is_still_filed_for(
    node: DeskNode, desk: Desk
) -> None:
    node.places = PLACES | {VILLAGE: replace(PLACES[VILLAGE], successor="511922100200")}
    desk.begin()
    desk.get(f"{desk.path}/applicant")
    assert f'name="place" value="{VILLAGE}"' in desk.page


def test_no_code_is_given_for_a_village_that_is_no_more(hall: DeskNode) -> None:
    with desk_app(hall).test_request_context("/"):
        hall.tree = lambda: Tree({COUNTY: "", TOWNSHIP: COUNTY})  # type: ignore[method-assign]
        assert places_below() == [VILLAGE, HEIR]
        hall.places = MERGED
        assert places_below() == [HEIR]
        # Its room still works: a replaced computer joins as ever.
        hall.tree = lambda: TREE  # type: ignore[method-assign]
        assert places_below() == [VILLAGE, HEIR]


class Gone:
    """Says of one site that it is out of service."""

    def is_relieved(self, address: str) -> bool:
        return address == VILLAGE


def test_the_room_of_the_new_village_calls_back_for_the_merged_one(tmp_path: Path) -> None:
    """Where it has the case; the hall above has it in any event, and who calls first says so to both."""
    heir = DeskNode(tmp_path, HEIR)
    heir.tree = lambda: Tree({COUNTY: "", TOWNSHIP: COUNTY, HEIR: TOWNSHIP})  # type: ignore[method-assign]
    ctx = replace(heir.casework.ctx, neighbours=Gone())  # type: ignore[arg-type]
    heir.casework = Casework(ctx)
    story = Story("town", counter=1)
    row = file_row(story.state, NOON, ctx.calendar())
    with unit_of_work():
        add_files([row._replace(case=f"{n}", origin=at) for n, at in enumerate((VILLAGE, HEIR, VILLAGE))])
    with desk_app(heir).test_request_context("/"):
        heir.places = KEPT
        assert calling_for() == [HEIR]
        heir.places = MERGED
        assert calling_for() == [HEIR, VILLAGE]
    close_database()
