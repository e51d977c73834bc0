"""Trust: only what the printed root leads to counts, newest wins, a parent vouches for its own child only."""

from __future__ import annotations

from typing import Any

from pytest import fixture, mark, raises

from sync.protocol import signed
from sync.protocol.errors import BadRoster
from sync.protocol.roster import RETIRED, Roster, digest_of, read_entry, read_key
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair
from tests.sync.trust import (
    NETWORK,
    ROOT_KEYS,
    ROSTER_KEY,
    appointment,
    entry,
    head,
    make_roster,
    root_of,
    say,
    vouch,
)


@fixture
def roster() -> Roster:
    """A roster with a root, a roster key, a county and a township."""
    return make_roster()


def test_trust_grows_from_the_root_to_the_entries(roster: Roster) -> None:
    assert roster.network == NETWORK
    assert roster.version == 1
    assert roster.tree.top == COUNTY
    assert roster.key(TOWN, key_pair(TOWN).id) == key_pair(TOWN).public
    assert roster.key(TOWN, key_pair(COUNTY).id) is None
    assert roster.key(VILLAGE, key_pair(VILLAGE).id) is None
    assert roster.current_key(TOWN) == key_pair(TOWN).public
    assert roster.current_key(VILLAGE) is None


def test_a_node_that_was_given_no_fingerprint_believes_nothing() -> None:
    with raises(BadRoster):
        Roster("", SUITE).offer(root_of())


def test_another_root_is_refused(roster: Roster) -> None:
    for root in (root_of(threshold=1), say(signed.ROOT, ROOT_KEYS[0], keys=[], threshold=0)):
        with raises(BadRoster):
            roster.offer(root)
    assert not roster.offer(root_of())


def test_nothing_counts_before_what_it_rests_on() -> None:
    fresh = Roster(root_of().hash, SUITE)
    for statement in (appointment(*ROOT_KEYS), entry(COUNTY), head(1), vouch()):
        with raises(BadRoster):
            fresh.offer(statement)
    assert fresh.offer(root_of())
    with raises(BadRoster):
        fresh.offer(entry(COUNTY))


@mark.parametrize(
    "keys",
    [(), ROOT_KEYS[:1], (ROOT_KEYS[0], ROOT_KEYS[0]), (ROOT_KEYS[0], key_pair("stranger")), (ROSTER_KEY,)],
    ids=["none", "one of two", "one twice", "one and a stranger", "the roster key itself"],
)
def test_an_appointment_below_the_threshold_is_refused(keys: tuple[KeyPair, ...]) -> None:
    fresh = Roster(root_of().hash, SUITE)
    fresh.offer(root_of())
    with raises(BadRoster):
        fresh.offer(appointment(*keys))
    assert fresh.appointment is None
    assert fresh.offer(appointment(ROOT_KEYS[2], ROOT_KEYS[0]))


def test_a_threshold_below_one_asks_for_one_all_the_same() -> None:
    fresh = Roster(root_of(threshold=0).hash, SUITE)
    fresh.offer(root_of(threshold=0))
    with raises(BadRoster):
        fresh.offer(appointment(key_pair("stranger")))


@mark.parametrize(
    "change",
    [{"top": ""}, {"top": "511"}, {"top": 7}, {"key": {}}, {"key": 7}, {"version": "2"}, {"version": []}],
    ids=str,
)
def test_a_malformed_appointment_is_refused_and_changes_nothing(
    roster: Roster, change: dict[str, Any]
) -> None:
    before = roster.appointment
    with raises(BadRoster):
        roster.offer(appointment(*ROOT_KEYS, **{"version": 2, **change}))
    assert roster.appointment == before
    assert roster.tree.top == COUNTY
    assert roster.offer(entry(VILLAGE))


def test_an_appointment_may_name_another_top(roster: Roster) -> None:
    assert roster.tree.top == COUNTY
    assert roster.offer(appointment(*ROOT_KEYS, version=2, top=TOWN))
    assert roster.tree.top == TOWN


def test_what_was_taken_in_is_no_news_until_its_key_is_appointed_once_more(roster: Roster) -> None:
    again = entry(VILLAGE)
    assert roster.offer(again)
    assert not roster.offer(again)
    assert roster.offer(appointment(*ROOT_KEYS[:2], version=2, until=9))
    # From now on it stands above whatever the key signed under the former appointment.
    assert roster.offer(again)
    assert not roster.offer(again)
    with raises(BadRoster):
        roster.offer(again._replace(signatures=((again.signatures[0][0], bytes(64)),)))


def test_a_newer_appointment_replaces_and_an_older_changes_nothing(roster: Roster) -> None:
    new = key_pair("second roster key")
    assert roster.offer(appointment(*ROOT_KEYS[:2], version=2, of=new))
    assert not roster.offer(appointment(*ROOT_KEYS[:2], version=1))
    assert roster.offer(entry(VILLAGE, by=new))
    with raises(BadRoster):
        roster.offer(head(9))


@mark.parametrize("sort", [signed.APPOINTMENT, signed.HEAD, signed.ENTRY])
def test_statements_of_another_network_are_refused(roster: Roster, sort: str) -> None:
    fields = entry(VILLAGE).fields() | {
        "network": "elsewhere",
        "version": 9,
        "key": ROSTER_KEY.public.as_fields(),
    }
    del fields["v"]
    keys = ROOT_KEYS if sort == signed.APPOINTMENT else (ROSTER_KEY,)
    with raises(BadRoster):
        roster.offer(signed.make(sort, fields, tuple(keys), SUITE))


