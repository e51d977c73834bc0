"""The day that the demonstration plays, part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from common.node.demo.clerk import Clerk
from common.node.demo.county import SiteTrouble
from common.node.demo.desks import Desks, Stuck
from common.node.demo.docket import Docket
from common.node.demo.errands import Ending, plan
from common.node.demo.intake import Intake
from common.node.demo.network import Network
from common.node.demo.show import Show
from common.node.demo_data.sites import COUNTY, TOWNSHIPS, VILLAGES, spoken_name
from common.people.rules.roles import Role

# The site whose line never works, and the one whose power goes.
CUT_OFF = VILLAGES[3].address
UNLUCKY = VILLAGES[1].address
_ROUNDS_MAX = 4
# Ending → how long the address is of the site where the case waits, and for what.
_LEFT_AT = {
    Ending.TO_CHECK: (9, "待初审"),
    Ending.TO_ACCEPT: (9, "待受理"),
    Ending.TO_APPROVE: (6, "待批准"),
    Ending.TO_HAND_OVER: (12, "待送达"),
}
# The page names what came, and leaves out what did not: a stick read a second time brings nothing new.
_TAKEN = re.compile(r"已读入(?:.*新收 (\d+) 份报文)?(?:.*另 (\d+) 份以前)?")
_NOT_TAKEN = re.compile("没有读入|不能采用|不完整")


class Story:
    """One day in one county."""

    def __init__(self, network: Network, show: Show) -> None:
        self.network = network
        self.docket = Docket(plan([v.address for v in VILLAGES], [t.address for t in TOWNSHIPS]))
        self._show = show
        self._desks = Desks(network, self.docket, show)
        self._intake = Intake(network, self.docket, show)

    def play(self) -> None:
        """Play it all, from seven empty folders to results in residents' hands."""
        self._set_up()
        self._take_in()
        self._bring_sticks()
        self._work()
        self._come_to_rest()

    # --- 一
    def _set_up(self) -> None:
        show, network = self._show, self.network
        show.chapter("一、建站：一县两乡四村，七个站点各用各的进程、密钥和数据库")
        entries = self.docket.entries
        pictures = {p for e in entries for _, p in (*e.errand.given, *e.errand.later)}
        network.album.begin([p for e in entries for _, p in (*e.errand.given, *e.errand.later)])
        show.say(
            f"正在建立 {len(network.sites)} 个站点；同时制作 {len(pictures)} 张材料照片，居民都是虚构的 …"
        )
        network.found()
        show.say("各站已有自己的密钥、数据库和人员账号，正在启动 …")
        network.start([COUNTY])
        show.good(f"{self._name(COUNTY)} 已建站，网址 {network.nodes[COUNTY].url}")
        for parents in ([COUNTY], [town.address for town in TOWNSHIPS]):
            for child in network.enrol(parents):
                how = "用入网码、文件登记（没有线路）" if child in network.dead else "用入网码、联网登记"
                show.good(f"{spoken_name(child)} {how}，网址 {network.nodes[child].url}")
        network.carry(CUT_OFF[:9], CUT_OFF)
        show.good(f"{spoken_name(CUT_OFF)} 用 U 盘取到名册和事项目录")
        for village in VILLAGES:
            network.await_catalogue(village.address)
        for town in TOWNSHIPS:
            network.await_catalogue(town.address)
        network.await_roster()
        show.good("县里已确认全部站点，事项目录已到各站")

    # --- 二
    def _take_in(self) -> None:
        show, network = self._show, self.network
        show.chapter("二、线路全部中断：各村、各乡镇照常收件，材料拍照存在本站")
        network.lines_down()
        sites = [*(v.address for v in VILLAGES), *(t.address for t in TOWNSHIPS)]
        self._intake.everywhere(sites, UNLUCKY)
        filed = [entry for entry in self.docket.entries if entry.number]
        items = {entry.errand.item.code for entry in filed}
        papers = sum(len(entry.papers) for entry in filed)
        kills = self._intake.kills
        show.good(f"断网期间收件 {len(filed)} 件，{len(items)} 个事项，材料 {papers} 份；停电 {kills} 次")

    # --- 三
    def _bring_sticks(self) -> None:
        show, network = self._show, self.network
        show.chapter(f"三、线路恢复，只有{self._name(CUT_OFF)}的线路修不好：用 U 盘送件")
        self._mend(village.address for village in VILLAGES)
        self._carry(CUT_OFF, CUT_OFF[:9])
        path = self._carry(CUT_OFF, COUNTY)
        again = network.anyone(COUNTY).from_stick(path)
        show.act(self._name(COUNTY), "再插一次", ("同一个 U 盘", _taken(again)))
        self._mend(town.address for town in TOWNSHIPS)

    def _mend(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self.network.lines_up([address])
            state = "仍然不通" if address in self.network.dead else "恢复"
            parent = self.network.sites[address].parent
            self._show.say(f"线路 {self._name(address)} → {self._name(parent)}：{state}")

    # --- 四
    def _work(self) -> None:
        show = self._show
        show.chapter("四、乡镇初审、退补、转报、办结本级事项；县里受理、补正、审查、批准；村里送达")
        connected = [address for address in self.network.sites if address not in self.network.dead]
        for round_no in range(1, _ROUNDS_MAX + 1):
            self._desks.work(connected, self._is_quiet)
            if all(entry.is_done for entry in self.docket.entries):
                return
            if round_no == _ROUNDS_MAX:
                raise Stuck(self._desks.what_is_open())
            show.say(f"— {self._name(CUT_OFF)}没有线路，第 {round_no} 次用 U 盘取回结果和通知 —")
            self._carry(CUT_OFF[:9], CUT_OFF)
            self._carry(COUNTY, CUT_OFF)
            self._desks.clear(CUT_OFF)
            self._carry(CUT_OFF, (COUNTY, CUT_OFF[:9])[round_no % 2])

    def _is_quiet(self) -> bool:
        """Say whether all is done but what has to travel on the stick first."""
        return all(
            entry.is_done or (entry.errand.site == CUT_OFF and entry.waits_for_resident)
            for entry in self.docket.entries
        )

    # --- 五
    def _come_to_rest(self) -> None:
        show, network = self._show, self.network
        show.chapter("五、回执和办结通知回到各村")
        top = self.network.anyone(COUNTY)
        expected = {entry.number for entry in self.docket.entries if entry.expected_state == "CLOSED"}

        def closed(clerk: Clerk) -> bool:
            rows = {row.number: row.state for row in clerk.all_rows("all")}
            mine = {n for n in expected if n.startswith(clerk.node.address)}
            return all(rows.get(number) == "已办结" for number in mine)

        network.wait(partial(closed, top), "县里还有没有办结的件")
        # What a township did on its own cases comes from the township, not by way of the county.
        self._carry(COUNTY, CUT_OFF)
        self._carry(CUT_OFF[:9], CUT_OFF)
        for village in VILLAGES:
            clerk = network.clerk(village.address, Role.AGENT)
            network.wait(partial(closed, clerk), f"{village.name} 还有没有办结的件")
            show.good(f"{village.name} 的办件全部到达预定的一步")

    def _carry(self, source: str, target: str) -> Path:
        path, told = self.network.carry(source, target)
        self._show.act(self._name(source), f"U 盘送{self._name(target)}", (_size(path), _taken(told)))
        return path

    def left_for_visitors(self) -> str:
        """Say at which desks something still waits."""
        found: dict[str, int] = {}
        for entry in self.docket.entries:
            if entry.errand.ending in _LEFT_AT:
                length, work = _LEFT_AT[entry.errand.ending]
                where = f"{self._name(entry.errand.site[:length])} {work}"
                found[where] = found.get(where, 0) + 1
        return "、".join(f"{where} {count} 件" for where, count in found.items())

    def _name(self, address: str) -> str:
        return self.network.sites[address].name


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size > 1_000_000 else f"{size / 1e3:.0f} KB"


def _taken(told: str) -> str:
    """Return in short what the page says of a stick taken in.

    Raises:
        SiteTrouble: it was not taken in, or not all of it.
    """
    found = _TAKEN.search(told)
    if found is None or _NOT_TAKEN.search(told):
        raise SiteTrouble(told)
    return f"新收 {found[1] or 0} 份" + (f"，另 {found[2]} 份以前收过" if found[2] else "")
