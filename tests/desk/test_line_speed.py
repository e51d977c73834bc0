"""What the line page says of speed, queue and the time that is left."""

from __future__ import annotations

import pytest

from sync.adapters.waiting import Waiting
from sync.protocol.pacing import Gauge
from tests.desk.test_line import with_parent_url
from tests.desk.three import TOWN, VILLAGE, ThreeNodes


def test_the_page_says_how_quick_the_line_is_what_waits_and_how_long_it_takes(three: ThreeNodes) -> None:
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None
    page = client.get("/line").text
    assert "待发：报文" in page and "还没有测过线路速度" in page
    runner.gauges[TOWN] = gauge = Gauge()
    gauge.up.tell(16_000, 2_000)
    page = client.get("/line").text
    assert "每秒约 8 KB" in page and "按现在的速度，大约需要不到 1 分钟" in page
    assert "用U盘送更快" not in page
    # A line on which all waits for hours is no reason to wait: nothing is wrong, yet a stick is quicker.
    gauge.up.per_s = 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(three.node), "waiting_for", lambda node, site: Waiting(1, 1, 20_000))
        page = client.get("/line").text
    assert "每秒不到 1 KB，很慢" in page and "小时。等不及的，用U盘送更快。" in page
    runner.state.failures, runner.state.last_code = 2, "S401"
    assert "线路通了以后自动发送" in client.get("/line").text
    for _ in range(3):
        three.carry(VILLAGE, TOWN)
        three.carry(TOWN, VILLAGE)
    page = with_parent_url(three).get("/line").text
    assert "没有待发的报文和材料" in page and "大约需要" not in page
