"""The top enters addresses; a parent vouches; what is vouched counts above only when confirmed."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.errors import BadRoster, UnknownSender
from sync.protocol.exchange import read_head
from sync.protocol.items import encode_statement
from sync.protocol.offer import introduce_next
from sync.protocol.roster import digest_of
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
    statement_of,
    trust,
)
from tests.sync.test_rotation import rotate

NEWCOMER = "511921108207"


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def vouch_for(town: Site, child: Site, key=None) -> None:
    fields = {"address": child.address, "name": "新村", "key": (key or child.key).public.as_fields()}
    epoch = child.spool.all_held(signed.EPOCH)[-1].statement
    with town.unit():
        registrar.vouch(town.core, fields, epoch.hash, START_MS)


def hear_of(child: Site, town: Site) -> None:
    """Give the child what its enrolment answer would: the vouch and the trust behind it."""
    with child.unit():
        for sort in (signed.ENTRY, signed.VOUCH):
            for held in town.spool.all_held(sort):
                child.core.roster.offer(held.statement)
                child.core.keep(held.statement, held.key, held.rank)


def test_an_entry_names_the_one_before_and_the_head_covers_all(sites):
    county = sites[COUNTY]
    with county.unit():
        first = county.core.roster.entries[VILLAGE]
        child = {
            "address": VILLAGE,
            "parent": "",
            "name": "新",
            "key": SUITE.pair(bytes(64)).public.as_fields(),
        }
        second = registrar.admit_child(county.core, county.roster_key, child, START_MS)
        head = county.core.roster.head.fields()
    assert (second.version, second.prev) == (2, first.statement.hash)
    assert [k.id for k in second.keys[:-1]] == [k.id for k in first.keys]
    assert head["digest"] == digest_of(county.core.roster.entries) and head["count"] == 3


def test_the_entry_reaches_who_is_near_and_the_head_everybody():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites)
    county = sites[COUNTY]
    newcomer = new_site(county, NEWCOMER)
    with county.unit():
        enter(county, newcomer.key, NEWCOMER)
    settle(sites)
    has = {a: NEWCOMER in s.core.roster.entries for a, s in sites.items()}
    assert has == {COUNTY: True, TOWN: True, VILLAGE: False, OTHER_TOWN: False}
    assert len({s.core.roster.version for s in sites.values()}) == 1


def test_a_vouched_childs_acts_are_applied_at_its_parent_and_above_when_confirmed(sites):
    county, town, _ = sites.values()
    newcomer = new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    act = newcomer.submit(b"{}", (COUNTY,))
    # The roster key is on leave: nobody confirms yet.
    key, county.roster_key = county.roster_key, None
    county.restart()
    exchange(newcomer, town)
    exchange(town, county)
    assert town.application.ids == [act]
    assert county.application.ids == []
    (row,) = county.spool.parked()
    assert (row.id, row.reason, row.waits_for) == (act, "S107", f"roster:{NEWCOMER}")

    county.roster_key = key
    county.restart()
    with county.unit():
        registrar.confirm_vouched(county.core, key, START_MS)
    # The next news of trust makes it look again at what waited.
    vouch_for(town, new_site(county, "511921108208", 3))
    exchange(town, county)
    assert county.application.ids == [act]
    assert county.spool.parked() == []


def test_a_township_lets_a_village_in_while_its_own_new_key_is_not_entered(sites):
    """The roster names the former key alone: the word is signed by it too, and stands when that one falls."""
    county, town, _ = sites.values()
    settle(sites)
    rotate(town, "town 2")
    newcomer = new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    act = newcomer.submit(b"{}", (COUNTY,))
    exchange(newcomer, town)
    assert town.application.ids == [act]
    settle({**sites, NEWCOMER: newcomer})
    assert county.application.ids == [act]
    assert newcomer.key.id in [key.id for key in town.core.roster.entries[NEWCOMER].keys]


def test_nobody_is_given_acts_of_a_newcomer_whose_vouch_is_void(sites):
    """The township's own key fell since: what it gave would be refused, and with it every exchange."""
    county, town, _ = sites.values()
    settle(sites)
    newcomer = new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    act = newcomer.submit(b"{}", (COUNTY,))
    exchange(newcomer, town)
    with town.unit():
        for held in town.spool.all_held(signed.VOUCH):
            town.spool.drop_held(signed.VOUCH, held.key)
    town.restart()
    with county.unit():
        county.spool.want(act)
    found = [exchange(town, county)[0] for _ in range(3)]
    assert [(up.refused, up.state.untrusted) for up in found] == [(0, 0)] * 3
    assert "S103" not in county.codes() and not county.application.ids


def test_the_top_confirms_newcomers_by_itself(sites):
    county, town, _ = sites.values()
    newcomer = new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    act = newcomer.submit(b"{}", (COUNTY,))
    whole = {**sites, NEWCOMER: newcomer}
    settle(whole)
    assert county.application.ids == [act]
    assert all(NEWCOMER in s.core.roster.entries for s in (county, town, newcomer))
    assert town.core.roster.vouches == {}


