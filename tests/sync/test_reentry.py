"""The top was put back and entered an address anew: what it had said before comes back and is not lost."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.items import encode_statement
from sync.protocol.roster import RETIRED, Entry, entry_fields, read_entry
from sync.protocol.signed import Statement
from sync.protocol.trust import own_entries, reentry, registrar
from sync.protocol.trust.lives import are_apart
from sync.protocol.trust.reentry import meet_entry
from sync.protocol.trust.revocation import STOLEN, Revocation, revoke
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
    trust,
)

NEW, NEXT = SUITE.pair(bytes(range(64))), SUITE.pair(bytes(range(1, 65)))


def _let_in(county: Site, key=NEW) -> None:
    child = {"address": VILLAGE, "parent": "", "name": "", "key": key.public.as_fields()}
    registrar.admit_child(county.core, county.roster_key, child, START_MS)


def _entry(site: Site) -> Entry:
    return site.core.roster.entries[VILLAGE]


def test_a_key_that_was_revoked_before_stays_revoked_and_what_was_said_since_stands():
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    kept, stolen = copy_of(county), village.key
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
        _let_in(county)
    exchange(town, county)
    before = _entry(town)
    assert before.version == 3 and before.good_keys == (NEW.public,)
    county.word = county.core.heads.word(county.core)
    assert put_back(county, kept) == "witness ahead" and _entry(county).version == 1
    with county.unit():
        change = {"name": "改名", "parent": OTHER_TOWN}
        registrar.change(county.core, county.roster_key, VILLAGE, change, START_MS)
    assert stolen.public in _entry(county).good_keys
    county.codes()
    exchange(town, county)
    after = _entry(county)
    assert (after.name, after.parent, after.version) == ("改名", OTHER_TOWN, 5)
    assert after.good_keys == (NEW.public,) and [one["key"] for one in after.revoked] == [stolen.id]
    assert county.codes().count("S136") == 1
    for _ in range(3):
        exchange(town, county)
        exchange(sites[OTHER_TOWN], county)
    assert {_entry(site).statement for site in (county, town, sites[OTHER_TOWN])} == {after.statement}
    town.codes()
    exchange(town, county)
    assert town.codes() == county.codes() == [], "nothing more is signed, and nobody finds fault any more"


def test_a_village_let_in_twice_is_heard_by_either_key_and_sealed_to_by_the_last():
    """Put back to before it let a village in, the top lets it in with another key than it has."""
    sites = make_network((COUNTY, TOWN))
    county, village = sites[COUNTY], Site(VILLAGE, sites[TOWN].core.roster.fingerprint, 1)
    settle(sites, 2)
    kept = copy_of(county)
    with county.unit():
        _let_in(county, village.key)
    trust(village, county)
    with village.unit():
        village.peer.open_epoch(village.key, "enrolled", START_MS)
    exchange(village, county)
    act = village.submit(b"{}", (COUNTY,))
    county.word = county.core.heads.word(county.core)
    assert put_back(county, kept) == "witness ahead"
    with county.unit():
        _let_in(county)
    codes = [county.engine().receive([village.out(COUNTY)]).code for _ in range(4)]
    assert codes == ["S107"] * 3 + [""] and county.application.ids == [act]
    assert [key.id for key in _entry(county).good_keys] == [village.key.id, NEW.id]
    assert [one["until"] > 0 for one in registrar.fields_of(_entry(county))["keys"]] == [True, False]


def test_a_stranger_that_brings_a_later_own_entry_brings_no_revoked_key_back():
    """Put back, the top revoked the stolen key; the lost entry, of a higher number, knows nothing of that."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, stolen = sites[COUNTY], sites[VILLAGE].key
    village = Site(VILLAGE, county.core.roster.fingerprint, 2)
    settle(sites, 2)
    kept = copy_of(county)
    with county.unit():
        _let_in(county, village.key)
        for name in ("改名", "又改名"):
            registrar.change(county.core, county.roster_key, VILLAGE, {"name": name}, START_MS)
    trust(village, county)
    with village.unit():
        village.peer.open_epoch(village.key, "enrolled", START_MS)
    exchange(village, county)
    county.word = county.core.heads.word(county.core)
    assert put_back(county, kept) == "witness ahead"
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
    codes = [county.engine().receive([village.out(COUNTY)]).code for _ in range(4)]
    assert codes[-1] == "" and _entry(county).version == 6
    assert [one["key"] for one in _entry(county).revoked] == [stolen.id]
    assert _entry(county).good_keys == (village.key.public,)


