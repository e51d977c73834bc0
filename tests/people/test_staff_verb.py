"""The verb `staff`: accounts added and listed, and an administrator who forgot the password."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from common.node.cli import main
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

NEW = "Xin-mima2027"
REFUSED = 2


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password, on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\n"))


def staff(folder: Path, address: str, *words: str) -> int:
    close_database()
    return main(PROFILES[address], ["staff", *words, "--data", str(folder / address)])


def may_sign_in(three: ThreeNodes, login: str) -> bool:
    node, moment = three.open(VILLAGE), three.clock.moment()
    proof = node.people.prove(login, NEW, "10.0.0.5", moment)
    with node.unit():
        return node.people.sign_in(proof, moment).refusal is None


def test_somebody_is_added_and_listed(three: ThreeNodes, typed: None, capsys) -> None:
    words = ["wu", "--name", "吴芳", "--roles", "AGENT", "--department", "便民服务室"]
    assert staff(three.folder, VILLAGE, *words) == 0
    assert may_sign_in(three, "wu")
    capsys.readouterr()
    assert staff(three.folder, VILLAGE, "list", "--json") == 0
    found = {one["login"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["wu"] == {
        "login": "wu", "name": "吴芳", "roles": "AGENT", "department": "便民服务室", "active": 1
    }  # fmt: skip
    assert staff(three.folder, VILLAGE, "list") == 0
    listed = capsys.readouterr().out
    assert "吴芳  代办员  便民服务室" in listed and "AGENT" not in listed


@pytest.mark.parametrize(
    ("department", "is_warned"), [("通江县民政局", True), ("县民政局", False), ("", False)]
)
def test_a_department_that_no_item_names_is_told_of(
    three: ThreeNodes, typed: None, capsys: pytest.CaptureFixture[str], department: str, is_warned: bool
) -> None:
    words = ["wu", "--name", "吴芳", "--roles", "REVIEWER", "--department", department]
    assert staff(three.folder, COUNTY, *words) == 0
    told = capsys.readouterr().out
    assert ("没有事项由“通江县民政局”办" in told and "县民政局、" in told) == is_warned


def test_the_same_login_once_more_is_told_whose_it_is_and_what_to_do(
    three: ThreeNodes, typed: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["wu", "--name", "吴芳", "--roles", "AGENT"]
    assert staff(three.folder, VILLAGE, *words) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW}\n"))
    assert staff(three.folder, VILLAGE, *words) == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("E203 账号 wu 已经有了，是吴芳的") and all(
        step in told for step in ("不用再添加", "staff reset-admin", "staff list", "换一个账号")
    )


def test_a_post_this_tier_has_not_is_refused(three: ThreeNodes, typed: None, capsys) -> None:
    assert staff(three.folder, VILLAGE, "wu", "--name", "吴芳", "--roles", "APPROVER,LEAD") == REFUSED
    assert "E218" in capsys.readouterr().err


def test_what_is_missing_is_named(three: ThreeNodes, typed: None, capsys) -> None:
    assert staff(three.folder, VILLAGE, "wu") == REFUSED
    assert "--name" in capsys.readouterr().err
    assert staff(three.folder, TOWN, "answer-reset", "--address", VILLAGE) == REFUSED
    assert "--challenge" in capsys.readouterr().err


def test_the_only_administrator_gets_a_first_password_on_the_console(three: ThreeNodes, typed: None) -> None:
    assert staff(three.folder, VILLAGE, "reset-admin") == 0
    assert may_sign_in(three, "admin") and three.node.people.member("admin").must_change
    three.carry(VILLAGE, TOWN)
    ((done, _),) = three.node.resets.at(VILLAGE)
    assert (done.login, done.way) == ("admin", "console")


def test_where_all_administrators_are_barred_the_console_makes_a_new_one(
    three: ThreeNodes, typed: None, capsys
) -> None:
    three.open(TOWN)
    with three.node.unit():
        three.node.staff_below.bar(VILLAGE, "admin", "admin", three.now())
    three.carry(TOWN, VILLAGE)
    assert staff(three.folder, VILLAGE, "reset-admin") == REFUSED
    assert "--login" in capsys.readouterr().err
    assert staff(three.folder, VILLAGE, "reset-admin", "--login", "rescue", "--name", "新管理员") == 0
    assert may_sign_in(three, "rescue")


@pytest.mark.parametrize("login", ["agent", "nobody"])
def test_the_console_resets_administrators_alone(three: ThreeNodes, typed: None, capsys, login: str) -> None:
    assert staff(three.folder, VILLAGE, "reset-admin", "--login", login) == REFUSED
    assert "Traceback" not in capsys.readouterr().err


def test_an_answer_is_given_on_the_console_above(three: ThreeNodes, capsys) -> None:
    three.open(VILLAGE)
    with three.node.unit():
        asked = three.node.resets.challenge(three.clock.moment())
    capsys.readouterr()
    words = ["answer-reset", "--address", VILLAGE, "--challenge", asked, "--login", "admin"]
    assert staff(three.folder, TOWN, *words) == 0
    answer = capsys.readouterr().out
    three.open(VILLAGE)
    with three.node.unit():
        assert three.node.resets.check(answer, three.clock.moment()).author == TOWN
