"""What a check of cases says of altered rows, and where not all can be compared: what it saw, no alarm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.node import cli
from common.people.rules.roles import Role
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


def test_a_last_step_taken_out_is_seen_by_the_check_of_its_case(three: ThreeNodes) -> None:
    """What is left of the case is whole without it: the page of its check was content."""
    three.open(VILLAGE)
    case, other = three.file(), three.file(name="李四", seed=3)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    close_database()
    with sqlite3.connect(three.folder / TOWN / "node.sqlite3") as database:
        assert database.execute('DELETE FROM case_event WHERE pos = 2 AND "case" = ?', (case,)).rowcount
    database.close()
    client = three.client(TOWN, "clerk")
    told = {one: post(client, f"/case/{one}/check", {}, page=f"/case/{one}").text for one in (case, other)}
    assert "核验没有通过" in told[case] and "与签名的不同" in told[case]
    assert "核验没有通过" not in told[other]
