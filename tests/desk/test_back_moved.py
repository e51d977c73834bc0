"""A node that was put back, has all back from the node above, and then stands below another one."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.desk.pages import line_back
from common.node.cli import main
from common.node.verbs import commands
from common.node.verbs.told import status_lines
from common.store.copies import copy_open_database
from common.store.database import close_database
from sync.adapters.bundle_file import export, import_file
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

NEW_ABOVE = "以前的上级手里有的都已回到本站；通江县现在是本站的上级，恢复以后还没有联系过"


def take_back(three: ThreeNodes, copy: Path) -> None:
    close_database()
    for end in ("", "-wal", "-shm"):
        (three.folder / VILLAGE / f"node.sqlite3{end}").unlink(missing_ok=True)
    shutil.copyfile(copy, three.folder / VILLAGE / "node.sqlite3")


def move(three: ThreeNodes) -> None:
    close_database()
    words = ["trust", "move", "--address", VILLAGE, "--parent", COUNTY, "--why", "改划"]
    assert main(PROFILES[COUNTY], [*words, "--data", str(three.folder / COUNTY)]) == 0


def fetched(three: ThreeNodes) -> None:
    """The township gives back all it has; it knows of no move."""
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    assert "已经取齐" in three.client(VILLAGE, "agent").get("/line").text


def hear_of_the_move(three: ThreeNodes) -> None:
    """From the township alone: it refuses the village, which has left it, and shows it where it stands."""
    three.carry(COUNTY, TOWN)
    said = export(three.open(VILLAGE).engine, TOWN, three.folder).path
    told = import_file(three.open(TOWN).engine, said).told
    three.open(VILLAGE).engine.hear_refusal(told)
    assert three.node.tree().parent(VILLAGE) == COUNTY


def test_who_stands_above_since_is_said_to_be_that_and_nothing_to_be_fetched_back(
    three: ThreeNodes, tmp_path: Path
) -> None:
    three.open(VILLAGE)
    copy_open_database(tmp_path / "old.sqlite3")
    three.file()
    three.carry(VILLAGE, TOWN)
    take_back(three, tmp_path / "old.sqlite3")
    three.open(VILLAGE)
    fetched(three)
    move(three)
    hear_of_the_move(three)
    page = three.client(VILLAGE, "agent").get("/line").text
    assert NEW_ABOVE in page and "还在取回" not in page and "U盘" in page
    facts = commands.status(three.node)
    assert facts["put_back"]["new_above"] == COUNTY
    told = "\n".join(status_lines(facts, three.node.place_name))
    assert NEW_ABOVE in told and "正在取回" not in told
    three.carry(COUNTY, VILLAGE)
    assert "已经取齐" in three.client(VILLAGE, "agent").get("/line").text


def test_what_was_done_below_the_new_node_before_it_was_put_back_is_at_that_one_alone(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """Why it is waited for: the village cannot tell this from a move that came after all was back."""
    three.open(VILLAGE)
    copy_open_database(tmp_path / "old.sqlite3")
    move(three)
    three.carry(COUNTY, VILLAGE)
    assert three.node.tree().parent(VILLAGE) == COUNTY
    case = three.file()
    three.carry(VILLAGE, COUNTY)
    take_back(three, tmp_path / "old.sqlite3")
    three.open(VILLAGE)
    fetched(three)
    hear_of_the_move(three)
    assert NEW_ABOVE in three.client(VILLAGE, "agent").get("/line").text
    assert three.node.casework.ctx.unsure() == {COUNTY}
    assert three.client(VILLAGE, "agent").get(f"/case/{case}").status_code == 404
    # The first word shows it what it lacks, the next brings it.
    for source, target in ((COUNTY, VILLAGE), (VILLAGE, COUNTY), (COUNTY, VILLAGE)):
        three.carry(source, target)
    assert not three.node.casework.ctx.unsure()
    assert three.client(VILLAGE, "agent").get(f"/case/{case}").status_code == 200


def test_of_all_who_stood_above_each_has_given_back_what_it_has_before_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Moved twice since its copy was made: the first one gave all back, and the second was never asked."""
    second, back = "511921110", {TOWN}
    near = SimpleNamespace(spoke_at=lambda one: 0, stood_above=lambda one: {TOWN, second, COUNTY})
    tree, spool = SimpleNamespace(parent=lambda one: COUNTY), None
    casework = SimpleNamespace(ctx=SimpleNamespace(neighbours=near))
    node: Any = SimpleNamespace(tree=lambda: tree, me=VILLAGE, casework=casework, spool=spool)
    monkeypatch.setattr(line_back, "is_all_back", lambda spool, me, one, since: one in back)
    assert line_back._new_above(node, [COUNTY], 0) == ""
    back.add(second)
    assert line_back._new_above(node, [COUNTY], 0) == COUNTY
