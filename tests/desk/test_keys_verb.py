"""The county's console says whose a key is that a township gave its word for."""

from __future__ import annotations

import json

import pytest

from common.store import audit
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import NOT_OURS
from tests.desk.test_roster_key import Desk
from tests.desk.three import COUNTY, NOW, TOWN, VILLAGE, ThreeNodes
from tests.sync.made import key_pair

WHY = ("--why", "电话问过代办员")


def give_word(three: ThreeNodes, *names: str, address: str = VILLAGE, at: int = NOW) -> list[str]:
    """Somebody who has the township's key gives its word for keys of a village; nobody joined there."""
    with three.open(TOWN).unit():
        for name in names:
            child = {"address": address, "name": "村", "key": key_pair(name).public.as_fields()}
            registrar.vouch(three.node.peer.core, child, "ab" * 32, at)
    three.carry(TOWN, COUNTY)
    return [key_pair(name).id for name in names]


@pytest.fixture
def desk(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Desk:
    """The console of the county."""
    return Desk(three.folder, capsys)


def refused(desk: Desk, *words: str) -> str:
    """Return what the console says to words it does not go by."""
    code, told = desk.run("roster", "keys", *words)
    assert code == 2 and told.strip()
    return told


def test_bad_words_are_told_apart_and_change_nothing(three: ThreeNodes, desk: Desk) -> None:
    assert desk.run("roster", "keys") == (0, "没有待确认的钥匙。\n")
    strange, former, current = give_word(three, "strange", "former", "current")
    told = desk.run("roster", "keys", "list")[1]
    assert "共 3 把" in told and all(f"{key}  {VILLAGE}" in told for key in (strange, former, current))
    assert "缺少参数 KEY" in refused(desk, "refuse")
    assert "--as" in refused(desk, "confirm", strange, *WHY)
    for why in ("", " ", "长" * 201):
        assert "E452 请用 --why 写明理由" in refused(desk, "refuse", strange, "--why", why)
    for key in (strange[:12], "../etc", "g" * 32, f"{TOWN}|{strange}"):
        assert "E467" in refused(desk, "refuse", key, *WHY)
    assert "E467" in refused(desk, "refuse", strange, "--address", TOWN, *WHY)
    for words in (("throw", strange), ("confirm", strange, "--as", "mine"), ("confirm", strange, former)):
        with pytest.raises(SystemExit):
            desk.run("roster", "keys", *words)
    with pytest.raises(SystemExit):
        desk.run("roster", "keys", data=TOWN)
    desk.said.readouterr()
    rows = json.loads(desk.run("roster", "keys", "--json")[1])
    assert {row["key"] for row in rows} == {strange, former, current}
    said = {"address": VILLAGE, "by": TOWN, "at": three.now(), "waiting": 0}
    assert rows[0] == {"key": rows[0]["key"], **said}


def test_keys_are_confirmed_and_refused_on_the_console(three: ThreeNodes, desk: Desk) -> None:
    strange, former, current = give_word(three, "strange", "former", "current", at=2**53 - 1)
    # Whatever a thief says of the time, there is a page and a list.
    assert "9999-12-31" in three.client(COUNTY, "admin").get("/roster/keys").text
    assert "9999-12-31" in desk.run("roster", "keys")[1]
    for words in (
        ("refuse", f" {strange.upper()} "),
        ("confirm", former, "--as", "former"),
        ("confirm", current, "--as", "current", "--address", VILLAGE),
    ):
        assert desk.run("roster", "keys", *words, *WHY)[0] == 0
    for words, said in (
        (("confirm", strange, "--as", "current"), "已判定不是这个站点的"),
        (("refuse", strange), "已判定不是这个站点的"),
        (("refuse", former), "已确认是以前用过的"),
        (("refuse", current), "已确认是现用的"),
    ):
        told = refused(desk, *words, *WHY)
        assert "E465" in told and said in told and "由 县级控制台 处理" in told, told
    entry = three.open(COUNTY).trust.entry(VILLAGE)
    assert entry.good_keys[-1].id == current and {one["key"] for one in entry.revoked} == {strange}
    rows = [row for row in audit.rows(VILLAGE) if row.action.startswith("node.key_")]
    assert [json.loads(row.detail)["as"] for row in rows] == [NOT_OURS, "former", "current"]
    # Said yes too soon: that key alone is revoked, and the computer in use works on.
    only = ("trust", "revoke", "--address", VILLAGE, "--yes", "--only")
    assert desk.run(*only, strange)[0] == desk.run(*only, "x")[0] == 2
    code, told = desk.run(*only, former)
    assert code == 0 and "入网码" not in told
    assert three.open(COUNTY).trust.entry(VILLAGE).good_keys[-1].id == current
    # The township never let that computer in: its own key may be in other hands, and its page says so.
    three.carry(COUNTY, TOWN)
    # A code given out since waits for its computer, whatever became of that key.
    with three.node.unit():
        three.node.enrolment.issue(VILLAGE, "村", three.now())
    page = three.client(TOWN, "admin").get("/nodes").text
    assert all(words in page for words in ("恢复过备份", "本站的钥匙可能被盗", "待使用"))
    assert "县级不认" not in page


def test_a_key_under_two_addresses_is_asked_for_by_its_site(three: ThreeNodes, desk: Desk) -> None:
    another = f"{TOWN}205"
    give_word(three, "first", address=another)
    (key,) = give_word(three, "strange")
    give_word(three, "strange", address=another)
    assert "--address" in refused(desk, "refuse", key, *WHY)
    assert desk.run("roster", "keys", "refuse", key, "--address", another, *WHY)[0] == 0
    # The other word stands as it did, and now there is one key of this number to be decided on.
    assert json.loads(desk.run("roster", "keys", "--json")[1])[0]["address"] == VILLAGE
    assert desk.run("roster", "keys", "confirm", key, "--as", "former", *WHY)[0] == 0
    assert three.open(COUNTY).trust.entry(VILLAGE).good_keys[0].id == key
