"""Keys that a township gave its word for beside the roster: the administrator says whose they are."""

from __future__ import annotations

import re
import shutil

from common.casework.rules.flow import State
from common.config import read_config, write_config
from common.node import commands
from common.store import audit
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, enrol, post

LIST = "/roster/keys"


def replace_machine(three: ThreeNodes) -> str:
    """A new computer takes the village's place on a day without a line to the county; return its key."""
    close_database()
    shutil.rmtree(three.folder / VILLAGE)
    (three.folder / VILLAGE).mkdir()
    write_config(three.folder / VILLAGE, {"address": VILLAGE, "bind": "127.0.0.1:9012"})
    commands.init(read_config(three.folder / VILLAGE, {}), PROFILES[VILLAGE])
    enrol(three, VILLAGE, TOWN)
    key = three.node.peer.core.own_key().id
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    return key


def test_what_waits_for_a_key_counts_once_the_administrator_says_whose_it_is(three: ThreeNodes) -> None:
    first = replace_machine(three)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    second = replace_machine(three)
    client = three.client(COUNTY, "admin")
    assert "把乡镇担保的钥匙" not in client.get("/roster").text and "没有待确认" in client.get(LIST).text
    three.carry(TOWN, COUNTY)
    client = three.client(COUNTY, "admin")
    assert client.get(f"/case/{case}").status_code == 404
    assert "有 2 把乡镇担保的钥匙" in client.get("/roster").text
    links = re.findall(rf'href="({LIST}/[^"]+)"', client.get(LIST).text)
    pages = {link.rsplit("/", 1)[1]: link for link in links}
    assert set(pages) == {first, second}
    assert "有 1 份报文等着" in client.get(pages[first]).text

    for wrong in ({"why": "x"}, {"whose": "former"}, {"whose": "mine", "why": "x"}):
        assert post(client, pages[first], wrong).status_code == 400
    nowhere = f"{LIST}/{TOWN}/{first}"
    assert client.get(nowhere).status_code == 404
    assert post(client, nowhere, {"whose": "former", "why": "x"}).status_code == 409
    assert client.get(f"/case/{case}").status_code == 404
    said = {"whose": "former", "why": "给代办员打过电话"}
    assert post(client, pages[first], said).status_code == 303
    assert three.node.casework.case(case).state == State.RECEIVED
    assert post(client, pages[second], {"whose": "current", "why": "电脑换过"}).status_code == 303
    assert post(client, pages[second], {"whose": "former", "why": "再点一次"}).status_code == 409
    keys = [key.id for key in three.node.trust.entry(VILLAGE).good_keys]
    assert (keys[0], keys[-1], len(keys)) == (first, second, 3)
    assert "没有待确认" in client.get(LIST).text
    told = [row for row in audit.rows(VILLAGE) if row.action == "node.key_confirmed"]
    assert [row.actor for row in told] == ["admin", "admin"]
    assert all(part in told[0].detail for part in (first, '"former"', "给代办员打过电话"))
    assert second in told[1].detail and '"current"' in told[1].detail
