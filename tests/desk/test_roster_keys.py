"""Keys that a township gave its word for beside the roster: the administrator says whose they are."""

from __future__ import annotations

import re
import shutil

import pytest
from flask.testing import FlaskClient

from common.casework.rules.flow import State
from common.config import read_config, write_config
from common.desk.pages.line_words import barred_said
from common.node.assembly import build_app
from common.node.verbs import commands
from common.node.verbs.told import status_lines
from common.store import audit
from common.store.database import close_database
from sync.protocol.acts.quarantine import PAST_CUT
from sync.protocol.offer import Budget
from sync.protocol.trust import vouched
from sync.protocol.trust.revocation import NOT_OURS
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
    assert "把名册里没有的钥匙" not in client.get("/roster").text and "没有待确认" in client.get(LIST).text
    three.carry(TOWN, COUNTY)
    client = three.client(COUNTY, "admin")
    assert client.get(f"/case/{case}").status_code == 404
    with pytest.MonkeyPatch.context() as patch:
        # However much waits for them, to say how many they are nothing of it is read.
        patch.setattr(vouched, "_waiting", lambda *_: pytest.fail("read"))
        assert all("有 2 把名册里没有的钥匙" in client.get(page).text for page in ("/", "/roster"))
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
    revoke_alone(three, client, first)
    assert "要停用" not in client.get(pages[first]).text and "要停用" in client.get(pages[second]).text


def revoke_alone(three: ThreeNodes, client: FlaskClient, key: str) -> None:
    """Said yes too soon: that key alone is revoked, and the computer in use works on."""
    good = [one.id for one in three.node.trust.entry(VILLAGE).good_keys]
    revoke = f"/roster/{VILLAGE}/revoke"
    assert client.get(revoke).text.count('name="key"') == 3
    said = {"reason": "stolen", "sure": "1", "several": "1"}
    none = post(client, revoke, said)
    assert none.status_code == 400 and "请勾选要作废的钥匙" in none.text
    assert post(client, revoke, said | {"key": key}).status_code == 303
    assert [one.id for one in three.node.trust.entry(VILLAGE).good_keys] == [k for k in good if k != key]


def refuse_at_the_county(three: ThreeNodes, key: str) -> None:
    """Two administrators look at a key; one says that it is none of the site's, then the other speaks."""
    client = three.client(COUNTY, "admin")
    page = f"{LIST}/{VILLAGE}/{key}"
    other = three.again("admin")
    assert "都不是，不认这把钥匙" in other.get(page).text
    assert post(client, page, {"whose": NOT_OURS, "why": " "}).status_code == 400
    said = {"whose": NOT_OURS, "why": "代办员说没有换过电脑"}
    assert post(client, page, said).status_code == 303
    for whose in ("current", "former", NOT_OURS):
        late = post(other, page, {"whose": whose, "why": "我看是"})
        assert late.status_code == 409 and "已判定不是这个站点的，不能再改" in late.text
    shown = other.get(page).text
    assert "都不是，不认这把钥匙" in shown and "admin" in shown and "2026-03-03" in shown
    assert client.get(f"{LIST}/{VILLAGE}/{key[:-1]}x").status_code == 404
    assert "没有待确认" in client.get(LIST).text
    assert "不是本站点的，不认" in client.get(f"/roster/{VILLAGE}").text
    (row,) = (row for row in audit.rows(VILLAGE) if row.action == "node.key_refused")
    assert row.actor == "admin" and all(part in row.detail for part in (key, "没有换过电脑"))


def test_a_computer_that_is_none_of_the_sites_is_out_at_the_county_the_township_and_for_itself(
    three: ThreeNodes,
) -> None:
    strange = replace_machine(three)
    case = three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    assert three.node.casework.case(case).state == State.RECEIVED
    three.carry(TOWN, COUNTY)
    refuse_at_the_county(three, strange)
    assert [row.reason for row in three.node.spool.parked()] == [PAST_CUT]
    (stream,) = (line.stream for line in three.node.trust.lines(VILLAGE))
    assert three.again("admin").get(f"/case/{case}").status_code == 404

    _, late = three.open(VILLAGE).engine.make(TOWN, Budget(10**6))
    three.carry(COUNTY, TOWN)
    told = three.node.engine.receive(late).told
    client = three.client(TOWN, "admin")
    assert client.get(f"/case/{case}").status_code == 404
    sites = client.get("/nodes").text
    assert "有一台电脑不是该站点的" in sites and "用本站发的入网码登记" in sites and "县级不认" in sites
    three.open(VILLAGE).engine.hear_refusal(told)
    with build_app(three.node).test_request_context():
        words = str(barred_said(three.node))
    assert "不是本站的" in words and "重新入网" in words
    facts = commands.status(three.node)
    assert facts["refused"] == NOT_OURS
    assert any("判定不是本站的" in line for line in status_lines(facts, str))
    # It was the site's after all: with a new code it gets another key, and a person is asked again.
    three.clock.advance(60_000)
    enrol(three, VILLAGE, TOWN)
    assert commands.status(three.node)["refused"] == ""
    assert "县级不认" not in three.client(TOWN, "admin").get("/nodes").text
    three.carry(TOWN, COUNTY)
    (word,) = three.node.trust.vouched.undecided()
    assert word.key.id != strange
    # A later revocation names the key too: what it tells is not what was receipted before the no.
    before = three.node.trust.marks_before(stream)
    with three.node.unit():
        audit.record("", "node.revoked", VILLAGE, {"keys": [strange], "receipts": []}, three.now())
    assert before and three.node.trust.marks_before(stream) == before
