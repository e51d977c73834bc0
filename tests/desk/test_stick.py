"""Sticks step by step: bundles made and taken in beside the page, and what a power cut leaves of that."""

from __future__ import annotations

import errno
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.casework.rules.flow import State
from common.desk.pages.stick_jobs import IN, OUT, Sticks
from common.node.node import Node
from common.people.rules.roles import Role
from common.web.long_work import DONE, RUNNING, Job, LongWork, first_of
from sync.adapters.bundle_file import export
from tests.desk.three import COUNTY, DAY_MS, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock in another process, as another worker of the node does."""
    hold = "import fcntl,sys; f=open(sys.argv[1],'a'); fcntl.flock(f,2); print('held',flush=True); input()"
    with Popen([sys.executable, "-c", hold, str(path)], stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        yield
        other.kill()


def wait_for(client: FlaskClient, words: str) -> str:
    """Look at the part that refreshes itself until it says so."""
    for _ in range(200):
        text = client.get("/stick/state").text
        if words in text:
            return text
        time.sleep(0.05)
    raise AssertionError(text)


def test_a_bundle_is_made_beside_the_page_carried_and_taken_in(three: ThreeNodes) -> None:
    """The whole way: the page is left while it works; the other end takes it in, twice without harm."""
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE)
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/stick").text
    assert "青峪镇还没有收到：报文 1 份、材料 2 份" in page and "带到对方站点" in page
    assert agent.get("/stick/bundle").status_code == 404
    wrong = post(agent, "/stick/out", {"address": "511900"}, page="/stick")
    assert wrong.status_code == 400 and "请从名单中选择" in wrong.text
    assert post(agent, "/stick/out", {"address": TOWN}, page="/stick").status_code == 303
    ready = wait_for(agent, "做好了")
    assert "hx-get" not in ready
    bundle = agent.get("/stick/bundle")
    assert bundle.status_code == 200 and f"-{TOWN}-" in bundle.headers["Content-Disposition"]
    content = bundle.data
    clerk = three.client(TOWN, "clerk")
    assert post(clerk, "/stick/in", {}, page="/stick").status_code == 400
    for words in ("新收 1 份报文", "没有新的报文、材料、回执和名册"):
        file = {"file": (io.BytesIO(content), "a.ldx")}
        assert post(clerk, "/stick/in", file, page="/stick").status_code == 303
        assert "青峪镇鹿角坪村" in wait_for(clerk, words)
    assert "另 1 份以前都收过了，不用再办" in clerk.get("/stick").text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Node, "aside", lambda _self, _why: [(VILLAGE, 1, 0)])
        post(clerk, "/stick/in", {"file": (io.BytesIO(content), "a.ldx")}, page="/stick")
        assert "另 1 份以前收过，或者在等前面的报文" in wait_for(clerk, "没有新的报文")
    assert three.node.casework.case(number).state == "RECEIVED"
    torn = {"file": (io.BytesIO(content[: len(content) // 2]), "a.ldx")}
    post(clerk, "/stick/in", torn, page="/stick")
    wait_for(clerk, "数据包不完整")
    post(clerk, "/stick/in", {"file": (io.BytesIO(b"<script>"), "a.ldx")}, page="/stick")
    assert "没有读入" in wait_for(clerk, "没有读入")


def test_what_is_to_be_carried_is_counted_anew_once_an_answer_is_taken_in(three: ThreeNodes) -> None:
    """With the part that refreshes itself, and a bundle that was made and cleared away is told for a day."""
    three.open(VILLAGE)
    three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    answer = export(three.open(TOWN).engine, VILLAGE, three.folder).path.read_bytes()
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/stick").text
    assert "青峪镇还没有收到：报文 1 份" in page and "取走或者清除" not in page and "hx-swap-oob" not in page
    assert post(agent, "/stick/in", {"file": (io.BytesIO(answer), "b.ldx")}, page="/stick").status_code == 303
    part = wait_for(agent, "已读入来自青峪镇")
    assert 'id="loads" hx-swap-oob="true"' in part and "青峪镇：没有要带的" in part
    note = replace(first_of(OUT, TOWN, "agent", three.now(), 10), state=DONE, told={"file": "gone.ldx"})
    (three.node.config.data_dir / "sticks" / "out.json").write_text(json.dumps(asdict(note)))
    assert "给青峪镇做的数据包已取走或者清除" in agent.get("/stick").text
    three.clock.advance(DAY_MS)
    assert "取走或者清除" not in three.client(VILLAGE, "agent").get("/stick").text


def test_what_the_county_has_signed_for_need_not_be_carried_to_it(three: ThreeNodes) -> None:
    """The county was never met; by what the township brought back of it, it lacks the newer case alone."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(case, "accept", Role.CLERK)
    for _ in range(3):
        for here, there in ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE)):
            three.carry(here, there)
    assert three.open(VILLAGE).casework.case(case).state == State.ACCEPTED
    assert "通江县：没有要带的" in three.client(VILLAGE, "agent").get("/stick").text
    three.file(SUBSISTENCE, name="李四", seed=3)
    assert "通江县还没有收到：报文 1 份、材料 2 份" in three.client(VILLAGE, "agent").get("/stick").text


