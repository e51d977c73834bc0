"""Letters of authority are found years later by who revokes one, and stay with their department."""

from __future__ import annotations

import re
from dataclasses import replace

from playhouse.migrations import Migration

from common.authority.rules import Principal
from common.node.demo_data.people import resident
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store import migrate as migration
from common.store.database import database, run
from tests.authority.test_letters import DRAFT
from tests.desk.three import ID_NUMBER, PASSWORD, TOWN, VILLAGE, ThreeNodes, post


def test_a_letter_is_found_however_many_were_entered_since(three: ThreeNodes) -> None:
    """Who revokes one comes with their card, or names who was to act, years later perhaps."""
    agent = three.client(VILLAGE, "agent")
    with three.node.unit():
        sought = three.node.letters.enter(DRAFT, None, "agent", three.now())
        for number in range(2, 120):
            person = resident(number, VILLAGE)
            other = replace(DRAFT, principal=Principal(person.name, "111", person.id_number))
            three.node.letters.enter(other, None, "agent", three.now() + number)
    assert sought.id not in agent.get("/letters").text
    for typed in (ID_NUMBER, f" {ID_NUMBER.lower()} ", "王秀英", "王 秀", sought.id, sought.id.lower()):
        page = post(agent, "/letters/find", {"q": typed}, "/letters")
        assert page.status_code == 200 and f'href="/letters/{sought.id}"' in page.text, typed
        assert ID_NUMBER not in re.sub(r'value="[^"]*"', "", page.text), "masked as in the list"
    assert three.node.views.newest(1)[0][2:] == ("agent", "search", "", "contact")
    for typed in ("王秀莲", ID_NUMBER[:17], "W2026"):
        assert "没有找到" in post(agent, "/letters/find", {"q": typed}, "/letters").text
    assert post(agent, "/letters/find", {"q": "  "}, "/letters").location == "/letters"
    assert agent.get("/letters/find").location == "/letters"


def clerks(three: ThreeNodes, **departments: str) -> None:
    """Add clerks of these departments to the open node."""
    for login, department in departments.items():
        new = NewStaff(login, f"员{login}", frozenset({Role.CLERK}), department, PASSWORD)
        ready = three.node.people.ready(new)
        with three.node.unit():
            three.node.people.add_staff(ready, "", three.now())


def test_a_letter_stays_with_the_department_that_entered_it(three: ThreeNodes) -> None:
    """Who entered it moves on; numbers and photographs are none of their new department's business."""
    three.open(TOWN)
    clerks(three, moving="农业综合服务中心", staying="农业综合服务中心", housing="村镇建设办公室")
    with three.node.unit():
        letter = three.node.letters.enter(replace(DRAFT, agent="clerk"), None, "moving", three.now()).id
        three.node.people.set_department("moving", "村镇建设办公室", "admin", three.now())
    three.client(TOWN, "clerk")
    for login, status in (("moving", 403), ("housing", 403), ("staying", 200)):
        assert three.again(login).get(f"/letters/{letter}").status_code == status, login


def test_a_renamed_department_keeps_its_letters(three: ThreeNodes) -> None:
    """Method: everybody of a department is put under its new name, one after the other, as on a page."""
    three.open(TOWN)
    clerks(three, first="村镇建设办公室", second="村镇建设办公室", other="社会事务办公室")
    with three.node.unit():
        letter = three.node.letters.enter(replace(DRAFT, agent="clerk"), None, "first", three.now()).id
        three.node.people.set_department("second", "村镇建设和综合执法办公室", "admin", three.now())
    three.client(TOWN, "clerk")
    assert three.again("second").get(f"/letters/{letter}").status_code == 403, "as yet two departments"
    with three.node.unit():
        three.node.people.set_department("first", "村镇建设和综合执法办公室", "admin", three.now())
    for login, status in (("first", 200), ("second", 200), ("other", 403)):
        assert three.again(login).get(f"/letters/{letter}").status_code == status, login


def test_letters_of_before_are_of_the_department_their_writer_is_in(three: ThreeNodes) -> None:
    """Migration 0035 over a table as it was."""
    three.open(TOWN)
    clerks(three, farming="农业综合服务中心")
    with three.node.unit():
        first = three.node.letters.enter(replace(DRAFT, agent="clerk"), None, "farming", three.now()).id
        other = three.node.letters.enter(replace(DRAFT, agent="clerk"), None, "gone", three.now()).id
        run("ALTER TABLE letter DROP COLUMN department")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    with three.node.unit():
        scripts["0035_letter_department"].load().up(None, database)
    told = dict(run("SELECT id, department FROM letter").fetchall())
    assert told == {first: "农业综合服务中心", other: ""}
