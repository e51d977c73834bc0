"""Every item that comes with the program can be filed wherever it is taken in, and brought to its end.

Method: six real databases and one clock for the whole file; a form is filled in as its own fields ask, each
step is taken by the one who may, and at the end all nodes that have the case must tell the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from common.casework.context import Actor, Filing, Paper
from common.casework.errors import FeeOpen, LevelNotAllowed, NotInstant, NotYourStep, OriginalsMissing
from common.casework.rules.event import CaseState
from common.casework.rules.facts import AFTER_REVIEW, AGREE
from common.casework.rules.flow import State
from common.catalogue.rules.form import check_form
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, ID_NUMBER, TOWN, VILLAGE, a_blob, a_filing
from tests.casework.life.tools import CENTRE, RECEIVER, Life, Shelf, staff
from tests.casework.nodes import Network
from tests.catalogue.test_shipped import catalogue

ITEMS = {item.code: item for item in catalogue().values()}
NODES = {"village": VILLAGE, "township": TOWN, "county": COUNTY}
WAYS = [(code, level) for code in sorted(ITEMS) for level in ITEMS[code].route.intake_levels]
INSTANT = [(code, level) for code, level in WAYS if ITEMS[code].is_instant]
PROMISED = [(code, level) for code, level in WAYS if not ITEMS[code].is_instant]
TYPED = {
    "text": "示例",
    "textarea": "示例",
    "phone": "13800000001",
    "id_number": ID_NUMBER,
    "place": VILLAGE,
    "yesno": "是",
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Six nodes that have the shipped catalogue, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("lives")
    network = Network(folder)
    life = Life(network)
    # One object for all nodes: their contexts look into it.
    life.shelf.items = Shelf(ITEMS).items
    yield life
    network.close()


def desk(level: str, department: str = "") -> Actor:
    """Return who sits where people come in at this level."""
    return staff("AGENT", department) if level == "village" else staff("CLERK", department)


def typed(spec: FieldSpec) -> str:
    """Return something that a person could type into a field."""
    if spec.kind == "choice":
        return spec.choices[0]
    if spec.kind == "date":
        day = str(spec.minimum or 20_260_301)
        return f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if spec.kind == "money_fen":
        return f"{max(spec.minimum or 0, 100) / 100:.2f}"
    return str(max(spec.minimum or 0, 1)) if spec.kind == "number" else TYPED[spec.kind]


def filing_of(item: ServiceItem, at: str) -> Filing:
    """Return a filing with a form that passes the item's own check and all papers that must be there."""
    checked = check_form(item, {spec.key: typed(spec) for spec in item.fields}, today=date(2026, 3, 2))
    assert checked.problems == []
    papers = [Paper(spec.key, spec.name, a_blob(spec.key)) for spec in item.papers if spec.required]
    filing = a_filing(item.code, place=at, form=checked.values, papers=papers)
    # Each level has an applicant of its own: the same one may not have an item twice.
    return replace(filing, applicant=replace(filing.applicant, name=f"何{at}"), overrule="另一户")