def test_what_the_roster_key_did_not_sign_is_refused(roster: Roster) -> None:
    for statement in (
        entry(VILLAGE, by=key_pair(COUNTY)),
        head(5, by=key_pair(TOWN)),
        head(5, by=ROOT_KEYS[0]),
    ):
        with raises(BadRoster):
            roster.offer(statement)
    assert roster.version == 1
    assert VILLAGE not in roster.entries


def test_the_version_never_falls(roster: Roster) -> None:
    assert roster.offer(head(7))
    assert not roster.offer(head(6))
    assert not roster.offer(head(7))
    assert roster.version == 7


def test_no_former_entry_comes_back(roster: Roster) -> None:
    first = roster.entries[TOWN].statement
    assert roster.offer(entry(TOWN, version=2, prev=first.hash))
    assert not roster.offer(first)
    assert roster.entries[TOWN].version == 2


def test_the_next_entry_is_taken_whichever_life_of_the_county_it_follows(roster: Roster) -> None:
    """Seed 20412: a county put back signed another version 1 and then this; it was told without end."""
    assert roster.offer(entry(TOWN, version=2, prev="ab" * 32, name="Next"))
    assert not roster.offer(entry(TOWN, version=2, prev="cd" * 32, name="Other"))
    assert roster.entries[TOWN].name == "Next"


def test_who_missed_versions_takes_the_newest(roster: Roster) -> None:
    """A village that was away for a year gets version 5 without 2 to 4."""
    assert roster.offer(entry(TOWN, version=5, prev="ab" * 32))


def test_former_keys_stay_good_and_the_last_is_current(roster: Roster) -> None:
    new = key_pair("new")
    keys = [key_pair(TOWN).public.as_fields(), new.public.as_fields()]
    assert roster.offer(entry(TOWN, version=2, prev=roster.entries[TOWN].statement.hash, keys=keys))
    assert roster.key(TOWN, key_pair(TOWN).id) == key_pair(TOWN).public
    assert roster.current_key(TOWN) == new.public


def test_the_tree_follows_the_entries_in_service(roster: Roster) -> None:
    before = roster.tree
    assert roster.tree is before
    assert roster.offer(entry(VILLAGE))
    assert roster.tree.up(VILLAGE) == (VILLAGE, TOWN, COUNTY)
    assert roster.offer(entry(TOWN, version=2, prev=roster.entries[TOWN].statement.hash, status=RETIRED))
    assert roster.tree.up(VILLAGE) == (VILLAGE, COUNTY)
    assert roster.key(TOWN, key_pair(TOWN).id) is not None


DAMAGE: list[tuple[str, Any]] = [
    *[(name, None) for name in ("address", "version", "prev", "parent", "name", "keys", "status", "revoked")],
    *[("address", value) for value in ("", "511", "00", 7, [])],
    *[("parent", value) for value in ("511", "00", 7, [])],
    *[("version", value) for value in (0, -1, "2", [])],
    *[("status", value) for value in ("", "dead", 7, [])],
    *[("name", value) for value in (7, [])],
    *[("keys", value) for value in (7, [7], ["x"], [{}], [[]])],
    ("keys", [{**key_pair(TOWN).public.as_fields(), "id": "ab" * 16}]),
    ("keys", [{**key_pair(TOWN).public.as_fields(), "sign": "abcd"}]),
    ("revoked", 7),
]


@mark.parametrize(("field", "value"), DAMAGE)
def test_an_entry_with_one_field_damaged_is_refused_and_changes_nothing(
    roster: Roster, field: str, value: Any
) -> None:
    fields = {**entry(TOWN, version=2, prev=roster.entries[TOWN].statement.hash).fields(), field: value}
    fields = {name: given for name, given in fields.items() if given is not None and name != "v"}
    statement = signed.make(signed.ENTRY, fields, (ROSTER_KEY,), SUITE)
    before = dict(roster.entries)
    with raises(BadRoster):
        roster.offer(statement)
    assert roster.entries == before


@mark.parametrize("sort", [signed.ROOT, signed.APPOINTMENT, signed.HEAD, signed.ENTRY, signed.VOUCH])
@mark.parametrize("payload", [b"", b"[]", b"{}", b'{"v":1}', b'{"network":"tongjiang","v":1}'])
def test_nonsense_of_any_sort_is_refused(roster: Roster, sort: str, payload: bytes) -> None:
    statement = Statement(
        sort, payload, ((ROSTER_KEY.id, SUITE.sign(ROSTER_KEY, signed.signed_as(sort), payload)),)
    )
    with raises(BadRoster):
        roster.offer(statement)


@mark.parametrize("sort", [signed.EPOCH, signed.RECEIPT, signed.SHELF, "unheard"])
def test_what_is_not_about_trust_is_refused(roster: Roster, sort: str) -> None:
    with raises(BadRoster):
        roster.offer(Statement(sort, b'{"v":1}', ()))


def test_a_key_is_read_only_under_its_own_id() -> None:
    fields = key_pair(TOWN).public.as_fields()
    assert read_key(fields) == key_pair(TOWN).public
    for name, value in (("id", ""), ("sign", "zz"), ("seal", fields["sign"]), ("seal", 7)):
        with raises(BadRoster):
            read_key({**fields, name: value})


def test_the_digest_depends_on_every_entry() -> None:
    entries = {a: read_entry(entry(a)) for a in (COUNTY, TOWN, VILLAGE)}
    digests = {
        digest_of(entries),
        digest_of({a: e for a, e in entries.items() if a != VILLAGE}),
        digest_of({**entries, TOWN: read_entry(entry(TOWN, version=2))}),
    }
    assert len(digests) == 3
    assert digest_of(dict(reversed(entries.items()))) == digest_of(entries)
