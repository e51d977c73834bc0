"""Which staff may act: the department in charge, the centre's window where the item says so, nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework import queues
from common.casework.errors import (
    DepartmentAsked,
    DepartmentMissing,
    DepartmentUnknown,
    NotYourStep,
    WrongDepartment,
)
from common.casework.rules.case import advance, fold
from common.casework.rules.flow import Action, Report, State
from common.catalogue.service import WOKEN
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.stories import filed_with
from tests.casework.life.tools import (
    APPROVER,
    CENTRE,
    CHECKER,
    CLERK,
    HELPS,
    JOINT,
    NOTICE,
    OTHER,
    OURS,
    RECEIVER,
    REVIEWER,
    Life,
    Shelf,
    staff,
)

A = Action
AWAY = {"department": OTHER, "note": "属另一部门职权"}


def test_a_person_of_another_department_is_refused_at_the_door(life):
    case = life.file()
    tried = (("accept", {}), ("return", {"note": "x"}), ("ask_papers", NOTICE), ("transfer", AWAY))
    for action, data in tried:
        with pytest.raises(WrongDepartment) as refused:
            life.move(COUNTY, case, action, staff("CLERK", OTHER), **data)
        assert (refused.value.code, refused.value.status) == ("E129", 403)
        assert OURS in refused.value.sentence and OTHER in refused.value.sentence
    assert life.agreed(case).state is State.RECEIVED


@pytest.mark.parametrize(
    ("action", "steps"),
    [(A.ACCEPT, ()), (A.REVIEW, (A.ACCEPT,)), (A.APPROVE, (A.ACCEPT, A.REVIEW)), (A.EXTEND, (A.ACCEPT,))],
)
def test_and_in_the_fold_at_every_node(action, steps):
    story = filed_with("direct", department=OURS).go_to(*steps)
    event = story.draft(action)
    event.body["data"]["actor"] = {**event.body["data"]["actor"], "name": "生人", "department": OTHER}
    with pytest.raises(WrongDepartment):
        advance(story.state, event)
    assert fold([*story.events, event], apex=COUNTY).invalid == {event.id: "E129"}


def test_after_a_transfer_the_other_department_acts_and_the_first_no_more(life):
    case = life.file()
    life.move(COUNTY, case, "transfer", CLERK, **AWAY)
    state = life.agreed(case)
    assert (state.state, state.facts.department) == (State.RECEIVED, OTHER)
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "accept", CLERK)
    assert Action.ACCEPT not in life.at(COUNTY).actions_for(life.state(case), ["CLERK"], OURS)
    life.move(COUNTY, case, "accept", staff("CLERK", OTHER))
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "transfer", staff("REVIEWER", OTHER), department=OURS, note="又归回")
    life.move(COUNTY, case, "review", REVIEWER)
    assert life.agreed(case).facts.department == OURS


def test_a_transfer_names_another_department(life):
    case = life.file()
    for wrong in (OURS, " ", ""):
        with pytest.raises(DepartmentMissing):
            life.move(COUNTY, case, "transfer", CLERK, department=wrong, note="x")


def test_a_case_passes_to_no_department_whose_opinion_it_waits_for(life):
    """Before acceptance and after it; once it has answered it may take the case."""
    case = life.file("joint")
    with pytest.raises(DepartmentAsked):
        life.move(COUNTY, case, "transfer", CLERK, department=HELPS, note="x")
    life.move(COUNTY, case, "accept", CLERK)
    with pytest.raises(DepartmentAsked):
        life.move(COUNTY, case, "transfer", REVIEWER, department=HELPS, note="x")
    life.report(COUNTY, case, "opinion", staff("REVIEWER", HELPS), verdict="agree")
    life.move(COUNTY, case, "transfer", REVIEWER, department=HELPS, note="由其主办")
    assert life.agreed(case).facts.department == HELPS


def test_a_case_passes_to_no_department_that_no_item_names(life):
    """Refused at the door; what comes from a node that knows more waits for the catalogue, then counts."""
    case = life.file()
    with pytest.raises(DepartmentUnknown):
        life.move(COUNTY, case, "transfer", CLERK, department="县没有局", note="x")
    life.move(COUNTY, case, "transfer", CLERK, department=CENTRE, note="由大厅办理")
    county = life.network.sites[COUNTY]
    ahead = Shelf(dict(life.shelf.items))
    ahead.named = {"县新设局"}
    county.casework.ctx = replace(county.casework.ctx, catalogue=ahead)
    life.move(COUNTY, case, "transfer", staff("CLERK", CENTRE), department="县新设局", note="机构改革")
    village = life.network.sites[VILLAGE]
    ((_act, why),) = village.parked.values()
    assert (why.reason, why.waits_for) == (DepartmentUnknown.code, WOKEN)
    life.shelf.named = {"县新设局"}
    for site in life.network.sites.values():
        site.receive([act for act, _ in site.parked.values()])
    assert life.agreed(case).facts.department == "县新设局"


def test_a_transfer_moves_no_receipt_and_no_day(life):
    case = life.file()
    life.wait(1)
    life.move(COUNTY, case, "transfer", CLERK, **AWAY)
    life.wait(1)
    life.move(COUNTY, case, "accept", staff("CLERK", OTHER))
    before = life.agreed(case)
    life.wait(1)
    life.move(COUNTY, case, "transfer", staff("REVIEWER", OTHER), department=OURS, note="归回")
    after = life.agreed(case)
    assert (after.facts.acceptor_on, after.facts.accepted_on) == ("2026-03-02", "2026-03-04")
    assert (after.due, after.facts.legal_due) == (before.due, before.facts.legal_due)


def test_the_centres_window_takes_in_for_a_department_without_a_window(life):
    case = life.file("centre")
    centre = staff("CLERK", CENTRE)
    life.move(COUNTY, case, "accept", centre)
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "review", staff("REVIEWER", CENTRE))
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    life.move(COUNTY, case, "issue", centre)
    assert life.agreed(case).state is State.ISSUED


def test_the_centres_window_acts_for_no_department_that_keeps_its_own(life):
    case = life.file("direct")
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "accept", staff("CLERK", CENTRE))
    assert life.at(COUNTY).actions_for(life.state(case), ["CLERK", "CHECKER", "REVIEWER"], CENTRE) == ()


def test_a_department_that_only_helps_does_not_act_at_the_window_of_the_lead(life):
    case = life.file("centre")
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "accept", staff("CLERK", HELPS))


def test_a_person_of_no_department_acts_for_all(life):
    case = life.file("town")
    life.move(TOWN, case, "accept", staff("CLERK", ""))
    life.move(TOWN, case, "review", staff("REVIEWER", ""))
    life.move(TOWN, case, "approve", staff("APPROVER", ""))
    assert life.agreed(case).state is State.APPROVED


def test_a_case_filed_before_departments_were_written_is_open_to_all_in_the_role():
    story = filed_with("direct")
    assert story.state.facts.department == ""
    event = story.draft(A.ACCEPT, data={"actor": {"name": "某", "role": "CLERK", "department": OTHER}})
    assert advance(story.state, event).state is State.ACCEPTED


def test_who_hands_over_what_was_decided_is_of_any_department(life):
    case = life.approved()
    life.move(COUNTY, case, "issue", CLERK)
    life.report(VILLAGE, case, "handed_over", **RECEIVER)
    life.move(COUNTY, case, "archive", staff("CLERK", OTHER))
    assert life.agreed(case).state is State.ARCHIVED


def test_another_department_puts_nothing_right_and_marks_no_decision(life):
    """A case is its department's, at the door too: a stranger wrote another applicant's name into it."""
    case = life.file()
    name = {"correction": [{"field": "applicant.name", "label": "姓名", "old": "何秀英", "new": "别人"}]}
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "correct", staff("CLERK", OTHER), note="x", **name)
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "expedite", staff("CLERK", OTHER), note="x")
    life.move(COUNTY, case, "accept", CLERK)
    for role in ("CLERK", "REVIEWER"):
        with pytest.raises(WrongDepartment):
            life.move(COUNTY, case, "correct", staff(role, OTHER), note="x", **name)
    with pytest.raises(NotYourStep):
        life.move(COUNTY, case, "correct", staff("CHECKER"), note="x", **name)
    life.move(COUNTY, case, "correct", REVIEWER, note="x", **name)
    life.move(COUNTY, case, "review", REVIEWER)
    life.move(COUNTY, case, "approve", APPROVER)
    revoked = {"standing": {"word": "revoked", "document": "x"}, "note": "x"}
    with pytest.raises(WrongDepartment):
        life.move(COUNTY, case, "mark_decision", staff("APPROVER", OTHER), **revoked)
    life.move(COUNTY, case, "mark_decision", APPROVER, **revoked)
    state = life.agreed(case)
    assert (state.applicant["name"], state.facts.standing["word"]) == ("别人", "revoked")


def test_a_department_is_asked_in_the_queue_of_every_node_that_has_a_say(life):
    """The township checks the case, the county holds it: its office answers from its own queue."""
    life.shelf.items["both"] = replace(life.shelf.items["checked"], code="both", joint=JOINT)
    case, direct = life.file("both"), life.file("joint", overrule="另一户")
    life.move(TOWN, case, "forward", CHECKER)
    for one in (case, direct):
        life.move(COUNTY, one, "accept", CLERK)
    asked = {at: queues_at(life, at) for at in (COUNTY, TOWN, VILLAGE)}
    assert asked == {COUNTY: {case, direct}, TOWN: {case}, VILLAGE: set()}
    who = staff("REVIEWER", HELPS)
    life.at(TOWN)
    assert queues.count_asked(HELPS, TOWN) == (1, "2026-03-05")
    assert Report.OPINION in life.at(TOWN).reports_for(life.state(case, TOWN), ["REVIEWER"], HELPS)
    life.report(TOWN, case, "opinion", who, verdict="agree")
    assert (queues_at(life, TOWN), queues_at(life, COUNTY)) == (set(), {direct})
    assert life.agreed(case).facts.asked[0].verdict == "agree"


def queues_at(life: Life, at: str) -> set[str]:
    life.at(at)
    return {line.case for line in queues.asked_of(HELPS, at)}
