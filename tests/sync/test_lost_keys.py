"""What a site signed with a key of the time that the top has lost waits until people say whose the key is."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sync.protocol import signed
from sync.protocol.errors import BadRoster
from sync.protocol.own.issue import open_epoch
from sync.protocol.signing import KeyPair
from sync.protocol.trust import registrar, revocation, vouched
from sync.protocol.trust.lost_keys import GIVEN, TAKEN
from sync.protocol.trust.state import keep_trust
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    settle,
    trust,
)
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_lives import let_in
from tests.sync.test_lost_revocation import OTHER, _decide, _forged, _tell

NEXT = key_pair("next computer")


class Lost(NamedTuple):
    """Who is left, with the former roster key and what the village signed with the lost one."""

    county: Site
    town: Site
    village: Site
    stolen: KeyPair
    acts: list[str]


@pytest.fixture
def lost() -> Lost:
    return lose()


def lose(forged: int = 0) -> Lost:
    """A village got another computer, and the county was put back to before that, with a new roster key.

    A thief of the former one may be the first to tell of so many keys.
    """
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    let_in(county, VILLAGE, "next computer")
    exchange(town, county)
    trust(village, town)
    village.key = NEXT
    village.restart()
    with village.unit():
        open_epoch(village.core, NEXT, "next computer", START_MS)
    acts = [village.submit(b'{"n":%d}' % number, (COUNTY,)) for number in range(3)]
    exchange(village, town)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    stolen = county.roster_key
    take_over(county, root_pair(), NEW)
    for number in range(1, forged + 1):
        _tell(town, county, _forged(county.core.roster.entries[VILLAGE], number, stolen))
    settle({COUNTY: county, TOWN: town}, 6)
    assert stolen is not None and county.application.ids == []
    return Lost(county, town, village, stolen, acts)


def test_what_it_signed_counts_once_people_say_that_the_key_is_the_sites(lost: Lost) -> None:
    county, town, village, _, acts = lost
    (word,) = vouched.undecided(county.core)
    assert (word.address, word.key, word.by, word.state) == (VILLAGE, NEXT.public, "", GIVEN)
    assert word.waiting == 3 and word.at > 0
    county.restart()
    name = (VILLAGE, NEXT.id)
    with county.unit():
        entry = vouched.confirm_current(county.core, county.application, name, START_MS)
    assert entry.good_keys[-1] == NEXT.public and vouched.undecided(county.core) == []
    exchange(town, county)
    act = village.submit(b"{}", (COUNTY,))
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 4)
    assert county.application.ids == [*acts, act]
    assert [s.upto for s in town.core.streams() if s.id.src == VILLAGE and s.upto] == [4]
    with county.unit(), pytest.raises(BadRoster):
        vouched.confirm_former(county.core, county.application, name, START_MS)


def test_a_key_that_is_none_of_the_sites_is_refused_whole(lost: Lost) -> None:
    county, town, *_ = lost
    with county.unit():
        vouched.refuse(county.core, county.application, (VILLAGE, NEXT.id), county.now())
    settle({COUNTY: county, TOWN: town}, 4)
    assert county.application.ids == [] and vouched.undecided(county.core) == []
    assert vouched.became_of(county.core, (VILLAGE, NEXT.id)) == revocation.NOT_OURS


def test_of_a_key_that_was_revoked_in_the_lost_time_people_are_told_so() -> None:
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    let_in(county, VILLAGE, "next computer")
    settle({COUNTY: county, TOWN: town}, 2)
    with county.unit():
        wanted = revocation.Revocation(VILLAGE, revocation.STOLEN, (NEXT.id,))
        revocation.revoke(county.core, county.application, wanted, county.now())
    settle({COUNTY: county, TOWN: town}, 2)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    settle({COUNTY: county, TOWN: town}, 4)
    assert [(word.key, word.state) for word in vouched.undecided(county.core)] == [(NEXT.public, TAKEN)]


def test_the_thief_of_a_former_roster_key_has_a_few_keys_asked_about_and_makes_none_good(
    lost: Lost,
) -> None:
    county, town, _, stolen, _ = lost
    mine = county.core.roster.entries[VILLAGE]
    for number in range(1, 20):
        _tell(town, county, _forged(mine, number, stolen))
    words = vouched.undecided(county.core)
    assert len(words) == 8 and words[0].key == NEXT.public
    assert county.core.roster.entries[VILLAGE].keys == mine.keys
    # Nor is anybody asked of an address that stands in no roster: a thief names any number of them.
    elsewhere = registrar.fields_of(mine) | {"address": VILLAGE[:-1] + "9"}
    _tell(town, county, signed.make(signed.ENTRY, elsewhere, (stolen,), SUITE))
    assert len(vouched.undecided(county.core)) == 8


def test_a_key_that_was_decided_on_leaves_its_place_to_the_next(lost: Lost) -> None:
    county, town, _, stolen, _ = lost
    mine = county.core.roster.entries[VILLAGE]
    for number in range(1, 8):
        _tell(town, county, _forged(mine, number, stolen))
    words = vouched.undecided(county.core)
    for word in words:
        with county.unit():
            vouched.refuse(county.core, county.application, (VILLAGE, word.key.id), county.now())
    assert len(words) == 8 and vouched.undecided(county.core) == []
    _tell(town, county, _forged(mine, 20, stolen))
    (word,) = vouched.undecided(county.core)
    assert word.key == key_pair("thief 20").public
    assert len(county.spool.all_held("lost key")) == 1


def test_a_key_that_came_behind_as_many_false_ones_as_are_asked_about_comes_once_those_are_decided() -> None:
    """It is told once: who brought it lets go of it."""
    county, town, *_ = lose(forged=8)
    words = vouched.undecided(county.core)
    assert len(words) == 8 and NEXT.public not in [word.key for word in words]
    for word in words:
        with county.unit():
            vouched.refuse(county.core, county.application, (VILLAGE, word.key.id), county.now())
    settle({COUNTY: county, TOWN: town}, 4)
    assert [word.key for word in vouched.undecided(county.core)] == [NEXT.public]


def test_a_key_that_is_asked_about_stays_so_when_another_entry_says_that_it_was_revoked() -> None:
    county, town, _, stolen, _ = lose(forged=9)
    words = vouched.undecided(county.core)
    entry, gone = county.core.roster.entries[VILLAGE], {"cut": {}, "ids": [], "reason": revocation.STOLEN}
    revoked = [{"key": words[0].key.id, "since": START_MS, **gone}]
    said = {"version": entry.version + 30, "keys": [words[0].key.as_fields() | {"from": 0, "until": 0}]}
    fields = registrar.fields_of(entry) | said | {"prev": "", "revoked": revoked}
    _tell(town, county, signed.make(signed.ENTRY, fields, (stolen,), SUITE))
    assert vouched.undecided(county.core) == [words[0]._replace(state=TAKEN), *words[1:]]
    with county.unit():
        vouched.refuse(county.core, county.application, (VILLAGE, words[0].key.id), county.now())


def test_a_key_for_which_the_top_had_no_room_is_told_once_more_when_people_have_decided_on_others() -> None:
    """The thief of a former roster key is the first, with as many false ones as are kept, and goes on."""
    county, town, *_ = lost = lose(forged=70)
    words = vouched.undecided(county.core)
    assert len(words) == 8 and NEXT.public not in [word.key for word in words]
    assert len(county.spool.all_held("lost key")) == 64
    for number in range(101, 130):
        _tell(county, town, _forged(county.core.roster.entries[VILLAGE], number, lost.stolen))
    settle({COUNTY: county, TOWN: town}, 4)
    assert len(town.spool.all_held(OTHER)) == 8
    town.restart()
    for _ in range(12):
        if NEXT.public in [word.key for word in vouched.undecided(county.core)]:
            break
        _decide(county)
        settle({COUNTY: county, TOWN: town}, 4)
    with county.unit():
        vouched.confirm_current(county.core, county.application, (VILLAGE, NEXT.id), START_MS)
    settle({COUNTY: county, TOWN: town}, 4)
    assert county.application.ids == lost.acts


def test_a_key_that_the_top_has_not_got_is_never_entered_as_its_own_in_use(lost: Lost) -> None:
    """All would seal to it what is for the top; as a former one it may have been the top's."""
    county, town, _, stolen, _ = lost
    mine = county.core.roster.entries[COUNTY]
    _tell(town, county, _forged(mine, 1, stolen))
    name = (COUNTY, key_pair("thief 1").id)
    with county.unit(), pytest.raises(BadRoster):
        vouched.confirm_current(county.core, county.application, name, START_MS)
    assert county.core.roster.entries[COUNTY].keys == mine.keys
    with county.unit():
        vouched.confirm_former(county.core, county.application, name, START_MS)
    assert county.core.roster.current_key(COUNTY) == county.core.own_key().public


