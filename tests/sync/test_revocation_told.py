"""A revocation reaches whoever may have acts of that key; whoever takes its place numbers its epochs on."""

from __future__ import annotations

import pytest

from sync.protocol import signed, state_out
from sync.protocol.acts import quarantine
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.canonical import dumps
from sync.protocol.incoming import forks
from sync.protocol.own.issue import open_epoch
from sync.protocol.spool import OWN, PARKED
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import STOLEN, Revocation, Said, decide, revoke
from sync.protocol.verdicts import Decided
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    receipt_held,
    settle,
    trust,
)
from tests.sync.test_rotation import rotate


def test_who_has_an_act_by_a_brief_alone_takes_it_back_too():
    """A village off the line of the stolen one hears of the revocation, goes by it, and by the verdict."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE))
    county, other = sites[COUNTY], sites[OTHER_VILLAGE]
    settle(sites, 2)
    act = sites[VILLAGE].submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    brief = dumps({"case": "x", "ids": [act], "to": [OTHER_VILLAGE]})
    county.submit(brief, (OTHER_VILLAGE,), kind="sync.brief")
    settle(sites, 4)
    assert act in other.application.ids
    with county.unit():
        cut = {sites[VILLAGE].stream(VILLAGE, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([act], "nobody here wrote it"), county.now())
    rest = {address: site for address, site in sites.items() if address != VILLAGE}
    settle(rest, 4)
    for site in rest.values():
        row = site.spool.act(act)
        assert act not in site.application.ids, site.address
        assert row is None or (row.state, row.reason) == (PARKED, "S130"), site.address
    assert other.spool.act(act) is not None


def test_a_key_in_a_revoked_ones_place_goes_on_with_its_numbers_and_looks_like_no_twin():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
        new = SUITE.pair(bytes(range(64)))
        child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    village.means.keys[new.id] = new
    trust(village, county)
    with village.unit():
        assert open_epoch(village.core, new, "replaced", START_MS).n == 2
    village.key = new
    settle({COUNTY: county, TOWN: town}, 1)
    for site in sites.values():
        site.codes()
    settle(sites, 3)
    assert all("S122" not in site.codes() for site in (county, town))


def test_an_act_that_lost_its_place_past_a_cut_is_named_to_the_top_and_gets_a_new_one_once_released():
    """Another branch won its place, so no stream brings it to the top: people there would never see it."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    new = SUITE.pair(bytes(range(64)))
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
        child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    village.means.keys[new.id] = village.key = new
    trust(village, county)
    with village.unit():
        open_epoch(village.core, new, "replaced", START_MS)
        stream = village.stream(VILLAGE, COUNTY)
        dropped = village.spool.drop_frames(stream, 0)
        stream.upto, stream.head = 0, dropped[0].frame.header.prev
        village.core.touch(stream)
        forks._put_by(village.core, dropped, START_MS)
        quarantine.settle_anew(village.core, VILLAGE)
    settle({COUNTY: county, TOWN: town}, 1)
    settle(sites, 4)
    with county.unit():
        assert [row.id for row in quarantine.quarantined(county.core)] == [act]
        decide(county.core, county.application, RELEASED, Said([act], "genuine"), county.now())
    settle(sites, 4)
    assert act in county.application.ids and act in town.application.ids
    epochs = [stream.epoch.split("-")[0] for stream, _ in village.spool.places_of_act(act)]
    assert epochs == ["2"]


def test_an_own_act_released_before_it_comes_back_gets_the_places_it_never_had():
    """Only the county had it when the township was lost; the word on it is heard first, then it comes."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    act = town.submit(dumps({"n": 1, "to": [COUNTY, VILLAGE]}), (COUNTY, VILLAGE))
    exchange(town, county)
    again = Site(TOWN, county.core.roster.fingerprint, "again")
    child = {"address": TOWN, "parent": "", "name": "", "key": again.key.public.as_fields()}
    with county.unit():
        cut = {county.stream(TOWN, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(TOWN, STOLEN, cut=cut), county.now())
        decide(county.core, county.application, RELEASED, Said([act], "genuine"), county.now())
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    for site in (again, village):
        trust(site, county)
    with again.unit():
        open_epoch(again.core, again.key, "enrolled", START_MS, 1)
        quarantine.go_by(again.core, Decided(RELEASED, 1, ""), [act], again.application)
    exchange(again, county)
    assert again.spool.act(act).state == OWN
    village.take(again.out(VILLAGE))
    assert village.application.ids == county.application.ids == [act]


def test_a_township_hears_of_a_village_that_by_number_is_below_it_and_stands_elsewhere():
    sites = make_network((COUNTY, VILLAGE, OTHER_TOWN))
    county = sites[COUNTY]
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    held = county.spool.held(signed.ENTRY, VILLAGE)
    assert held is not None and state_out._concerns(county.core, held, TOWN)
    assert not state_out._concerns(county.core, held, OTHER_VILLAGE)


def test_where_the_robbed_village_stood_before_it_is_heard_what_counts_of_it_all_the_same():
    """Its acts came by there on their way, so nobody names them to the top; no verdict comes by any more."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    act = sites[VILLAGE].submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 3)
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    exchange(town, county)
    with county.unit():
        cut = {sites[VILLAGE].stream(VILLAGE, COUNTY).id: 0}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    exchange(town, county)
    assert town.spool.act(act).state == PARKED
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "genuine"), county.now())
    exchange(town, county)
    assert act in town.application.ids


