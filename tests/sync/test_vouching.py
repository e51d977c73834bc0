"""A live parent may vouch for its own child, until the roster confirms; nobody else, and not for ever."""

from __future__ import annotations

from typing import Any

from pytest import fixture, mark, raises

from sync.adapters.memory_spool import MemoryBlobs, MemorySpool
from sync.protocol import signed
from sync.protocol.core import Core, Means
from sync.protocol.errors import BadRoster
from sync.protocol.roster import LIVE, VOUCHED_KEYS_MAX, Roster
from sync.protocol.signed import Statement
from sync.protocol.spool import Held, Identity
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair, make_statement
from tests.sync.trust import (
    ROOT_KEYS,
    appointment,
    entry,
    head,
    make_roster,
    root_of,
    vouch,
)


@fixture
def roster() -> Roster:
    """A roster with a root, a roster key, a county and a township."""
    return make_roster()


def test_a_parent_vouches_for_its_child(roster: Roster) -> None:
    new = key_pair("new")
    assert roster.offer(vouch())
    assert not roster.offer(vouch())
    assert roster.vouched_key(VILLAGE, new.id) == new.public
    assert roster.any_key(VILLAGE, new.id) == new.public
    assert roster.key(VILLAGE, new.id) is None
    assert roster.current_key(VILLAGE) == new.public


def test_the_roster_confirms_what_a_parent_vouched_for(roster: Roster) -> None:
    new = key_pair("new")
    roster.offer(vouch())
    assert roster.offer(entry(VILLAGE, keys=[new.public.as_fields()]))
    assert roster.vouches == {}
    assert roster.key(VILLAGE, new.id) == new.public
    assert not roster.offer(vouch())


@mark.parametrize(
    "statement",
    [
        vouch(by=COUNTY),
        vouch(child=COUNTY, by=TOWN),
        vouch(child="511921109200", by=TOWN),
        vouch(parent=TOWN, by=COUNTY),
        vouch(child=VILLAGE, by="511921109"),
    ],
    ids=[
        "grandparent",
        "child for its parent",
        "another's child",
        "signed by another",
        "parent not in the roster",
    ],
)
def test_nobody_else_may_vouch(roster: Roster, statement: Statement) -> None:
    with raises(BadRoster):
        roster.offer(statement)
    assert roster.vouches == {}


def test_a_parent_vouches_for_a_few_keys_at_most(roster: Roster) -> None:
    """A township whose key was stolen cannot fill every disk with keys for its villages."""
    for number in range(VOUCHED_KEYS_MAX):
        assert roster.offer(vouch(key=key_pair(f"new {number}").public.as_fields()))
    with raises(BadRoster):
        roster.offer(vouch())
    assert len(roster.vouches) == VOUCHED_KEYS_MAX


@mark.parametrize("field", ["parent", "child", "epoch", "name", "key"])
@mark.parametrize("value", [None, 7, [], {}, ""], ids=repr)
def test_a_vouch_with_one_field_damaged_is_refused(roster: Roster, field: str, value: Any) -> None:
    fields = {**vouch().fields(), field: value}
    fields = {name: given for name, given in fields.items() if given is not None and name != "v"}
    with raises(BadRoster):
        roster.offer(make_statement(signed.VOUCH, TOWN, **fields))
    assert roster.vouches == {}


def test_a_parent_out_of_service_may_not_vouch(roster: Roster) -> None:
    prev = roster.entries[TOWN].statement.hash
    roster.offer(entry(TOWN, version=2, prev=prev, status="relieved"))
    with raises(BadRoster):
        roster.offer(vouch())


def test_a_word_kept_once_that_no_longer_counts_does_not_stop_the_node(roster: Roster) -> None:
    """A village was vouched for and its township then relieved; the next start reads both."""
    relieved = entry(TOWN, version=2, prev=roster.entries[TOWN].statement.hash, status="relieved")
    kept = [
        ("newest", root_of()),
        ("newest", appointment(*ROOT_KEYS[:2])),
        (COUNTY, entry(COUNTY)),
        (f"{VILLAGE}|x", vouch()),
        (TOWN, relieved),
        ("newest", head(2)),
    ]
    spool = MemorySpool()
    with spool.unit():
        spool.put_identity(Identity(COUNTY, "i", root_of().hash, stamp=len(kept)))
        for stamp, (name, statement) in enumerate(kept, 1):
            spool.put_held(Held(statement.sort, name, (1, 0, 0), statement, b"", stamp))
    core = Core(Means(spool, MemoryBlobs(), SUITE, bytes, {}))
    with spool.unit():
        core.begin()
        assert core.roster.version == 2
        assert core.roster.entries[TOWN].status != LIVE
        assert core.roster.vouches == {}
        assert [note.code for note in core.notes] == ["S112"]
        core.end()
