"""Two branches of a stream on a line that carries a few frames at a time: it comes to the destination's."""

from __future__ import annotations

from random import Random

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.canonical import dumps
from sync.protocol.found import DOUBT
from sync.protocol.incoming import asides, forks
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.records import EVIDENCE as EVIDENCE_ITEM
from sync.protocol.spool import EVIDENCE
from tests.sync.copies import copy_of, put_back
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, bring, other_at, resigned
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, receipt_held, settle
from tests.sync.test_revocation import STICK, stolen

THIN = Budget(1_500)


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def over_a_thin_line(town: Site, county: Site, times: int) -> None:
    for _ in range(times):
        county.take(town.out(COUNTY))
        town.take(county.out(TOWN, THIN))


def filed(village: Site, count: int, first: int) -> None:
    """File acts of which the line carries three at a time: nothing in them can be pressed together."""
    for n in range(first, first + count):
        act = {"n": n, "to": [COUNTY], "fill": Random(n).randbytes(300).hex()}
        village.submit(dumps(act), (COUNTY,))


def tell_word(county: Site, site: Site) -> None:
    """Bring a site what the county has signed, and nothing that stands behind it."""
    county.out(site.address)
    held = receipt_held(county, county.stream(VILLAGE, COUNTY).id, COUNTY)
    site.take(county.say_items(site, encode_statement(held.statement)))


def is_at_rest(town: Site, county: Site) -> bool:
    here, there = town.stream(VILLAGE, COUNTY), county.stream(VILLAGE, COUNTY)
    return here.head == there.head and not town.spool.all_held(DOUBT)


def parted(own: int, other: int) -> tuple[Site, Site, Site, Site]:
    """Return a county with one branch of a village's stream, its town with another, both machines of it."""
    sites = make_network()
    county, town, village = sites.values()
    filed(village, 3, 0)
    settle(sites, 3)
    twin = stolen(village)
    filed(village, own, 100)
    filed(twin, other, 200)
    town.take(village.out(TOWN))
    county.take(twin.out(COUNTY, STICK))
    assert not set(town.application.ids[3:]) & set(county.application.ids), "two branches"
    return county, town, village, twin


def test_a_branch_longer_than_an_exchange_comes_in_parts():
    county, town, _, _ = parted(12, 15)
    over_a_thin_line(town, county, 9)
    assert is_at_rest(town, county)


def test_a_third_branch_stops_nobody_from_taking_the_destinations():
    county, town, village, twin = parted(12, 15)
    third = stolen(village)
    third.rng = Random(3)
    frame = all_frames(village)[3]
    bring(village, town, *(other_at(village, frame, b'{"third":%d}' % n) for n in range(3)))
    over_a_thin_line(town, county, 3)
    # And both go on growing.
    filed(village, 2, 500)
    town.take(village.out(TOWN))
    filed(twin, 4, 600)
    county.take(twin.out(COUNTY, STICK))
    over_a_thin_line(town, county, 9)
    assert is_at_rest(town, county)
    assert len(town.spool.asides(EVIDENCE)) == 17


def test_what_both_have_is_not_sent_again_and_again_before_what_one_lacks(spool):
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    filed(village, 10, 0)
    town.take(village.out(TOWN))
    bring(village, town, other_at(village, all_frames(village)[1], b'{"other":1}'))
    assert len(town.spool.asides(EVIDENCE)) == 1
    filed(village, 15, 100)
    county.take(village.out(COUNTY, STICK))
    over_a_thin_line(town, county, 12)
    assert is_at_rest(town, county)


def test_two_nodes_in_doubt_that_have_the_same_do_not_send_it_each_other_for_as_long_as_nobody_has_more():
    """The line to the county fails behind its word: what is new goes by, and then it is quiet."""
    county, town, village, _ = parted(20, 5)
    exchange(village, town)
    tell_word(county, town)
    assert town.spool.all_held(DOUBT) and not town.spool.count_aside(EVIDENCE)
    exchange(village, town)
    up = village.submit(dumps({"to": [TOWN]}), (TOWN,))
    down = town.submit(dumps({"to": [VILLAGE]}), (VILLAGE,))
    for _ in range(3):
        came = town.take(village.out(TOWN, THIN)), village.take(town.out(VILLAGE, THIN))
    assert up in town.application.ids and down in village.application.ids
    assert [one.frames for one in came] == [0, 0]
    assert village.spool.all_held(DOUBT), "it has heard of it too"
    over_a_thin_line(town, county, 9)
    assert is_at_rest(town, county)