def test_who_first_joined_in_the_lost_time_is_let_in_again_and_shows_the_key_it_had() -> None:
    """No roster names it any more: with a new code it comes with another key, and brings its entry."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    village = Site(VILLAGE, county.spool.all_held(signed.ROOT)[0].statement.hash, 1)
    with county.unit():
        enter(county, village.key, VILLAGE)
    trust(village, county)
    with village.unit():
        village.peer.open_epoch(village.key, "enrolled", START_MS)
    exchange(town, county)
    first, former = village.submit(b'{"n":1}', (COUNTY,)), village.key
    exchange(village, town)
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    settle(sites, 6)
    assert VILLAGE not in county.core.roster.entries and vouched.undecided(county.core) == []
    let_in(county, VILLAGE, "next computer")
    settle(sites, 2)
    village.key = NEXT
    village.means.keys[NEXT.id] = village.core.means.keys[NEXT.id] = NEXT
    with village.unit():
        for sort in (signed.ROOT, signed.APPOINTMENT, signed.HEAD, signed.ENTRY):
            for held in county.spool.all_held(sort):
                if village.core.roster.offer(held.statement):
                    keep_trust(village.core, held.statement)
        open_epoch(village.core, NEXT, "joined again", START_MS)
    second = village.submit(b'{"n":2}', (COUNTY,))
    settle({**sites, VILLAGE: village}, 4)
    assert county.application.ids == [second]
    assert [(word.key, word.by) for word in vouched.undecided(county.core)] == [(former.public, "")]
    with county.unit():
        vouched.confirm_former(county.core, county.application, (VILLAGE, former.id), START_MS)
    settle({**sites, VILLAGE: village}, 4)
    assert sorted(county.application.ids) == sorted([first, second])
