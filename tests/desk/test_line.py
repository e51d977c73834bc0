"""The line page: what stands in the way, send now, to a stick and from one; old, foreign and torn files."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.config import read_config, write_config
from common.desk.pages.line_words import line_said
from common.store.database import close_database
from sync.adapters.http_client import LineFault
from tests.desk.three import COUNTY, RELIEF, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def stick_for(client: FlaskClient, address: str) -> bytes:
    """Download the file for a node, as the page gives it."""
    return download(client, address).data


def download(client: FlaskClient, address: str) -> TestResponse:
    answer = post(client, "/stick/out", {"address": address}, page="/stick")
    assert answer.status_code == 303, answer.text
    jobs_done(client)
    answer = client.get("/stick/bundle")
    assert answer.status_code == 200, answer.text
    return answer


def imported(client: FlaskClient, content: bytes, name: str = "a.ldx") -> str:
    """Take a file in; return what is said of it, and the line page with its journal."""
    answer = post(client, "/stick/in", {"file": (io.BytesIO(content), name)}, page="/stick")
    assert answer.status_code == 303
    return jobs_done(client) + client.get("/line").text


def jobs_done(client: FlaskClient) -> str:
    """Wait until the work beside the page is done, as the page does, and return what it says then."""
    for _ in range(400):
        text = client.get("/stick/state").text
        if "hx-get" not in text:
            return text
        time.sleep(0.02)
    raise AssertionError(text)


def filed_stick(three: ThreeNodes, target: str = TOWN) -> tuple[str, bytes]:
    """File a case at the village, and write the stick for another node."""
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE)
    return number, stick_for(three.client(VILLAGE, "agent"), target)


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


def test_a_stick_carries_cases_up_and_the_file_stays_nowhere(three: ThreeNodes) -> None:
    number, content = filed_stick(three)
    left_over = [p for p in (three.folder / VILLAGE).rglob("*") if p.suffix in (".ldx", ".part")]
    assert left_over == []
    client = three.client(TOWN, "clerk")
    page = imported(client, content)
    assert "已读入来自青峪镇鹿角坪村的U盘数据包" in page and "新收 1 份报文" in page
    assert client.get(f"/case/{number}").status_code == 200


def test_the_download_is_named_after_its_way_and_has_its_length(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file()
    answer = download(three.client(VILLAGE, "agent"), TOWN)
    assert f'filename="liandong-{VILLAGE}-{TOWN}-' in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_stick_may_go_straight_to_the_county(three: ThreeNodes) -> None:
    number, content = filed_stick(three, COUNTY)
    client = three.client(COUNTY, "clerk")
    assert "新收 1 份报文" in imported(client, content)
    assert client.get(f"/case/{number}").status_code == 200


def test_the_same_stick_again_brings_nothing_twice(three: ThreeNodes) -> None:
    _, content = filed_stick(three)
    client = three.client(TOWN, "clerk")
    imported(client, content)
    page = imported(client, content)
    assert "新收 0 份报文" in page and "以前已有 1 份" in page


def test_a_torn_stick_gives_what_is_readable_and_says_where_it_ends(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    numbers = [three.file(RELIEF, seed=seed, papers=4) for seed in range(8)]
    content = stick_for(three.client(VILLAGE, "agent"), TOWN)
    client = three.client(TOWN, "clerk")
    page = imported(client, content[: len(content) - 20])
    assert "数据包不完整：读到第" in page and "notice warn" in page
    assert client.get(f"/case/{numbers[0]}").status_code == 200
    assert "数据包不完整" not in imported(client, content)


@pytest.mark.parametrize("content", [b"", b"not a bundle at all", b"\x00" * 5_000])
def test_what_is_no_bundle_is_refused_and_changes_nothing(three: ThreeNodes, content: bytes) -> None:
    client = three.client(TOWN, "clerk")
    page = imported(client, content)
    assert "这个数据包没有读入" in page and "notice bad" in page
    # The reason is kept in the journal, with its code.
    assert "线路记录" in page and "（S" in page


def test_a_stick_for_somebody_else_is_refused_with_its_reason(three: ThreeNodes) -> None:
    number, content = filed_stick(three, COUNTY)
    client = three.client(TOWN, "clerk")
    page = imported(client, content)
    assert "这个数据包没有读入" in page and "（S" in page
    assert client.get(f"/case/{number}").status_code == 404


def test_tampered_bytes_are_noticed(three: ThreeNodes) -> None:
    number, content = filed_stick(three)
    middle = len(content) // 2
    bad = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    client = three.client(TOWN, "clerk")
    assert "notice good" not in imported(client, bad)
    assert "新收" in imported(client, content)
    assert client.get(f"/case/{number}").status_code == 200


def test_choosing_nothing_is_told_beside_the_field(three: ThreeNodes) -> None:
    client = three.client(VILLAGE, "agent")
    answer = post(client, "/stick/in", {}, page="/stick")
    assert answer.status_code == 400 and "E242" in answer.text
    answer = post(client, "/stick/out", {"address": "511921108"}, page="/stick")
    assert answer.status_code == 400 and "E243" in answer.text


def test_a_file_longer_than_any_form_may_still_be_a_bundle(three: ThreeNodes) -> None:
    """The limit of ordinary forms does not stop a bundle; a stranger's request is not read at all."""
    settings = three.folder / VILLAGE
    write_config(settings, {"address": VILLAGE, "bind": "127.0.0.1:9012", "form_bytes_max": 65_536})
    assert read_config(settings, {}).form_bytes_max == 65_536
    client = three.client(VILLAGE, "agent")
    assert "这个数据包没有读入" in imported(client, b"\x00" * 200_000)
    long = {"paper-x": (io.BytesIO(b"\x00" * 200_000), "x.jpg")}
    assert post(client, "/file/begin", long).status_code == 413
    stranger = three.app.test_client()
    answer = stranger.post("/stick/in", data={"file": (io.BytesIO(b"x" * 200_000), "x.ldx")})
    assert answer.status_code == 303 and "/sign-in" in answer.location


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


def test_left_over_files_of_a_power_cut_are_swept(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file()
    client = three.client(VILLAGE, "agent")
    folder = Path(three.folder / VILLAGE / "sticks")
    folder.mkdir()
    (folder / "liandong-old.ldx").write_bytes(b"half")
    stick_for(client, TOWN)
    assert [path.name for path in folder.iterdir() if path.suffix == ".ldx"] == []


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
    assert "<p>上次联系成功：" in client.get("/line").text
    state.failures, state.last_ok_at = 0, three.now()
    assert "（刚刚）。" in client.get("/line").text
    monkeypatch.setattr(type(three.node), "standing", lambda node, addresses: {})
    state.last_ok_at = 0
    with three.app.test_request_context():
        said = line_said(three.node, three.now())
    assert said == "还没有联系上过上级。"


def test_what_could_not_be_read_is_of_unknown_origin(three: ThreeNodes) -> None:
    client = three.client(TOWN, "clerk")
    imported(client, b"no bundle at all")
    page = client.get("/line").text
    assert "来源不明的内容：" in page and "?：" not in page
