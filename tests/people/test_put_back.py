"""A village put back from a copy: what those above know of its people is what is so there again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from common.people.errors import NoChallenge
from common.people.rules.roles import Role
from common.store.database import close_database
from tests.desk.three import TOWN, VILLAGE, ThreeNodes
from tests.people.test_network import report
from tests.people.test_stand_ins import arrange


def put_back(three: ThreeNodes, kept: Path) -> None:
    """Put the village's database back, and let it hear from the township; the village is open afterwards."""
    close_database()
    folder = three.folder / VILLAGE
    for end in ("", "-wal", "-shm"):
        (folder / f"node.sqlite3{end}").unlink(missing_ok=True)
    shutil.copyfile(kept, folder / "node.sqlite3")
    three.open(VILLAGE)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)


def test_staff_as_it_is_at_a_site_put_back_is_told_anew(three: ThreeNodes, tmp_path: Path) -> None:
    """Accounts come back with the copy; else those above take somebody for dismissed who works there."""
    three.open(VILLAGE)
    report(three)
    three.carry(VILLAGE, TOWN)
    three.open(VILLAGE)
    close_database()
    shutil.copyfile(three.folder / VILLAGE / "node.sqlite3", tmp_path / "kept")
    three.open(VILLAGE)
    with three.node.unit():
        three.node.people.set_roles("agent", frozenset(), "admin", three.now())
    made = arrange_for_another(three)
    report(three)
    three.carry(VILLAGE, TOWN)
    assert [one.id for one in three.node.stand_ins.known(three.now())] == [made]
    put_back(three, tmp_path / "kept")
    assert three.node.people.member("agent").roles == {Role.AGENT}
    assert three.node.stand_ins.known(three.now()) == []
    assert report(three) == 2
    assert report(three) == 0
    three.carry(VILLAGE, TOWN)
    (agent,) = (one for one in three.node.staff_below.roster(VILLAGE).staff if one.login == "agent")
    assert agent.is_active and agent.roles == {Role.AGENT}
    assert three.node.stand_ins.known(three.now()) == []


def arrange_for_another(three: ThreeNodes) -> str:
    """Let somebody who has become an agent since go away; return the arrangement."""
    with three.node.unit():
        three.node.people.set_roles("admin", frozenset({Role.AGENT, Role.ADMIN}), "admin", three.now())
    return str(arrange(three, absent="admin", desk=TOWN, acting="").id)


def test_an_answer_that_was_used_fits_no_copy_put_back(three: ThreeNodes, tmp_path: Path) -> None:
    """Its paper lies in a bin; with the copy the challenge would be open once more."""
    three.open(VILLAGE)
    with three.node.unit():
        challenge = three.node.resets.challenge(three.clock.moment())
    close_database()
    shutil.copyfile(three.folder / VILLAGE / "node.sqlite3", tmp_path / "kept")
    three.open(TOWN)
    with three.node.unit():
        answer = three.node.resets.answer(VILLAGE, challenge, "admin", "admin", three.now())
    node = three.open(VILLAGE)
    with node.unit():
        granted = node.resets.check(answer, three.clock.moment())
    ready = node.people.first_password("admin", "Xin-mima2027")
    with node.unit():
        node.resets.redeem(granted, ready, three.clock.moment())
    three.carry(VILLAGE, TOWN)
    put_back(three, tmp_path / "kept")
    with pytest.raises(NoChallenge), three.node.unit():
        three.node.resets.check(answer, three.clock.moment())


def test_a_challenge_made_since_the_copy_was_put_back_stays(three: ThreeNodes, tmp_path: Path) -> None:
    three.open(VILLAGE)
    close_database()
    shutil.copyfile(three.folder / VILLAGE / "node.sqlite3", tmp_path / "kept")
    three.open(VILLAGE)
    ready = three.node.people.first_password("admin", "Xin-mima2027")
    with three.node.unit():
        three.node.resets.by_console(ready, three.now())
    three.carry(VILLAGE, TOWN)
    close_database()
    shutil.copyfile(tmp_path / "kept", three.folder / VILLAGE / "node.sqlite3")
    three.clock.advance(60_000)
    three.open(VILLAGE)
    with three.node.unit():
        challenge = three.node.resets.challenge(three.clock.moment())
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    assert three.node.resets.waiting(three.clock.moment()) == challenge
