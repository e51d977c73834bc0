"""A small county with items of every sort and a clock the test turns, for the whole life of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from common.casework.context import Actor, CaseContext, load_calendar
from common.casework.rules.deadlines import Calendar
from common.casework.rules.event import CaseState
from common.casework.service import Casework
from common.catalogue.rules.item import PaperSpec, ServiceItem
from common.catalogue.rules.values import Fee, Joint, Special
from common.store.database import unit_of_work
from tests.casework.build import AGENT, COUNTY, ITEMS, NOON, VILLAGE, Shop, a_filing
from tests.casework.nodes import Network

DAY = 86_400_000
OURS, OTHER, HELPS, ALSO = "示例部门", "另一部门", "协办部门", "会签部门"
CENTRE = "县政务服务中心"
RECEIVER = {"receiver": {"name": "何秀英", "id_number": "x", "how": "当面"}}
NOTICE = {"lacking": [{"key": "photo", "name": "照片", "how": "原件"}]}


def staff(role: str, department: str = OURS, login: str = "") -> Actor:
    """Return a person of a department in a role, one for each pair of them."""
    name = login or f"{role.lower()}@{department}"
    return Actor(name, f"{name}某", role, department)


CLERK, CHECKER, REVIEWER = staff("CLERK"), staff("CHECKER", "便民服务中心"), staff("REVIEWER")
APPROVER, LEAD = staff("APPROVER"), staff("LEAD")


def _paper(key: str, name: str, tolerant: bool) -> PaperSpec:
    return PaperSpec(key, name, True, 1, 1, "", tolerant)


_DIRECT = replace(ITEMS["direct"], extension_days=10)
_CENTRE = replace(_DIRECT, code="centre", route=replace(_DIRECT.route, window="centre"))
JOINT = (Joint(HELPS, "核实身份", 3, True), Joint(ALSO, "消防意见", 5, False))
ITEMS_OF_LIFE: Mapping[str, ServiceItem] = {
    **ITEMS,
    "direct": _DIRECT,
    "centre": _CENTRE,
    "joint": replace(_DIRECT, code="joint", joint=JOINT),
    "special": replace(_DIRECT, code="special", special=(Special("inspection", "现场检验", 10, "示例"),)),
    "fee": replace(_DIRECT, code="fee", fees=(Fee("工本费", "每证 80 元", 8_000, "件", "示例", False),)),
    "originals": replace(_DIRECT, code="originals", originals="after_review"),
    "tolerant": replace(
        _DIRECT,
        code="tolerant",
        tolerance_days=5,
        papers=(_paper("id_card", "身份证", False), _paper("photo", "照片", True), _paper("map", "图", True)),
    ),
}


class Shelf(Shop):
    """A catalogue of given items, each in force in its one version; former versions and their last day."""

    def __init__(self, items: Mapping[str, ServiceItem] = ITEMS_OF_LIFE) -> None:
        self.items = dict(items)
        self.former: dict[tuple[str, int], tuple[ServiceItem, date]] = {}
        self.named: set[str] = set()

    def item(self, code: str) -> ServiceItem | None:
        return self.items.get(code)

    def version(self, code: str, version: int, doc: str = "") -> ServiceItem | None:
        now = self.items.get(code)
        if now is not None and now.version == version:
            return now
        return self.former[(code, version)][0] if (code, version) in self.former else None

    def was_in_force(self, code: str, version: int, day: date, doc: str = "") -> bool:
        if (code, version) in self.former:
            return day <= self.former[(code, version)][1]
        return self.version(code, version) is not None

    def departments(self) -> frozenset[str]:
        return super().departments() | self.named

    def replace_by(self, item: ServiceItem, from_day: date) -> None:
        """Let another version of an item be in force from a day on."""
        old = self.items[item.code]
        self.former[(item.code, old.version)] = (old, date.fromordinal(from_day.toordinal() - 1))
        self.items[item.code] = item


class Line:
    """What every node knows of the others: up to when it heard of them, and who is relieved of its work."""

    def __init__(self) -> None:
        self.heard: dict[str, int] = {}
        self.spoke: dict[str, int] = {}
        self.relieved: set[str] = set()

    def heard_at(self, address: str) -> int:
        return self.heard.get(address, 2**53)

    def spoke_at(self, address: str) -> int:
        return self.spoke.get(address, 0)

    def is_relieved(self, address: str) -> bool:
        return address in self.relieved

    def stood_above(self, address: str) -> set[str]:
        return set()

    def called(self, address: str) -> str:
        return f"{address}站"


class Life:
    """What happens in the county: somebody somewhere does something at the present time of the test."""

    def __init__(self, network: Network) -> None:
        self.network, self.shelf, self.now = network, Shelf(), NOON
        self.line = Line()
        self.staffed: dict[str, frozenset[str]] = {}
        self.calendar: Calendar = load_calendar()
        for site in network.sites.values():
            site.casework = Casework(self.context(site.casework.ctx))

    def context(self, ctx: CaseContext) -> CaseContext:
        """Return the context of a node with the items and the calendar of this county."""
        return replace(
            ctx,
            catalogue=self.shelf,
            calendar=lambda: self.calendar,
            neighbours=self.line,
            staffed=lambda: self.staffed,
        )

    def wait(self, days: float) -> None:
        """Let days pass at every node."""
        self.now += int(days * DAY)
        for site in self.network.sites.values():
            site.now = self.now

    def at(self, address: str) -> Casework:
        """Return casework at a node, its database being that of the process."""
        return self.network.sites[address].at()

    def file(self, item: str = "direct", at: str = VILLAGE, who: Actor = AGENT, **changes: Any) -> str:
        """Take a case in, and let everybody hear of it."""
        casework = self.at(at)
        with unit_of_work():
            case = casework.file_case(a_filing(item, **{"place": at, **changes}), who, self.now)
        self.network.run()
        return case

    def move(self, at: str, case: str, action: str, who: Actor, **data: Any) -> str:
        """Take a step, and let everybody hear of it."""
        act = self.move_unheard(at, case, action, who, **data)
        self.network.run()
        return act

    def move_unheard(self, at: str, case: str, action: str, who: Actor, **data: Any) -> str:
        """Take a step; nothing is delivered."""
        casework = self.at(at)
        said = {"proposal": "approve", **data} if action == "review" else data
        with unit_of_work():
            return casework.move_case(case, action, who, said, self.now)

    def report(self, at: str, case: str, what: str, who: Actor = AGENT, **data: Any) -> str:
        """Send a report, and let everybody hear of it."""
        act = self.report_unheard(at, case, what, who, **data)
        self.network.run()
        return act

    def report_unheard(self, at: str, case: str, what: str, who: Actor = AGENT, **data: Any) -> str:
        """Send a report; nothing is delivered."""
        casework = self.at(at)
        with unit_of_work():
            return casework.report(case, what, who, data, self.now)

    def day_job(self, at: str = COUNTY) -> None:
        """Do what a node owes because days have passed, and let everybody hear of it."""
        casework = self.at(at)
        after: tuple[str, str] | None = ("", "")
        while after is not None:
            with unit_of_work():
                after = casework.do_timed_duties(after, self.now, 2)
        self.network.run()

    def new_calendar(self, calendar: Calendar, at: str = COUNTY) -> None:
        """Let a calendar come into force everywhere, and one node sign what it moves."""
        self.calendar = calendar
        casework, last = self.at(at), ""
        while True:
            with unit_of_work():
                last = casework.recompute_dues(last, self.now, 2)
            if not last:
                break
        self.network.run()

    def state(self, case: str, at: str = COUNTY) -> CaseState:
        """Return the case as a node has it."""
        return self.at(at).case(case)

    def agreed(self, case: str) -> CaseState:
        """Return the case, which must be the same at all nodes that have it; nothing may be parked."""
        states = self.network.states(case)
        assert all(state == states[COUNTY] for state in states.values())
        assert self.network.parked() == {}
        return states[COUNTY]

    def said(self, at: str, case: str, action: str) -> list[dict[str, Any]]:
        """Return the data of all steps of one action that a node has signed in a case."""
        bodies = [body for _, body in self.network.sites[at].outbox.bodies()]
        return [b["data"] for b in bodies if b.get("action") == action and b["case"] == case]

    def accepted(self, item: str = "direct", **changes: Any) -> str:
        """Return a case filed at the village and accepted at the county."""
        case = self.file(item, **changes)
        self.move(COUNTY, case, "accept", CLERK)
        return case

    def approved(self, item: str = "direct", **changes: Any) -> str:
        """Return a case that was accepted, reviewed and approved at the county."""
        case = self.accepted(item, **changes)
        self.move(COUNTY, case, "review", REVIEWER)
        self.move(COUNTY, case, "approve", APPROVER)
        return case
