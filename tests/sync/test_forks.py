"""Forks: two frames for one place. The first stands, a few are kept as evidence, and nobody is kept busy."""

from __future__ import annotations

import pytest

from sync.protocol.found import DOUBT
from sync.protocol.frame import SIGNED_AS, StreamId, rebuild
from sync.protocol.frame_items import encode_frames
from sync.protocol.incoming import asides
from sync.protocol.items import encode_statement, encode_vector
from sync.protocol.own.rollback import take_higher_incarnation
from sync.protocol.records import EVIDENCE as EVIDENCE_ITEM
from sync.protocol.records import FRAMES
from sync.protocol.spool import EVIDENCE, GAP, UNKNOWN_KEY, Part
from sync.protocol.streams import make_epoch
from sync.protocol.trust.registrar import vouch
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames, bring, other_at
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
)
from tests.sync.test_revocation import said, stolen


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_a_fork_is_kept_as_evidence_once_and_the_first_stands(sites):
    _, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    frame = all_frames(village)[0]
    town.codes()
    for _ in range(3):
        bring(village, town, other_at(village, frame, b'{"other":1}'))
    assert town.codes() == ["S120"]
    assert len(town.spool.asides(EVIDENCE)) == 1
    assert town.application.ids == [act]
    for n in range(30):
        bring(village, town, other_at(village, frame, b'{"flood":%d}' % n))
    assert len(town.spool.asides(EVIDENCE)) == 8


def test_of_two_branches_the_destinations_wins_and_then_it_is_quiet(sites):
    """A cloned village gives its town one history and, by stick, the county another: no act is lost."""
    county, town, village = sites.values()
    exchange(village, town)
    exchange(town, county)
    first = village.submit(b"{}", (COUNTY,))
    frame = all_frames(village)[0]
    town.take(village.out(TOWN))
    bring(village, county, other_at(village, frame, b'{"other":1}'))
    sizes = []
    for _ in range(6):
        data = town.out(COUNTY)
        county.take(data)
        answer = county.out(TOWN)
        town.take(answer)
        sizes.append(len(data) + len(answer))
    assert len(town.spool.asides(EVIDENCE)) == len(county.spool.asides(EVIDENCE)) == 1
    assert town.upto() == county.upto()
    assert town.stream(VILLAGE, COUNTY).head == county.stream(VILLAGE, COUNTY).head != frame.hash
    assert not town.peer.waits_for(COUNTY) and not county.peer.waits_for(TOWN)
    assert max(sizes[3:]) < 2_000
    (second,) = county.application.ids
    assert town.application.ids == [first, second]
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    # The author gave what lost its place a new one, in a new epoch.
    assert county.application.ids == [second, first]
    assert village.application.ids == [second]


def test_a_branch_is_taken_over_though_its_beginning_was_not_shown_when_the_destination_had_not_spoken(sites):
    """A clone was quicker and longer: of its branch the village sees only what lies at the end of its own."""
    county, _, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(2)]
    settle(sites, 3)
    kept = copy_of(village)
    acts += [village.submit(b'{"clone":%d}' % n, (COUNTY,)) for n in range(3)]
    sites[TOWN].take(village.out(TOWN))
    # Put back whole, the witness too, so that nothing tells it of what its clone has done.
    assert put_back(village, kept, 1) == ""
    acts += [village.submit(b'{"own":%d}' % n, (COUNTY,)) for n in range(2)]
    (fourth,) = [frame for frame in all_frames(sites[TOWN]) if frame.header.seq == 4]
    bring(sites[TOWN], village, fourth, kind=EVIDENCE_ITEM)
    assert [aside.frame.header.seq for aside in village.spool.asides(EVIDENCE)] == [4]
    settle(sites, 6)
    first = [next(s for s in site.spool.streams() if s.id.epoch[0] == "1") for site in sites.values()]
    assert {(stream.upto, stream.head) for stream in first} == {(5, first[0].head)}
    assert sorted(county.application.ids) == sorted(acts)
    assert not any(site.spool.all_held(DOUBT) for site in sites.values())


