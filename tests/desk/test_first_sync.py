"""The first sync of a village: its pages say how far it is, and that one may go on with something else."""

from __future__ import annotations

import pytest

from common.catalogue.service import Catalogue
from common.config import read_config, write_config
from common.desk.pages import line_speed
from common.node.verbs import commands
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store.database import close_database, run
from sync.adapters.bundle_file import export, import_file
from sync.protocol.pacing import Gauge
from tests.desk.test_line import with_parent_url
from tests.desk.three import (
    COUNTY,
    NOW,
    PASSWORD,
    PROFILES,
    RELIEF,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    enrol,
)

NEW = "511921126200"


def join(three: ThreeNodes, above: str = "http://127.0.0.1:1") -> None:
    """Let another village join, with the address of the township or none; nothing has come to it yet."""
    folder = three.folder / NEW
    folder.mkdir()
    settings: dict[str, str | int] = {"address": NEW, "bind": "127.0.0.1:9099"}
    write_config(folder, {**settings, "parent_url": above} if above else settings)
    close_database()
    node = commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    ready = node.people.ready(NewStaff("agent", "周代办", frozenset({Role.AGENT}), "", PASSWORD))
    with node.unit():
        node.people.add_staff(ready, "", NOW)
    enrol(three, NEW, TOWN)


def test_a_new_village_is_told_how_far_its_first_sync_is(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = three.client(TOWN, "clerk")
    assert "还要收的" not in clerk.get("/").text
    with monkeypatch.context() as before:
        before.setattr(Catalogue, "items_for", lambda catalogue, level: [])
        before.setattr(line_speed, "knows_no_way_up", lambda node: False)
        assert "第一次接收资料" in clerk.get("/").text, "a hall is told the same"
    join(three)
    agent = three.client(NEW, "agent")
    for path in ("/", "/file", "/line"):
        page = agent.get(path).text
        assert "第一次接收资料：已收到事项 0 个" in page and "可以先办别的" in page, path
        assert f'hx-get="{path}" hx-trigger="every 30s"' in page, path
    for source, target in ((NEW, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, NEW)):
        three.carry(source, target)
    agent = three.client(NEW, "agent")
    for path in ("/", "/file", "/line"):
        assert "第一次接收" not in agent.get(path).text, path


def test_a_new_village_that_knows_no_address_above_is_not_said_to_be_receiving(three: ThreeNodes) -> None:
    """They spoke of what comes, and sent whoever waited to a button that is not there."""
    join(three, "")
    agent = three.client(NEW, "agent")
    for path in ("/", "/file", "/line"):
        page = agent.get(path).text
        assert page.count("不知道上级站点的网址，本站没有联系任何站点") == 1, path
        assert "第一次接收" not in page and "现在发送" not in page, path
    assert "没有设置上级线路" in agent.get("/line").text
    for source, target in ((NEW, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, NEW)):
        three.carry(source, target)
    agent = three.client(NEW, "agent")
    reminded = [path for path in ("/", "/file", "/line") if "不知道上级站点的网址" in agent.get(path).text]
    assert reminded == ["/line"], "who lives by sticks is told there alone"


def test_what_a_torn_exchange_left_out_is_counted(three: ThreeNodes) -> None:
    """Acts and papers that the node above said it has; what comes from below is not waited for from above."""
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n) for n in range(6)]
    three.carry(VILLAGE, TOWN)
    for case in cases:
        three.move(case, "accept", Role.CLERK)
    done = export(three.node.engine, VILLAGE, three.folder)
    whole = done.path.read_bytes()
    done.path.write_bytes(whole[: len(whole) * 2 // 3])
    report = import_file(three.open(VILLAGE).engine, done.path)
    assert not report.complete
    coming = three.node.coming_from(TOWN)
    assert 0 < coming.acts <= 6, coming
    page = three.client(VILLAGE, "agent").get("/line").text
    assert f"还要收：报文 {coming.acts} 份" in page and "不用从头来" in page
    assert "还要收的" not in three.again("agent").get("/").text
    done.path.write_bytes(whole)
    assert import_file(three.node.engine, done.path).complete
    assert three.node.coming_from(TOWN)[:2] == (0, 0) and line_speed.coming_said(three.node) == []


def test_papers_are_counted_when_they_come_from_above_and_not_from_below(three: ThreeNodes) -> None:
    three.open(TOWN)
    three.file(SUBSISTENCE, papers=2)
    done = export(three.node.engine, COUNTY, three.folder)
    done.path.write_bytes(done.path.read_bytes()[:-600])
    import_file(three.open(COUNTY).engine, done.path)
    assert run("SELECT COUNT(*) FROM sync_gap").fetchone()[0] > 0
    assert three.node.coming_from(TOWN).papers == 0
    # Over a measured line the village waits for a paper of its own that it has lost and those above have.
    client = with_parent_url(three)
    three.file(RELIEF)
    stream = run("SELECT no FROM sync_stream WHERE src = ?", (VILLAGE,)).fetchone()[0]
    with three.node.unit():
        run("INSERT INTO sync_gap VALUES (?, 1, ?, 90000, 'image/jpeg')", (stream, "ab" * 32))
    runner = three.node.runner
    assert runner is not None
    runner.gauges[TOWN] = gauge = Gauge()
    gauge.down.tell(4_000 * 2, 4_000)
    page = client.get("/line").text
    assert "材料 1 份（约 90 KB）" in page and "按现在的速度，大约需要不到 1 分钟" in page
