"""A date that leapt is settled by an administrator on a page; every page says so meanwhile."""

from __future__ import annotations

import pytest

from common.calendar import pages
from common.casework.jobs import do_what_days_bring
from common.casework.rules.words import State
from common.days import local_day
from common.store import audit
from sync.protocol.memos import note_down
from sync.protocol.stock import purging
from tests.desk.desk_pages import Counter
from tests.desk.three import DAY_MS, NOW, RELIEF, TOWN, VILLAGE, WAIVED, ThreeNodes, post

BANNER = "按日期自动办理的事已停下"


@pytest.mark.parametrize("leap", [40, -2])
def test_a_leap_is_told_on_every_page_until_an_administrator_confirms_the_day(
    three: ThreeNodes, leap: int
) -> None:
    agent = three.client(VILLAGE, "agent")
    three.file(name="赵桂英")
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    admin = three.again("admin")
    assert BANNER not in agent.get("/queue").text and "没有疑问" in admin.get("/days").text
    three.clock.set_wall(three.now() + leap * DAY_MS)
    today = "2026-04-12" if leap > 0 else "2026-03-01"
    told = agent.get("/queue").text
    assert BANNER in told and "请管理员核对日期" in told and today in told
    assert agent.get("/days").status_code == 403
    assert 'href="/days"' in admin.get("/line").text
    with three.node.unit():
        core = three.node.peer.core
        for sort in (purging.MARK, purging.RIPE):
            note_down(core, sort, "s|1", rank=(1, 1, 0))
    page = admin.get("/days").text
    assert f"今天是 {today} 吗" in page and "2026-03-03" in page and BANNER not in page
    # The clock was mended while the page lay open: what is confirmed is what was looked at, or nothing.
    assert post(admin, "/days", {"today": "2026-03-03"}, "/days").status_code == 303
    assert "没有确认" in admin.get("/days").text
    assert BANNER in agent.get("/queue").text
    assert post(admin, "/days", {"today": today}, "/days").status_code == 303
    assert BANNER not in agent.get("/queue").text
    kept = [len(three.node.spool.all_held(sort)) for sort in (purging.MARK, purging.RIPE)]
    assert kept == [0, 1], "which month it was when they were noted nobody knows"
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    assert (audit.rows(today)[-1].actor, audit.rows(today)[-1].action) == ("admin", "case.confirm_day")


def test_a_day_before_the_program_was_made_is_not_what_the_page_offers_first(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = '<button class="button">今天就是'
    admin = three.client(VILLAGE, "admin")
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    monkeypatch.setattr(pages, "BUILT_MS", NOW - DAY_MS)
    three.clock.set_wall(NOW + 40 * DAY_MS)
    assert first in admin.get("/days").text
    three.clock.set_wall(0)
    page = admin.get("/days").text
    assert first not in page and "今天不会是 1970-01-01" in page and "本程序是 2026-03-02 以后做的" in page
    assert '<button class="button second">今天就是 1970-01-01' in page, "whoever insists still may"


def test_in_a_day_in_doubt_nobody_dates_an_act_who_has_not_said_that_it_is_today(three: ThreeNodes) -> None:
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF).to_check()
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    three.clock.set_wall(0)
    page = counter.client.get(f"{counter.path}/check").text
    assert "今天是 1970-01-01 吗" in page and 'name="day_seen" value="1970-01-01"' in page
    assert "请核对今天的日期" in counter.send("check", {}).text
    number = counter.file(day_seen="1970-01-01")
    seen = audit.rows(number)[-1]
    assert (seen.actor, seen.action) == ("agent", "case.look_at_day") and "1970-01-01" in str(seen.detail)
    three.clock.set_wall(NOW)
    three.carry(VILLAGE, TOWN)
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    hall = three.client(TOWN, "clerk")
    accept, remind = f"/case/{number}/do/accept", f"/case/{number}/report/remind"
    assert "day_seen" not in hall.get(accept).text
    three.clock.set_wall(NOW + 26_000 * DAY_MS)
    today = local_day(three.now())
    assert f"今天是 {today} 吗" in hall.get(accept).text and "day_seen" not in hall.get(remind).text
    for said in ("", "2026-03-03", "x"):
        # The clock may have jumped between the look and the press.
        assert post(hall, accept, {**WAIVED, "day_seen": said}, accept).status_code == 400
        assert three.node.casework.case(number).state is State.RECEIVED
    assert post(hall, accept, {**WAIVED, "day_seen": today}, accept).status_code == 303
    assert three.node.casework.case(number).facts.accepted_on == today
    assert (audit.rows(number)[-1].actor, audit.rows(number)[-1].action) == ("clerk", "case.look_at_day")
