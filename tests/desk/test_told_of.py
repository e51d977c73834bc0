"""What people are told without looking for it: twins, acts held back, what the county decided on a site."""

from __future__ import annotations

import re

import pytest

from common.casework.errors import OutOfService
from common.node import records
from common.node.enrolling.enrolment_refusals import AddressRetired, NotBelowHere
from common.node.verbs import commands
from common.node.verbs.told import status_lines, verify_lines
from common.store import audit
from sync.protocol.core import Note
from sync.protocol.frame import Frame
from sync.protocol.spool import EVIDENCE, GAP, Aside
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.desk_pages import Counter
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, WAIVED, ThreeNodes, post
from tests.sync.made import key_pair


def test_the_countys_first_page_tells_its_administrator_of_twins_and_of_acts_held_back(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(VILLAGE)
    three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    assert "去处理" not in three.client(COUNTY, "admin").get("/").text
    node = three.node
    node.journal([Note("S122", VILLAGE, "two installations answer under one address")])
    stream = next(s.id for s in node.spool.streams() if s.id.src == VILLAGE)
    with node.unit():
        node.trust.revoke(Revocation(VILLAGE, STOLEN, cut={stream: 0}), "")
    # Whoever is told of without end, and each time otherwise, hides nothing else of what is told.
    monkeypatch.setattr(records, "NOTES_KEPT", 40)
    for at in range(3):
        node.journal([Note("S120", VILLAGE, f"fork at {at} {number}") for number in range(30)])
    assert len(node.notes(99)) == 40 and node.notes(1)[0].detail == "fork at 2 29"
    page = three.client(COUNTY, "admin").get("/").text
    assert "两台电脑在用同一个站点身份" in page and f"/roster/{VILLAGE}" in page
    assert "份报文暂扣" in page and "/roster/held" in page
    twins_looked_after(three)
    assert "去处理" not in three.client(COUNTY, "approver").get("/").text
    three.clock.advance(8 * 86_400_000)
    records.add_notes([(three.now() + 1, "S122", TOWN, "noted while the clock was years ahead")])
    assert "两台电脑" not in three.client(COUNTY, "admin").get("/").text
    # Struck out, it waits for nobody any more, there and on the way.
    held = [one.row.id for one in three.open(COUNTY).trust.held_back(9)]
    with three.node.unit():
        three.node.trust.strike(held, "冒用", "")
    three.carry(COUNTY, TOWN)
    page = three.client(TOWN, "clerk").get("/line").text
    assert "份已由县级管理员剔除" in page and "等县级放行或剔除" not in page
    assert commands.status(three.node)["parked"] == 0
    a_key_gone_over_to(three)


def twins_looked_after(three: ThreeNodes) -> None:
    """Whoever looked after an alarm ends it, in their name; the next one is told again."""
    client, site, told = three.client(COUNTY, "admin"), f"/roster/{VILLAGE}", "两台电脑在用同一个站点身份"
    page = client.get(site).text
    upto = re.search(r'name="upto" value="(\d+)"', page)
    assert told in page and upto and upto[1] == str(three.now())
    assert post(client, f"{site}/twins", {"upto": "x"}).status_code == 404
    assert told in client.get("/").text
    three.clock.advance(60_000)
    assert post(client, f"{site}/twins", {"upto": "9" * 15}).status_code == 303
    assert told not in client.get("/").text and "孙管理于2026-03-03 09:07核对过" in client.get(site).text
    row = audit.rows(VILLAGE)[-1]
    assert (row.actor, row.action) == ("admin", "twins.settled")
    assert f'"upto":{three.now()}' in row.detail, "nobody dismisses what is yet to come"
    three.clock.advance(3_600_000)
    three.node.journal([Note("S122", VILLAGE, "two installations answer under one address")])
    client = three.again("admin")
    assert told in client.get("/").text and told in client.get(site).text


def a_key_gone_over_to(three: ThreeNodes) -> None:
    """Where a former key still counts another one ends no alarm: the twin may have gone over to it."""
    client = three.client(COUNTY, "admin")
    for address in (TOWN, VILLAGE):
        three.node.journal([Note("S122", address, "two installations answer under one address")])
    three.clock.advance(60_000)
    with three.node.unit():
        core = three.node.peer.core
        for address in (TOWN, VILLAGE):
            child = {"address": address, "key": key_pair(address).public.as_fields()}
            registrar.admit_child(core, core.means.roster_key, child, three.now())
    page = client.get("/").text
    assert f"/roster/{TOWN}" in page and f"/roster/{VILLAGE}" not in page


def test_villages_and_townships_are_told_of_twins_with_what_to_do(three: ThreeNodes) -> None:
    for address, login in ((VILLAGE, "agent"), (TOWN, "clerk")):
        client = three.client(address, login)
        assert "两台电脑" not in client.get("/").text
        three.node.journal([Note("S122", VILLAGE, "later epochs of our own keep coming")])
        page = client.get("/").text
        assert "只留一台" in page and "报县级管理员" in page and "S122" in page
        # The county's word that it is settled comes to no other node.
        assert "县里核对过的不用再报：7 天没有再发现，就不再提醒" in page
        assert ("本站的身份" in page) == (address == VILLAGE) != ("鹿角坪村：有两台" in page)
    (told,) = [line for line in status_lines(commands.status(three.node), str) if "S122" in line]
    assert VILLAGE in told and "只留一台" in told and "县里核对过的不用再报" in told
    three.clock.advance(8 * 86_400_000)
    assert "两台电脑" not in three.again("clerk").get("/").text


def test_a_retired_site_says_so_and_gets_no_code(three: ThreeNodes) -> None:
    by = ("", three.now())
    with three.open(COUNTY).unit():
        three.node.trust.relieve(TOWN, by, "修理")
    three.carry(COUNTY, TOWN)
    assert "县级已停用本站" in three.client(TOWN, "clerk").get("/line").text
    home = three.client(TOWN, "clerk").get("/").text
    assert "下级站点改由再上一级联系" in home and "还没有下级站点登记" not in home
    assert any("已停用本站" in line for line in status_lines(commands.status(three.node), str))
    with three.open(COUNTY).unit():
        three.node.trust.relieve(VILLAGE, by, "修理")
    three.carry(COUNTY, VILLAGE)
    # Nothing stands below a village.
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "县级已停用本站，不收新件" in page and "下级站点改由" not in page
    with three.open(COUNTY).unit():
        three.node.trust.retire(VILLAGE, by, "并村")
    with pytest.raises(AddressRetired):
        commands.enrol_issue(three.node, VILLAGE, "")
    three.carry(COUNTY, VILLAGE)
    assert "县级已撤销本站" in three.client(VILLAGE, "agent").get("/line").text
    assert any("已撤销本站" in line for line in status_lines(commands.status(three.node), str))


def test_a_site_out_of_service_takes_nothing_in_and_brings_what_it_has_to_its_end(three: ThreeNodes) -> None:
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF).to_check()
    number = three.file(RELIEF, seed=1)
    three.carry(VILLAGE, TOWN)
    by = ("", three.now())
    with three.open(COUNTY).unit():
        three.node.trust.relieve(TOWN, by, "修理")
        three.node.trust.retire(VILLAGE, by, "并村")
    for below in (TOWN, VILLAGE):
        three.carry(COUNTY, below)
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/file")
    assert page.status_code == 409 and "县级已撤销本站（名册日期 2026-03-03）" in page.text
    # The township is relieved too: whoever comes is sent past it.
    assert "到通江县办理" in page.text and f"{counter.path}/" in page.text
    for path in ("/file/begin", f"{counter.path}/check"):
        assert "县级已撤销本站" in post(agent, path, {"item": RELIEF}, "/line").text
    with pytest.raises(OutOfService):
        three.file(RELIEF, seed=2)
    assert agent.get(f"{counter.path}/form").status_code == 200, "the draft is there to copy from"
    assert agent.get(f"/case/{number}").status_code == 200
    clerk = three.client(TOWN, "clerk")
    page = clerk.get("/file").text
    assert "县级已停用本站" in page and "恢复以前不收新件" in page
    accept = f"/case/{number}/do/accept"
    assert post(clerk, accept, WAIVED, accept).status_code == 303
    with three.open(COUNTY).unit():
        three.node.trust.take_back_into_service(TOWN, by, "修好")
    three.carry(COUNTY, TOWN)
    assert three.client(TOWN, "clerk").get("/file").status_code == 200