@pytest.mark.parametrize(("own", "cloned"), [(3, 3), (4, 7), (7, 9)])
def test_who_steps_back_to_where_the_branches_part_is_shown_a_frame_at_each_step(own, cloned, sites):
    """Both branches are long, and the end of one is shown before the village asks from further back."""
    county, town, village = sites.values()
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(2)]
    settle(sites, 3)
    kept = copy_of(village)
    acts += [village.submit(b'{"clone":%d}' % n, (COUNTY,)) for n in range(cloned)]
    town.take(village.out(TOWN))
    assert put_back(village, kept, 1) == ""
    acts += [village.submit(b'{"own":%d}' % n, (COUNTY,)) for n in range(own)]
    settle(sites, 12)
    first = [next(s for s in site.spool.streams() if s.id.epoch[0] == "1") for site in sites.values()]
    assert {(stream.upto, stream.head) for stream in first} == {(2 + cloned, first[0].head)}
    assert sorted(county.application.ids) == sorted(acts)
    assert not any(site.spool.all_held(DOUBT) for site in sites.values())


def test_what_a_neighbour_says_of_a_stream_that_is_none_of_its_own_makes_no_work():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county, town, village, other = sites.values()
    village.submit(b"{}", (COUNTY,))
    settle(sites, 3)
    known = county.stream(VILLAGE, COUNTY)
    for number, (site, is_told) in enumerate(((other, 0), (town, 1))):
        stamp = county.stream(VILLAGE, COUNTY).stamp
        vector = {known.id: Part(0, 1, bytes([number]) * 32)}
        county.take(site.say_items(county, hello(vector), encode_vector(vector), STATE_ENDS))
        assert (county.stream(VILLAGE, COUNTY).stamp > stamp) == is_told


def test_what_is_no_fork_is_no_evidence(sites):
    _, town, village = sites.values()
    exchange(village, town)
    for n in range(3):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    bring(village, town, *all_frames(village), kind=EVIDENCE_ITEM)
    assert town.spool.count_aside() == 0


def test_nobody_writes_under_our_own_address(sites):
    """A hostile parent vouches for a key of its own under the village's address and signs acts with it."""
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    thief = SUITE.pair(bytes(range(64)))
    fields = {"src": VILLAGE, "n": 7, "random": "ab" * 8, "prev": "", "heads": {}, "reason": "x", "at": 0}
    record = make_epoch(fields, (thief,), SUITE)
    child = {"address": VILLAGE, "name": "x", "key": thief.public.as_fields()}
    with town.unit():
        word = vouch(town.core, child, record.statement.hash, START_MS)
    frame = all_frames(village)[0]
    header = frame.header._replace(stream=StreamId(VILLAGE, record.id, COUNTY), prev=record.root)
    forged = rebuild(header, frame.body, SUITE.sign(thief, SIGNED_AS, header.encode()))
    before = village.upto()
    village.take(
        town.say_items(
            village,
            encode_statement(word),
            encode_statement(record.statement),
            encode_frames(FRAMES, [forged]),
        )
    )
    assert village.upto() == before
    assert village.spool.count_aside(UNKNOWN_KEY) == 1


def test_what_is_shown_to_who_has_nothing_to_compare_it_with_comes_to_its_author_all_the_same(sites):
    """Put back whole, a village knows not what its county has of it, and the town between never had it."""
    county, town, village = sites.values()
    village.submit(said(0, COUNTY), (COUNTY,))
    settle(sites, 3)
    kept = copy_of(village)
    lost = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(1, 4)]
    frames = all_frames(village)[1:]
    assert put_back(village, kept, 1) == ""
    village.submit(said(9, COUNTY), (COUNTY,))
    bring(county, town, *frames, kind=EVIDENCE_ITEM)
    assert not town.spool.count_aside(), "nothing there disagrees"
    settle(sites, 4)
    assert set(lost) <= set(county.application.ids)
    assert all(len(set(site.application.ids)) == len(site.application.ids) for site in sites.values())


