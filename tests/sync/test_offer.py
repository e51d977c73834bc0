"""What is offered: all the other lacks, each thing as often as needed, in the order of acceptance."""

from __future__ import annotations

import random

import pytest

from sync.protocol import signed
from sync.protocol.errors import NoSuchNeighbour
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.records import BASE
from sync.protocol.roster import entry_fields
from sync.protocol.spool import Held
from sync.protocol.trust import registrar
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    receipt_held,
    settle,
    trust,
)


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def noise(n: int, size: int = 900) -> bytes:
    return b'"%s"' % random.Random(n).randbytes(size // 2).hex().encode()


def test_a_small_budget_brings_everything_in_several_exchanges(sites):
    _, town, village = sites.values()
    acts = [village.submit(noise(n), (COUNTY,)) for n in range(700)]
    rounds = 0
    while len(town.application.ids) < len(acts) and rounds < 20:
        village.take(town.out(VILLAGE))
        town.take(village.out(TOWN, Budget(60_000)))
        rounds += 1
    assert town.application.ids == acts
    assert 3 <= rounds <= 8


def test_papers_keep_a_tenth_while_frames_wait(sites):
    _, town, village = sites.values()
    photo = village.paper(random.Random(1).randbytes(400_000))
    village.submit(b"{}", (COUNTY,), (photo,))
    exchange(village, town)
    for n in range(900):
        village.submit(noise(n), (COUNTY,))
    village.take(town.out(VILLAGE))
    incoming = town.take(village.out(TOWN, Budget(200_000)))
    assert incoming.frames and incoming.pieces


def test_a_stick_carries_papers_nobody_could_ask_for(sites):
    county, _, village = sites.values()
    photo = village.paper(b"photo" * 30_000)
    act = village.submit(b"{}", (COUNTY,), (photo,))
    county.take(village.out(COUNTY, Budget(10**9, is_answered=False)))
    assert county.application.ids == [act]
    assert county.blobs.has(photo.hash)


def test_a_paper_lost_from_the_disk_stops_nothing_else(sites):
    county, _, village = sites.values()
    lost, kept = village.paper(b"lost" * 9_000), village.paper(b"kept" * 9_000)
    village.submit(b"{}", (COUNTY,), (lost, kept))
    del village.blobs._whole[lost.hash]
    county.take(village.out(COUNTY, Budget(10**9, is_answered=False)))
    assert county.blobs.has(kept.hash) and not county.blobs.has(lost.hash)


def test_nobody_off_the_path_is_a_neighbour():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    for other in (OTHER_TOWN, "511922", VILLAGE):
        with sites[VILLAGE].unit(), pytest.raises(NoSuchNeighbour):
            sites[VILLAGE].peer.plan(other, Budget(0), sites[VILLAGE].now())


def test_a_neighbour_sees_only_streams_it_is_on():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE))
    sites[VILLAGE].submit(b'{"secret":1}', (COUNTY,))
    sites[COUNTY].submit(b'{"secret":2}', (VILLAGE,))
    settle(sites)
    assert sites[OTHER_TOWN].frames() == sites[OTHER_VILLAGE].frames() == []
    sorts = (signed.EPOCH, signed.RECEIPT, signed.VOUCH, signed.SHELF)
    held = {h.key for s in sorts for h in sites[OTHER_VILLAGE].spool.all_held(s)}
    assert not [key for key in held if TOWN in key or VILLAGE in key]


def test_acts_asked_for_by_id_go_to_who_may_have_them():
    """A township asks for an act of another branch by an id it learned somewhere: it gets nothing."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, other = sites[COUNTY], sites[OTHER_TOWN]
    act = sites[VILLAGE].submit(b"{}", (COUNTY,))
    settle(sites)
    with other.unit():
        other.spool.want(act)
    exchange(other, county)
    exchange(other, county)
    assert other.application.ids == []


def test_a_brief_brings_a_newcomer_what_it_names(sites):
    """The top points a village to the township's acts; they come loose, verified, advancing no stream."""
    county, _, village = sites.values()
    acts = [sites[TOWN].submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(3)]
    settle(sites)
    assert village.application.ids == []
    brief = b'{"ids":["%s","%s"]}' % (acts[0].encode(), acts[2].encode())
    county.submit(brief, (VILLAGE,), kind="sync.brief")
    settle(sites)
    assert sorted(village.application.ids) == sorted([acts[0], acts[2]])
    assert (TOWN, COUNTY) not in village.upto()
    assert village.spool.wants(9) == []


