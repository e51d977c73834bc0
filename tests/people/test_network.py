"""Three real nodes: staff told upward, logins barred downward, stand-ins, and what forgers get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.node.jobs import Jobs
from common.node.node import Node
from common.people import messages
from common.people.accounts import ReadyStaff
from common.people.below import ROSTER, STAND_IN
from common.people.resets import RESET
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.frame import Act
from tests.desk.three import COUNTY, PASSWORD, TOWN, VILLAGE, ThreeNodes, found_network


def report(three: ThreeNodes) -> int:
    """Let the open node tell those above what is new."""
    with three.node.unit():
        return three.node.staffing.report()


def try_in(three: ThreeNodes, login: str = "agent") -> str:
    """Sign in at the open node; return the token."""
    node, moment = three.node, three.clock.moment()
    proof = node.people.prove(login, PASSWORD, "10.0.0.5", moment)
    with node.unit():
        outcome = node.people.sign_in(proof, moment)
    return outcome.token()


# --- told upward
def test_staff_is_known_at_every_node_above_after_the_next_contact(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    assert report(three) == 1
    assert report(three) == 0, "nothing new, nothing told"
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    for address in (TOWN, COUNTY):
        three.open(address)
        found = three.node.staff_below.roster(VILLAGE)
        assert [(one.login, one.roles) for one in found.staff] == [
            ("admin", {Role.ADMIN}),
            ("agent", {Role.AGENT}),
        ]
        assert found.told_at == three.now() and found.barred == {}
        assert not three.node.spool.parked()


def test_names_go_up_at_the_first_start_and_not_again_until_they_change(three: ThreeNodes) -> None:
    node = three.open(VILLAGE)
    jobs = Jobs(node)
    jobs._tell_first()
    assert report(three) == 0, "it was told at once"
    jobs._tell_first()
    three.carry(VILLAGE, TOWN)
    assert len(three.node.staff_below.roster(VILLAGE).staff) == 2


def test_names_wait_until_the_node_belongs_to_a_network(three: ThreeNodes, monkeypatch) -> None:
    node = three.open(VILLAGE)
    jobs = Jobs(node)
    with monkeypatch.context() as alone:
        alone.setattr(type(node), "tree", lambda node: Tree({}))
        jobs._tell_first()
        assert not jobs._has_told
    jobs._tell_first()
    assert report(three) == 0


def test_a_change_is_told_anew_and_takes_the_place_of_the_old(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    report(three)
    with three.node.unit():
        three.node.people.set_roles("agent", frozenset(), "admin", three.now())
    assert report(three) == 1
    three.carry(VILLAGE, TOWN)
    found = {one.login: one for one in three.node.staff_below.roster(VILLAGE).staff}
    assert not found["agent"].is_active and found["agent"].roles == frozenset()


def test_a_large_staff_is_told_in_parts(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    with three.node.unit():
        for number in range(200):
            person = ReadyStaff(
                f"p{number:03d}", "欧阳" * 20, frozenset({Role.AGENT}), "部门" * 30, False, "x"
            )
            three.node.people.add_staff(person, "", three.now())
    assert report(three) == 3
    three.carry(VILLAGE, TOWN)
    assert len(three.node.staff_below.roster(VILLAGE).staff) == 202


def test_neither_the_top_nor_a_node_without_a_network_tells_anything(three: ThreeNodes) -> None:
    three.open(COUNTY)
    assert report(three) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"at": 1, "part": 1},
        {"at": 1, "part": 0, "staff": []},
        {"at": 1, "part": 1, "staff": [7]},
        {
            "at": 1,
            "part": 1,
            "staff": [{"login": "A B", "name": "", "roles": "", "department": "", "active": 1}],
        },
        {
            "at": 1,
            "part": 1,
            "staff": [{"login": "ab", "name": "", "roles": "", "department": "", "active": 2}],
        },
        {
            "at": 1,
            "part": 1,
            "staff": [{"login": "ab", "name": 3, "roles": "", "department": "", "active": 1}],
        },
        {"at": -1, "part": 1, "staff": []},
        {"at": 2**53 - 1, "part": 1, "staff": []},
        {"at": 1, "part": 1, "staff": [{}] * 81},
    ],
)
def test_a_malformed_roster_waits_for_a_person_and_changes_nothing(three: ThreeNodes, body: Any) -> None:
    three.open(TOWN)
    result = applied(three, ROSTER, VILLAGE, body)
    assert [(why.reason, why.waits_for) for why in result.parked.values()] == [("E215", "person")]
    assert three.node.staff_below.roster(VILLAGE).staff == ()


def test_parts_without_end_fill_no_disk(three: ThreeNodes) -> None:
    three.open(TOWN)

    def part(n: int) -> Any:
        people = [
            {"login": f"p{n}.{m}", "name": "某", "roles": "", "department": "", "active": 1}
            for m in range(80)
        ]
        return applied(three, ROSTER, VILLAGE, {"at": 1, "part": 2, "staff": people}).parked

    found = [bool(part(n)) for n in range(27)]
    assert found == [False] * 25 + [True] * 2
    assert len(three.node.staff_below.roster(VILLAGE).staff) == 2_000


@pytest.mark.parametrize("author", [COUNTY, "511921108203", "5119"])
def test_nobody_speaks_for_a_node_that_is_not_below(three: ThreeNodes, author: str) -> None:
    three.open(TOWN)
    result = applied(three, ROSTER, author, {"at": 1, "part": 1, "staff": []})
    assert [why.reason for why in result.parked.values()] == ["E216"]


def test_what_a_node_told_itself_and_gets_back_after_a_loss_waits_for_nobody(three: ThreeNodes) -> None:
    three.open(TOWN)
    one = {"login": "p", "name": "某", "roles": "", "department": "", "active": 1}
    assert not applied(three, ROSTER, TOWN, {"at": 1, "part": 1, "staff": [one]}).parked
    assert [row.name for row in three.node.people.staff() if row.login == "p"] == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (RESET, {"at": 1, "login": "admin", "way": "magic", "author": ""}),
        (RESET, {"at": 1, "login": "admin", "way": "console", "author": 7}),
        (STAND_IN, {"at": 1, "arranged": [{}]}),
        (STAND_IN, {"at": 1, "arranged": "x"}),
    ],
)
def test_other_malformed_acts_wait_for_a_person(three: ThreeNodes, kind: str, body: Any) -> None:
    three.open(TOWN)
    assert [why.reason for why in applied(three, kind, VILLAGE, body).parked.values()] == ["E215"]


@pytest.mark.parametrize("node", ["511921126205", TOWN, COUNTY, "5119"])
def test_a_village_says_nobody_is_away_but_its_own_people(three: ThreeNodes, node: str) -> None:
    """Else it could put words into another village's mouth, and keep that one's real stand-ins out."""
    three.open(TOWN)
    told = {"id": "1", "node": node, "absent": "zhang", "absent_name": "张某", "desk": TOWN, "acting": ""}
    told |= {"acting_name": "", "from": "2026-03-01", "to": "2026-03-31", "ended": 0}
    body = {"at": 1, "arranged": [{**told, "id": "2", "node": VILLAGE}, told]}
    assert [why.reason for why in applied(three, STAND_IN, VILLAGE, body).parked.values()] == ["E216"]
    assert three.node.stand_ins.known(three.now()) == []
    assert not applied(three, STAND_IN, VILLAGE, {"at": 1, "arranged": body["arranged"][:1]}).parked
    assert [one.node for one in three.node.stand_ins.known(three.now())] == [VILLAGE]


def test_kinds_of_a_newer_program_are_still_kept_for_it(three: ThreeNodes) -> None:
    three.open(TOWN)
    act = Act("ab" * 16, "people.horoscope", VILLAGE, b"{}", (), "", 0)
    with three.node.unit():
        assert three.node.staffing.apply([act]).parked[act.id].waits_for == "version"


def applied(three: ThreeNodes, kind: str, author: str, body: Any) -> Any:
    """Hand one act to the open node, as the sync layer does."""
    act = Act("cd" * 16, kind, author, canonical.dumps(body), (), "", 0)
    assert kind in messages.KINDS
    with three.node.unit():
        return three.node.staffing.apply([act])


def test_the_hourly_job_tells_what_is_new(three: ThreeNodes) -> None:
    """What was changed before the node had a network, or on the console, is told without anybody's click."""
    three.open(VILLAGE)
    Jobs(three.node)._report()
    three.carry(VILLAGE, TOWN)
    assert len(three.node.staff_below.roster(VILLAGE).staff) == 2


