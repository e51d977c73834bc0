"""Keys of a roster that was lost with a backup put back: the administrator hears of them and says whose."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.entries import read_entry
from sync.protocol.trust import registrar
from sync.protocol.trust.lost_keys import keep_lost_keys
from tests.desk.test_roster_key import Desk
from tests.desk.test_roster_keys import LIST
from tests.desk.three import COUNTY, NOW, VILLAGE, ThreeNodes, post
from tests.sync.made import key_pair
from tests.sync.network import SUITE

GOOD, GONE = key_pair("let in in the lost time"), key_pair("stolen in the lost time")


@pytest.fixture
def lost(three: ThreeNodes) -> ThreeNodes:
    """The county met an entry that a former roster key had signed: two keys more, one of them revoked."""
    core = three.open(COUNTY).peer.core
    with three.node.unit():
        mine = core.roster.entries[VILLAGE]
        fields = registrar.fields_of(mine) | {"version": mine.version + 1, "prev": mine.statement.hash}
        fields["keys"] += [{**key.public.as_fields(), "from": NOW, "until": 0} for key in (GONE, GOOD)]
        fields["revoked"] = [{"key": GONE.id, "cut": {}, "ids": [], "reason": "stolen", "since": NOW}]
        made = signed.make(signed.ENTRY, fields, (key_pair("former roster key"),), SUITE)
        keep_lost_keys(core, read_entry(made))
    return three


def test_the_administrator_hears_of_it_and_says_whose_the_key_is(lost: ThreeNodes) -> None:
    client = lost.client(COUNTY, "admin")
    assert all("有 2 把名册里没有的钥匙" in client.get(page).text for page in ("/", "/roster"))
    listed = client.get(LIST).text
    assert listed.count("丢失的名册</td>") == 2
    page = f"{LIST}/{VILLAGE}/{GOOD.id}"
    shown = client.get(page).text
    assert GOOD.id in shown and "换掉的名册钥匙签的" in shown and "说它已经作废" not in shown
    assert "担保" not in shown.split("<main")[1].split("<form")[0]
    assert "说它已经作废" in client.get(f"{LIST}/{VILLAGE}/{GONE.id}").text
    assert post(client, page, {"whose": "current", "why": "打电话核对过编号"}).status_code == 303
    assert (
        post(client, f"{LIST}/{VILLAGE}/{GONE.id}", {"whose": "not_ours", "why": "是偷走的那台"}).status_code
        == 303
    )
    entry = lost.node.trust.entry(VILLAGE)
    assert entry.good_keys[-1] == GOOD.public and [one["key"] for one in entry.revoked] == [GONE.id]
    assert "没有待确认" in client.get(LIST).text


def test_the_console_lists_it_beside_those_that_a_township_vouches_for(
    lost: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(lost.folder, capsys)
    code, told = desk.run("roster", "keys")
    assert code == 0 and "共 2 把" in told
    by_key = {line.split()[0]: line for line in told.splitlines()}
    assert "丢失的名册写明" in by_key[GOOD.id] and "作废" not in by_key[GOOD.id]
    assert "也有一份说它已作废" in by_key[GONE.id]
    assert desk.run("roster", "keys", "confirm", GOOD.id, "--as", "former", "--why", "电话问过")[0] == 0


def test_of_a_key_of_its_own_that_is_not_here_the_county_is_not_asked_whether_it_uses_it(
    three: ThreeNodes,
) -> None:
    """What is for the county would be sealed to a key that nobody has."""
    core = three.open(COUNTY).peer.core
    with three.node.unit():
        mine = core.roster.entries[COUNTY]
        here = three.node.keys.add(b"h" * 64)
        fields = registrar.fields_of(mine) | {"version": mine.version + 1, "prev": mine.statement.hash}
        fields["keys"] += [{**key.as_fields(), "from": NOW, "until": 0} for key in (GONE.public, here.public)]
        keep_lost_keys(core, read_entry(signed.make(signed.ENTRY, fields, (key_pair("former"),), SUITE)))
    client, gone = three.client(COUNTY, "admin"), f"{LIST}/{COUNTY}/{GONE.id}"
    shown = client.get(gone).text
    assert 'value="current"' not in shown and 'value="former"' in shown and "不会是现在用的" in shown
    assert post(client, gone, {"whose": "current", "why": "打电话核对过编号"}).status_code == 409
    shown = client.get(f"{LIST}/{COUNTY}/{here.id}").text
    assert 'value="current"' in shown and "不会是现在用的" not in shown
