"""The line page: neighbours, what waits and why, send now."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from common.casework.rules.shape import FILED, MOVED, REPORTED, STRUCK, TAKEN_OVER
from common.config import write_config
from common.desk.pages.line_words import line_said
from common.desk.pages.parked import parked_row
from common.desk.rules.kinds import KINDS
from common.node.verbs import commands, figures
from common.node.verbs.told import status_lines
from common.store.copies import copy_open_database
from common.store.database import close_database
from sync.adapters.http_client import LineFault
from sync.protocol.found import doubt
from sync.protocol.incoming.left import LEFT
from sync.protocol.spool import PARKED, ActRow
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, post


def test_the_page_names_neighbours_and_what_has_not_left(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file()
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "青峪镇" in page and "通江县" in page and "有内容待传" in page
    assert number in page and "还没有送到上级的收件" in page
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    page = three.client(VILLAGE, "agent").get("/line").text
    assert number not in page


def test_a_node_that_was_put_back_says_when_all_is_back(three: ThreeNodes, tmp_path: Path) -> None:
    three.open(VILLAGE)
    three.file()
    assert "取回" not in three.client(VILLAGE, "agent").get("/line").text
    copy_open_database(tmp_path / "old.sqlite3")
    sent = three.file(seed=1, name="王二")
    three.carry(VILLAGE, TOWN)
    close_database()
    for end in ("", "-wal", "-shm"):
        (three.folder / VILLAGE / f"node.sqlite3{end}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "old.sqlite3", three.folder / VILLAGE / "node.sqlite3")
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "S128" in page and "还在取回，等：青峪镇" in page and "已经取齐" not in page
    told = "\n".join(status_lines(commands.status(three.node), three.node.place_name))
    assert "S128" in told and "取回本站以前发出的内容，等：青峪镇" in told and "U盘" in told
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    client = three.client(VILLAGE, "agent")
    page = client.get("/line").text
    assert "已经取齐" in page and "还在取回" not in page and client.get(f"/case/{sent}").status_code == 200
    told = "\n".join(status_lines(commands.status(three.node), str))
    assert "已经取齐" in told and "照凭证和草稿重新录入" in told
    with pytest.MonkeyPatch.context() as later:
        later.setattr(figures, "_BACK_TOLD_MS", -1)
        assert commands.status(three.node)["put_back"] == {}, "not told for ever"
    # The neighbour shows more, or something else, at a place of ours: then it is not finished.
    spool, said = three.node.spool, three.node.spool.vector(TOWN)
    own = next(stream for stream, part in said.items() if stream.src == VILLAGE and part.upto)
    for part in (said[own]._replace(upto=said[own].upto + 1), said[own]._replace(head=b"?" * 32)):
        with three.node.unit():
            spool.put_vector(TOWN, {own: part}, ())
        assert "还在取回，等：青峪镇" in client.get("/line").text
    with three.node.unit():
        spool.put_vector(TOWN, {own: said[own]}, ())
        doubt(three.node.peer.core, own)
    assert "终点的回执" in client.get("/line").text
    assert "等：前面的报文或终点的回执" in "\n".join(status_lines(commands.status(three.node), str))


def test_what_is_not_waited_for_any_more_is_told_in_one_line(three: ThreeNodes) -> None:
    node = three.open(VILLAGE)
    three.file()
    frame = next(iter(node.spool.frames_after({s.id: 0 for s in node.spool.streams()}, 0, 1))).frame
    row = node.spool.act(frame.act)
    assert row is not None
    with node.unit():
        node.spool.set_act(row._replace(state=PARKED, reason=LEFT, waits_for="case:x"))
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "另有 1 份不再等待" in page and "没有。收到的内容都已办理。" in page
    assert commands.status(three.node)["parked"] == 0


def test_what_has_not_left_is_asked_for_at_once(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    three.open(VILLAGE)
    numbers = [three.file(name=name, seed=seed) for seed, name in enumerate(("王一", "王二", "王三"))]
    client = three.client(VILLAGE, "agent")
    asked: list[str] = []
    one_by_one = three.node.spool.places_of_act
    monkeypatch.setattr(
        three.node.spool, "places_of_act", lambda act: (asked.append(act), one_by_one(act))[1]
    )
    page = client.get("/line").text
    # A row shows its own ticks; the hundred looked through are not asked one by one.
    assert all(number in page for number in numbers) and len(asked) <= len(numbers)


def site_row(page: str, name: str) -> str:
    """Return what the page says of one neighbour."""
    return next(row for row in page.split("<tr>") if f"<span>{name} " in row or f"<span>{name}</span>" in row)


def test_an_ancestor_that_the_nearer_one_answers_for_alarms_nobody(three: ThreeNodes) -> None:
    """The village never met the county; its township did, and passes everything on."""
    client = with_parent_url(three)
    three.file()
    row = site_row(client.get("/line").text, "通江县")
    assert "不用直接联系" in row and "由青峪镇转送" in row and "warn" not in row
    assert "有内容待传" in site_row(client.get("/line").text, "青峪镇")
    assert three.node.runner is not None
    three.node.runner.state.failures = 2
    row = site_row(client.get("/line").text, "通江县")
    assert "没有直接联系过" in row and "有内容待传" in row
    for source, target in ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE)):
        three.carry(source, target)
    client = with_parent_url(three)
    three.node.runner.state.failures = 2
    row = site_row(client.get("/line").text, "通江县")
    assert "没有直接联系过" in row and "有内容待传" not in row, "the county has signed for all of it"


def test_what_is_known_of_neighbours_is_what_the_peer_says_and_waits_for_nobody(three: ThreeNodes) -> None:
    """Method: compare with the state machine itself; then look while another thread holds the unit."""
    three.open(VILLAGE)
    three.file()
    for source, target in ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE)):
        node = three.open(source)
        everyone = (VILLAGE, TOWN, COUNTY)
        found = node.standing(everyone)
        with node.unit():
            for address in set(everyone) - {source}:
                assert found[address].waits == node.peer.waits_for(address), (source, address)
                assert found[address].contact_at == node.peer.neighbour(address).contact_at
        three.carry(source, target)
    node = three.open(TOWN)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with node.unit():
            held.set()
            done.wait(30)
        close_database()

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    assert [row[0] for row in node.below()] == [VILLAGE]
    assert other.is_alive()
    done.set()
    other.join()


def test_send_now_without_a_line_says_what_to_do(three: ThreeNodes) -> None:
    client = three.client(VILLAGE, "agent")
    answer = post(client, "/line/send", {})
    assert answer.status_code == 303
    assert "没有设置上级线路" in client.get("/line").text


def with_parent_url(three: ThreeNodes) -> FlaskClient:
    write_config(
        three.folder / VILLAGE,
        {"address": VILLAGE, "bind": "127.0.0.1:9012", "parent_url": "http://127.0.0.1:9"},
    )
    return three.client(VILLAGE, "agent")


def test_send_now_tries_at_once_even_while_the_line_pauses(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_parent_url(three)
    runner = three.node.runner
    assert runner is not None
    tries: list[str] = []

    def dead(url: str, chunks: object) -> object:
        tries.append(url)
        raise LineFault

    monkeypatch.setattr(runner.line, "exchange", dead)
    runner.step()
    post(client, "/line/send", {})
    page = client.get("/line").text
    assert len(tries) == 2 and "没有联系上" in page and "线路不通" in page and "S401" in page
    # Green is for what is done.
    assert '<p class="notice warn" role="status">没有交换成' in page
    # What helps now stands beside what was tried, not only at the page's end.
    assert page.index('href="/stick"') < page.index("往来站点")
    runner.state.failures = 10
    assert "试了多次没有联系上" in client.get("/line").text
    runner.state.last_code = "S408"
    page = client.get("/line").text
    assert "上级站不认本站的钥匙</span>" in page and "试了多次" not in page
    assert page.index('href="/stick"') > page.index("往来站点")


def test_an_act_that_waits_is_shown_with_what_it_waits_for(three: ThreeNodes) -> None:
    """A newer village sends a kind that this township does not know yet."""
    assert "收到的内容都已办理" in three.client(TOWN, "clerk").get("/line").text
    three.open(VILLAGE)
    with three.node.unit():
        three.node.heart.submit("case.of_tomorrow", b'{"case":"x"}', [COUNTY], [])
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "clerk").get("/line").text
    assert "case.of_tomorrow" in page and "等待本站程序升级" in page and "青峪镇鹿角坪村" in page


def test_only_staff_see_the_line_and_every_form_needs_its_secret(three: ThreeNodes) -> None:
    client = three.client(VILLAGE, "agent")
    for path in ("/line/send", "/stick/out", "/stick/in"):
        assert client.post(path, data={"address": TOWN}).status_code == 400
        stranger = three.app.test_client().post(path)
        assert stranger.status_code == 303 and "/sign-in" in stranger.location
    assert three.app.test_client().get("/line").status_code == 303


def test_the_last_contact_is_told_in_one_sentence(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program was just started, and the record knows of a contact before: no “not yet” beside a time."""
    client = with_parent_url(three)
    state = three.node.runner.state if three.node.runner else None
    assert state is not None
    contact_at = three.node.standing([TOWN])[TOWN].contact_at
    three.clock.set_wall(contact_at + 19 * 60_000)
    page = client.get("/line").text
    assert "程序刚启动，正在联系；上次联系成功：" in page and "19 分钟前" in page
    assert "还没有联系" not in page.split("往来站点")[0]
    state.failures = 1
    assert "<p>上次联系（线路或U盘）：" in client.get("/line").text
    state.failures, state.last_ok_at = 0, three.now()
    assert "（刚刚）。" in client.get("/line").text
    monkeypatch.setattr(type(three.node), "standing", lambda node, addresses: {})
    state.last_ok_at = 0
    with three.app.test_request_context():
        said = line_said(three.node, three.now())
    assert said == "还没有联系上过上级。"


def test_whatever_may_wait_has_a_name_in_words(three: ThreeNodes) -> None:
    """Every kind of act that a node applies, so that nobody reads a word of the program."""
    kinds = {FILED, MOVED, REPORTED, STRUCK, TAKEN_OVER, *three.open(TOWN).staffing.hears}
    assert kinds - KINDS.keys() == set()
    three.client(TOWN, "clerk")
    act = ActRow("ab" * 16, FILED, VILLAGE, PARKED, "S107", "roster:x", 1)
    later = ActRow("cd" * 16, FILED, VILLAGE, PARKED, "E123", "act:x", 1)
    with three.app.test_request_context():
        told, comes = parked_row(act, three.now(), {}), parked_row(later, three.now(), {})
    assert "未收取" not in told["why"] and "名册" in told["advice"]
    # To whom "nothing to be done" is said, "try again" is not said as well.
    assert "不用处理" in comes["advice"] and comes["why"] == "" and comes["code"] == "E123"