def test_who_has_moved_joins_below_the_new_parent_alone(three: ThreeNodes) -> None:
    with three.open(COUNTY).unit():
        three.node.trust.move(VILLAGE, COUNTY, ("", three.now()))
    assert commands.enrol_issue(three.node, VILLAGE, "")
    three.carry(COUNTY, TOWN)
    with pytest.raises(NotBelowHere):
        commands.enrol_issue(three.node, VILLAGE, "")
    assert f'value="{VILLAGE}"' not in three.client(TOWN, "admin").get("/nodes").text
    assert commands.enrol_issue(three.node, "511921126200", "")


def test_frames_without_a_place_are_shown_and_evidence_waits_for_nothing(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file(RELIEF)
    frame: Frame = next(
        iter(three.node.spool.frames_after({s.id: 0 for s in three.node.spool.streams()}, 0, 1))
    ).frame
    node = three.open(TOWN)
    with node.unit():
        node.spool.put_aside(Aside(frame, EVIDENCE, three.now()))
    assert commands.status(node)["aside"] == 0
    assert "等前面的报文" not in three.client(TOWN, "clerk").get("/line").text
    with three.node.unit():
        three.node.spool.drop_aside(frame)
        three.node.spool.put_aside(Aside(frame, GAP, three.now() - 2 * 86_400_000))
    page = three.client(TOWN, "clerk").get("/line").text
    assert "1 份等前面的报文到达" in page and "U盘数据包" in page
    assert commands.status(three.node)["aside"] == 1
    # Its act has got a place by now, and all that remains is a place it once had: nobody waits for that.
    three.carry(VILLAGE, TOWN)
    with three.node.unit():
        three.node.spool.put_aside(Aside(frame, GAP, three.now() - 2 * 86_400_000))
    assert three.node.spool.count_aside(GAP) == 1 and commands.status(three.node)["aside"] == 0
    assert "等前面的报文" not in three.client(TOWN, "clerk").get("/line").text


def test_notes_of_one_kind_stand_as_one_and_what_only_waits_is_no_note(three: ThreeNodes) -> None:
    node = three.open(TOWN)
    node.journal([Note("S113", VILLAGE, f"stream {n}") for n in range(3)])
    node.journal(
        [Note("E108", VILLAGE, "case.moved parked for case"), Note("E216", VILLAGE, "x parked for person")]
    )
    page = three.client(TOWN, "clerk").get("/line").text
    assert page.count("S113") == 1 and "当天 3 次" in page
    assert "E108" not in page and "E216" in page


def test_what_a_check_found_is_told_in_words() -> None:
    facts = dict.fromkeys(("frames", "streams", "statements", "papers", "papers_missing", "evidence"), 0)
    facts |= {"bodies_by_rule": 0, "papers_by_rule": 0}
    found = ["S102 frame: 511921126|1-ab|511921 7", "S112 entry: 511921126", "paper gone: ab"]
    lines = verify_lines({**facts, "problems": found})
    assert "✗ 报文已损坏（S102）：511921126|1-ab|511921 7" in lines
    assert "✗ 声明已损坏（S112）：511921126" in lines and "3 处有误" in lines[-1]
