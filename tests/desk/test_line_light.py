"""The light of the line page: no line is called down where something answered, or this node is at fault."""

from __future__ import annotations

import pytest

from common.store.database import DiskFull
from sync.adapters import line
from sync.adapters.line import AnswerRefused, BrokenOff
from sync.protocol.errors import SyncError
from sync.protocol.pacing import Gauge
from tests.desk.test_line import with_parent_url
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes

_ANSWERED = [
    (line.CaptivePortal, "认证页面拦着"),
    (line.Refused, "上级站拒绝了交换"),
    (AnswerRefused, "上级站的回应无法识别</span>"),
    (BrokenOff, "本站程序出错，没有交换成"),
    (line.NotBelieved, "上级站的证书核对不过"),
    (line.TooMuch, "不让一次传这么多，已改为少传</span>"),
    (line.NotAParent, "回答的不是上级站</span>"),
    (line.BadAddress, "没有联系上级站"),
    (line.NotEvenTheLeast, "线路是通的，中间的设备不让上传"),
    (line.WrongNode, "但回答的站点不是上级站"),
    (line.AuthorityUnread, "证书文件读不了，没有联系上级站"),
    (SyncError, "还没有联系上上级站</span>"),
]


@pytest.mark.parametrize("fault, words", _ANSWERED, ids=lambda one: getattr(one, "code", ""))
def test_where_something_answered_no_line_is_called_down(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch, fault: type[SyncError], words: str
) -> None:
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None

    def fails(url: str, chunks: object) -> object:
        raise fault

    monkeypatch.setattr(runner.line, "exchange", fails)
    runner.step()
    page = client.get("/line").text
    assert words in page and fault.code in page and "线路不通" not in page
    # Why it is so stands right below the light, before what is told of last contact and queue.
    assert page.index(f"请打电话把代码 {fault.code} 告诉管理员") < page.index("<p>上次联系（线路或U盘）")
    assert ("上级站拒绝了交换，已存本站" in page) == (fault is line.Refused)
    assert "已存本站，请看线路页" in page and "原因见“上级线路”" in page
    assert "会自动再试，也可以用U盘送出" in page and "线路通了" not in page


@pytest.mark.parametrize("fault", [line.LineFault, line.LineSilent, line.NameNotFound, line.ParentBusy])
def test_where_nobody_was_heard_the_line_is_down(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch, fault: type[line.LineFault]
) -> None:
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None

    def fails(url: str, chunks: object) -> object:
        raise fault

    monkeypatch.setattr(runner.line, "exchange", fails)
    runner.step()
    page = client.get("/line").text
    assert "线路不通，已连续 1 次没有联系上" in page and "线路不通，已存本站" in page and fault.code in page


def test_where_the_proxy_is_not_reached_it_is_that_and_no_line_which_is_named(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None

    def fails(url: str, chunks: object) -> object:
        raise line.ProxyNotReached("ConnectTimeoutError", "192.0.2.9:3128")

    monkeypatch.setattr(runner.line, "exchange", fails)
    runner.step()
    assert runner.state.is_down
    page = client.get("/line").text
    assert "连不上代理，没有联系上上级站" in page and "连不上代理，已存本站" in page and "S417" in page
    assert "连不上代理，连上了自动发送，也可以用U盘送出。" in page
    assert "连不上代理 192.0.2.9:3128（" in page and "线路不通" not in page


def test_where_the_townships_address_leads_to_the_county_the_page_says_whose_it_is_not(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line holds meanwhile, with the county: that alone would hide what is wrong."""
    client = with_parent_url(three)
    runner = three.node.runner
    assert runner is not None
    (astray,) = runner.ways.open()
    assert astray.address == TOWN and runner.ways.went_astray(astray)
    runner.state.last_ok_at, runner.state.uplink = three.now(), COUNTY
    page = client.get("/line").text
    assert "线路正常" in page and "但不是青峪镇（S415），现在改与通江县" in page and "parent_url" in page
    assert "请打电话把代码 S415 告诉管理员" in page
    runner.ways.came_right(astray)
    assert "S415" not in client.get("/line").text


def test_while_the_township_is_silent_the_page_says_who_is_spoken_with_and_counts_what_that_one_lacks(
    three: ThreeNodes,
) -> None:
    """The county has the first case already; the line to it has been measured, the other has not."""
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, COUNTY)
    three.carry(COUNTY, VILLAGE)
    three.file(seed=1)
    client = with_parent_url(three)
    runner = three.node.runner
    assert runner is not None
    runner.state.last_ok_at, runner.state.uplink = three.now(), COUNTY
    runner.gauges[COUNTY] = gauge = Gauge()
    gauge.up.tell(4_000 * 2, 4_000)
    page = client.get("/line").text
    assert "青峪镇现在联系不上，已改与通江县联系" in page and "待发：报文 1 份、材料 2 份" in page
    assert "线路速度" in page and "还没有测过线路速度" not in page
    for state in ({"uplink": TOWN}, {"uplink": COUNTY, "failures": 1}):
        for name, value in state.items():
            setattr(runner.state, name, value)
        page = client.get("/line").text
        assert "已改与" not in page and "待发：报文 2 份、材料 4 份" in page


def test_a_fault_of_the_node_that_has_words_for_people_is_told_in_them() -> None:
    """Of a full disk, too, it said that the program had failed and to try again later."""
    assert BrokenOff(DiskFull()).sentence == str(DiskFull()) and BrokenOff(DiskFull()).code == "S406"
    assert BrokenOff(ValueError("a name")).sentence == BrokenOff.sentence
