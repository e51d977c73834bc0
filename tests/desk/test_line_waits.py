"""The line page while something waits: for what each case waits, and who asked for patience."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from common.casework import queues
from common.desk.pages.parked import parked_row
from sync.adapters.http_client import LineFault, ParentBusy, PutOff
from sync.protocol.spool import PARKED, Part
from tests.desk.test_line import with_parent_url
from tests.desk.test_stick_files import stick_for
from tests.desk.three import SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def test_cases_that_wait_for_different_reasons_stand_under_each_with_their_number(three: ThreeNodes) -> None:
    client = with_parent_url(three)
    runner, spool = three.node.runner, three.node.spool
    assert runner is not None
    runner.state.failures, runner.state.last_code = 1, "S401"
    known = three.file()
    mine = [stream for stream in spool.streams() if stream.id.src == VILLAGE]
    own = {stream.id: Part(0, stream.upto, stream.head) for stream in mine}
    others = {stream: part._replace(head=b"?" * 32) for stream, part in own.items()}
    with three.node.unit():
        spool.put_vector(TOWN, others, ())
    # Another act may be at this number there, of another copy of this node.
    assert "上级站已经收到" not in client.get("/line").text
    with three.node.unit():
        spool.put_vector(TOWN, own, ())
    carried = [three.file(seed=1), three.file(seed=2)]
    stick_for(client, TOWN)
    three.clock.advance(60_000)
    later = three.file(seed=3)
    section = client.get("/line").text.split("还没有送到上级的收件")[1].split("</section>")[0]
    groups = section.split("<p><b>")[1:]
    cases = {later: "线路不通，通了自动发送", carried[0]: "已装进 2026-03-", known: "上级站已经收到"}
    assert [number in group for number, group in zip(cases, groups, strict=True)] == [True] * 3
    assert [words in group for words, group in zip(cases.values(), groups, strict=True)] == [True] * 3
    assert [group[: group.index("</b>")] for group in groups] == ["1 件", "2 件", "1 件"]
    runner.state.last_code = "S408"
    assert "重新入网以前送不出去" in client.get("/line").text


def test_a_parent_that_asks_for_patience_is_busy_and_no_broken_line(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None
    monkeypatch.setattr(runner, "pace", replace(runner.pace, slot_ms=90_000))
    trouble: LineFault = ParentBusy("503", retry_after_s=30)

    def busy(url: str, chunks: object) -> object:
        raise trouble

    monkeypatch.setattr(runner.line, "exchange", busy)
    post(client, "/line/send", {})
    runner.step()
    post(client, "/line/send", {})
    stopped = threading.Event()
    stopped.set()
    # The loop itself knows when it tries again, whoever tried besides.
    runner.run(stopped)
    page = client.get("/line").text
    assert "线路是通的，上级站正忙</span>" in page and "<p>还有2 分钟自动再试（2026-03-" in page
    assert "S403" in page
    assert "上级站正忙，已存本站" in page and "上级站有空了自动发送" in page
    assert "线路是通的，上级站正忙。内容都存在本站" in page
    assert not any(words in page for words in ("线路不通", "没有交换成：", "线路通了以后"))
    three.clock.set_wall(three.now() + 90_000)
    assert "<p>马上自动再试。</p>" in client.get("/line").text
    # Who does not say for how long is not known to be there at all.
    trouble = ParentBusy("503")
    runner.step()
    assert "线路不通，已连续 3 次没有联系上" in client.get("/line").text


def test_patience_that_a_proxy_asks_for_is_told_as_the_proxys(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_parent_url(three)
    runner = three.node.runner
    assert runner is not None

    def put_off(url: str, chunks: object) -> object:
        raise PutOff("503", retry_after_s=30)

    monkeypatch.setattr(runner.line, "exchange", put_off)
    runner.step()
    page = client.get("/line").text
    assert (
        page.count("线路中间的代理要求稍后再试") == 2 and "S411" in page and "<p>马上自动再试。</p>" in page
    )
    assert not any(words in page for words in ("上级站正忙", "上级站有空了", "线路不通"))


def test_what_cannot_be_applied_yet_says_of_which_case_it_is(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a case that is here what stands here; else what its filing says, unless its key is in doubt."""
    three.open(VILLAGE)
    number = three.file()
    three.carry(VILLAGE, TOWN)
    client, spool = three.client(TOWN, "clerk"), three.node.spool
    row = spool.act(three.node.casework.case(number).chain[0])
    assert row is not None

    def told(waits_for: str) -> str:
        with three.node.unit():
            spool.set_act(row._replace(state=PARKED, reason="E108", waits_for=waits_for))
        section = client.get("/line").text.split("收到但还不能办理的")[1].split("</section>")[0]
        assert "E108" in section
        return section

    here = told("doc:x")
    assert f'href="/case/{number}">{number}</a>' in here and "王秀英" in here
    monkeypatch.setattr(queues, "find", lambda typed, limit: [])
    item = three.node.catalogue.item(SUBSISTENCE)
    unknown = told("doc:x")
    assert item is not None and item.name in unknown and "王秀英" in unknown
    assert number in unknown and "href" not in unknown
    for doubted in ("cut:x", "roster:x"):
        assert number in told(doubted) and "王秀英" not in told(doubted)
    # What is no case, or none that can be read, has no number.
    with three.app.test_request_context():
        assert parked_row(row._replace(id="ab" * 16), three.now(), {})["case"] == ""
