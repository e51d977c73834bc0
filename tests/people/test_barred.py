"""Logins put out of service from above: when it counts, who may, and what forgers get."""

from __future__ import annotations

import pytest

from common.people.below import DISABLED
from common.people.errors import Barred, LastAdmin, NotBelow
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store import audit
from sync.adapters.bundle_file import export, import_file
from sync.protocol import canonical
from sync.protocol.shelf import Draft, publish
from tests.desk.three import COUNTY, PASSWORD, TOWN, VILLAGE, ThreeNodes
from tests.people.test_network import report, try_in


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


def test_the_word_of_a_node_that_is_no_longer_above_lapses(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    with three.node.unit():
        three.node.people.bar("511921108", ("agent",), three.now())
        three.node.people.bar(TOWN, ("admin",), three.now())
    report(three)
    assert try_in(three)
    with pytest.raises(Barred):
        try_in(three, "admin")


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


def move(three: ThreeNodes, parent: str) -> None:
    """Let the county put the village below another node; it hears of it from the county itself."""
    three.open(COUNTY)
    with three.node.unit():
        three.node.trust.move(VILLAGE, parent, ("admin", three.now()))
    three.carry(COUNTY, TOWN)
    three.carry(COUNTY, VILLAGE)
    report(three)


def test_the_word_of_a_node_counts_again_once_it_stands_above_again(three: ThreeNodes) -> None:
    """Its list has not changed meanwhile, so nothing comes that would say it anew."""
    bar(three, TOWN)
    three.carry(TOWN, COUNTY)
    three.carry(TOWN, VILLAGE)
    move(three, COUNTY)
    assert try_in(three)
    three.open(COUNTY)
    assert three.node.staff_below.roster(VILLAGE).barred == {}, "what lapsed keeps nobody out"
    move(three, TOWN)
    with pytest.raises(Barred):
        try_in(three)
    three.open(TOWN)
    assert three.node.staff_below.roster(VILLAGE).barred == {"agent": (TOWN,)}