def test_a_brief_from_below_asks_for_nothing(sites):
    _, town, village = sites.values()
    village.submit(b'{"ids":["%s"]}' % (b"ab" * 16), (COUNTY,), kind="sync.brief")
    settle(sites)
    assert town.spool.wants(9) == sites[COUNTY].spool.wants(9) == []
    assert "S102" in town.codes()


def test_wants_that_lead_nowhere_do_not_stand_before_the_rest(sites):
    county, town, _ = sites.values()
    act = county.submit(b"{}", (COUNTY,))
    with town.unit():
        for n in range(500):
            town.spool.want(f"{n:032x}")
        town.spool.want(act)
    county.submit(b'{"ids":["%s"]}' % act.encode(), (VILLAGE,), kind="sync.brief")
    for _ in range(12):
        exchange(town, county)
    assert act in town.application.ids


def purged_to(site: Site, src: str, dst: str) -> None:
    """Make the site's copy begin at its newest end receipt, as a purge will."""
    stream = site.stream(src, dst)
    held = receipt_held(site, stream.id, dst)
    assert held is not None and held.rank[1] == stream.upto
    with site.unit():
        stream.base, stream.base_head = stream.upto, stream.head
        site.spool.put_stream(stream)
        site.spool.put_held(Held("base", str(stream.id), held.rank, held.statement, b"", 0))


def test_who_missed_what_is_purged_starts_at_the_destinations_word(sites):
    county, town, village = sites.values()
    for n in range(5):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    exchange(village, county)
    exchange(village, county)
    purged_to(village, VILLAGE, COUNTY)
    later = village.submit(b'{"later":1}', (COUNTY,))
    county_receipt = receipt_held(village, village.stream(VILLAGE, COUNTY).id, COUNTY)

    settle({TOWN: town, VILLAGE: village, COUNTY: county}, 1)
    assert (town.stream(VILLAGE, COUNTY).base, town.stream(VILLAGE, COUNTY).upto) == (5, 6)
    assert later in town.application.ids
    assert county_receipt is not None


def test_a_base_on_an_own_stream_is_refused(sites):
    """A hostile village says it has seen places of the county's stream that do not exist yet."""
    county, _, village = sites.values()
    county.submit(b"{}", (VILLAGE,))
    exchange(village, county)
    exchange(village, county)
    stream = county.stream(COUNTY, VILLAGE)
    fields = {"stream": list(stream.id), "signer": VILLAGE, "kind": "end", "inc": 1, "upto": 2**53 - 1}
    fields |= {"head": "ab" * 32, "papers": 0, "missing": [], "at": START_MS}
    lie = signed.make(signed.RECEIPT, fields, (village.key,), village.means.suite)
    county.codes()
    county.take(village.say_items(county, encode_statement(lie, kind=BASE)))
    assert county.codes() == ["S113"]
    assert county.stream(COUNTY, VILLAGE).upto == 1
    county.submit(b'{"still":1}', (VILLAGE,))


def test_streams_change_their_way_when_a_node_comes_between():
    """Villages served by the county get a township: what was on its way goes on, all copies meet."""
    sites = make_network((COUNTY, VILLAGE))
    county, village = sites[COUNTY], sites[VILLAGE]
    first = village.submit(b"{}", (COUNTY,))
    exchange(village, county)
    town = Site(TOWN, county.spool.all_held(signed.ROOT)[0].statement.hash, 1)
    with county.unit():
        enter(county, town.key, TOWN)
    trust(town, county)
    with town.unit():
        town.peer.open_epoch(town.key, "enrolled", START_MS)
    second = village.submit(b'{"n":2}', (COUNTY,))
    whole = {COUNTY: county, TOWN: town, VILLAGE: village}
    exchange(village, county)
    settle(whole)
    assert sorted(town.application.ids) == sorted(county.application.ids) == sorted([first, second])


def test_a_leaf_more_moves_nobody_and_a_move_tells_all_again(sites):
    county, town, _ = sites.values()
    settle(sites)
    with county.unit():
        before = county.peer.neighbour(TOWN).acked_stamp
        fields = entry_fields("511921108299", "", "新村", (town.key.public,))
        registrar.enter(county.core, county.roster_key, fields, START_MS)
        assert county.peer.neighbour(TOWN).acked_stamp == before > 0
        moved = entry_fields("511921108299", COUNTY, "新村", (town.key.public,))
        registrar.enter(county.core, county.roster_key, moved, START_MS)
        assert county.peer.neighbour(TOWN).acked_stamp == 0
