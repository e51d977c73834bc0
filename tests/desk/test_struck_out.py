"""A slip whose case the county has struck out: whoever looks for its number is told so."""

from __future__ import annotations

import html
import re

import pytest

from common.days import local_day
from sync.adapters.bundle_file import export, import_file
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes, enrol, post

WHY = "冒用<王秀英>的名义"


def strike_out(three: ThreeNodes) -> tuple[str, str]:
    """Let the county strike out a case that the village filed; return its number and the act."""
    three.open(VILLAGE)
    number = three.file(RELIEF)
    act = three.node.casework.case(number).chain[0]
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    client, page = three.client(COUNTY, "admin"), f"/roster/{VILLAGE}/revoke"
    fields = re.findall(r'name="(cut:[^"]+)" value="', client.get(page).text)
    cut = {html.unescape(name): "0" for name in fields}
    assert post(client, page, {**cut, "reason": "stolen", "sure": "1"}).status_code == 303
    answer = client.get(f"/case/{number}")
    assert answer.status_code == 404 and "E262" in answer.text and "县级正在核实" in answer.text
    assert f"办件 {number} 由青峪镇鹿角坪村登记过" in answer.text and "临时救助" not in answer.text
    assert post(client, "/queue/find", {"q": number}).location.endswith(f"/case/{number}")
    assert post(client, "/roster/held", {"act": act, "why": WHY, "do": "strike"}).status_code == 303
    return number, act


def test_a_number_that_was_struck_out_is_told_at_every_node_and_comes_back(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, act = strike_out(three)
    day = local_day(three.now())
    three.carry(COUNTY, TOWN)
    # The same computer hears why nobody takes its word, and joins again with another key.
    said = export(three.open(VILLAGE).engine, TOWN, three.folder).path
    told = import_file(three.open(TOWN).engine, said).told
    three.open(VILLAGE).engine.hear_refusal(told)
    enrol(three, VILLAGE, COUNTY)
    three.carry(COUNTY, VILLAGE)
    words = f"办件 {number} 由青峪镇鹿角坪村登记过，县级已于 {day} 剔除"
    for address, login in ((VILLAGE, "agent"), (TOWN, "clerk"), (COUNTY, "approver")):
        client = three.client(address, login)
        answer = client.get(f"/queue?q={number.lower()}", follow_redirects=True)
        assert answer.status_code == 404 and words in answer.text and "E261" in answer.text, address
        assert "重新收件登记" in answer.text and html.escape(WHY) in answer.text
        assert not any(one in answer.text for one in ("没有找到", "临时救助", "<王秀英>", "鹿角坪村2组"))
        assert post(client, "/queue/find", {"q": number}).location.endswith(f"/case/{number}")
        wrong = client.get(f"/case/{number[:-1]}{'0' if number[-1] != '0' else '1'}")
        assert wrong.status_code == 404 and "E108" in wrong.text
    assert three.app.test_client().get(f"/case/{number}").status_code == 303
    # Who would see no more than the progress of a case reads no words that may speak of its people.
    answer = three.again("admin").get(f"/case/{number}")
    assert words in answer.text and "王秀英" not in answer.text and "县级写的理由" not in answer.text
    again = {"act": act, "why": "核实无误", "do": "release"}
    assert post(three.again("admin"), "/roster/held", again).status_code == 303
    client = three.again("approver")
    with monkeypatch.context() as unread:
        # A case that is here, and a site that has lost no key, need no look during which nobody writes.
        unread.setattr(three.node.heart, "reading", None)
        assert client.get(f"/case/{number}").status_code == 200
        assert "E108" in client.get(f"/case/{number.replace(VILLAGE, TOWN)}").text
    three.carry(COUNTY, VILLAGE)
    assert three.client(VILLAGE, "agent").get(f"/case/{number}").status_code == 200
