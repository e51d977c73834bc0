"""Three receipts kept apart, of filing, checker and acceptor; a late message moves none of them."""

from __future__ import annotations

from tests.casework.build import COUNTY, NOON, TOWN, VILLAGE
from tests.casework.life.tools import CHECKER, CLERK, DAY, NOTICE, REVIEWER, Life
from tests.casework.story import Action, Story

A = Action


def filed_unheard(life: Life, item: str) -> str:
    """A village without a line takes a case in."""
    run, life.network.run = life.network.run, lambda: None
    case = life.file(item)
    life.network.run = run
    return case


def test_each_of_the_three_keeps_the_day_on_which_it_had_the_papers(life):
    case = filed_unheard(life, "checked")
    life.wait(1)
    life.network.run()  # Tuesday: the township has it
    life.wait(1)
    life.move_unheard(TOWN, case, "forward", CHECKER)
    life.wait(1)
    life.network.run()  # Thursday: the county has it
    life.wait(1)
    life.move(COUNTY, case, "accept", CLERK)
    state = life.agreed(case)
    assert (state.filed_at, state.facts.checker_on) == (NOON, "2026-03-03")
    assert (state.facts.acceptor_on, state.facts.accepted_on) == ("2026-03-05", "2026-03-06")
    assert state.due == "2026-03-13"


def test_only_the_first_act_of_each_says_so(life):
    case = life.file("checked")
    life.wait(1)
    life.move(TOWN, case, "send_back", CHECKER, **NOTICE)
    life.wait(1)
    life.report(VILLAGE, case, "papers_brought", note="补来了")
    life.move(TOWN, case, "resume", CHECKER)
    life.move(TOWN, case, "forward", CHECKER)
    assert [data.get("received_on") for data in life.said(TOWN, case, "send_back")] == ["2026-03-02"]
    assert all("received_on" not in data for data in life.said(TOWN, case, "forward"))
    assert life.agreed(case).facts.checker_on == "2026-03-02"


def test_what_a_later_step_says_of_a_receipt_changes_nothing():
    """Each of the two has its first word alone, and neither speaks for the other or after acceptance."""
    story = Story()
    story.move(A.SEND_BACK, data={"received_on": "2026-03-02"})
    story.go_to(A.RESUME)
    story.move(A.FORWARD, data={"received_on": "2026-03-09"})
    story.move(A.ASK_PAPERS, data={"received_on": "2026-03-10"})
    story.go_to(A.TAKE_PAPERS)
    story.move(A.ACCEPT, data={"received_on": "2026-03-19"})
    story.move(A.REVIEW, data={"received_on": "2026-03-20"})
    assert (story.state.facts.checker_on, story.state.facts.acceptor_on) == ("2026-03-02", "2026-03-10")
    late = Story("direct").go_to(A.ACCEPT)
    late.move(A.REVIEW, data={"received_on": "2026-03-20"})
    assert late.state.facts.acceptor_on == ""


def test_a_return_by_the_checker_says_nothing_of_the_acceptor(life):
    case = life.file("checked")
    life.move(TOWN, case, "return", CHECKER, note="不归我们管")
    facts = life.agreed(case).facts
    assert (facts.checker_on, facts.acceptor_on) == ("2026-03-02", "")


def test_a_case_without_a_checker_has_no_checkers_receipt(life):
    facts = life.state(life.accepted()).facts
    assert (facts.checker_on, facts.acceptor_on) == ("", "2026-03-02")


def test_where_one_node_has_every_part_all_three_are_its_own(life):
    case = life.file("direct", at=COUNTY, who=CLERK)
    life.wait(2)
    life.move(COUNTY, case, "accept", CLERK)
    facts = life.state(case).facts
    assert (facts.acceptor_on, facts.accepted_on) == ("2026-03-02", "2026-03-04")


def test_a_filing_that_comes_again_later_moves_no_receipt(life):
    case = life.file()
    filed = life.network.sites[VILLAGE].outbox.acts[0]
    life.wait(9)
    life.network.sites[COUNTY].receive([filed])
    life.move(COUNTY, case, "accept", CLERK)
    assert life.agreed(case).facts.acceptor_on == "2026-03-02"


def test_a_desk_cannot_write_a_receipt_or_a_day_of_acceptance_by_hand(life):
    case = life.file()
    life.wait(1)
    wrong = {"received_on": "2026-02-02", "accepted_on": "2026-02-02", "legal_date": "2026-02-02"}
    life.move(COUNTY, case, "accept", CLERK, **wrong, due="2027-01-01", legal_due="2027-01-01")
    life.move(COUNTY, case, "review", REVIEWER, **wrong)
    state = life.agreed(case)
    assert (state.facts.acceptor_on, state.facts.accepted_on) == ("2026-03-02", "2026-03-03")
    assert (state.due, state.facts.legal_due, state.facts.deemed_on) == ("2026-03-10", "2026-03-31", "")


def test_the_time_of_filing_is_the_villages_own_word(life):
    """A township whose clock runs days behind changes neither the filing nor its own honest receipt."""
    life.wait(3)
    case = filed_unheard(life, "checked")
    life.network.sites[TOWN].now = NOON
    life.network.run()
    state = life.state(case, TOWN)
    assert state.filed_at == NOON + 3 * DAY
    life.now = NOON
    life.move(TOWN, case, "forward", CHECKER)
    assert life.agreed(case).facts.checker_on == "2026-03-02"
