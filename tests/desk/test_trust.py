"""Real nodes: a dead township's cases go on at the county, villages move, keys change, a thief is cut off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from common.casework.errors import CaseNotFound
from common.casework.rules.flow import State
from common.node.cli import main
from common.node.keyring.keys import ROSTER
from common.node.keyring.trust import BadUrl, NoReason, NotAllowedInRoster, NothingChosen
from common.node.line import uplinks_of
from common.people.rules.roles import Actor, Role
from common.store.database import close_database, database
from sync.protocol.acts.quarantine import PAST_CUT
from sync.protocol.errors import BadRoster
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.three import COUNTY, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes

WHY = "青峪镇的电脑烧毁，不能修复"
Run = Callable[..., tuple[int, str]]
APPROVER = Actor("approver", "郑批准", Role.APPROVER, "")


def by(three: ThreeNodes) -> tuple[str, int]:
    return "admin", three.now()


def actions() -> list[str]:
    return [row[0] for row in database.execute_sql("SELECT action FROM audit ORDER BY pos").fetchall()]


def test_forty_cases_of_a_dead_township_go_on_at_the_county_within_the_hour(three: ThreeNodes) -> None:
    """The township had them all and sent half of them up; then it is gone for good."""
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n, papers=1) for n in range(20)]
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.open(VILLAGE)
    cases += [three.file(RELIEF, seed=n, papers=1) for n in range(20, 40)]
    three.carry(VILLAGE, TOWN)
    node = three.open(COUNTY)
    with node.unit():
        node.trust.set_url(COUNTY, "https://county.example:8600", by(three))
        with pytest.raises(NoReason):
            node.trust.relieve(TOWN, by(three), " ")
        node.trust.relieve(TOWN, by(three), WHY)
    assert node.tree().parent(VILLAGE) == COUNTY
    # The village hears of it at the county's own door, and from then on knows where to go by the roster.
    three.carry(COUNTY, VILLAGE)
    assert [u.address for u in uplinks_of(three.node.config, three.node.tree, three.node.url_of)()] == [
        COUNTY
    ]
    assert three.node.url_of(COUNTY) == "https://county.example:8600"
    three.carry(VILLAGE, COUNTY)
    three.clock.advance(30 * 60_000)
    node = three.open(COUNTY)
    assert {node.casework.case(case).holder for case in cases} == {TOWN}
    with node.unit():
        taken = node.casework.take_over(cases, APPROVER, WHY, three.now())
    assert (sorted(taken.done), taken.left) == (sorted(cases), {})
    for case in cases:
        three.move(case, "accept", Role.CLERK)
    three.carry(COUNTY, VILLAGE)
    states = [three.node.casework.case(case) for case in cases]
    assert {(state.holder, state.state) for state in states} == {(COUNTY, State.ACCEPTED)}
    # It was only the power supply: what the township did meanwhile is taken in and changes nothing.
    three.open(TOWN)
    three.move(cases[0], "accept", Role.CLERK)
    three.carry(TOWN, COUNTY)
    assert three.node.casework.case(cases[0]).holder == COUNTY
    assert actions().count("case.taken_over") == 40


def test_a_village_moves_to_another_parent_and_back_with_all_it_has(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    first = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    node = three.open(COUNTY)
    with node.unit():
        node.trust.move(VILLAGE, COUNTY, by(three))
        for wrong in ((COUNTY, TOWN), (TOWN, VILLAGE), (VILLAGE, "511921999"), ("511921999", COUNTY)):
            with pytest.raises(NotAllowedInRoster):
                node.trust.move(*wrong, by(three))
        with pytest.raises(BadUrl):
            node.trust.set_url(TOWN, "javascript:alert(1)", by(three))
    three.carry(COUNTY, VILLAGE)
    assert three.node.tree().parent(VILLAGE) == COUNTY
    second = three.file(RELIEF, seed=1)
    three.carry(VILLAGE, COUNTY)
    # What was on its way through the township comes by the village itself.
    assert three.node.casework.case(first).holder == TOWN
    # The former township hears that the village has left, and goes on with what it holds.
    three.carry(COUNTY, TOWN)
    assert three.node.tree().parent(VILLAGE) == COUNTY
    three.move(first, "accept", Role.CLERK)
    three.carry(TOWN, COUNTY)
    three.move(second, "accept", Role.CLERK)
    node = three.node
    with node.unit():
        node.trust.move(VILLAGE, "", by(three))
    assert node.tree().parent(VILLAGE) == TOWN
    three.carry(COUNTY, VILLAGE)
    three.carry(COUNTY, TOWN)
    three.carry(VILLAGE, TOWN)
    assert three.node.tree().parent(VILLAGE) == TOWN
    assert three.node.casework.case(second).state == State.ACCEPTED
    three.carry(TOWN, VILLAGE)
    assert {three.node.casework.case(case).state for case in (first, second)} == {State.ACCEPTED}
    assert {first, second} <= {
        row[0] for row in database.execute_sql('SELECT "case" FROM case_file').fetchall()
    }


def test_a_stolen_township_is_cut_off_and_a_case_it_forged_on_goes_back(three: ThreeNodes) -> None:
    """A move by the stolen key past the cut is undone in the case, shown, released, and stands again."""
    three.open(VILLAGE)
    case, other = three.file(RELIEF), three.file(RELIEF, seed=1)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    with three.node.unit():
        before = {line.stream: line.upto for line in three.node.trust.lines(TOWN)}
    three.open(TOWN)
    three.move(case, "accept", Role.CLERK)
    for target in (VILLAGE, COUNTY):
        three.carry(TOWN, target)
        assert three.node.casework.case(case).state == State.ACCEPTED
    node = three.node
    with node.unit():
        cut = {line.stream: before.get(line.stream, 0) for line in node.trust.lines(TOWN)}
        node.trust.revoke(Revocation(TOWN, STOLEN, cut=cut), "admin")
        held = [one for one in node.trust.held_back(10) if one.row.kind.startswith("case.")]
        assert [one.row.reason for one in held] == [PAST_CUT]
        with pytest.raises(NotAllowedInRoster):
            node.trust.revoke(Revocation(TOWN, STOLEN), "admin")
        with pytest.raises(NothingChosen):
            node.trust.release(["ab" * 16], WHY, "admin")
    assert node.casework.case(case).state == State.RECEIVED
    three.carry(COUNTY, VILLAGE)
    assert three.node.casework.case(case).state == State.RECEIVED
    assert three.node.casework.case(other).state == State.RECEIVED
    node = three.open(COUNTY)
    with node.unit():
        node.trust.release([held[0].row.id], "何同志证实是他本人办的", "admin")
        assert [one for one in node.trust.held_back(10) if one.row.kind.startswith("case.")] == []
    assert node.casework.case(case).state == State.ACCEPTED
    three.carry(COUNTY, VILLAGE)
    assert three.node.casework.case(case).state == State.ACCEPTED
    assert "sync.released" not in actions()
    three.open(COUNTY)
    assert [a for a in actions() if a in ("node.revoked", "sync.released")] == [
        "node.revoked",
        "sync.released",
    ]


@pytest.fixture
def run(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `trust` on the console of a node; its exit code and what it printed come back."""

    def on_console(address: str, *words: str) -> tuple[int, str]:
        close_database()
        code = main(PROFILES[address], ["trust", *words, "--data", str(three.folder / address)])
        return code, capsys.readouterr().out

    return on_console