def test_names_told_right_after_enrolment_are_taken_in_though_the_county_heard_of_nobody_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a village just enrolled says travels with its parent's vouch, before the county's own word.

    Method: every node reports whenever it is opened, as at the start of its program, from enrolment on.
    """
    opened = ThreeNodes.open

    def started(three: ThreeNodes, address: str) -> Node:
        node = opened(three, address)
        identity = node.spool.identity()
        if identity is not None and identity.epoch:
            Jobs(node)._tell_first()
        return node

    monkeypatch.setattr(ThreeNodes, "open", started)
    found_network(tmp_path / "nodes")
    three = ThreeNodes(tmp_path / "nodes")
    for address, known in ((TOWN, (VILLAGE,)), (COUNTY, (TOWN, VILLAGE))):
        node = three.open(address)
        assert not node.spool.parked() and not node.notes(10)
        for below in known:
            assert node.staff_below.roster(below).staff, (address, below)
    close_database()


def test_a_second_account_of_one_person_bears_the_same_name(three: ThreeNodes) -> None:
    """Who reviewed must not approve; two accounts are told for one person's by the name alone."""
    three.open(TOWN)
    typed = {"wu2": "吴 审查", "wu3": " 吴　审　查 ", "abc": "阿依·买买提", "abd": "阿依•买买提"}
    for login, name in typed.items():
        new = NewStaff(login, name, frozenset({Role.APPROVER}), " 县民政局 ", PASSWORD)
        ready = three.node.people.ready(new)
        with three.node.unit():
            three.node.people.add_staff(ready, "", three.now())
    people = {one.login: one for one in three.node.people.staff()}
    assert people["wu2"].name == people["wu3"].name == people["reviewer"].name
    assert people["abc"].name == people["abd"].name == "阿依·买买提"
    assert people["wu2"].department == "县民政局"