def test_a_receipt_signed_again_with_the_next_key_counts_though_it_comes_along_with_the_revocation():
    """The author holds the same word by the former key, and forgets that only at the end of the batch."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, village, author = sites[COUNTY], sites[VILLAGE], sites[OTHER_TOWN]
    settle(sites, 2)
    author.submit(dumps({"n": 1, "to": [VILLAGE]}), (VILLAGE,))
    settle(sites, 4)
    stream = author.stream(OTHER_TOWN, VILLAGE).id
    former = receipt_held(author, stream, VILLAGE)
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
        new = SUITE.pair(bytes(range(64)))
        child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    village.means.keys[new.id] = new
    exchange(sites[TOWN], county)
    trust(village, county)
    with village.unit():
        open_epoch(village.core, new, "replaced", START_MS)
    # The author hears of it only when the new word has come up to the county.
    settle({address: site for address, site in sites.items() if address != OTHER_TOWN}, 4)
    assert receipt_held(author, stream, VILLAGE) == former
    settle(sites, 4)
    now = receipt_held(author, stream, VILLAGE)
    assert now.rank == former.rank and now.statement.signed_by(new.public, SUITE)


def test_what_an_older_program_could_not_read_stays_so_where_the_key_was_revoked_before_the_new_one_starts():
    """The revocation came with a new machine's entry; no exchange has drawn yet what follows from it."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    town.application.judge = lambda act: Parked("E199", "version")
    act = village.submit(dumps({"n": 1, "to": [COUNTY]}), (COUNTY,))
    exchange(village, town)
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
    trust(town, county)
    town.restart()
    town.application.judge = lambda act: None
    with town.unit():
        town.peer.wake({"version"}, town.application)
    assert town.application.ids == []
    for _ in range(2):
        exchange(town, county)
    row = town.spool.act(act)
    assert (row.state, row.reason, town.application.ids) == (PARKED, quarantine.PAST_CUT, [])
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "genuine"), county.now())
    exchange(town, county)
    assert town.application.ids == county.application.ids == [act]


@pytest.mark.parametrize("between", [(), ("gone over to meanwhile",)])
def test_a_machine_put_back_to_before_its_key_was_replaced_goes_on_with_the_next_key_if_it_has_that(between):
    """With that it is heard, so nobody would see that nothing of what it signs with the former one counts."""
    sites = make_network()
    county, town, _ = sites.values()
    settle(sites, 2)
    kept = copy_of(town)
    with county.unit():
        revoke(county.core, county.application, Revocation(TOWN, STOLEN), county.now())
        new = SUITE.pair(bytes(range(64)))
        child = {"address": TOWN, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    put_back(town, kept)
    for name in between:
        rotate(town, name)
    assert town.core.own_key() == town.key
    trust(town, county)
    town.means.keys[new.id] = town.key = new
    down = county.submit(dumps({"n": 1, "to": [TOWN]}), (TOWN,))
    exchange(town, county)
    assert town.core.own_key() == new and "S128" in town.codes()
    up = town.submit(dumps({"n": 2, "to": [COUNTY]}), (COUNTY,))
    for _ in range(3):
        exchange(town, county)
    assert town.application.ids == [down] and county.application.ids == [up]
    said = receipt_held(county, county.stream(COUNTY, TOWN).id, TOWN)
    assert said is not None and said.statement.key_id == new.id
    epoch = town.core.identity.epoch
    town.core.trust_is_new = True
    exchange(town, county)
    assert town.core.identity.epoch == epoch
