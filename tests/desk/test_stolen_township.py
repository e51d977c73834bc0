"""With a township's stolen key and all its computer knows, nobody decides for the county or ends a case."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from common.casework import records
from common.casework.errors import NotHolder, WrongApex
from common.casework.rules.flow import State
from common.casework.rules.shape import MOVED, STRUCK, TAKEN_OVER
from common.people.rules.roles import Role
from sync.protocol import canonical
from sync.protocol.frame import SIGNED_AS, Frame, make_body, rebuild
from sync.protocol.incoming.beside import take_loose
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.three import COUNTY, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes

STEPS = (("accept", Role.CLERK), ("review", Role.REVIEWER), ("approve", Role.APPROVER))
WHY = "收回电脑，重新登记"


@pytest.fixture
def decided(three: ThreeNodes) -> tuple[str, str]:
    """Two cases the township has checked: the county has decided the first, and accepted the second."""
    three.open(VILLAGE)
    first, second = three.file(SUBSISTENCE), three.file(SUBSISTENCE, seed=1)
    three.carry(VILLAGE, TOWN)
    for case in (first, second):
        three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    for action, role in STEPS:
        three.move(first, action, role)
    three.move(second, "accept", Role.CLERK)
    three.carry(COUNTY, TOWN)
    return first, second


def forge(three: ThreeNodes, kind: str, body: dict[str, object]) -> str:
    """Let the township's node sign any act at all, past every rule that it keeps itself."""
    with three.node.unit():
        to = (COUNTY, VILLAGE)
        return three.node.heart.submit(kind, canonical.dumps({**body, "to": list(to)}), to, ())


def forgeries(three: ThreeNodes, first: str, second: str) -> list[str]:
    """The county's decision on another case, a strike and a take-over, each as the county would write it."""
    made = [json.loads(row.body) for row in records.events_of(first) if row.author == COUNTY]
    decision = next(body for body in made if body.get("action") == "approve")
    known = records.events_of(second)
    filing, last = known[0].act, known[-1].act
    data = {**decision["data"], "note": WHY, "cause": "relieved", "since": ""}
    taken = {"case": second, "flow": 3, "follows": last, "holder": TOWN, "data": data}
    struck = {"case": second, "ids": [filing, last], "reason": WHY, "data": {"at": three.now()}}
    return [
        forge(three, MOVED, {**decision, "case": second, "follows": last}),
        forge(three, STRUCK, struck),
        forge(three, TAKEN_OVER, taken),
    ]


def claims_a_place(three: ThreeNodes) -> Frame:
    """Another act at the first place of the township's stream to the county, as it would come by itself."""
    core = three.node.peer.core
    stream = next(s for s in core.spool.streams() if (s.id.src, s.id.dst) == (TOWN, COUNTY))
    frame = core.spool.frames_after({stream.id: 0}, 0, 1)[0].frame
    body = make_body(bytes(16), canonical.dumps({"n": 1, "to": [COUNTY]}))
    header = frame.header._replace(body_hash=sha256(body).digest(), body_len=len(body), blobs=())
    return rebuild(header, body, core.suite.sign(core.own_key(), SIGNED_AS, header.encode()))


def standing(three: ThreeNodes, address: str, case: str) -> tuple[str, State]:
    state = three.open(address).casework.case(case)
    return state.holder, state.state


def test_the_county_decides_and_the_case_lives(three: ThreeNodes, decided: tuple[str, str]) -> None:
    first, second = decided
    before = {case: standing(three, COUNTY, case) for case in decided}
    three.open(TOWN)
    false, loose = forgeries(three, first, second), claims_a_place(three)
    for target in (VILLAGE, COUNTY):
        three.carry(TOWN, target)
        assert {case: standing(three, target, case) for case in decided} == before, target
        refused = {row.id: row.reason for row in three.node.spool.parked() if row.id in false}
        assert list(refused.values()) == [NotHolder.code, WrongApex.code, WrongApex.code]
        assert not {*false} & {*three.node.casework.case(second).chain}
    # It goes on at the county, as if nothing had come.
    for action, role in STEPS[1:]:
        three.move(second, action, role)
    client = three.client(COUNTY, "admin")
    with three.node.unit():
        three.node.trust.revoke(Revocation(TOWN, STOLEN), "admin")
        assert take_loose(three.node.peer.core, [loose]) == []
    held = client.get("/roster/held").text
    assert f'value="{loose.act}"' in held and "号码无从核对" in held
    after = standing(three, COUNTY, second)
    three.carry(COUNTY, VILLAGE)
    assert standing(three, VILLAGE, second) == after == before[first]
