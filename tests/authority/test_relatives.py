"""A relative named as agent: what is asked of them, who files then, the pages, and letters of before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from playhouse.migrations import Migration

from common.authority.errors import NotCovered
from common.authority.rules import Relative, problems
from common.store import migrate as migration
from common.store.database import database, run
from sync.protocol import canonical
from tests.authority.test_letters import DRAFT, FORM, TODAY, enter
from tests.desk.three import DAY_MS, ID_NUMBER, SUBSISTENCE, VILLAGE, ThreeNodes, post

KIN = Relative("赵小军", "111", "511921200001010015", "子女")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"name": ""}, ["agent_name"]),
        ({"name": "赵\u202e小军"}, ["agent_name"]),
        ({"id_number": ""}, ["agent_id_number"]),
        ({"id_number": KIN.id_number[:-1] + "9"}, ["agent_id_number"]),
        ({"id_number": ID_NUMBER}, ["agent_id_number"]),
        ({"id_type": "414", "id_number": "E12345678"}, []),
        ({"relation": ""}, ["relation"]),
        ({"relation": "邻居"}, ["relation"]),
    ],
)
def test_a_relative_as_agent_is_told_whole(change: dict[str, Any], fields: list[str]) -> None:
    draft = replace(DRAFT, agent="", relative=replace(KIN, **change))
    assert [problem.field for problem in problems(draft, TODAY)] == fields


def test_with_a_relative_anybody_at_the_desk_files_within_scope_days_and_until_revoked(
    three: ThreeNodes,
) -> None:
    """The claim names the relative with paper and relation; a restart keeps it."""
    three.open(VILLAGE)
    made = enter(three, agent="", relative=KIN)
    three.open(VILLAGE)
    letters, now = three.node.letters, three.now()
    assert letters.letter(made.id) == made and made.agent_name == KIN.name and not made.agent
    assert letters.good_for(ID_NUMBER, "admin", SUBSISTENCE, now) == [made]
    said = letters.authority(made.id, "agent", SUBSISTENCE, now)
    assert (said["agent"], said["agent_id"], said["relation"]) == (KIN.name, KIN.id_number, "子女")
    canonical.dumps(said)
    for item, at in (("ANOTHER", now), (SUBSISTENCE, now + 400 * DAY_MS)):
        with pytest.raises(NotCovered):
            letters.authority(made.id, "agent", item, at)
    with three.node.unit():
        letters.revoke(made.id, "本人要求", "agent", now)
    assert letters.good_for(ID_NUMBER, "agent", SUBSISTENCE, now) == []


def test_letters_of_before_name_nobody_but_staff(three: ThreeNodes) -> None:
    """Migration 0019 over a table as it was: its letters are read as they were entered."""
    three.open(VILLAGE)
    made = enter(three)
    with three.node.unit():
        for column in ("agent_id_type", "agent_id_number", "relation"):
            run(f"ALTER TABLE letter DROP COLUMN {column}")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    with three.node.unit():
        scripts["0019_letter_relatives"].load().up(None, database)
    assert three.node.letters.letter(made.id) == made and made.relative is None


def test_a_relative_goes_by_the_pages(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    kin = {"agent": "-", "agent_name": KIN.name, "agent_id_type": "111", "relation": "子女", "proof": "KEPT"}
    refused = post(agent, "/letters/new", {**FORM, **kin, "agent_id_number": "1"}, "/letters/new")
    assert refused.status_code == 400 and "亲属证件号码" in refused.text
    assert re.search(r"<details\s+open>", refused.text) and KIN.name in refused.text
    made = post(agent, "/letters/new", {**FORM, **kin, "agent_id_number": KIN.id_number}, "/letters/new")
    assert made.status_code == 303
    listed, page = agent.get("/letters").text, agent.get(made.location).text
    assert f"{KIN.name}（子女）" in listed and KIN.id_number not in listed
    assert KIN.id_number in page and "居民身份证" in page
    printed = agent.get(f"{made.location}/print").text
    assert "委托人的子女" in printed and KIN.id_number in printed and "王秀英" in printed
    assert "委托人的亲属" in agent.get("/letters/blank").text
