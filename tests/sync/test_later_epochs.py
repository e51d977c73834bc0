"""Two copies of a node drive each other on, each above the other, up to where people have to see to it."""

from __future__ import annotations

from sync.protocol.items import encode_statement
from sync.protocol.own.issue import epoch_fields, open_epoch
from sync.protocol.own.rollback import LATER_EPOCHS_MAX
from sync.protocol.streams import make_epoch
from sync.protocol.trust import registrar
from sync.protocol.witness import number_of
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)
from tests.sync.test_revocation import cut_off
from tests.sync.test_rollback import applied_once, filed
from tests.sync.test_state import whole


def hears_of_a_later_one(village: Site, town: Site, number: int) -> int:
    """Let the village hear that it has opened an epoch of that number; return the number it is in then."""
    with village.unit():
        fields = epoch_fields(village.core, "a copy", START_MS)
        fields |= {"n": number, "random": f"{number:016x}"}
        record = make_epoch(fields, (village.core.own_key(),), SUITE)
    village.take(town.say(village, whole([encode_statement(record.statement)])))
    return number_of(village.core.identity.epoch)


def test_after_so_many_steps_people_see_to_it_and_with_another_key_it_knows_its_own_again():
    sites = make_network()
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    reached = 1
    for _ in range(LATER_EPOCHS_MAX):
        assert hears_of_a_later_one(village, town, reached + 3) == reached + 4
        reached += 4
    assert hears_of_a_later_one(village, town, reached + 3) == reached
    assert "S122" in village.codes()
    # The copy was a thief's. Another key is entered, and the machine goes on with it.
    cut_off(county, VILLAGE)
    new = key_pair("village 2")
    child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    village.means.keys[new.id] = new
    village.key = new
    village.restart()
    trust(village, county)
    with village.unit():
        open_epoch(village.core, new, "replaced", START_MS)
    reached = number_of(village.core.identity.epoch)
    # Put back since then, it hears of what it opened by that key too.
    assert hears_of_a_later_one(village, town, reached + 3) == reached + 4


def test_two_computers_of_one_site_at_work_come_to_an_end_of_new_epochs_and_lose_nothing():
    """Each steps above the other as long as it may; then both go on in their own, and every act arrives."""
    sites = make_network()
    county, town, first = sites.values()
    settle(sites, 2)
    second = Site(VILLAGE, first.core.identity.fingerprint, "another computer")
    second.key = first.key
    assert put_back(second, copy_of(first)) == "witness lost"
    acts, down, reached = [], [], []
    for _ in range(60):
        down += filed(county, 1, 100 + len(down), to=(VILLAGE,))
        for twin in (first, second):
            acts += filed(twin, 1, 1_000 + len(acts))
            exchange(twin, town)
        exchange(town, county)
        reached.append([twin.core.identity.epoch for twin in (first, second)])
    # Above the first epoch and that of the copy so many steps, and no more from then on.
    assert sorted(map(number_of, reached[-1])) == [1 + LATER_EPOCHS_MAX, 2 + LATER_EPOCHS_MAX]
    assert reached[30:] == reached[-1:] * 30
    for twin in (first, second):
        exchange(twin, town)
        applied_once(twin, down)
    exchange(town, county)
    applied_once(county, acts)
    assert all("S122" in site.codes() for site in (first, second, town, county))
