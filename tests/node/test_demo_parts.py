"""The demonstration's parts: the plan of the day, the line that can be cut, tables, what people do next."""

import io
import socket
import threading

import pytest

from common.casework.rules.flow import FLOW, REPORTS
from common.config import read_config, write_config
from common.node.assembly import build_node
from common.node.backups.restore import switched_off
from common.node.demo.__main__ import _tidy, _total
from common.node.demo.__main__ import main as demonstrate
from common.node.demo.accounts import PASSWORD, accounts_of
from common.node.demo.check import Tally
from common.node.demo.county import SiteTrouble
from common.node.demo.desks import next_step
from common.node.demo.docket import DECISIONS, Docket
from common.node.demo.errands import Ending, plan
from common.node.demo.founding import bare_profile, found
from common.node.demo.kept import lead_to_parents, serve_commands
from common.node.demo.relay import Relay
from common.node.demo.show import Show, width
from common.node.demo.story import _taken
from common.node.demo_data.sites import COUNTY, SITES, TOWNSHIPS, VILLAGES
from common.people.rules.roles import Role
from common.store.database import close_database
from sync.protocol.practice import is_practice

ERRANDS = plan([village.address for village in VILLAGES], [town.address for town in TOWNSHIPS])


def test_the_plan_is_the_same_every_time_and_large_enough():
    assert plan([v.address for v in VILLAGES], [t.address for t in TOWNSHIPS]) == ERRANDS
    at_villages = [e for e in ERRANDS if len(e.site) == 12]
    assert len(at_villages) >= 40
    assert len({e.item.code for e in at_villages}) >= 5
    assert len([e for e in ERRANDS if e.ending is Ending.HANDED_OVER]) >= 10
    assert {e.asked_by for e in ERRANDS} == {"", "send_back", "ask_papers"}


def test_nobody_comes_twice_for_the_same():
    assert len({(e.person.id_number, e.item.code) for e in ERRANDS}) == len(ERRANDS)


def test_everybody_brings_every_required_paper_sooner_or_later():
    for errand in ERRANDS:
        brought = [key for key, _ in (*errand.given, *errand.later)]
        assert sorted(brought) == sorted(p.key for p in errand.item.papers if p.required)
        assert bool(errand.later) == bool(errand.asked_by)


def test_what_is_asked_for_is_a_paper_the_site_does_not_have():
    for errand in ERRANDS:
        files = [p.file for other in ERRANDS if other.site == errand.site for _, p in other.given]
        assert not {picture.file for _, picture in errand.later} & set(files)


@pytest.mark.parametrize("errand", ERRANDS[:13], ids=lambda e: f"{e.item.base_code}-{e.decision}")
def test_people_never_take_a_step_their_page_does_not_offer(errand):
    """Method: every row of the flow table and every report, offered alone."""
    entry = Docket([errand]).entries[0]
    offers = {step.action.value for step in FLOW} | {rule.what.value for rule in REPORTS}
    for offer in offers:
        assert next_step(entry, {offer}) in (
            "",
            offer,
            "return",
            "send_back",
            "ask_papers",
            "not_accept",
            "refuse",
        )
    assert next_step(entry, set()) == ""


def test_a_case_is_done_only_at_its_ending():
    for errand in ERRANDS:
        entry = Docket([errand]).entries[0]
        assert not entry.is_done
        entry.number = "x"
        for step in ("review", errand.decision, "issue", "handed_over"):
            if entry.is_done:
                break
            entry.steps.append(step)
        assert entry.is_done
        assert (errand.decision in DECISIONS) and errand.ending in Ending


def test_the_total_says_how_many_cases_the_story_leaves_where_they_are():
    docket = Docket(ERRANDS)
    for n, entry in enumerate(docket.entries):
        entry.number = str(n)
        entry.steps += ["review", entry.errand.decision, "issue"]
        entry.steps += ["handed_over"] if entry.errand.ending is Ending.HANDED_OVER else []
    meant = sum(1 for errand in ERRANDS if errand.ending is not Ending.HANDED_OVER)
    told = _total(docket, Tally(filed=len(ERRANDS), handed_over=len(ERRANDS) - meant))
    assert f"其余 {meant} 件按剧情停在办理中" in told and "丢失 0，重复 0，搁置 0" in told


def answering(server):
    """Serve one connection after the other, each with what it sent."""
    while True:
        try:
            near, _ = server.accept()
        except OSError:
            return
        with near:
            while data := near.recv(1024):
                near.sendall(data)


def test_a_line_passes_bytes_counts_them_and_can_be_cut_under_way():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answering, args=(server,), daemon=True).start()
        line = Relay(server.getsockname()[1])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", line.port))
        line.up()
        with socket.create_connection(("127.0.0.1", line.port)) as near:
            near.sendall(b"hello")
            assert near.recv(10) == b"hello"
            line.down()
            near.settimeout(5)
            assert near.recv(10) == b""
        assert (line.bytes_up, line.bytes_down) == (5, 5)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", line.port))
        line.up()
        with socket.create_connection(("127.0.0.1", line.port)) as near:
            near.sendall(b"again")
            assert near.recv(10) == b"again"
        line.down()


