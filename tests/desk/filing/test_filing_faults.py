"""Filing under trouble: pressed twice, two at once, the item changed or ended, the disk full."""

from __future__ import annotations

import threading
from typing import Any

from common.catalogue.rules.identity import id_check_character
from common.desk.pages.open_draft import hand_over_choices
from common.desk.rules.drafts import Step
from common.store.database import close_database, database, run
from sync.protocol.address import Tree
from tests.desk.filing.agent import JPEG, OLD_AGE, RELIEF, Desk, cases, paper
from tests.desk.filing.village import COUNTY, TOWNSHIP, VILLAGE, DeskNode, desk_app, item
from tests.web.browser import Browser


def test_sending_the_form_twice_files_one_case(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    first, second = (desk.post(f"{desk.path}/check") for _ in range(2))
    assert first.location == second.location == f"/file/slip/{cases()[0]}"
    assert len(cases()) == len(node.outbox.acts) == 1
    # Going back in the browser leads to the slip, not into an empty form.
    assert desk.get(f"{desk.path}/applicant").location == first.location


def test_two_presses_at_the_same_moment_file_one_case(node: DeskNode, desk: Desk) -> None:
    """Two threads send the same form; both have read the draft before either files."""
    desk.fill_in(node)
    both = threading.Barrier(2)
    original = node.drafts.find

    def together(*wanted: str) -> Any:
        found = original(*wanted)
        if not database.in_transaction():
            both.wait(timeout=20)
        return found

    hands = [Desk(desk_app(node)).sign_in("zhou") for _ in range(2)]
    for hand in hands:
        hand.get("/file")
    node.drafts.find = together  # type: ignore[method-assign]
    places: list[str] = []
    threads = [threading.Thread(target=_press, args=(hand, desk.path, places)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cases()) == 1 and places == [f"/file/slip/{cases()[0]}"] * 2


def _press(hand: Browser, path: str, places: list[str]) -> None:
    answer = hand.post(f"{path}/check")
    places.append(answer.location or answer.text)
    close_database()


def test_an_item_withdrawn_meanwhile_is_said_and_the_applicant_goes_on_elsewhere(
    node: DeskNode, desk: Desk
) -> None:
    desk.fill_in(node)
    name = node.drafts.draft(desk.draft, "zhou").applicant["name"]
    node.publish(item(OLD_AGE, version=2, more={"withdrawn": 1}))
    for page in ("applicant", "form", "papers", "check"):
        shown = desk.get(f"{desk.path}/{page}")
        assert shown.status_code == 409 and "已停办" in shown.text and name in shown.text
    assert desk.post(f"{desk.path}/check").status_code == 409
    assert cases() == [] and "事项已停办" in desk.get("/").text
    old = desk.draft
    desk.begin(RELIEF, **{"from": old})
    assert f'value="{name}"' in desk.get(f"{desk.path}/applicant").text


def test_an_item_withdrawn_between_reading_and_filing_files_nothing(node: DeskNode, desk: Desk) -> None:
    """The item ends after the page has read it and before the unit of work that files."""
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    original = node.unit

    def ending() -> Any:
        node.unit = original  # type: ignore[method-assign]
        node.publish(item(OLD_AGE, version=2, more={"withdrawn": 1}))
        return original()

    node.unit = ending  # type: ignore[method-assign]
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 404 and "已停办" in answer.text
    assert cases() == [] and node.drafts.draft(desk.draft, "zhou")


def test_a_newer_item_is_looked_at_again_before_it_is_filed(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    node.publish(item(OLD_AGE, version=2, visits=3))
    answer = desk.post(f"{desk.path}/check")
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/form") and cases() == []
    assert "事项内容已经更新" in desk.get(answer.location).text
    typed = node.drafts.draft(desk.draft, "zhou").form
    desk.send("form", dict(typed), leads_to="check")
    assert desk.post(f"{desk.path}/check").status_code == 303
    assert node.casework.case(cases()[0]).item_version == 2


def test_an_item_that_changes_at_the_very_moment_of_filing_is_looked_at_again(
    node: DeskNode, desk: Desk
) -> None:
    """What was checked under the old text is not filed under the new one, which nobody has seen."""
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    _before_the_next_unit(node, lambda: node.publish(item(OLD_AGE, version=2, visits=3)))
    answer = desk.post(f"{desk.path}/check")
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/form") and cases() == []
    assert "事项内容已经更新" in desk.get(answer.location).text


def test_a_page_sent_while_another_window_files_leads_to_the_slip(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    other = Desk(desk_app(node)).sign_in("zhou")
    other.get(f"{desk.path}/check")
    desk.get(f"{desk.path}/form")
    _before_the_next_unit(node, lambda: other.post(f"{desk.path}/check"))
    answer = desk.post(f"{desk.path}/form", {"topic": "1", "bank_name": "农商行"})
    assert (answer.status_code, answer.location) == (303, f"/file/slip/{cases()[0]}")


def test_a_draft_filed_in_another_window_is_not_said_to_be_thrown_away(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    asked = desk.get(f"{desk.path}/discard")
    assert asked.status_code == 200 and desk.post(f"{desk.path}/check").status_code == 303
    for answer in (desk.post(f"{desk.path}/discard"), desk.get(f"{desk.path}/discard")):
        assert (answer.status_code, answer.location) == (303, f"/file/slip/{cases()[0]}")
    assert "这份草稿已经收件，没有删除" in desk.get(answer.location).text


def _before_the_next_unit(node: DeskNode, happens: Any) -> None:
    """Let something happen after the page has read the draft, before its first unit of work."""
    original = node.unit

    def opening() -> Any:
        node.unit = original  # type: ignore[method-assign]
        happens()
        return original()

    node.unit = opening  # type: ignore[method-assign]


def test_no_result_is_to_be_fetched_at_a_site_out_of_service(node: DeskNode) -> None:
    app, parents = desk_app(node), {COUNTY: "", TOWNSHIP: COUNTY, VILLAGE: TOWNSHIP}
    for relieved, sites in (((), [TOWNSHIP, COUNTY]), ((TOWNSHIP,), [COUNTY])):
        node.tree = lambda closed=relieved: Tree(parents, COUNTY, closed)  # type: ignore[method-assign]
        with app.test_request_context("/"):
            assert [address for address, _name in hand_over_choices(TOWNSHIP)] == sites


def test_a_full_disk_refuses_clearly_leaves_no_half_case_and_loses_no_draft(
    node: DeskNode, desk: Desk
) -> None:
    """SQLite itself is told that no page may be added, so the failure is its own; the case needs some."""
    desk.fill_in(node, RELIEF)
    desk.send("papers", {"paper-other": [paper(f"{n}.jpg", JPEG + bytes([n])) for n in range(11)]})
    desk.send("form", {**node.drafts.draft(desk.draft, "zhou").form, "account": "难" * 800})
    pages = run("PRAGMA page_count").fetchone()[0]
    node.database.pragma("max_page_count", pages, permanent=True)
    desk.get(f"{desk.path}/check")
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 503 and "磁盘已满" in answer.text and "E401" in answer.text
    assert cases() == [] and _rows("case_event") == _rows("case_paper") == _rows("filed_draft") == 0
    assert node.drafts.draft(desk.draft, "zhou").step is Step.CHECK
    close_database()
    node.database.pragma("max_page_count", 1_000_000, permanent=True)
    assert desk.post(f"{desk.path}/check").status_code == 303
    assert len(cases()) == 1


def _rows(table: str) -> int:
    return int(run(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def test_a_clock_that_lost_its_battery_turns_nobody_away_as_not_born_yet(node: DeskNode, desk: Desk) -> None:
    """It says the year 2000 until somebody sets it; no clock stops intake."""
    node.clock.set_wall(946_700_000_000)
    desk.sign_in("zhou").begin(RELIEF)  # type: ignore[attr-defined]
    first = "51192120240201001"
    child = {"name": "何小满", "id_type": "111", "id_number": first + id_check_character(first)}
    typed = {**child, "phone": "15400001234", "address": "2组7号", "place": VILLAGE}
    desk.send("applicant", typed, leads_to="form")
    later = "51192120990201001"
    typed["id_number"] = later + id_check_character(later)
    refused = desk.send("applicant", typed)
    assert refused.status_code == 400 and "出生日期晚于今天" in refused.text
