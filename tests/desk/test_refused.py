"""A machine whose key was revoked says so on its line page and in `status`, and can join again."""

from __future__ import annotations

import pytest

from common.node.checks.doctor import examine
from common.node.checks.findings import BAD
from common.node.enrolling.enrolment_refusals import KeyRevoked
from common.node.node import Node
from common.node.upward import JoinedAlready, once_joined
from common.node.verbs import commands
from common.node.verbs.told import status_lines
from sync.protocol import signed
from sync.protocol.errors import BadEnrolment
from sync.protocol.offer import Budget
from sync.protocol.own.issue import epoch_fields
from sync.protocol.streams import make_epoch
from sync.protocol.trust.refusal import barred
from sync.protocol.trust.revocation import STOLEN, Revocation
from sync.protocol.trust.state import keep_trust
from tests.desk.test_line import with_parent_url
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, enrol, post
from tests.sync.made import key_pair


def test_a_revoked_village_learns_it_and_joins_again_with_another_key(three: ThreeNodes) -> None:
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "")
    three.carry(COUNTY, TOWN)
    _, said = three.open(VILLAGE).engine.make(TOWN, Budget(10**6))
    core, thief = three.node.peer.core, key_pair("thief")
    former = core.own_key().id
    with three.node.unit():
        fields = epoch_fields(core, "rotation", three.now()) | {"n": 10**9 - 1, "by": former}
        last = make_epoch(fields | {"public": thief.public.as_fields()}, (thief, core.own_key()), core.suite)
    told = three.open(TOWN).engine.receive(said).told
    # Whoever has the key went over to another, in the last epoch there is: nobody has to begin above that.
    with three.node.unit():
        three.node.peer.core.keep(last.statement, f"{VILLAGE}|{last.id}", (last.n, 0, 0))
    three.open(VILLAGE).engine.hear_refusal(told)
    page = three.client(VILLAGE, "agent").get("/line").text
    assert "作废本站的钥匙（被盗或泄露）" in page and "2026-03-03 09:06" in page
    facts = commands.status(three.node)
    told = "\n".join(status_lines(facts, str))
    assert facts["refused"] == STOLEN and "enrol join" in told
    assert "要重新入网" in told and "已入网" not in told
    found = [one for one in examine(three.node) if one.subject == "入网"]
    assert [one.light for one in found] == [BAD] and "重新入网" in found[0].sentence
    # The revoked key would stay revoked: whoever joins again on the same computer gets another.
    enrol(three, VILLAGE, TOWN)
    assert barred(three.node.peer.core) is None and commands.status(three.node)["refused"] == ""
    assert three.node.peer.core.own_key().id != former
    assert "作废本站的钥匙" not in three.client(VILLAGE, "agent").get("/line").text
    three.carry(VILLAGE, TOWN)


def test_who_is_heard_no_more_is_told_of_no_line_and_no_stick_that_would_carry_it_up(
    three: ThreeNodes,
) -> None:
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "")
    entry = three.node.spool.held(signed.ENTRY, VILLAGE).statement
    client = with_parent_url(three)
    three.file()
    runner = three.node.runner
    assert runner is not None
    runner.state.failures, runner.state.last_code = 2, "S401"
    assert "线路通了以后自动发送，也可以用U盘送出" in client.get("/line").text
    with three.node.unit():
        three.node.peer.core.roster.offer(entry)
        keep_trust(three.node.peer.core, entry)
    page = client.get("/line").text
    assert "重新入网以前送不出去" in page and "待发：报文" in page and "也可以用U盘送出" not in page
    sent = post(client, "/line/send", {}).location
    told = client.get(sent).text
    assert "重新入网以前送不出去" in told and "也可以用U盘送出" not in told


def test_who_has_not_heard_that_its_key_is_revoked_keeps_the_code_and_joins_with_the_next_key(
    three: ThreeNodes,
) -> None:
    """By stick nobody tells it: the code was used up for a key that counts nowhere."""
    former = three.open(VILLAGE).peer.core.own_key().id
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "")
    code = commands.enrol_issue(three.node, VILLAGE, "")
    request, answer = three.folder / "request", three.folder / "answer"
    commands.enrol_request(three.open(VILLAGE), code, request)
    commands.enrol_answer(three.open(COUNTY), request, answer)
    with pytest.raises(KeyRevoked):
        commands.enrol_finish(three.open(VILLAGE), code, answer)
    assert barred(three.node.peer.core) is not None and three.node.peer.core.own_key().id == former
    commands.enrol_request(three.node, code, request)
    commands.enrol_answer(three.open(COUNTY), request, answer)
    assert not [row for row in three.node.enrolment.issued() if row.address == VILLAGE and not row.used_at]
    commands.enrol_finish(three.open(VILLAGE), code, answer)
    assert barred(three.node.peer.core) is None and three.node.peer.core.own_key().id != former
    three.carry(COUNTY, TOWN)
    three.carry(VILLAGE, TOWN)
    assert not {note.code for note in three.node.notes(9)} & {"S107"}


def test_who_is_heard_no_more_is_not_told_that_it_need_not_join(three: ThreeNodes) -> None:
    with three.open(COUNTY).unit():
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN), "")
    entry = three.node.spool.held(signed.ENTRY, VILLAGE).statement
    for problem in (JoinedAlready, BadEnrolment):
        with pytest.raises(problem), once_joined(three.open(VILLAGE)):
            raise BadEnrolment("a letter was typed wrong")
        with three.node.unit():
            three.node.peer.core.roster.offer(entry)
            keep_trust(three.node.peer.core, entry)


def test_over_a_line_it_asks_once_more_by_itself(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def join(node: Node, code: str, url: str) -> None:
        asked.append(code)
        if len(asked) != 2:
            raise KeyRevoked

    monkeypatch.setattr(commands, "_join", join)
    node = three.open(VILLAGE)
    commands.enrol_join(node, "one", "http://127.0.0.1:9")
    assert asked == ["one", "one"]
    with pytest.raises(KeyRevoked):
        commands.enrol_join(node, "two", "http://127.0.0.1:9")
    assert asked == ["one", "one", "two", "two"]