def test_what_cannot_be_taken_back_is_said_first_and_cut_where_the_console_says(
    three: ThreeNodes, run: Run
) -> None:
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    retire = ("retire", "--address", VILLAGE, "--why", WHY)
    revoke = ("revoke", "--address", VILLAGE, "--reason", "lost")
    code, told = run(COUNTY, *retire)
    assert code == 2 and "永久退出" in told and "--yes" in told
    code, told = run(COUNTY, *revoke)
    assert code == 2 and "--yes" in told and "遗失或损坏" in told and "收到第" in told
    # As it is listed, so it is named: src|epoch|dst=number.
    listed = [line.split()[0] for line in told.splitlines() if line.startswith(f"  {VILLAGE}|")]
    cuts = [one.rpartition("=")[0] for one in listed]
    for bad in (f"{cuts[0]}=x", f"{cuts[0]}=-1", cuts[0], f"{VILLAGE}|1-x|{TOWN}=0"):
        assert run(COUNTY, *revoke, "--cut", bad, "--yes")[0] == 2, bad
    assert f"{cuts[0]}=0" in run(COUNTY, *revoke, "--cut", f"{cuts[0]}=0")[1] != told
    for words in (retire, revoke):
        assert run(TOWN, *words, "--yes")[0] == 2
    entry = three.open(COUNTY).trust.entry(VILLAGE)
    assert not entry.revoked and entry.status == "live", "nothing is done without --yes"
    assert three.node.casework.case(case)
    every = [word for stream in cuts for word in ("--cut", f"{stream}=0")]
    code, told = run(COUNTY, *revoke, *every, "--yes")
    assert code == 0 and all(f"  {stream}=0　" in told for stream in cuts), "said there too"
    (gone,) = three.open(COUNTY).trust.entry(VILLAGE).revoked
    assert gone["reason"] == "lost" and not any(gone["cut"].values())
    with pytest.raises(CaseNotFound):
        three.node.casework.case(case)
    decided_on_the_console(three, run, case)
    assert three.open(COUNTY).casework.case(case)