def test_what_the_top_has_not_signed_is_not_even_read(monkeypatch):
    county, town, _ = make_network().values()
    now = _entry(county)
    fields = {**registrar.fields_of(now), "version": now.version, "prev": "ab" * 32}
    read: list[Statement] = []
    monkeypatch.setattr(
        "sync.protocol.trust.reentry.read_entry", lambda one: read.append(one) or read_entry(one)
    )
    by_town, own = (signed.make(signed.ENTRY, fields, (key,), SUITE) for key in (town.key, county.roster_key))
    assert not meet_entry(county.core, by_town) and not read
    assert meet_entry(county.core, own) and read == [own]


def test_versions_before_and_what_others_signed_change_nothing():
    sites = make_network()
    county, town, village = sites.values()
    first = _entry(county).statement
    with county.unit():
        _let_in(county)
        _let_in(county, NEXT)
    settle(sites, 2)
    now = _entry(county)
    forged = {**registrar.fields_of(now), "version": now.version, "prev": "ab" * 32, "name": "别名"}
    foreign = signed.make(signed.ENTRY, forged, (town.key,), SUITE)
    broken = Statement(signed.ENTRY, b'{"address":1}', first.signatures)
    other = signed.make(signed.ENTRY, {**forged, "network": "0" * 16}, (county.roster_key,), SUITE)
    for statement in (first, foreign, broken, other):
        county.take(town.say_items(county, hello(), encode_statement(statement), STATE_ENDS))
        assert _entry(county) is now or _entry(county).statement == now.statement
    assert "S136" not in county.codes()
    # Only the top signs: elsewhere an entry that is apart is taken or refused as it always was.
    twin = signed.make(signed.ENTRY, forged, (county.roster_key,), SUITE)
    before = _entry(town).statement
    town.take(village.say_items(town, hello(), encode_statement(twin), STATE_ENDS))
    assert _entry(town).statement == before


def test_two_tops_at_work_do_not_drive_each_other_on_for_ever(monkeypatch):
    monkeypatch.setattr(reentry, "LEAPS_MAX", 3)
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, second = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 2)
    kept, other = copy_of(county), Site(COUNTY, county.core.roster.fingerprint, 1)
    other.key, other.roster_key = county.key, county.roster_key
    put_back(other, kept)
    for top, key in ((county, NEW), (other, NEXT)):
        with top.unit():
            _let_in(top, key)
            revoke(top.core, top.application, Revocation(VILLAGE, STOLEN), top.now())
    versions, codes = [], []
    for _ in range(7):
        for below, top in ((town, county), (second, other), (town, other), (second, county)):
            exchange(below, top)
        codes += county.codes() + other.codes()
        versions.append((_entry(county).version, _entry(other).version))
    assert versions[-1] == versions[-2] == versions[-3], versions
    assert versions[-1][0] <= 5 + 4 * 3 * 2 and "S122" in codes


def _made(version: int, **fields: object) -> Entry:
    whole = entry_fields(VILLAGE, "", "村", (NEW.public,))
    whole |= {"network": "00" * 8, "version": version, "prev": "", "roster": version, "since": 0, **fields}
    return read_entry(signed.make(signed.ENTRY, whole, (NEXT,), SUITE))


TWO_KEYS = [{**key.public.as_fields(), "from": 0, "until": 0} for key in (NEW, NEXT)]
GONE = [{"key": NEW.id, "cut": {}, "ids": [], "reason": STOLEN, "since": 0}]