def test_who_steps_back_to_where_the_branches_part_is_not_shown_all_that_was_lost_at_each_step():
    county, town, _, _ = parted(24, 26)
    sizes = []
    for _ in range(12):
        county.take(town.out(COUNTY))
        data = county.out(TOWN)
        sizes.append(len(data))
        town.take(data)
    assert is_at_rest(town, county)
    # The branch that lost once, and that which won.
    assert sum(size > 4_000 for size in sizes) <= 3


def test_a_branch_for_which_there_is_no_room_comes_all_the_same(monkeypatch):
    for module in (asides, forks):
        monkeypatch.setattr(module, "EVIDENCE_OF_A_STREAM", 12)
    county, town, village, _ = parted(24, 26)
    for frame in all_frames(village)[3:5]:
        bring(village, town, *(other_at(village, frame, b'{"junk":%d}' % n) for n in range(8)))
    assert len(town.spool.asides(EVIDENCE)) == 12, "no room is left but for the destination's side"
    over_a_thin_line(town, county, 24)
    assert is_at_rest(town, county)


def test_a_branch_that_was_left_lets_no_part_of_the_next_one_be_taken(monkeypatch):
    for module in (asides, forks):
        monkeypatch.setattr(module, "EVIDENCE_OF_A_STREAM", 20)
    sites = make_network()
    county, town, village = sites.values()
    filed(village, 3, 0)
    settle(sites, 3)
    kept, machines = copy_of(county), [village, stolen(village), stolen(village)]
    machines[2].rng = Random(3)
    for n, (machine, count) in enumerate(zip(machines, (30, 32, 17), strict=True)):
        filed(machine, count, 100 * n + 100)
    town.take(village.out(TOWN))
    county.take(machines[1].out(COUNTY, STICK))
    over_a_thin_line(town, county, 30)
    assert is_at_rest(town, county) and town.spool.count_aside(EVIDENCE, asides.HAD_PLACE) == 30
    # Put back, the county gets another branch than it had: all that the town had must give way once more.
    county.word = county.core.heads.word(county.core)
    put_back(county, kept)
    county.take(machines[2].out(COUNTY, STICK))
    seen = []
    for _ in range(9):
        over_a_thin_line(town, county, 1)
        seen.append(town.stream(VILLAGE, COUNTY).upto)
    assert is_at_rest(town, county) and set(seen) == {35, 20}


def test_what_fills_the_room_for_one_authors_branches_leaves_room_for_anothers(monkeypatch):
    monkeypatch.setitem(asides.ASIDE_MAX, EVIDENCE, 40)
    second = "511921108204"
    sites = make_network((COUNTY, TOWN, VILLAGE, second))
    county, town = sites[COUNTY], sites[TOWN]
    machines = [sites[VILLAGE], sites[second]]
    for site in machines:
        filed(site, 3, 0)
    settle(sites, 3)
    junk = [
        other_at(sites[VILLAGE], f, b'{"n":%d}' % n) for f in all_frames(sites[VILLAGE]) for n in range(8)
    ]
    twins = [stolen(site) for site in machines]
    for site, twin in zip(machines, twins, strict=True):
        filed(site, 5, 100)
        filed(twin, 4, 200)
        town.take(site.out(TOWN))
    county.take(twins[0].out(COUNTY, STICK))
    tell_word(county, town)
    assert town.spool.all_held(DOUBT)
    # From the destination's side, of a stream in doubt.
    bring(county, town, *junk, kind=EVIDENCE_ITEM)
    county.take(twins[1].out(COUNTY, STICK))
    over_a_thin_line(town, county, 12)
    here, there = town.stream(second, COUNTY), county.stream(second, COUNTY)
    assert here.head == there.head and str(here.id) not in {held.key for held in town.spool.all_held(DOUBT)}


