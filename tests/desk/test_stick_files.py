"""Files of sticks through the pages: whole, old, foreign, torn and altered ones."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.config import read_config, write_config
from common.desk.pages.stick_jobs import Sticks
from sync.protocol.exchange import read_head
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


def test_a_stick_carries_cases_up_and_the_file_stays_nowhere(three: ThreeNodes) -> None:
    number, content = filed_stick(three)
    # For some minutes it may be fetched anew; what a kill left of a bundle that came goes after a day.
    folder = three.folder / VILLAGE
    (folder / "sticks" / "incoming.ldx").write_bytes(b"half")
    now = int(time.time() * 1000)
    Sticks(folder).sweep(now + 60_000)
    assert (
        Sticks(folder).bundle() is not None
        and three.client(VILLAGE, "agent").get("/stick/bundle").data == content
    )
    Sticks(folder).sweep(now + 25 * 3_600_000)
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
    assert "新收 0 份" not in page and "另 1 份以前都收过了" in page


def test_a_torn_stick_gives_what_is_readable_and_says_where_it_ends(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    numbers = [three.file(RELIEF, seed=seed, papers=4) for seed in range(8)]
    content = stick_for(three.client(VILLAGE, "agent"), TOWN)
    client = three.client(TOWN, "clerk")
    page = imported(client, content[: len(content) - 20])
    assert "数据包不完整：读到第" in page and "notice warn" in page
    assert "只读入了一部分" in page and "没有读入" not in page and "已读入来自" not in page
    assert client.get(f"/case/{numbers[0]}").status_code == 200
    assert "数据包不完整" not in imported(client, content)
    # So early that nothing of it could be read: in the first piece of its content, and in its head.
    _head, used = read_head(content) or (None, 0)
    for size in (used + 9, used // 2):
        page = imported(client, content[:size])
        assert "没有读入" in page and "notice bad" in page and "已读入" not in page, size


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
    assert "这个数据包没有读入" in page and "（S106）" in page
    assert "收件站点是通江县" in page, "it says where it belongs"
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


def test_left_over_files_of_a_power_cut_are_swept(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file()
    client = three.client(VILLAGE, "agent")
    folder = Path(three.folder / VILLAGE / "sticks")
    folder.mkdir()
    (folder / "liandong-old.ldx").write_bytes(b"half")
    stick_for(client, TOWN)
    assert [path for path in folder.glob("*.ldx")] == [Sticks(folder.parent).bundle()]


def test_what_could_not_be_read_is_of_unknown_origin(three: ThreeNodes) -> None:
    client = three.client(TOWN, "clerk")
    imported(client, b"no bundle at all")
    page = client.get("/line").text
    assert "来源不明的内容：" in page and "?：" not in page