def test_what_waited_beyond_a_gap_of_an_own_branch_goes_to_its_other_destinations_too(sites):
    """A township put back whole meets what it had told its village alone, the end of it first."""
    county, town, village = sites.values()
    settle(sites, 3)
    kept = copy_of(town)
    acts = [town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(3)]
    village.take(town.out(VILLAGE))
    told = [frame for frame in all_frames(village) if frame.header.stream.src == TOWN]
    assert put_back(town, kept, 1) == ""
    acts.append(town.submit(said(9, COUNTY, VILLAGE), (COUNTY, VILLAGE)))
    for frame in reversed(told):
        bring(village, town, frame)
    settle(sites, 6)
    assert sorted(county.application.ids) == sorted(village.application.ids) == sorted(acts)


def test_what_goes_on_from_an_own_chain_that_nobody_else_has_leaves_no_doubt(sites):
    """A village put back is shown its last act of before as evidence: that goes on, and leaves nowhere."""
    county, town, village = sites.values()
    village.submit(said(0, COUNTY), (COUNTY,))
    settle(sites, 3)
    before = stolen(village)
    act = before.submit(said(1, COUNTY), (COUNTY,))
    bring(town, village, all_frames(before)[-1], kind=EVIDENCE_ITEM)
    settle(sites, 4)
    assert act in county.application.ids
    assert not any(site.spool.all_held(DOUBT) for site in sites.values())


def test_who_followed_a_copy_of_the_destination_comes_back_once_the_longer_word_is_heard(sites):
    """A copy of the village signs for the township's second branch, then itself for the first, longer one."""
    _, town, village = sites.values()
    settle(sites, 3)
    kept, clone = copy_of(town), stolen(village)
    acts = [town.submit(said(n, VILLAGE), (VILLAGE,)) for n in range(2)]
    village.take(town.out(VILLAGE))
    assert put_back(town, kept, 1) == ""
    acts.append(town.submit(said(9, VILLAGE), (VILLAGE,)))
    bring(town, clone, *all_frames(town))
    for frame in all_frames(village):
        bring(village, town, frame)
    for site, incarnation in ((clone, 5), (village, 9)):
        with site.unit():
            take_higher_incarnation(site.core, incarnation)
        town.take(site.out(TOWN))
    settle(sites, 4)
    first = [next(s for s in site.spool.streams() if s.id.epoch[0] == "1") for site in (town, village)]
    assert {(stream.upto, stream.head) for stream in first} == {(2, first[1].head)}
    assert sorted(village.application.ids) == sorted(acts)
    assert not town.spool.all_held(DOUBT)


@pytest.mark.parametrize("holder", [COUNTY, TOWN])
def test_what_comes_later_and_goes_on_from_evidence_is_told_to_its_author_too(sites, holder):
    """Two sticks of a machine that is gone: the second has one more frame, beyond the end of the stream."""
    county, _, village = sites.values()
    settle(sites, 2)
    village.submit(said(0, COUNTY), (COUNTY,))
    settle(sites, 3)
    twin = stolen(village)
    lost = [twin.submit(said(50 + n, COUNTY), (COUNTY,)) for n in range(4)]
    for n in range(2):
        village.submit(said(70 + n, COUNTY), (COUNTY,))
    settle(sites, 4)
    frames = all_frames(twin)[1:]
    bring(twin, sites[holder], *frames[:3])
    settle(sites, 6)
    assert set(lost[:3]) <= set(county.application.ids)
    bring(twin, sites[holder], frames[3])
    settle(sites, 6)
    assert set(lost) <= set(county.application.ids) and len(county.application.ids) == 7


def test_a_branch_without_end_takes_no_room_from_the_evidence_of_others(monkeypatch):
    monkeypatch.setitem(asides.ASIDE_MAX, EVIDENCE, 12)
    second = "511921108204"
    sites = make_network((COUNTY, TOWN, VILLAGE, second))
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    for site in (village, sites[second]):
        site.submit(said(0, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief = stolen(village)
    for n in range(30):
        thief.submit(said(50 + n, COUNTY), (COUNTY,))
    village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    bring(thief, town, *all_frames(thief)[1:])
    settle({COUNTY: sites[COUNTY], TOWN: town}, 3)
    assert town.spool.count_aside(EVIDENCE, VILLAGE) <= 6 and town.spool.count_aside(GAP) > 20
    bring(sites[second], town, other_at(sites[second], all_frames(sites[second])[0], b'{"other":1}'))
    assert town.spool.count_aside(EVIDENCE, second) == 1