def test_a_township_put_back_to_before_it_let_a_village_in_believes_its_own_word_again(sites):
    """Its word had not reached the top: but for the village itself nobody knows any more who that is."""
    county, town, _ = sites.values()
    settle(sites)
    kept, newcomer = copy_of(town), new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    exchange(newcomer, town)
    act = newcomer.submit(b"{}", (COUNTY,))
    assert put_back(town, kept) == "witness ahead"
    other = new_site(county, "511921108208", 3)
    codes = []
    for _ in range(4):
        codes.append(town.engine().receive([newcomer.out(TOWN)]).code)
    assert codes == ["S107"] * 3 + [""] and town.application.ids == [act]
    # Nor does it believe a program anew for each stick, which never counts so far, but for its own word.
    assert put_back(town, kept) == "witness ahead"
    for introduces, code in ((False, "S107"), (False, "S107"), (False, "S107"), (False, "S107"), (True, "")):
        newcomer.restart()
        if introduces:
            introduce_next(newcomer.core, TOWN)
        assert town.engine().receive([newcomer.out(TOWN)]).code == code
    # The top is no parent of it: it believes its township when that says so itself, and nobody's copy of it.
    assert [county.engine().receive([newcomer.out(COUNTY)]).code for _ in range(4)] == ["S107"] * 4
    settle({**sites, NEWCOMER: newcomer})
    assert county.application.ids == [act] and NEWCOMER in town.core.roster.entries
    # What another key signed is nobody's word: neither a key of its own nor that of another township.
    forged = signed.make(signed.VOUCH, {**_word_for(other), "parent": TOWN}, (other.key,), SUITE)
    with other.unit():
        other.core.keep(forged, f"{other.address}|{other.key.id}", (1, 0, 0))
    trust(other, county)
    assert [town.engine().receive([other.out(TOWN)]).code for _ in range(4)] == ["S107"] * 4


def _word_for(child: Site) -> dict[str, object]:
    epoch = child.spool.all_held(signed.EPOCH)[-1].statement
    return {
        "child": child.address,
        "name": "新村",
        "epoch": epoch.hash,
        "key": child.key.public.as_fields(),
        "at": START_MS,
    }


def test_a_replacement_waits_for_a_person(sites):
    """The village has an entry: a key its township vouches for does not become its key by itself."""
    county, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    settle(sites)
    replaced = Site(VILLAGE, county.core.roster.fingerprint, "replaced")
    trust(replaced, county)
    with replaced.unit():
        for reason in ("", "new computer"):
            replaced.peer.open_epoch(replaced.key, reason, START_MS)
    vouch_for(town, replaced)
    hear_of(replaced, town)
    second = replaced.submit(b'{"n":2}', (COUNTY,))
    exchange(replaced, town)
    settle({COUNTY: county, TOWN: town})
    assert second in town.application.ids
    assert county.application.ids == [act]
    with county.unit(), pytest.raises(UnknownSender):
        county.peer.open_head(read_head(replaced.out(COUNTY))[0])
    # The person says yes.
    child = {"address": VILLAGE, "parent": "", "name": "村", "key": replaced.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    settle({COUNTY: county, TOWN: town, VILLAGE: replaced})
    exchange(replaced, county)
    assert second in county.application.ids


@pytest.mark.parametrize(
    "change", [{"name": 5}, {"name": ""}, {"name": "x" * 65}, {"child": "00"}, {"key": {}}, {"epoch": 5}]
)
def test_a_vouch_made_to_do_harm_is_refused_and_stops_nothing(sites, change):
    county, town, _ = sites.values()
    settle(sites)
    newcomer = new_site(county, NEWCOMER)
    fields = {"parent": TOWN, "child": NEWCOMER, "name": "新村", "epoch": "ab" * 32}
    fields |= {"key": newcomer.key.public.as_fields(), "at": START_MS}
    word = statement_of(town, signed.VOUCH, {**fields, **change})
    before = county.state()
    county.codes()
    county.take(town.say_items(county, encode_statement(word)))
    assert county.codes() == ["S112"]
    assert county.state() == before
    settle(sites)


def test_nobody_vouches_for_a_node_that_is_not_its_child(sites):
    county, _, village = sites.values()
    newcomer = new_site(county, NEWCOMER)
    with village.unit(), pytest.raises(BadRoster):
        fields = {"address": NEWCOMER, "name": "x", "key": newcomer.key.public.as_fields()}
        registrar.vouch(village.core, fields, "ab" * 32, START_MS)
    assert village.spool.all_held(signed.VOUCH) == []


def test_an_appointment_needs_every_root_key():
    keys = tuple(SUITE.pair(bytes([n]) * 64) for n in range(3))
    root = registrar.make_root("ab" * 8, "试验网", keys, SUITE)
    roster_key = SUITE.pair(bytes([9]) * 64)
    site = Site(COUNTY, root.hash, 1)
    for signers, good in ((keys[:2], False), (keys, True)):
        statement = registrar.appoint(root, COUNTY, roster_key.public, signers, SUITE)
        with site.unit():
            site.core.roster.offer(root)
            if good:
                assert site.core.roster.offer(statement)
            else:
                with pytest.raises(BadRoster):
                    site.core.roster.offer(statement)