def test_a_branch_that_was_left_takes_no_room_from_the_evidence_of_others(monkeypatch):
    """However long somebody who has one author's key had made it."""
    county, town, _, _ = parted(20, 22)
    county.submit(dumps({"to": [TOWN]}), (TOWN,))
    over_a_thin_line(town, county, 24)
    assert is_at_rest(town, county) and town.spool.count_aside(EVIDENCE) == 20
    monkeypatch.setitem(asides.ASIDE_MAX, EVIDENCE, 12)
    (frame,) = [one for one in all_frames(county) if one.header.stream.src == COUNTY]
    bring(county, town, other_at(county, frame, b'{"other":1}'))
    assert town.spool.count_aside(EVIDENCE) == 21


def test_a_branch_that_was_left_takes_no_room_from_the_next_fork_of_its_own_stream(monkeypatch):
    for module in (asides, forks):
        monkeypatch.setattr(module, "EVIDENCE_OF_A_STREAM", 8)
    county, town, _, twin = parted(20, 22)
    over_a_thin_line(town, county, 24)
    assert is_at_rest(town, county) and town.spool.count_aside(EVIDENCE) >= 20
    third = stolen(twin)
    filed(twin, 3, 3_000)
    filed(third, 3, 4_000)
    town.take(twin.out(TOWN))
    county.take(third.out(COUNTY, STICK))
    over_a_thin_line(town, county, 12)
    assert is_at_rest(town, county)


def test_a_flood_of_frames_that_lost_their_place_is_compared_with_what_was_read_once(monkeypatch):
    _, town, village, _ = parted(12, 15)
    frames = all_frames(village)[3:]
    flood = [other_at(village, frame, b'{"n":%d}' % n) for frame in frames for n in range(6)]
    reads, honest = [], town.spool.asides
    monkeypatch.setattr(town.spool, "asides", lambda *which: reads.append(which) or honest(*which))
    bring(village, town, *flood)
    assert len(honest(EVIDENCE)) == len(flood) == 72
    assert sum(which[0] == EVIDENCE for which in reads) < 20


def test_who_gives_another_branch_than_before_is_asked_from_where_that_is_ours():
    """The town first had a third branch, of which the village says that it has it; then the county's."""
    county, town, village, _ = parted(2, 3)
    third = [other_at(village, frame, b"{}") for frame in all_frames(village)[3:5]]
    third[1] = resigned(village, third[1], prev=third[0].hash)
    tell_word(county, village)
    bring(town, village, *third)
    assert village.spool.all_held(DOUBT)[0].content == third[1].hash
    bring(town, village, all_frames(village)[4], kind=EVIDENCE_ITEM)
    assert village.spool.all_held(DOUBT)[0].content == b""


def test_what_goes_on_from_the_destinations_word_leaves_nobody_in_doubt():
    """Of two more branches one is shorter and wins, and one goes on from there in an epoch that is left."""
    county, town, village, twin = parted(2, 2)
    later = stolen(twin)
    filed(later, 1, 500)
    for frame in all_frames(later)[3:]:
        bring(village, town, frame)
    over_a_thin_line(town, county, 4)
    assert is_at_rest(town, county)
    assert any(aside.frame.header.seq == 6 for aside in town.spool.asides(EVIDENCE))


def test_evidence_shown_before_the_branch_it_left_is_kept_at_once():
    """A stick brings a township the first it hears of a stream: evidence, and behind it the frames."""
    county, town, village = make_network().values()
    filed(village, 2, 0)
    twin = stolen(village)
    filed(village, 2, 100)
    filed(twin, 3, 200)
    for site in (village, twin):
        county.take(site.out(COUNTY, STICK))
    stick = county.out(TOWN, STICK)
    town.take(stick)
    shown = [aside.frame.header.seq for aside in county.spool.asides(EVIDENCE)]
    assert [aside.frame.header.seq for aside in town.spool.asides(EVIDENCE)] == shown != []
    assert "S120" in town.codes()
    town.take(stick)
    assert "S120" not in town.codes()
