"""The register as a file or a page to print, made beside the pages: at once, or told how far it is."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from common.desk import register as reads
from common.desk.pages import register as register_pages
from common.desk.pages import register_files
from common.desk.rules.receiver import IN_FOLDER
from common.people.rules.roles import Role
from common.web import own_work
from tests.desk.three import ID_NUMBER, RELIEF, TOWN, VILLAGE, ThreeNodes, made, post


def test_what_does_not_stand_on_the_page_is_printed_from_one_made_beside_it(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_pages, "ROWS_MAX", 1)
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=seed) for seed in range(3)]
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/register").text
    assert cases[0] in page and cases[2] not in page and "全部 3 件" in page and "data-print" not in page
    answer = made(agent, "/register/print", {"month": "2026-03"})
    assert answer.mimetype == "text/html" and answer.headers["Content-Disposition"].startswith("inline")
    assert all(number in answer.text for number in cases) and ID_NUMBER not in answer.text
    assert "共 3 件" in answer.text and "default-src 'self'" in answer.headers["Content-Security-Policy"]
    # Whatever the browser can unpack, it is given as it lies there, and again when the page is loaded anew.
    again = agent.get("/made/register_print/file", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in again.headers and again.data == answer.data
    assert int(again.headers["Content-Length"]) == len(again.data)
    assert three.node.views.newest(1)[0].object == "2026-03 own masked"


def test_work_that_takes_long_is_told_on_its_page_and_waits_there(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Method: a reading of the register that stops until the test lets it go on."""
    go_on, lines = threading.Event(), reads.lines

    def slowly(*asked: Any) -> Any:
        assert go_on.wait(20)
        return lines(*asked)

    monkeypatch.setattr(own_work, "_SHORT_S", 0.01)
    monkeypatch.setattr(reads, "lines", slowly)
    three.open(VILLAGE)
    three.file(RELIEF)
    agent = three.client(VILLAGE, "agent")
    assert "现在没有" in agent.get("/made").text and agent.get("/made/register/file").status_code == 404
    assert post(agent, "/register/export", {"month": "2026-03"}).location == "/made"
    page = agent.get("/made").text
    assert "办件台账 2026-03" in page and "every 2s" in page and 'http-equiv="refresh"' in page
    assert "看看做到哪了" in page and "/made/register/file" not in page
    assert post(agent, "/register/export", {"month": "2026-03"}).location == "/made"
    assert "还在做" in agent.get("/made").text
    go_on.set()
    for _ in range(200):
        if "every 2s" not in agent.get("/made/state").text:
            break
        time.sleep(0.02)
    page = agent.get("/made").text
    assert "/made/register/file" in page and "refresh" not in page
    # Whoever holds no such post any more does not get it.
    note = next((three.folder / VILLAGE / "work").glob("register-*.json"))
    kept = note.read_text()
    note.write_text(kept.replace('"AGENT", ', ""))
    assert agent.get("/made/register/file").status_code == 403
    note.write_text(kept)
    assert agent.get("/made/register/file").status_code == 200
    assert agent.get("/made/../../x/file").status_code == 404


def test_a_file_is_fetched_by_those_alone_who_may_have_what_it_holds(three: ThreeNodes, relief: str) -> None:
    """Whole numbers are for the desk, the sites below for those who look after them; each is in the log."""
    admin = three.client(TOWN, "admin")
    assert (
        relief in made(admin, "/register/export", {"month": "2026-03", "scope": "below", "numbers": "1"}).text
    )
    note = next((three.folder / TOWN / "work").glob("register-*.json"))
    told = json.loads(note.read_text())
    overseers = [post.value for post in register_files.OVERSEERS]
    assert (told["told"]["posts"], told["told"]["and_posts"]) == (overseers, [])
    assert admin.get("/made/register/file").status_code == 200
    told["told"]["and_posts"] = ["CLERK"]
    note.write_text(json.dumps(told))
    assert admin.get("/made/register/file").status_code == 403
    assert three.node.views.newest(1)[0].object == "2026-03 below masked"
    page = admin.get("/views").text
    assert "本站和下级站点收件，号码遮盖" in page and "2026-03 below" not in page
    wanted = register_files.Wanted("2026-03", reads.BELOW, "", "", True)
    with three.app.test_request_context():
        order = register_files._order(wanted, "register", "x.csv", "text/csv")
    assert (order.posts, order.and_posts) == (register_files.DESK, register_files.OVERSEERS)
    assert order.about == "2026-03 below full"


def test_many_are_archived_beside_the_page_which_tells_of_each_that_could_not_be(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_pages, "AT_ONCE", 1)
    three.open(VILLAGE)
    number = three.file("DEMO-511921-2003")
    three.move(number, "settle", Role.AGENT, result={"name": "登记表"})
    open_one = three.file(RELIEF)
    agent = three.client(VILLAGE, "agent")
    told = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": "本人领取"}
    told["receiver.signed"] = IN_FOLDER
    assert post(agent, f"/case/{number}/report/handed_over", told).status_code == 303
    ticked = {"case": [number, open_one, "<script>"]}
    assert post(agent, "/register/archive", ticked).location == "/made"
    for _ in range(200):
        if "every 2s" not in (page := agent.get("/made").text):
            break
        time.sleep(0.02)
    assert "归档 3 件" in page and "办了 1 件" in page and open_one in page and "<script>（" not in page
    assert three.node.casework.case(number).state == "ARCHIVED"
    assert agent.get("/made/archive/file").status_code == 404


def test_archiving_that_fails_half_way_says_that_some_are_done_and_wakes_the_line(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_pages, "AT_ONCE", 1)
    three.open(VILLAGE)
    agent, woken, moved = three.client(VILLAGE, "agent"), list[int](), list[str]()

    def once(number: str, *_rest: Any) -> None:
        moved.append(number)
        if len(moved) == 2:
            raise RuntimeError("x")

    monkeypatch.setattr(three.node.casework, "move_case", once)
    monkeypatch.setattr(type(three.node), "wake", lambda _node: woken.append(1))
    post(agent, "/register/archive", {"case": ["a", "b", "c"]})
    page = agent.get("/made").text
    assert moved == ["a", "b"] and woken and "已经办了的都算数" in page and "什么都没有丢" not in page
