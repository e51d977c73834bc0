"""Three real nodes: staff told upward, logins barred downward, stand-ins, and what forgers get."""

from __future__ import annotations

from typing import Any

import pytest

from common.people import messages
from common.people.accounts import ReadyStaff
from common.people.below import DISABLED, ROSTER, STAND_IN
from common.people.errors import Barred, LastAdmin, NotBelow
from common.people.resets import RESET
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store import audit
from sync.adapters.bundle_file import export, import_file
from sync.protocol import canonical
from sync.protocol.frame import Act
from sync.protocol.shelf import Draft, publish
from tests.desk.three import COUNTY, PASSWORD, TOWN, VILLAGE, ThreeNodes


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


def bar(three: ThreeNodes, at: str, login: str = "agent") -> None:
    """Put a login of the village out of service, at a node above it."""
    three.open(at)
    with three.node.unit():
        three.node.staff_below.bar(VILLAGE, login, "admin", three.now())


def unbar(three: ThreeNodes, at: str) -> None:
    three.open(at)
    with three.node.unit():
        three.node.staff_below.unbar(VILLAGE, "agent", "admin", three.now())


def add(three: ThreeNodes, login: str, name: str, *roles: Role) -> None:
    """Add a person to the open node."""
    ready = three.node.people.ready(NewStaff(login, name, frozenset(roles), "", PASSWORD))
    with three.node.unit():
        three.node.people.add_staff(ready, "admin", three.now())


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


@pytest.mark.parametrize("author", [TOWN, COUNTY, "511921108203", "5119"])
def test_nobody_speaks_for_a_node_that_is_not_below(three: ThreeNodes, author: str) -> None:
    three.open(TOWN)
    result = applied(three, ROSTER, author, {"at": 1, "part": 1, "staff": []})
    assert [why.reason for why in result.parked.values()] == ["E216"]


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


# --- barred from above
@pytest.mark.parametrize("above", [TOWN, COUNTY])
def test_a_login_barred_from_above_is_out_with_the_next_contact(three: ThreeNodes, above: str) -> None:
    three.open(VILLAGE)
    token = try_in(three)
    bar(three, above)
    three.open(VILLAGE)
    assert three.node.people.session_of(token, three.clock.moment()) is not None, "nobody has told it yet"
    three.carry(above, VILLAGE)
    assert three.node.people.session_of(token, three.clock.moment()) is None
    with pytest.raises(Barred) as caught:
        try_in(three)
    assert "已被上级" in str(caught.value) and above in str(caught.value)
    assert "people.barred" in [row.action for row in audit.rows(above)]
    assert three.node.people.member("agent").is_barred


def test_a_wrong_password_does_not_tell_that_the_login_is_barred(three: ThreeNodes) -> None:
    bar(three, TOWN)
    three.carry(TOWN, VILLAGE)
    node, moment = three.node, three.clock.moment()
    proof = node.people.prove("agent", "Wrong-2026x", "10.0.0.5", moment)
    with node.unit():
        assert node.people.sign_in(proof, moment).refusal.code == "E201"  # type: ignore[union-attr]


def test_a_login_comes_back_only_when_everybody_who_barred_it_says_so(three: ThreeNodes) -> None:
    bar(three, TOWN)
    bar(three, COUNTY)
    three.carry(COUNTY, TOWN)
    assert three.node.staff_below.roster(VILLAGE).barred == {"agent": (COUNTY, TOWN)}
    three.carry(TOWN, VILLAGE)
    unbar(three, TOWN)
    three.carry(TOWN, VILLAGE)
    with pytest.raises(Barred):
        try_in(three)
    unbar(three, COUNTY)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    assert try_in(three)


def test_barred_stays_barred_over_a_restart_and_for_a_login_given_later(three: ThreeNodes) -> None:
    bar(three, TOWN, "later")
    three.carry(TOWN, VILLAGE)
    add(three, "later", "后来人", Role.AGENT)
    three.open(VILLAGE)
    with pytest.raises(Barred):
        try_in(three, "later")


def test_the_last_administrator_may_be_barred_and_another_counts_no_more(three: ThreeNodes) -> None:
    bar(three, TOWN, "admin")
    three.carry(TOWN, VILLAGE)
    add(three, "second", "第二人", Role.ADMIN)
    with pytest.raises(LastAdmin), three.node.unit():
        three.node.people.set_roles("second", frozenset({Role.AGENT}), "admin", three.now())


def test_only_a_node_above_may_bar(three: ThreeNodes) -> None:
    three.open(TOWN)
    for address in (TOWN, COUNTY, "511921108203"):
        with pytest.raises(NotBelow), three.node.unit():
            three.node.staff_below.bar(address, "agent", "admin", three.now())


def test_lists_of_those_who_may_not_are_noted_and_change_nothing(three: ThreeNodes) -> None:
    """A village bars a township's login, and its own; both are well signed."""
    three.open(VILLAGE)
    with three.node.unit():
        for node in (TOWN, VILLAGE):
            content = canonical.dumps({"node": node, "logins": ["clerk", "agent"]})
            three.node.staffing.below._ports.shelf.publish_for(node, DISABLED, node, content)
    three.carry(VILLAGE, TOWN)
    assert try_in(three, "clerk")
    assert three.node.staff_below.roster(VILLAGE).barred == {}
    assert "E216" in {note.code for note in three.node.notes(20)}


def test_a_list_in_the_county_s_name_that_the_county_did_not_sign_is_refused(three: ThreeNodes) -> None:
    """A township that puts a forged document on its own shelf cannot make the village believe it."""
    three.open(TOWN)
    content = canonical.dumps({"node": VILLAGE, "logins": ["agent"]})
    draft = Draft(DISABLED, VILLAGE, 1, "", VILLAGE, content, three.now())
    with three.node.unit():
        core = three.node.peer.core
        forged = publish(draft, COUNTY, core.own_key(), core.suite)
        core.keep(forged.statement, forged.slot, (1, 0, 0), content)
    done = export(three.node.engine, VILLAGE, three.folder)
    import_file(three.open(VILLAGE).engine, done.path)
    assert try_in(three)
    assert "S112" in {note.code for note in three.node.notes(20)}


@pytest.mark.parametrize(
    "content",
    [
        b"no json",
        canonical.dumps({"node": TOWN, "logins": ["agent"]}),
        canonical.dumps({"node": VILLAGE, "logins": "agent"}),
        canonical.dumps({"node": VILLAGE, "logins": ["A B"]}),
        canonical.dumps([]),
    ],
)
def test_a_malformed_list_is_noted_and_changes_nothing(three: ThreeNodes, content: bytes) -> None:
    three.open(TOWN)
    with three.node.unit():
        three.node.staffing.below._ports.shelf.publish_for(VILLAGE, DISABLED, VILLAGE, content)
    three.carry(TOWN, VILLAGE)
    assert try_in(three)
    assert "E215" in {note.code for note in three.node.notes(20)}


def test_an_older_list_changes_nothing(three: ThreeNodes) -> None:
    three.open(TOWN)
    with three.node.unit():
        shelf = three.node.staffing.below._ports.shelf
        old = shelf.publish_for(
            VILLAGE, DISABLED, VILLAGE, canonical.dumps({"node": VILLAGE, "logins": ["agent"]})
        )
        new = shelf.publish_for(VILLAGE, DISABLED, VILLAGE, canonical.dumps({"node": VILLAGE, "logins": []}))
    three.open(VILLAGE)
    for doc in (new, old, new):
        with three.node.unit():
            three.node.staffing.adopt([doc])
        assert try_in(three)
