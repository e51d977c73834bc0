"""A village moved away while its township alone had its papers: that one is asked for them all the same."""

from __future__ import annotations

from sync.protocol.items import encode_vector
from sync.protocol.spool import Part
from sync.protocol.trust import registrar
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    settle,
)


def _moved(sites: dict[str, Site]) -> None:
    """Let everybody know that the village stands elsewhere now, before anything else goes on."""
    county = sites[COUNTY]
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
    sites[TOWN].take(county.out(TOWN))
    sites[OTHER_TOWN].take(county.out(OTHER_TOWN))
    sites[VILLAGE].take(county.out(VILLAGE))


def test_a_paper_that_only_the_former_township_has_is_fetched_from_there():
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    photo = village.paper(b"left behind" * 500)
    village.submit(b'{"n":1}', (COUNTY,), (photo,))
    exchange(village, town)
    exchange(village, town)
    assert town.blobs.has(photo.hash)
    _moved(sites)
    village.blobs.claim([photo.hash])
    assert village.blobs.evict(photo.hash)
    later = village.paper(b"not yet there" * 500)
    village.submit(b'{"n":2}', (COUNTY,), (later,))
    for _ in range(3):
        exchange(village, sites[OTHER_TOWN])
        exchange(sites[OTHER_TOWN], county)
    county.take(town.out(COUNTY))
    # Of what came after the move the former township is not even told the name.
    asked = town.take(county.out(TOWN)).state.wanted_blobs
    assert [blob for blob, _ in asked] == [photo.hash]
    settle(sites, 8)
    assert all(site.blobs.has(photo.hash) for site in sites.values())
    assert not town.blobs.has(later.hash) and county.blobs.has(later.hash)
    assert town.peer.waits_for(COUNTY) == county.peer.waits_for(TOWN) == 0


def test_what_a_former_township_only_says_it_has_is_not_named_to_it():
    """Whoever claims places beyond those it has proved by the hash of a header learns of no paper."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    _moved(sites)
    photo = village.paper(b"secret" * 500)
    village.submit(b'{"n":1}', (COUNTY,), (photo,))
    sites[OTHER_TOWN].take(village.out(OTHER_TOWN))
    village.blobs.claim([photo.hash])
    assert village.blobs.evict(photo.hash)
    exchange(sites[OTHER_TOWN], county)
    stream = county.stream(VILLAGE, COUNTY)
    assert county.spool.gaps(stream, 9)
    town.take(county.out(TOWN))
    for part in (Part(0, 1, bytes(32)), Part(0, 9, bytes(32))):
        vector = {stream.id: part}
        county.take(town.say_items(county, hello(vector), encode_vector(vector), STATE_ENDS))
        assert county.spool.vector(TOWN)[stream.id] == part
        assert town.take(county.out(TOWN)).state.wanted_blobs == ()
