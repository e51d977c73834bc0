"""Whoever only a revoked township stood for falls with it: the county is told before, the township after."""

from __future__ import annotations

import shutil

import pytest

from common.config import read_config, write_config
from common.node.enrolling.enrolment_refusals import KeyRevoked
from common.node.verbs import commands
from common.store.database import close_database
from tests.desk.test_keys_verb import give_word
from tests.desk.test_roster_key import Desk
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes, cuts_on, enrol, post

PAGE = f"/roster/{TOWN}/revoke"


@pytest.fixture
def desk(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The console of the county."""
    return Desk(three.folder, capsys)


def replaced(three: ThreeNodes) -> str:
    """Let another computer of the village join below the township, which the county hears; its key."""
    close_database()
    folder = three.folder / VILLAGE
    shutil.rmtree(folder)
    folder.mkdir()
    write_config(folder, {"address": VILLAGE, "bind": "127.0.0.1:9012"})
    node = commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    (key,) = node.keys
    enrol(three, VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    return str(key)


def join_again(three: ThreeNodes) -> None:
    """Let the township join with another key, and hear what the county has to say."""
    try:
        enrol(three, TOWN, COUNTY)
    except KeyRevoked:
        enrol(three, TOWN, COUNTY)
    three.carry(COUNTY, TOWN)


def test_each_key_that_falls_is_named_before_and_after_and_one_said_yes_to_stays(
    three: ThreeNodes, desk: Desk
) -> None:
    key, former = replaced(three), give_word(three, "former")[0]
    revoke = ("trust", "revoke", "--address", TOWN)
    words = f"{three.node.place_name(VILLAGE)}（{VILLAGE}） {key}：要发新的入网码"
    code, told = desk.run(*revoke)
    assert (
        code == 2 and words in told and f"{former}：要发新的入网码" in told and "roster keys confirm" in told
    )
    client = three.client(COUNTY, "admin")
    short = f"{key[:16]}…：要发新的入网码"
    assert short in client.get(PAGE).text
    shown = post(client, f"{PAGE}/check", {**cuts_on(client.get(PAGE).text), "reason": "stolen", "sure": "1"})
    assert shown.status_code == 200 and short in shown.text
    assert desk.run("roster", "keys", "confirm", former, "--as", "former", "--why", "电话问过")[0] == 0
    told = desk.run(*revoke)[1]
    assert words in told and former not in told
    code, told = desk.run(*revoke, "--yes")
    assert code == 0 and words in told and former not in told


def test_the_page_does_not_speak_of_keys_where_none_falls(three: ThreeNodes, desk: Desk) -> None:
    assert "入网码 " not in desk.run("trust", "revoke", "--address", TOWN)[1]
    client = three.client(COUNTY, "admin")
    assert "随之失效" not in client.get(PAGE).text
    key = replaced(three)
    client = three.client(COUNTY, "admin")
    form = {**cuts_on(client.get(PAGE).text), "reason": "stolen", "sure": "1"}
    assert post(client, PAGE, form).status_code == 303
    assert f"{key[:16]}…：要发新的入网码" in client.get(f"/roster/{TOWN}").text


def test_the_township_sees_which_site_it_does_not_hear_any_more(three: ThreeNodes, desk: Desk) -> None:
    replaced(three)
    marks = ("现在连不上本站", "担保已失效", "已失效")
    page = three.client(TOWN, "admin").get("/nodes").text
    assert not any(mark in page for mark in marks)
    assert desk.run("trust", "revoke", "--address", TOWN, "--yes")[0] == 0
    join_again(three)
    page = three.client(TOWN, "admin").get("/nodes").text
    assert all(mark in page for mark in marks), page
    # With a new code it is heard again.
    enrol(three, VILLAGE, TOWN)
    page = three.client(TOWN, "admin").get("/nodes").text
    assert not any(mark in page for mark in marks)
