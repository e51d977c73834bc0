"""A computer without the site's key: its pages say so, and nobody types a case that it cannot sign."""

from __future__ import annotations

from common.config import read_config, write_config
from common.desk.pages.line_back import PUT_BACK
from common.node.verbs import commands
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store.database import close_database
from sync.protocol.core import Note
from sync.protocol.offer import Budget
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.desk_pages import Counter
from tests.desk.test_first_sync import NEW
from tests.desk.test_line import with_parent_url
from tests.desk.three import (
    COUNTY,
    NOW,
    PASSWORD,
    PROFILES,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    enrol,
    post,
)

SHORT = "这台电脑还没有本站的钥匙"
TRIES = ("正在联系上级", "程序刚启动", "现在发送", "还在取回", "带出去、带回来")


def lose_keys(three: ThreeNodes, address: str) -> None:
    """Leave a node as a restore does on another computer: all its data, and a key that is new."""
    close_database()
    (three.folder / address / "keys.json").unlink()
    with three.open(address).unit():
        three.node.keys.add(b"k" * 64)
    three.node.journal([Note(PUT_BACK, address, "put back, with no key to go on with")])


def test_a_village_restored_without_its_keys_says_so_and_takes_no_case_in(three: ThreeNodes) -> None:
    """Method: every page a clerk would try, the last page of a draft, then joining again."""
    three.open(VILLAGE)
    number = three.file()
    counter = Counter(three, three.client(VILLAGE, "agent"), SUBSISTENCE).to_check()
    lose_keys(three, VILLAGE)
    client = with_parent_url(three)
    assert f"{SHORT}，请看线路页" in client.get("/").text
    page = client.get("/line").text
    assert all(words in page for words in ("数据是恢复来的", "要新的入网码", "登记以后自动发送", number))
    assert not any(words in page for words in (*TRIES, "S128"))
    page = client.get("/stick").text
    assert "数据是恢复来的" in page and "做数据包" not in page.split("本页说明")[0]
    for answer in (
        client.get("/file"),
        post(client, "/file/begin", {"item": SUBSISTENCE}),
        post(client, f"{counter.path}/check", {"no_papers": "1"}),
    ):
        assert answer.status_code == 409 and "数据是恢复来的" in answer.text and "S202" in answer.text
        assert f"/guide/{SUBSISTENCE}/form" in answer.text and f"{counter.path}/" in answer.text
    assert client.get(f"/case/{number}").status_code == 200
    enrol(three, VILLAGE, TOWN)
    client = three.client(VILLAGE, "agent")
    assert SHORT not in client.get("/line").text and client.get("/file").status_code == 200


def test_a_county_is_told_to_bring_its_keys_and_no_code(three: ThreeNodes) -> None:
    lose_keys(three, COUNTY)
    page = three.client(COUNTY, "admin").get("/line").text
    assert SHORT in page.split("<main")[0] and "keys.json" in page and "入网码" not in page


def test_a_site_that_never_joined_says_so_and_tries_no_line(three: ThreeNodes) -> None:
    folder = three.folder / NEW
    folder.mkdir()
    write_config(folder, {"address": NEW, "bind": "127.0.0.1:9099", "parent_url": "http://127.0.0.1:9"})
    close_database()
    node = commands.init(read_config(folder, {}), PROFILES[VILLAGE])
    ready = node.people.ready(NewStaff("agent", "周代办", frozenset({Role.AGENT}), "", PASSWORD))
    with node.unit():
        node.people.add_staff(ready, "", NOW)
    client = three.client(NEW, "agent")
    page = client.get("/line").text
    assert SHORT in page.split("<main")[0] and "本站还没有登记入网" in page and "登记单" in page
    assert not any(words in page for words in TRIES)
    assert client.get("/file").status_code == 409


def test_a_village_whose_key_was_revoked_is_told_on_the_page_of_sticks_too(three: ThreeNodes) -> None:
    """No package of its own is taken above, whoever carries it; it may still take one in."""
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    assert "越过乡镇" in three.client(VILLAGE, "agent").get("/stick").text
    assert "越过乡镇" not in three.client(TOWN, "clerk").get("/stick").text, "who stands there already"
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN, cut={}), "admin")
    _, late = three.open(VILLAGE).engine.make(TOWN, Budget(10**6))
    three.carry(COUNTY, TOWN)
    told = three.node.engine.receive(late).told
    three.open(VILLAGE).engine.hear_refusal(told)
    page = three.client(VILLAGE, "agent").get("/stick").text
    assert "作废本站的钥匙（被盗或泄露）" in page and "导入" in page