def test_tables_stand_in_columns_whatever_is_written_in_them():
    out = io.StringIO()
    Show(out).table(("站点", "收件", "x"), [["王坪村", "7", "—"], ["a", "12", "0.25"]])
    lines = out.getvalue().splitlines()
    assert len({width(line) for line in lines}) == 1
    assert lines[1].index("7") > lines[1].index("村")


def test_a_hushed_show_says_only_its_last_words():
    out = io.StringIO()
    show = Show(out)
    show.say("一")
    show.hush()
    show.say("二")
    show.last("三")
    assert [line.split()[-1] for line in out.getvalue().splitlines()] == ["一", "三"]


def test_every_department_of_the_story_has_somebody_at_the_node_that_decides():
    for item in {errand.item.code: errand.item for errand in ERRANDS}.values():
        if item.route.competent == "origin":
            continue
        site = COUNTY if item.route.competent == "county" else TOWNSHIPS[0].address
        there = {account.department for account in accounts_of(site)}
        assert {item.route.department, *(asked.department for asked in item.joint)} <= there, item.name


def test_the_county_has_a_lead_and_a_supervisor_to_try():
    posts = {role for account in accounts_of(COUNTY) for role in account.roles}
    assert {Role.LEAD, Role.SUPERVISOR, Role.ADMIN} <= posts


def test_a_kept_folder_says_how_its_sites_are_served_again(tmp_path, capsys):
    assert serve_commands(tmp_path) == []
    for site, port in ((SITES[0], 8701), (SITES[1], 8702)):
        (tmp_path / site.address).mkdir()
        write_config(tmp_path / site.address, {"address": site.address, "bind": f"127.0.0.1:{port}"})
    # Killed before its end, a demonstration leaves the address of a relay that is gone.
    gone = {"address": SITES[1].address, "bind": "127.0.0.1:8702", "parent_url": "http://127.0.0.1:8799"}
    write_config(tmp_path / SITES[1].address, gone)
    county, town = serve_commands(tmp_path)
    assert f"-m county_node serve --data {tmp_path}/511921" in county and "PARENT_URL" not in county
    assert town.startswith("LIANDONG_PARENT_URL=http://127.0.0.1:8701 ") and "-m town_node" in town
    with pytest.raises(SystemExit):
        demonstrate(["--keep", str(tmp_path)])
    refused = capsys.readouterr().err
    assert "不是空文件夹" in refused and county in refused and refused.endswith(f"{town}\n")
    assert "写得不对" not in refused and "用法" not in refused
    with switched_off(read_config(tmp_path / SITES[1].address, {})), pytest.raises(SystemExit):
        demonstrate(["--keep", str(tmp_path)])
    refused = capsys.readouterr().err
    assert "正在运行" in refused and "http://127.0.0.1:8702" in refused and "重新启动" not in refused
    lead_to_parents(tmp_path)
    config = read_config(tmp_path / SITES[1].address, {})
    assert (config.parent_url, config.bind) == ("http://127.0.0.1:8701", "127.0.0.1:8702")
    assert not any("PARENT_URL" in line for line in serve_commands(tmp_path))
    (tmp_path / "file").write_bytes(b"")
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SystemExit):
            demonstrate(["--keep", str(wrong)])
        assert "不能用作文件夹" in capsys.readouterr().err


def test_a_kept_folder_says_who_signs_in_where(tmp_path):
    (tmp_path / SITES[0].address).mkdir()
    write_config(tmp_path / SITES[0].address, {"address": SITES[0].address, "bind": "127.0.0.1:8701"})
    said = io.StringIO()
    show = Show(said)
    show.hush()
    _tidy(show, tmp_path, is_kept=True)
    rows = [line.split() for line in said.getvalue().splitlines() if PASSWORD in line]
    assert [row[2] for row in rows] == [account.login for account in accounts_of(SITES[0].address)]
    assert {row[1] for row in rows} == {"http://127.0.0.1:8701"} and "-m county_node serve" in said.getvalue()


def test_a_demonstration_is_a_practice_network_and_is_served_as_one(tmp_path):
    """Its people are invented: every page says so, and no real site takes its cases in."""
    folder = tmp_path / SITES[0].address
    found(folder, SITES[0].address, 8701, "")
    close_database()
    assert read_config(folder, {}).practice == 1
    node = build_node(read_config(folder, {}), bare_profile(SITES[0].address))
    assert is_practice(node.peer.core.roster.network)
    close_database()
    (again,) = serve_commands(tmp_path)
    assert again.endswith(" --practice")


def test_what_a_page_says_of_a_stick_is_understood_also_where_nothing_came() -> None:
    assert _taken("已读入来自鹿角坪村的U盘数据包 另 15 份以前都收过了") == "新收 0 份，另 15 份以前收过"
    assert _taken("已读入来自鹿角坪村的U盘数据包 新收 3 份报文，材料数据 2 段") == "新收 3 份"
    for told in ("这个数据包没有读入", "来自青峪镇的U盘数据包只读入了一部分 新收 3 份报文 数据包不完整"):
        with pytest.raises(SiteTrouble):
            _taken(told)
