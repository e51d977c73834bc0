"""Who sees a case in full: post by post, department by department, by what these have to do with the case."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from common.casework.rules.event import CaseState
from common.casework.rules.facts import Asked, Facts
from common.casework.rules.need_to_know import Reach, Relation, is_work_of, reach_of, relation_of
from common.casework.rules.waiting import Work, department_of, waits_for
from common.casework.rules.words import Action, Party, State
from common.people.rules.departments import CENTRES
from common.people.rules.roles import Role
from tests.casework.build import COUNTY, TOWN
from tests.casework.story import Story

CIVIL, FOREST, LAND = "县民政局", "县林业局", "自然资源所"
WINDOW = {Role.AGENT, Role.CLERK, Role.CHECKER}
DECIDING = {Role.REVIEWER, Role.APPROVER}
OVER_ALL = {Role.LEAD, Role.SUPERVISOR}


def wanted(post: Role, department: str, relation: Relation) -> Reach:
    """The table in the words of docs and SECURITY.md, written anew."""
    if post in OVER_ALL:
        return Reach.WHOLE
    if post is Role.ADMIN:
        return Reach.PROGRESS
    if department == "" or (post in WINDOW and department in CENTRES):
        return Reach.WHOLE
    return Reach.PROGRESS if relation is Relation.NONE else Reach.WHOLE


@pytest.mark.parametrize("post", Role)
def test_each_post_in_each_kind_of_department(post: Role) -> None:
    assert {*WINDOW, *DECIDING, *OVER_ALL, Role.ADMIN} == set(Role)
    for department, relation in product(("", *CENTRES, CIVIL, FOREST), Relation):
        found = reach_of({post.value}, department, relation)
        assert found is wanted(post, department, relation), (post, department, relation)


def test_more_posts_never_show_less_and_none_shows_no_more_than_progress() -> None:
    assert reach_of((), "", Relation.CHARGE) is Reach.PROGRESS
    assert reach_of({"ADMIN"}, FOREST, Relation.CHARGE) is Reach.PROGRESS
    assert reach_of({"ADMIN", "REVIEWER"}, FOREST, Relation.CHARGE) is Reach.WHOLE
    assert reach_of({"ADMIN", "REVIEWER"}, FOREST, Relation.NONE) is Reach.PROGRESS
    assert reach_of({"LEAD", "REVIEWER"}, FOREST, Relation.NONE) is Reach.WHOLE
    assert reach_of({"MAYOR"}, "", Relation.CHARGE) is Reach.PROGRESS, "a post of a newer program"


def state(**facts: object) -> CaseState:
    parties = {Party.ORIGIN: "511921", Party.ACCEPTOR: "511921"}
    found = Facts(**facts)  # type: ignore[arg-type]
    who = {"name": "王秀英"}
    return CaseState(
        "n", "511921", "i", 1, "高龄津贴", State.ACCEPTED, "511921", Party.ACCEPTOR, parties, "511921", who,
        0, 0, ("a",), facts=found,
    )  # fmt: skip


def test_what_a_department_has_to_do_with_a_case() -> None:
    alone = state(department=CIVIL)
    assert relation_of(alone, "511921", CIVIL, "") is Relation.CHARGE
    assert relation_of(alone, "511921", FOREST, "") is Relation.NONE
    assert relation_of(alone, "511921", FOREST, FOREST) is Relation.TOOK_IN
    assert relation_of(alone, "511921", "", "") is Relation.NONE, "no department took it in either"
    assert relation_of(state(department=CIVIL, joint=(LAND,)), "511921", LAND, "") is Relation.ASKED
    assert relation_of(state(department=CIVIL, door={LAND: ()}), "511921", LAND, "") is Relation.ASKED
    asked = (Asked(LAND, "", "", 0, verdict="agree"),)
    assert relation_of(state(department=CIVIL, asked=asked), "511921", LAND, "") is Relation.ASKED
    assert relation_of(state(department=CIVIL, asked=asked), "511921", FOREST, "") is Relation.NONE
    assert relation_of(state(department=""), "511921", FOREST, "") is Relation.CHARGE
    assert relation_of(state(department=""), "511921126", FOREST, "") is Relation.NONE, "held elsewhere"
    assert relation_of(state(department=""), "511921126", FOREST, FOREST) is Relation.TOOK_IN


def test_what_was_announced_is_shown_where_it_is_fetched_and_to_no_other_department_of_its_holder() -> None:
    """For thirty days every clerk of the county saw it whole, and those who hand it over saw it no more."""
    story = Story("direct", hand_over=TOWN)
    story.go_to(Action.ACCEPT, Action.REVIEW, Action.APPROVE, Action.ISSUE)
    for act in ((), (Action.ANNOUNCE,)):
        story.go_to(*act)
        case = replace(story.state, facts=replace(story.state.facts, department=CIVIL))
        assert is_work_of(case, TOWN, {"CLERK"}) and is_work_of(case, TOWN, {"AGENT"})
        assert not is_work_of(case, COUNTY, {"CLERK"}) and not is_work_of(case, TOWN, {"REVIEWER"})
    assert waits_for(case) == (Work.ANNOUNCED, COUNTY)
    assert department_of(case, Work.ANNOUNCED) == CIVIL, "it stands in the list of who announced it"