@pytest.mark.parametrize(
    ("first", "later", "is_apart"),
    [
        (_made(1), _made(1), False),
        (_made(1), _made(1, name="别名"), True),
        (_made(1), _made(2, prev=_made(1).statement.hash), False),
        (_made(1), _made(2, prev="ab" * 32), True),
        (_made(1), _made(3), False),
        (_made(1, keys=TWO_KEYS), _made(3), True),
        (_made(1), _made(3, keys=TWO_KEYS), False),
        (_made(1, revoked=GONE), _made(3), True),
        (_made(1), _made(3, revoked=GONE), False),
        (_made(1, left=[TOWN]), _made(3), True),
        (_made(1, status=RETIRED), _made(3), True),
        (_made(1), _made(3, status=RETIRED), False),
    ],
)
def test_of_two_entries_of_one_address_one_follows_the_other_or_they_are_apart(first, later, is_apart):
    assert are_apart(first, later) is are_apart(later, first) is is_apart


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
@pytest.mark.parametrize("versions", [(1, 1, 1, 1), (4, 1, 3, 2)])
def test_of_four_lives_that_changed_one_entry_the_last_stands_and_all_hear_of_it(versions, order):
    """Put back three times before it hears anybody; each life is known to one township alone."""
    towns = [TOWN, OTHER_TOWN, "511921112", "511921114"]
    sites = make_network((COUNTY, *towns, VILLAGE))
    county = sites[COUNTY]
    settle(sites, 2)
    kept = copy_of(county)
    for life, town in enumerate(towns):
        if life:
            assert put_back(county, kept)
        for n in range(versions[life]):
            change = {"name": f"{life}·{n}", "parent": town}
            with county.unit():
                registrar.change(county.core, county.roster_key, VILLAGE, change, START_MS)
        if life < 3:
            sites[town].take(county.out(town))
            assert _entry(sites[town]).name[0] == str(life)
    last = _entry(county)
    for life in order:
        exchange(sites[towns[life]], county)
    for _ in range(3):
        for town in towns:
            exchange(sites[town], county)
    after = _entry(county)
    assert (after.name, after.parent) == (last.name, last.parent)
    assert {_entry(sites[address]).statement for address in (COUNTY, *towns)} == {after.statement}
    assert set(after.left) >= set(towns[:3])
    county.restart()
    for town in towns:
        exchange(sites[town], county)
    assert _entry(county).statement == after.statement


def test_what_the_top_has_signed_is_remembered_up_to_a_number_of_versions_and_by_what_came_back_not_at_all():
    county = make_network()[COUNTY]
    key = county.roster_key
    entries = [_entry(county)]
    with county.unit():
        for n in range(own_entries._KEPT_MAX + 5):
            entries.append(registrar.change(county.core, key, VILLAGE, {"name": f"第{n}"}, START_MS))
        newest = entries[-1]
        assert not any(own_entries.is_of_lost_time(county.core, newest, one) for one in entries)
        fields = {**registrar.fields_of(newest), "prev": "ab" * 32, "name": "别名"}
        strange = {
            n: read_entry(signed.make(signed.ENTRY, {**fields, "version": n}, (key,), SUITE))
            for n in (2, newest.version - 1, newest.version + 2)
        }
        lost = [n for n, one in strange.items() if own_entries.is_of_lost_time(county.core, newest, one)]
        assert lost == [newest.version - 1], "of a higher one it is not sure"
        came_back = strange[newest.version + 2]
        assert not own_entries.is_of_lost_time(county.core, came_back, strange[newest.version - 1])


def test_one_by_one_the_versions_of_a_lost_time_use_up_no_leaps():
    """Whoever kept them all brings them in a row; what says nothing more needs no entry above it."""
    county, town, _ = make_network().values()
    key, kept = county.roster_key, copy_of(county)
    with county.unit():
        named = [{"name": f"第{n}"} for n in range(20)]
        lost = [registrar.change(county.core, key, VILLAGE, change, START_MS) for change in named]
    put_back(county, kept)
    with county.unit():
        registrar.change(county.core, key, VILLAGE, {"name": "今"}, START_MS)
    county.codes()
    for entry in lost[-1:] + lost[:-1]:
        county.take(town.say_items(county, hello(), encode_statement(entry.statement), STATE_ENDS))
    after = _entry(county)
    assert (after.name, after.version) == ("今", lost[-1].version + 2)
    assert county.codes().count("S136") == 1
