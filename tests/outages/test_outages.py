"""Outages at three real nodes: seen by the village itself, told upward by file, shown at the halls."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from playhouse.migrations import Migration

from common.node.backups import backup, restore
from common.node.jobs import Jobs
from common.node.node import Node
from common.node.watches.outages import OutageWatch
from common.outages import records
from common.outages.rules import BUSY, LINE, OFF, PARENT, Outage, as_fields, read_outages
from common.outages.service import OUTAGES
from common.store import migrate as migration
from common.store.database import close_database, open_database, run
from sync.adapters.line import LineFault, ParentBusy
from sync.adapters.runner import LineState, Uplink
from sync.protocol import canonical
from sync.protocol.frame import Act
from tests.desk.three import COUNTY, DAY_MS, NOW, TOWN, VILLAGE, ThreeNodes

MINUTE, HOUR = 60_000, 3_600_000


def with_line(node: Node) -> LineState:
    """Give the node a line that says what the test writes into it."""
    state = LineState(last_ok_at=1, uplink=TOWN)
    uplinks = (Uplink(TOWN, "http://town"), Uplink(COUNTY, "http://county"))
    node.runner = SimpleNamespace(state=state, uplinks=lambda: uplinks, wake=lambda: None)  # type: ignore[assignment]
    return state


def pass_time(three: ThreeNodes, watch: OutageWatch, minutes: int) -> bool:
    """Let time pass with a look every minute; return whether an outage ended."""
    ended = False
    for _ in range(minutes):
        three.clock.advance(MINUTE)
        ended |= watch.look()
    return ended


def report(three: ThreeNodes) -> int:
    with three.node.unit():
        return three.node.staffing.report()


def applied(three: ThreeNodes, author: str, body: Any) -> list[str]:
    """Hand one act to the open node; return why it was put aside."""
    act = Act("cd" * 16, OUTAGES, author, canonical.dumps(body), (), "", 0)
    with three.node.unit():
        return [why.reason for why in three.node.staffing.apply([act]).parked.values()]


def page_at(three: ThreeNodes, address: str, path: str = "/outages") -> str:
    return three.client(address, "clerk").get(path).text


def after_a_power_cut(three: ThreeNodes) -> tuple[OutageWatch, LineState]:
    """A village whose line failed for ten minutes when its power went for two hours; both are back."""
    state = with_line(three.open(VILLAGE))
    watch = OutageWatch(three.node)
    report(three)
    assert not pass_time(three, watch, 12) and three.node.outages.own(9) == []
    state.failures, state.last_code = 3, "S203"
    pass_time(three, watch, 4)
    state.failures = 0
    assert not pass_time(three, watch, 2) and three.node.outages.own(9) == [], "four minutes trouble nobody"
    # The line fails, then the power, and both come back.
    state.failures = 1
    pass_time(three, watch, 10)
    assert three.node.outages.own(9)[0].ended_at == 0
    assert "还没有恢复" in three.client(VILLAGE, "agent").get("/line").text
    three.clock.advance(2 * HOUR)
    three.clock.restart_machine()
    state = with_line(three.open(VILLAGE))
    watch = OutageWatch(three.node)
    assert pass_time(three, watch, 1), "the standstill, and the line works"
    return watch, state


def test_a_village_tells_of_its_outages_once_and_the_halls_show_them(three: ThreeNodes) -> None:
    watch, state = after_a_power_cut(three)
    found = {one.kind: one for one in three.node.outages.own(9)}
    assert set(found) == {LINE, OFF} and 125 * MINUTE > found[OFF].lasted_ms >= 120 * MINUTE
    assert 135 * MINUTE > found[LINE].lasted_ms >= 130 * MINUTE
    assert (report(three), report(three)) == (1, 0)
    # The township was silent, the county answered: that is not being cut off, and waits for the day's report.
    state.uplink = COUNTY
    pass_time(three, watch, 20)
    state.uplink = TOWN
    assert pass_time(three, watch, 1) and three.node.outages.own(1)[0].kind == PARENT
    assert report(three) == 0
    three.clock.advance(MINUTE)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    for address, path in ((TOWN, "/outages"), (COUNTY, f"/outages?under={TOWN}")):
        page = page_at(three, address, path)
        assert "鹿角坪村" in page and "1 次，合计 2 小时 1" in page and page.count("线路不通") == 1
        assert "停机（停电" in page and "经更上级往来" not in page
        assert ("最近的消息写于" in page) == (address == COUNTY)
    three.clock.advance(DAY_MS)
    three.open(VILLAGE)
    assert report(three) == 1
    assert "经更上级往来" not in page_at(three, TOWN)
    three.carry(VILLAGE, TOWN)
    assert "经更上级往来" in page_at(three, TOWN) and not three.node.spool.parked()


def test_a_parent_that_asks_for_patience_is_told_of_as_busy_and_not_as_a_line_that_failed(
    three: ThreeNodes,
) -> None:
    state = with_line(three.open(VILLAGE))
    watch = OutageWatch(three.node)
    report(three)
    pass_time(three, watch, 5)
    # Among many answers that ask for patience one try in vain ends nothing; ten minutes of them do.
    state.failures, state.asked_s, state.last_code = 2, 30, ParentBusy.code
    pass_time(three, watch, 30)
    state.asked_s = 0
    pass_time(three, watch, 3)
    state.asked_s = 30
    pass_time(three, watch, 30)
    assert [(one.kind, one.ended_at) for one in three.node.outages.own(9)] == [(BUSY, 0)]
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "上级站忙，暂不接收" in page and "线路不通" not in page.split("线路记录")[0].split("停机和断线")[1]
    state = with_line(three.node)
    watch, state.failures, state.last_code = OutageWatch(three.node), 9, LineFault.code
    assert pass_time(three, watch, 10)
    assert [(one.kind, bool(one.ended_at)) for one in three.node.outages.own(9)] == [
        (LINE, False),
        (BUSY, True),
    ]
    state.asked_s, state.last_code = 5, ParentBusy.code
    assert pass_time(three, watch, 1), "somebody answers: the line holds"
    state.failures = state.asked_s = 0
    pass_time(three, watch, 1)
    assert report(three) == 1
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    page = page_at(three, TOWN)
    assert page.count("上级站忙，暂不接收") == 1 and "1 次，合计" in page, "busy is not cut off"


def test_readers_of_before_take_a_busy_spell_for_a_line_and_what_is_malformed_is_refused() -> None:
    told = [Outage(OFF, 1, 400_000), Outage(BUSY, 2, 500_000), Outage(LINE, 3, 600_000)]
    fields = as_fields(told)
    assert fields["outages"][1] == [LINE, 2, 500_000, 0] and fields["busy"] == [1]
    assert "busy" not in as_fields(told[::2]), "what is not busy is told as before"
    assert read_outages(fields) == told
    assert read_outages({**fields, "busy": [0, 1, 99, -1]}) == told, "only a line can be busy"
    for wrong in ({"busy": 1}, {"busy": ["1"]}, {"busy": [True]}, {"outages": [[BUSY, 2, 500_000, 0]]}):
        with pytest.raises(ValueError):
            read_outages({**fields, **wrong})


def test_the_job_that_watches_the_line_tells_of_a_power_cut_as_soon_as_the_node_is_back(
    three: ThreeNodes,
) -> None:
    OutageWatch(three.open(VILLAGE)).look()
    three.clock.advance(3 * HOUR)
    three.clock.restart_machine()
    jobs = Jobs(three.open(VILLAGE))
    jobs._line = threading.current_thread()
    jobs._watch_line()
    (off,) = three.node.outages.own(9)
    assert off == Outage(OFF, NOW, NOW + 3 * HOUR) and records.untold(9) == []
    three.carry(VILLAGE, TOWN)
    assert three.node.outages.past_of(VILLAGE, three.now()).newest == (off,)
    # A copy put back on another machine tells nothing of the time in between.
    three.open(VILLAGE)
    with three.node.unit():
        three.node.outages.begin_anew()
    three.clock.advance(5 * HOUR)
    three.clock.restart_machine()
    assert not OutageWatch(three.node).look() and len(three.node.outages.own(9)) == 1


def test_who_is_silent_now_is_seen_by_the_node_above_itself(three: ThreeNodes) -> None:
    page = page_at(three, TOWN)
    assert "有联系" in page and "无联系 " not in page and "没有</td>" in page
    three.clock.advance(DAY_MS + 5 * HOUR)
    page = page_at(three, TOWN)
    assert "无联系 1 天 5 小时" in page and "自 2026-03-03 09:06 起" in page and "light warn" in page
    county = page_at(three, COUNTY)
    assert f"under={TOWN}" in county and "无联系" in county and "鹿角坪村" not in county
    assert "还没有消息" in page_at(three, COUNTY, f"/outages?under={TOWN}")
    for strange in ("511921999", "x' OR 1=1", VILLAGE + "0"):
        assert "青峪镇" in three.again("clerk").get("/outages", query_string={"under": strange}).text
    assert three.client(VILLAGE, "agent").get("/outages").status_code == 404


def test_the_same_told_again_changes_nothing_and_too_much_is_bounded(three: ThreeNodes) -> None:
    three.open(TOWN)
    day = as_fields([Outage(LINE, NOW - DAY_MS + n * HOUR, NOW - DAY_MS + n * HOUR + 1) for n in range(20)])
    assert applied(three, VILLAGE, day) == applied(three, VILLAGE, day) == []
    assert len(records.below(VILLAGE)) == 20
    for n in range(25):
        flood = as_fields([Outage(OFF, n * DAY_MS + k, n * DAY_MS + k) for k in range(40)])
        assert applied(three, VILLAGE, flood) == []
    assert len(records.below(VILLAGE)) == 400
    ahead = as_fields([Outage(LINE, NOW + 300 * DAY_MS, NOW + 301 * DAY_MS)])
    assert applied(three, VILLAGE, ahead) == []
    page = page_at(three, TOWN)
    assert "时钟不准，时长不明" in page and "1 次，合计 0 分钟（其中 1 次时长不明）" not in page


def test_nobody_tells_of_others_and_what_cannot_be_read_waits_for_a_person(three: ThreeNodes) -> None:
    three.open(TOWN)
    good = as_fields([Outage(OFF, NOW - HOUR, NOW)])
    assert applied(three, COUNTY, good) == ["E216"]
    # What it told itself and gets back after a loss is for those above.
    assert applied(three, TOWN, good) == [] == records.below(TOWN)
    assert applied(three, "511921108203", good) == ["E216"]
    for body in ([], {"outages": [["flood", 1, 2, 0]]}, {"outages": [["line", 5, 2, 0]]}):
        assert applied(three, VILLAGE, body) == ["E215"]
    assert records.below(VILLAGE) == []


def test_outages_of_an_earlier_program_stay_and_are_not_told(tmp_path: Any) -> None:
    """Migration 0026 over a table of before."""
    db = open_database(tmp_path / "node.sqlite")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    scripts["0008_node"].load().up(None, db)
    run("INSERT INTO line_outage (began_at, ended_at, code) VALUES (5, 9, 'S203'), (12, 0, 'S203')")
    scripts["0026_outages"].load().up(None, db)
    assert records.own(9) == [Outage(LINE, 12, 0), Outage(LINE, 5, 9)] and records.untold(9) == []
    assert records.running() is None and records.told_at() == 0 and set(records.open_ones()) == {LINE}
    for table in (records.LineOutage, records.NodeRunning, records.OutageBelow):
        columns = {row[1] for row in run(f"PRAGMA table_info({table._meta.table_name})")}
        assert columns == {field.column_name for field in table._meta.sorted_fields}
    close_database()


def test_a_copy_put_back_tells_no_outage_of_the_days_it_does_not_know(
    three: ThreeNodes, tmp_path: Any
) -> None:
    state = with_line(three.open(VILLAGE))
    watch = OutageWatch(three.node)
    report(three)
    pass_time(three, watch, 2)
    state.failures = 1
    pass_time(three, watch, 10)
    assert list(three.node.outages.lasting()) == [LINE]
    backup.back_up(three.node, tmp_path / "kept")
    close_database()
    # For ten days the line works again, and the village is on.
    three.clock.advance(10 * DAY_MS)
    restore.put_back(three.node.config, three.node.profile, tmp_path / "kept")
    close_database()
    with_line(three.open(VILLAGE))
    assert not pass_time(three, OutageWatch(three.node), 3)
    assert three.node.outages.lasting() == {} and report(three) == 0
    assert [one.lasted_ms for one in three.node.outages.own(9)] == [0]
    assert "时长不明" in three.client(VILLAGE, "agent").get("/line").text