def test_a_job_that_a_power_cut_ended_is_told_and_can_be_begun_again(three: ThreeNodes) -> None:
    """The note a killed process left behind; and one that is no note at all."""
    agent = three.client(VILLAGE, "agent")
    sticks = Sticks(three.node.config.data_dir)
    folder = three.node.config.data_dir / "sticks"
    folder.mkdir()
    for kind in (OUT, IN):
        job = first_of(kind, TOWN, "agent", three.now(), 10)
        (folder / f"{kind}.json").write_text(json.dumps(asdict(job)))
    page = agent.get("/stick").text
    assert "没有做完" in page and "读数据包时停了电" in page and "every 2s" not in page
    assert post(agent, "/stick/out", {"address": TOWN}, page="/stick").status_code == 303
    wait_for(agent, "做好了")
    (folder / "in.json").write_text("{")
    assert sticks.job(IN) is None and agent.get("/stick").status_code == 200


def test_a_second_job_waits_for_the_first_and_the_page_says_so(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    folder = three.node.config.data_dir / "sticks"
    folder.mkdir()
    job = first_of(OUT, TOWN, "agent", three.now(), 1_000)
    note = asdict(job)
    (folder / "out.json").write_text(json.dumps(note))
    (folder / ".x.ldx.part").write_bytes(b"x" * 420)
    # One that was there when the folder was read, and is gone when it is asked for its size.
    (folder / ".y.ldx.part").symlink_to(folder / "gone")
    # Another process of the node works at it: it holds the lock.
    with locked(folder / "out.lock"):
        page = agent.get("/stick").text
        assert "正在做给青峪镇的数据包" in page and "约 42%" in page and "every 2s" in page
        answer = post(agent, "/stick/out", {"address": TOWN}, page="/stick")
        assert "还在做" in agent.get(answer.location).text
    assert "没有做完" in agent.get("/stick").text


def test_a_full_disk_at_the_end_of_a_job_stops_no_other_and_leaves_no_copy_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sticks, write = Sticks(tmp_path), LongWork._write
    copy = tmp_path / "sticks" / "incoming.ldx"

    def full_at_the_end(self: LongWork, name: str, job: Job) -> None:
        if job.state != RUNNING:
            raise OSError(errno.ENOSPC, "no space")
        write(self, name, job)

    def torn(pieces: Iterator[bytes]) -> Any:
        assert next(pieces) == b"x" * 9 and copy.is_file()
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(LongWork, "_write", full_at_the_end)
    for _ in range(2):
        assert sticks.begin_in(io.BytesIO(b"x" * 9), torn, first_of(IN, "", "agent", 1, 0))
        for _ in range(100):
            if sticks.job(IN) is None:
                break
            time.sleep(0.02)
        assert sticks.job(IN) is None and not copy.exists()

    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(OSError, match="no space"):
        sticks.begin_in(Torn(), torn, first_of(IN, "", "agent", 1, 0))
    assert not copy.exists()
