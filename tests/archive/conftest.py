"""A case through its whole life at three real nodes, packed at the county; made once, read by all tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.casework.context import NODE_ACTOR
from common.people.rules.roles import Actor, Role
from common.store.database import close_database
from tests.archive.parts import Tool, load_tool
from tests.desk.three import COUNTY, ID_NUMBER, TOWN, VILLAGE, ThreeNodes, copy_of, found_network


@dataclass(frozen=True)
class Packed:
    """A package, the fingerprint of its network, and the folders of the nodes it comes from."""

    path: Path
    root: str
    case: str
    nodes: Path

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()


def report(three: ThreeNodes, case: str, what: str, **data: Any) -> None:
    """Send a report from the open node."""
    role = Role.AGENT if three.node.me == VILLAGE else Role.CLERK
    with three.node.unit():
        actor = Actor("agent", "周代办", role, "")
        three.node.casework.report(case, what, actor, data, three.now())


def live_through(three: ThreeNodes) -> str:
    """File a case with four papers at the village and bring it to its end at the county."""
    three.open(VILLAGE)
    case = three.file(papers=4)
    three.carry(VILLAGE, TOWN)
    three.move(case, "expedite", Role.CHECKER, note="急需住院")
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(case, "accept", Role.CLERK)
    three.move(case, "review", Role.REVIEWER, note="符合条件")
    three.move(case, "approve", Role.APPROVER, result={"name": "低保证", "number": "1", "valid_until": ""})
    three.move(case, "issue", Role.CLERK)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    receiver = {"name": "王秀英", "id_number": ID_NUMBER, "how": "本人领取", "at": three.now()}
    report(three, case, "handed_over", receiver=receiver)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.move(case, "archive", Role.CLERK)
    # So that the county has the receipts of what it sent down.
    for source, target in ((COUNTY, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY)):
        three.carry(source, target)
    return case


def pack(three: ThreeNodes, case: str, path: Path) -> Path:
    """Pack a case at the open node."""
    node = three.node
    with node.unit():
        collected = node.archive.collect(case, NODE_ACTOR, three.now())
    node.archive.write(collected, path)
    return path


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """A package of a case that was archived, with the nodes as they then were."""
    folder = tmp_path_factory.mktemp("archive")
    found_network(folder / "nodes")
    three = ThreeNodes(folder / "nodes")
    case = live_through(three)
    path = pack(three, case, folder / "case.zip")
    root = three.node.fingerprint()
    close_database()
    return Packed(path, root, case, folder / "nodes")


@pytest.fixture
def three(packed: Packed, tmp_path: Path) -> Iterator[ThreeNodes]:
    """The nodes of the package, belonging to this test alone."""
    yield copy_of(packed.nodes, tmp_path / "nodes")
    close_database()


@pytest.fixture(scope="session")
def tool() -> Tool:
    """The separate script's `check`."""
    return load_tool()
