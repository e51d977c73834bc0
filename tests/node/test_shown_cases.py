"""What a check of cases says where not all can be compared: no more than it saw, and no alarm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.node import cli
from common.store.database import close_database
from sync.protocol.frame import Evidence
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, copy_of, post, profile_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


def test_a_story_that_nobody_could_tell_anew_is_not_shown_as_agreeing(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    close_database()
    with sqlite3.connect(three.folder / TOWN / "node.sqlite3") as database:
        assert database.execute("UPDATE sync_frame SET body = x''").rowcount > 0
    database.close()
    client, page = three.client(TOWN, "clerk"), f"/case/{case}"
    checked = post(client, f"{page}/check", {}, page=page).text
    assert "没法按流程重演" in checked
    row = checked.partition("按流程重演的办理经过")[2].partition("</tr>")[0]
    assert "没有核验" in row and "相符" not in row


def test_an_act_that_is_sealed_to_others_is_no_step_that_the_case_lacks(
    three: ThreeNodes, capsys: Any
) -> None:
    """It is kept and relayed, and nobody between can say of which case it is."""
    node = three.open(VILLAGE)
    with node.unit():
        now = Evidence(three.now(), "00000000", 1)
        node.peer.submit_sealed(("case.moved", b"{}"), (COUNTY,), (COUNTY,), now)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    for address in (VILLAGE, TOWN, COUNTY):
        close_database()
        capsys.readouterr()
        code = cli.main(profile_of(address), ["verify", "--json", "--data", str(three.folder / address)])
        assert (code, json.loads(capsys.readouterr().out)["problems"]) == (0, []), address
