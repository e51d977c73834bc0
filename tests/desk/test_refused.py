"""A machine whose key was revoked says so on its line page and in `status`, and can join again."""

from __future__ import annotations

from common.node import commands
from common.node.told import status_lines
from sync.protocol.offer import Budget
from sync.protocol.refusal import barred
from sync.protocol.revocation import STOLEN, Revocation
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, enrol


def test_a_revoked_village_learns_it_and_joins_again_with_another_key(three: ThreeNodes) -> None:
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "")
    three.carry(COUNTY, TOWN)
    _, said = three.open(VILLAGE).engine.make(TOWN, Budget(10**6))
    former = three.node.peer.core.own_key().id
    told = three.open(TOWN).engine.receive(said).told
    three.open(VILLAGE).engine.hear_refusal(told)
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "作废本站的钥匙（被盗或泄露）" in page and "2026-03-03 09:06" in page
    facts = commands.status(three.node)
    assert facts["refused"] == STOLEN and any("enrol join" in line for line in status_lines(facts, str))
    # The revoked key would stay revoked: whoever joins again on the same computer gets another.
    enrol(three, VILLAGE, TOWN)
    assert barred(three.node.peer.core) is None and commands.status(three.node)["refused"] == ""
    assert three.node.peer.core.own_key().id != former
    assert "作废本站的钥匙" not in three.client(VILLAGE, "agent").get("/line").text
    three.carry(VILLAGE, TOWN)