class Way:
    """One case on its way: a step or report, at the node where it must be taken."""

    def __init__(self, life: Life, item: ServiceItem, level: str) -> None:
        self.life, self.item, self.level = life, item, level
        route = item.route
        self.clerk = staff("CLERK", CENTRE if route.window == "centre" else route.department)
        self.case = ""

    @property
    def state(self) -> CaseState:
        return self.life.state(self.case, NODES[self.level])

    def file(self) -> None:
        at = NODES[self.level]
        casework = self.life.at(at)
        with unit_of_work():
            self.case = casework.file_case(filing_of(self.item, at), desk(self.level), self.life.now)
        self.life.network.run()

    def move(self, action: str, who: Actor, **data: Any) -> None:
        self.life.move(self.state.holder, self.case, action, who, **data)

    def of(self, role: str) -> Actor:
        """Return a person of the department in charge."""
        return staff(role, self.item.route.department)

    def tell(self, what: str, **data: Any) -> None:
        """Report from where the case was filed."""
        self.life.report(NODES[self.level], self.case, what, desk(self.level), **data)

    def accept(self) -> None:
        if self.item.route.checker:
            self.move("forward", staff("CHECKER", "便民服务中心"))
        self.move("accept", self.clerk)
        assert {asked.department for asked in self.state.facts.asked} == {
            j.department for j in self.item.joint
        }
        for asked in self.state.facts.asked:
            who = staff("REVIEWER", asked.department)
            self.life.report(self.state.holder, self.case, "opinion", who, verdict=AGREE)

    def decide(self) -> None:
        for special in self.item.special:
            said = {"kind": special.kind, "name": special.name, "expected": "2026-03-20"}
            self.move("begin_special", self.of("REVIEWER"), special=said)
            self.move("end_special", self.of("REVIEWER"), note="已完成")
        self.move("review", self.of("REVIEWER"), note="符合条件")
        self.move("approve", self.of("APPROVER"), result={"number": "1"})
        assert self.state.result["name"] == self.item.result_name

    def make_out(self) -> None:
        if self.item.fees:
            fen = self.item.fee_fen or 100
            self.move("ask_fee", self.clerk, fee={"fen": fen, "basis": self.item.fees[0].basis})
            with pytest.raises(FeeOpen):
                self.move("issue", self.clerk)
            self.tell("paid", receipt={"fen": fen, "number": "票1"})
        if self.item.originals == AFTER_REVIEW:
            with pytest.raises(OriginalsMissing):
                self.move("issue", self.clerk)
            self.tell("originals_seen", note="与原件一致")
        self.move("issue", self.clerk)

    def end(self) -> None:
        """Hand over where it was filed, and file away where it is held."""
        assert self.state.state is State.ISSUED
        self.tell("handed_over", **RECEIVER)
        assert self.state.state is State.CLOSED
        self.move("archive", desk("village" if self.state.holder == VILLAGE else "county"))
        found = self.life.network.states(self.case)
        assert NODES[self.level] in found and COUNTY in found
        assert all(state == found[COUNTY] for state in found.values())
        assert found[COUNTY].state is State.ARCHIVED and not found[COUNTY].open_reports


@pytest.mark.parametrize(("code", "level"), PROMISED)
def test_a_promised_item_is_brought_to_its_end(county: Life, code: str, level: str) -> None:
    way = Way(county, ITEMS[code], level)
    for step in (way.file, way.accept, way.decide, way.make_out, way.end):
        step()


@pytest.mark.parametrize(("code", "level"), INSTANT)
def test_an_instant_item_is_settled_where_it_is_filed(county: Life, code: str, level: str) -> None:
    """By an agent at a village and by the counter above, of whatever department, in one unit."""
    item, at = ITEMS[code], NODES[level]
    way, filing = Way(county, item, level), filing_of(item, at)
    casework = county.at(at)
    with pytest.raises(NotYourStep), unit_of_work():
        casework.settle(filing, staff("REVIEWER", item.route.department), {"result": {}}, county.now)
    with unit_of_work():
        way.case = casework.settle(filing, desk(level, "别的科室"), {"result": {"number": "1"}}, county.now)
    county.network.run()
    assert (way.state.holder, way.state.result["name"]) == (at, item.result_name)
    way.end()


@pytest.mark.parametrize("code", sorted(ITEMS))
def test_an_item_is_taken_in_nowhere_else_and_a_promised_one_is_not_settled(county: Life, code: str) -> None:
    item = ITEMS[code]
    for level in NODES.keys() - set(item.route.intake_levels):
        casework = county.at(NODES[level])
        with pytest.raises(LevelNotAllowed), unit_of_work():
            casework.file_case(filing_of(item, NODES[level]), desk(level), county.now)
    if not item.is_instant:
        level = item.route.intake_levels[0]
        casework = county.at(NODES[level])
        with pytest.raises(NotInstant), unit_of_work():
            casework.settle(filing_of(item, NODES[level]), desk(level), {"result": {}}, county.now)


def test_every_item_has_its_way_here() -> None:
    assert {code for code, _ in WAYS} == set(ITEMS) and len(ITEMS) == 64
    assert (len(INSTANT), len(PROMISED)) == (13, 62)
