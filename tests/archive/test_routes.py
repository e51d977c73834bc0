"""A township with a good key packs a case that it decided itself though the item gives it to the county.

Method: the township's program is made to take the item for one of its own; everything else is real.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.archive.findings import Findings
from common.archive.verify import check_package
from common.casework import filing
from common.casework.context import NODE_ACTOR
from common.catalogue.service import Catalogue
from common.node.cli import main
from common.people.rules.roles import Role
from common.store.database import close_database
from tests.archive.conftest import Packed
from tests.archive.parts import SUITE, Tool
from tests.desk.three import PROFILES, SUBSISTENCE, TOWN, ThreeNodes

RESULT = {"name": "低保证", "number": "1", "valid_until": ""}


def forge(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch, **body: str) -> str:
    """Let the open township decide a case of the county's; return its number."""
    real = three.node.catalogue.item(SUBSISTENCE)
    assert real is not None and real.route.competent == "county"
    own = replace(real, route=replace(real.route, checker="", acceptor="township", competent="township"))
    monkeypatch.setattr(Catalogue, "item", lambda *_: own)
    monkeypatch.setattr(Catalogue, "version", lambda *_: own)
    made = filing._body
    monkeypatch.setattr(filing, "_body", lambda *given: {**made(*given), **body})
    case = three.file(seed=9)
    three.move(case, "accept", Role.CLERK, version_confirmed=1)
    three.move(case, "review", Role.REVIEWER, note="符合条件")
    three.move(case, "approve", Role.APPROVER, result=RESULT)
    three.move(case, "issue", Role.CLERK)
    return case


def proved(three: ThreeNodes, case: str, path: Path, root: str) -> Findings:
    with three.node.unit():
        collected = three.node.archive.prove(case, NODE_ACTOR, three.now())
    three.node.archive.write(collected, path)
    return check_package(path, root, SUITE)


def test_a_township_proves_no_decision_that_the_item_gives_to_the_county(
    packed: Packed, three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(TOWN)
    found = proved(three, forge(three, monkeypatch), tmp_path / "forged.zip", packed.root)
    assert (found.state, found.documents) == ("ISSUED", 1)
    (problem,) = found.problems
    assert "与事项文本" in problem and found.parts["documents"] == (problem,)


def test_nor_by_naming_itself_the_top(
    packed: Packed, three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: Tool
) -> None:
    three.open(TOWN)
    path = tmp_path / "forged.zip"
    found = proved(three, forge(three, monkeypatch, apex=TOWN), path, packed.root)
    assert any("另一个县级站点" in problem for problem in found.problems)
    assert any("another county" in problem for problem in tool(path.read_bytes(), packed.root)[0])


def test_without_the_text_of_the_item_it_is_said_that_nobody_knows_who_decides(
    packed: Packed, three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    three.open(TOWN)
    path = tmp_path / "bare.zip"
    found = proved(three, forge(three, monkeypatch, item_doc=""), path, packed.root)
    assert (found.problems, found.documents) == ([], 0)
    close_database()
    assert main(PROFILES[TOWN], ["verify-package", str(path), "--data", str(three.folder / TOWN)]) == 0
    assert "该由哪一级决定，这里没法核对" in capsys.readouterr().out
    close_database()
    assert main(PROFILES[TOWN], ["verify-package", str(packed.path), "--root", packed.root]) == 0
    assert "没法核对" not in capsys.readouterr().out