def decided_on_the_console(three: ThreeNodes, run: Run, case: str) -> None:
    """What is held back is struck out, then let through all the same."""
    _code, before = run(COUNTY, "held")
    acts = [line.split()[0] for line in before.splitlines() if " case." in line]
    assert len(acts) == 1 and case in before
    assert run(COUNTY, "release", "--act", acts[0], "--all", "--why", WHY)[0] == 2
    for step, word, then in (("strike", "剔除", "已剔除"), ("release", "放行", "")):
        words = (step, "--act", acts[0], "--why", WHY)
        code, told = run(COUNTY, *words)
        assert code == 2 and f"将{word}暂扣的报文 1 份" in told and acts[0] in told and "--yes" in told
        assert run(COUNTY, "held")[1] == before, "nothing is done without --yes"
        assert run(COUNTY, *words, "--yes")[0] == 0
        _code, before = run(COUNTY, "held")
        assert (acts[0] in before) == bool(then) and then in before
        if then:
            code, told = run(COUNTY, *words, "--yes")
            again = (
                rf"{acts[0]} 已经剔除过（[-\d]{{10}} [:\d]{{5}}，县级控制台），没有再办。\n什么也没有改动。\n"
            )
            assert code == 0 and re.fullmatch(again, told), told
            assert "case.filed 收件 办件" in before

    for more in ((), ("--yes",)):
        code, told = run(COUNTY, "release", "--act", acts[0], "--why", WHY, *more)
        assert code == 0 and f"{acts[0]} 已经放行过（" in told and "什么也没有改动" in told
        assert run(COUNTY, "release", "--act", acts[0], "--act", "zz", "--why", WHY, *more)[0] == 2
    assert run(COUNTY, "release", "--all", "--why", WHY, "--yes")[0] == 2


def cut_where_nobody_said(three: ThreeNodes, run: Run) -> None:
    """Where no cut is named the console says where it stands; a cut of a key that stays is refused."""
    revoke = ("revoke", "--address", VILLAGE, "--reason", "lost", "--yes")
    with three.open(COUNTY).unit():
        former, current = (key.id for key in three.node.trust.entry(VILLAGE).good_keys)
        lines = three.node.trust.lines(VILLAGE)
        assert lines and all(three.node.trust.key_of(line.stream) == current for line in lines)
    listed = [f"{line.stream}={line.upto}" for line in lines]
    code, _told = run(COUNTY, *revoke, "--only", former, "--cut", f"{lines[0].stream}=0")
    assert code == 2 and not three.open(COUNTY).trust.entry(VILLAGE).revoked
    assert run(COUNTY, *revoke, "--only", former, "--only", "x")[0] == 2
    code, told = run(COUNTY, *revoke, "--only", former)
    assert code == 0 and "还没有报文" in told and "入网码" not in told
    code, told = run(COUNTY, *revoke)
    assert code == 0 and "入网码" in told and all(f"  {one}　" in told for one in listed)


def test_a_new_roster_key_at_once_is_foretold(three: ThreeNodes, run: Run) -> None:
    before = three.open(COUNTY).keys.special(ROSTER)
    code, told = run(COUNTY, "roster-key")
    assert code == 2 and "--yes" in told and three.open(COUNTY).keys.special(ROSTER) == before
    assert run(COUNTY, "roster-key", "--yes")[0] == 0
    assert three.open(COUNTY).keys.special(ROSTER) != before


def test_verbs_change_keys_and_the_roster(three: ThreeNodes, run: Run) -> None:
    assert run(TOWN, "move", "--address", VILLAGE, "--parent", COUNTY)[0] == 2
    assert run(TOWN, "roster-key")[0] == 2
    assert run(VILLAGE, "rotate")[0] == 0
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    assert three.node.casework.case(case).holder == TOWN
    three.carry(TOWN, COUNTY)
    assert run(COUNTY, "roster-key", "--yes")[0] == 0
    relieve = ("relieve", "--address", TOWN, "--why", WHY)
    code, told = run(COUNTY, *relieve)
    assert code == 2 and "将停用" in told and "下面的 1 个站点" in told and "--yes" in told
    assert three.open(COUNTY).trust.entry(TOWN).status == "live"
    assert run(COUNTY, *relieve, "--yes")[0] == 0
    code, told = run(COUNTY, "roster")
    assert code == 0 and f"{TOWN}" in told and "已停用" in told
    assert run(COUNTY, "restore", "--address", TOWN, "--why", WHY)[0] == 0
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    node = three.node
    with node.unit():
        assert node.peer.core.roster.current_key(VILLAGE) == node.peer.core.own_key().public
        assert node.trust.forget_keys() == []
    cut_where_nobody_said(three, run)
    assert run(COUNTY, "strike", "--why", WHY)[0] == 2, "all at once is asked for, never what was forgotten"
    assert run(COUNTY, "held")[0] == 0
    assert run(COUNTY, "retire", "--address", VILLAGE, "--why", WHY, "--yes")[0] == 0
    assert run(COUNTY, "restore", "--address", VILLAGE, "--why", WHY)[0] == 2
    node = three.open(COUNTY)
    assert node.casework.case(case)
    child = {
        "address": VILLAGE,
        "parent": "",
        "name": "新",
        "key": node.keys.special("roster").public.as_fields(),
    }
    with node.unit(), pytest.raises(BadRoster):
        registrar.admit_child(node.peer.core, node.keys.special("roster"), child, three.now())
