"""A village moved away while its township alone had its papers: that one is asked for them all the same."""

from __future__ import annotations

import pytest

from sync.protocol.items import encode_vector
from sync.protocol.spool import Part
from sync.protocol.stock import blobs
from sync.protocol.trust import registrar
from sync.protocol.wants import WANTS_MAX
from tests.sync.copies import copy_of, put_back
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
from tests.sync.test_loose_papers import brief
from tests.sync.test_paper_wants import lost
from tests.sync.test_twins import NEIGHBOUR


def _moved(sites: dict[str, Site], parent: str = OTHER_TOWN) -> None:
    """Let everybody know that the village stands elsewhere now, before anything else goes on."""
    county = sites[COUNTY]
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": parent}, START_MS)
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


def _lost_on_the_way(sites: dict[str, Site], *photos: bytes) -> tuple[str, list[str]]:
    """An act reaches the county by the village's new township; its papers lie at the former one, put back."""
    county, town, village, other = (sites[at] for at in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    kept = copy_of(town)
    papers = [village.paper(photo) for photo in photos]
    act = village.submit(b'{"n":1}', (COUNTY,), papers)
    exchange(village, town)
    exchange(village, town)
    assert all(town.blobs.has(paper.hash) for paper in papers)
    put_back(town, kept)
    _moved(sites)
    for paper in papers:
        village.blobs.claim([paper.hash])
        assert village.blobs.evict(paper.hash)
    for _ in range(3):
        exchange(village, other)
        exchange(other, county)
    assert len(county.spool.gaps(county.stream(VILLAGE, COUNTY), 9)) == len(papers)
    return act, [paper.hash for paper in papers]


def _asked_of(town: Site, county: Site) -> list[str]:
    county.take(town.out(COUNTY))
    return [blob for blob, _ in town.take(county.out(TOWN)).state.wanted_blobs]


def test_papers_of_a_former_township_put_back_are_fetched_once_the_act_was_pointed_out_to_it():
    """Its database has lost the stream and the act; the bytes in its folder have outlived that."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    act, papers = _lost_on_the_way(sites, b"one" * 500, b"two" * 500)
    for _ in range(3):
        assert _asked_of(town, county) == [], "who may not have the act is not told what it names"
    brief(county, TOWN, act)
    assert sorted(_asked_of(town, county)) == sorted(papers)
    settle(sites, 8)
    assert all(site.blobs.has(paper) for site in sites.values() for paper in papers)
    assert county.spool.gap_streams() == [] and _asked_of(town, county) == []


def test_papers_of_a_former_township_put_back_that_hears_of_no_act_are_found_once_the_village_is_back():
    """Nobody gives a paper out by its hash alone, so the bytes in its folder lie there unknown until then."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    _, papers = _lost_on_the_way(sites, b"one" * 500, b"two" * 500)
    settle(sites, 8)
    assert all(town.blobs.has(paper) and town.spool.blob(paper) is None for paper in papers)
    assert _asked_of(town, county) == [] and not any(county.blobs.has(paper) for paper in papers)
    _moved(sites, "")
    settle(sites, 8)
    assert all(county.blobs.has(paper) and sites[VILLAGE].blobs.has(paper) for paper in papers)
    _moved(sites)
    settle(sites, 8)
    assert all(sites[OTHER_TOWN].blobs.has(paper) for paper in papers) and county.spool.gap_streams() == []


def test_of_papers_in_streams_elsewhere_so_many_are_looked_at_and_others_each_time(
    monkeypatch: pytest.MonkeyPatch,
):
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    act, papers = _lost_on_the_way(sites, *(b"%d" % n * 500 for n in range(6)))
    monkeypatch.setattr(blobs, "_ELSEWHERE_READ", 6)
    monkeypatch.setattr(blobs, "_KEPT", 2)
    monkeypatch.setattr(blobs, "WANTS_MAX", 2)
    brief(county, TOWN, act)
    asked = [_asked_of(town, county) for _ in range(3)]
    assert [len(one) for one in asked] == [2, 2, 2]
    assert sorted({blob for one in asked for blob in one}) == sorted(papers)


def test_who_stands_above_is_asked_for_no_paper_of_a_stream_that_does_not_pass_it():
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    photo = village.paper(b"for the township" * 500)
    village.submit(b'{"n":1}', (TOWN,), (photo,))
    town.take(village.out(TOWN))
    assert town.spool.gap_streams()
    assert county.take(town.out(COUNTY)).state.wanted_blobs == ()


def test_what_the_township_says_it_lacks_too_does_not_keep_it_from_being_asked_for_what_it_has_alone():
    """A village below it whose papers nobody has fills the list otherwise, as long as they do not come."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE, NEIGHBOUR))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    act, papers = _lost_on_the_way(sites, b"one" * 500, b"two" * 500)
    lost(sites[NEIGHBOUR], b"nobody has", WANTS_MAX + 8)
    for _ in range(3):
        exchange(sites[NEIGHBOUR], town)
        exchange(town, county)
    brief(county, TOWN, act)
    asked = _asked_of(town, county)
    assert len(asked) == WANTS_MAX and {*papers} <= {*asked}
    settle(sites, 4)
    assert all(county.blobs.has(paper) for paper in papers)


def test_of_many_papers_in_one_stream_elsewhere_the_last_is_asked_for_too(monkeypatch: pytest.MonkeyPatch):
    """What comes before it in the stream nobody has, nor may the neighbour be told of it."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    _lost_on_the_way(sites, *(b"%d" % n * 500 for n in range(6)))
    last = sites[VILLAGE].paper(b"last" * 500)
    act = sites[VILLAGE].submit(b'{"n":2}', (COUNTY,), (last,))
    sites[VILLAGE].blobs.claim([last.hash])
    assert sites[VILLAGE].blobs.evict(last.hash)
    for _ in range(2):
        exchange(sites[VILLAGE], sites[OTHER_TOWN])
        exchange(sites[OTHER_TOWN], county)
    brief(county, TOWN, act)
    monkeypatch.setattr(blobs, "_ELSEWHERE_READ", 2)
    monkeypatch.setattr(blobs, "_KEPT", 2)
    asked = [_asked_of(town, county) for _ in range(4)]
    assert [last.hash] in asked and {*map(len, asked)} == {0, 1}
