"""A key that a township gave its word for and that is nobody's: one word of the county, and it is out."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import PAST_CUT, RELEASED
from sync.protocol.entries import RETIRED
from sync.protocol.errors import BadRoster, EntryFull
from sync.protocol.records import RECORD_BYTES_MAX
from sync.protocol.roster import VOUCHED_KEYS_MAX
from sync.protocol.trust import entry_room, registrar, revocation, vouched
from sync.protocol.trust.refusal import Barred, barred, is_revoked
from sync.protocol.trust.revocation import NOT_OURS, STOLEN, Revocation, Said
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import COUNTY, START_MS, TOWN, Site, exchange, make_network, new_site, settle
from tests.sync.test_vouched import HOUR_MS, PLACE, let_in


@pytest.fixture
def sites() -> dict[str, Site]:
    """A county, a township, a village in the roster."""
    found = make_network((COUNTY, TOWN))
    found[PLACE] = new_site(found[COUNTY], PLACE)
    let_in(found[TOWN], found[PLACE])
    settle(found, 3)
    return found


def thief_at(sites: dict[str, Site]) -> Site:
    """Somebody with a code, or the key, of the township lets a computer in under the village's address."""
    thief = new_site(sites[COUNTY], PLACE, 2)
    let_in(sites[TOWN], thief)
    return thief


def refuse(county: Site, key_id: str) -> None:
    county.now_ms = START_MS + HOUR_MS
    with county.unit():
        vouched.refuse(county.core, county.application, (PLACE, key_id), county.now())


def held_back(site: Site) -> dict[str, tuple[str, str]]:
    return {row.id: (row.reason, row.waits_for) for row in site.spool.parked()}


def work(sites: dict[str, Site], thief: Site) -> tuple[str, list[str], list[str]]:
    """Both hand something in; return the village's act, the thief's that went up, and those that did not."""
    county, town, village = sites.values()
    good = village.submit(b'{"good":1}', (COUNTY, TOWN))
    exchange(village, town)
    before = [thief.submit(b'{"n":1}', (COUNTY,)), thief.submit(b'{"n":2}', (TOWN,))]
    exchange(thief, town)
    exchange(town, county)
    # The township's word counts at the township; the county keeps what came and waits for a person.
    assert set(town.application.ids) == {good, *before} and county.application.ids == [good]
    assert held_back(county) == {before[0]: ("S107", f"roster:{PLACE}")}
    after = [thief.submit(b'{"n":3}', (COUNTY, TOWN)), thief.submit(b'{"n":4}', (COUNTY,))]
    exchange(thief, town)
    return good, before, after


def test_nothing_a_refused_key_signed_counts_whether_it_came_before_the_word_or_after(sites):
    county, town, village = sites.values()
    thief = thief_at(sites)
    good, before, after = work(sites, thief)
    version = county.core.roster.entries[PLACE].version
    given: list[str] = []
    county.application.judge = lambda act: given.append(act.id)
    refuse(county, thief.key.id)
    entry = county.core.roster.entries[PLACE]
    assert entry.version == version + 1 and entry.good_keys == (village.key.public,)
    assert entry.statement.fields()["revoked"] == [
        {"key": thief.key.id, "cut": {}, "ids": [], "reason": NOT_OURS, "since": START_MS + HOUR_MS}
    ]
    past = (PAST_CUT, f"cut:{PLACE}")
    assert held_back(county) == {before[0]: past} and county.application.ids == [good]
    # What the township took in meanwhile comes to the county, and the entry to the township.
    exchange(town, county)
    assert held_back(county) == dict.fromkeys((before[0], *after), past)
    assert town.application.ids == [good] and set(held_back(town)) == {*before, *after}
    assert town.core.roster.vouches == {} and town.core.roster.current_key(PLACE, TOWN) == village.key.public

    for site in (county, town, village):
        site.restart()
    later = village.submit(b'{"good":2}', (COUNTY, TOWN))
    settle(sites, 3)
    for site in (county, town):
        assert site.application.ids == [good, later]
    # Not for a moment did the county go by one of them.
    assert not {*before, *after} & {*given}
    # The township named what only it has; of all the thief's acts none counts, nor at the village itself.
    assert set(held_back(county)) == {*before, *after}
    assert not {*before, *after} & set(village.application.ids)
    assert not village.core.roster.vouches and barred(village.core) is None


def test_the_machine_hears_why_and_what_was_the_villages_own_after_all_comes_back_by_its_id(sites):
    county, town, _ = sites.values()
    thief = thief_at(sites)
    good, before, after = work(sites, thief)
    refuse(county, thief.key.id)
    exchange(town, county)
    report = town.engine().receive([thief.out(TOWN)])
    assert report.code == "S107" and report.told
    thief.engine().hear_refusal(report.told)
    assert barred(thief.core) == Barred(NOT_OURS, START_MS + HOUR_MS)
    assert is_revoked(thief.core, PLACE, thief.key.id)
    settle(sites, 2)
    with county.unit():
        said = Said([after[0]], "a case all the same")
        revocation.decide(county.core, county.application, RELEASED, said, county.now())
    settle(sites, 2)
    for site in (county, town):
        assert set(site.application.ids) == {good, after[0]}
        assert before[1] in held_back(site)


KEYS = [key_pair(f"machine {n}") for n in range(VOUCHED_KEYS_MAX + 1)]


def give_word(town: Site, number: int) -> None:
    fields = {"address": PLACE, "name": "新村", "key": KEYS[number].public.as_fields()}
    with town.unit():
        registrar.vouch(town.core, fields, "ab" * 32, START_MS)


def decide_on_three(sites: dict[str, Site]) -> None:
    """The township gives its word for as many as it may; three are decided on, each in another way."""
    county, town, _ = sites.values()
    for number in range(VOUCHED_KEYS_MAX):
        give_word(town, number)
    with pytest.raises(BadRoster):
        give_word(town, VOUCHED_KEYS_MAX)
    settle(sites, 1)
    assert len(vouched.undecided(county.core)) == VOUCHED_KEYS_MAX
    refuse(county, KEYS[0].id)
    with county.unit():
        vouched.confirm_former(county.core, county.application, (PLACE, KEYS[1].id), START_MS)
        vouched.confirm_current(county.core, county.application, (PLACE, KEYS[2].id), START_MS)
    settle(sites, 1)


def test_the_place_in_the_address_is_free_again(sites):
    county, town, _ = sites.values()
    decide_on_three(sites)
    give_word(town, VOUCHED_KEYS_MAX)
    settle(sites, 1)
    assert {word.key for word in vouched.undecided(county.core)} == {KEYS[3].public, KEYS[4].public}
    # The township gives its word for the same key again: there is nothing to say to that any more.
    give_word(town, 0)
    settle(sites, 1)
    assert {word.key for word in vouched.undecided(county.core)} == {KEYS[3].public, KEYS[4].public}
    with county.unit():
        registrar.change(county.core, county.roster_key, PLACE, {"status": RETIRED}, START_MS)
    # A retired address takes no key any more, but its list can be emptied.
    refuse(county, KEYS[3].id)
    assert county.core.roster.entries[PLACE].status == RETIRED


def test_what_was_said_first_stands(sites):
    county, town, village = sites.values()
    decide_on_three(sites)
    became = [vouched.became_of(county.core, (PLACE, key.id)) for key in KEYS[:4]]
    assert became == [NOT_OURS, vouched.FORMER, vouched.CURRENT, ""]
    version = county.core.roster.version
    for key in KEYS[:3]:
        for confirm in (vouched.confirm_current, vouched.confirm_former):
            with county.unit(), pytest.raises(BadRoster):
                confirm(county.core, county.application, (PLACE, key.id), START_MS)
        with pytest.raises(BadRoster):
            refuse(county, key.id)
    for name in ((TOWN, KEYS[3].id), (PLACE, ""), ("", KEYS[3].id), (PLACE, village.key.id)):
        with county.unit(), pytest.raises(BadRoster):
            vouched.refuse(county.core, county.application, name, county.now())
        assert vouched.became_of(county.core, name) == (vouched.FORMER if name[1] == village.key.id else "")
    with town.unit(), pytest.raises(BadRoster):
        vouched.refuse(town.core, town.application, (PLACE, KEYS[3].id), town.now())
    assert county.core.roster.version == version
    with county.unit():
        wanted = Revocation(PLACE, STOLEN, (KEYS[2].id,))
        revocation.revoke(county.core, county.application, wanted, county.now())
    assert vouched.became_of(county.core, (PLACE, KEYS[2].id)) == vouched.REVOKED


def test_a_thief_with_many_keys_leaves_room_in_the_entry_for_what_matters(sites, monkeypatch):
    county, town, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY, TOWN)) for n in range(20)]
    settle(sites, 1)
    gone = {"key": village.key.id, "cut": {}, "ids": acts, "reason": STOLEN, "since": START_MS}
    with county.unit():
        fields = registrar.fields_of(county.core.roster.entries[PLACE]) | {"revoked": [gone]}
        entry = registrar.enter(county.core, county.roster_key, fields, START_MS)
    thief = thief_at(sites)
    exchange(town, county)
    monkeypatch.setattr(entry_room, "ROOM_BYTES", RECORD_BYTES_MAX)
    with pytest.raises(EntryFull):
        refuse(county, thief.key.id)
    assert county.core.roster.entries[PLACE] == entry and vouched.undecided(county.core)
    # As it is it fits, and with one more key it does not.
    while not entry_room.fits(entry, fields):
        monkeypatch.setattr(entry_room, "ROOM_BYTES", entry_room.ROOM_BYTES - 50)
    refuse(county, thief.key.id)
    left = county.core.roster.entries[PLACE].revoked[0]["ids"]
    assert 0 < len(left) < len(acts)
    settle({COUNTY: county, TOWN: town}, 2)
    assert set(county.application.ids) == set(town.application.ids) == set(acts)


def test_a_no_stands_though_the_top_was_put_back_to_before_it_and_somebody_says_yes(sites):
    county, town, village = sites.values()
    thief = thief_at(sites)
    _, before, after = work(sites, thief)
    kept = copy_of(county)
    refuse(county, thief.key.id)
    exchange(town, county)
    county.word = county.core.heads.word(county.core)
    assert put_back(county, kept) == "witness ahead"
    with county.unit():
        name = (PLACE, thief.key.id)
        vouched.confirm_current(county.core, county.application, name, START_MS)
    assert before[0] in county.application.ids
    settle({COUNTY: county, TOWN: town}, 3)
    assert vouched.became_of(county.core, name) == NOT_OURS
    assert county.core.roster.current_key(PLACE) == village.key.public
    for site in (county, town):
        assert not {*before, *after} & set(site.application.ids)
        assert set(held_back(site)) >= {before[0], *after}
