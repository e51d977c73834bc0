"""Large, thin and old: what is asked for is taken whole, in little memory, and what waits is told of."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from sync.protocol import going
from sync.protocol.acts import asked
from sync.protocol.acts.quarantine import PAST, WITHIN
from sync.protocol.canonical import dumps
from sync.protocol.frame_items import decode_frames
from sync.protocol.incoming.beside import keep_loose
from sync.protocol.incoming.intake import admit
from sync.protocol.memos import note_down
from sync.protocol.offer import Offer
from sync.protocol.pieces import Budget
from sync.protocol.records import LOOSE
from sync.protocol.spool import Placed
from sync.protocol.stock.loose import Loose
from tests.sync.file_spool import files_in
from tests.sync.forgery import all_frames, other_at
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL, items_of
from tests.sync.test_proofs import by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, names, once, said
from tests.sync.test_rotation import rotate


@pytest.mark.parametrize("is_revoked", [0, 1])
def test_a_question_outlasts_the_key_that_asked_it(is_revoked):
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    county.take(village.out(COUNTY, STICK))
    assert {alone, both} <= {row.split("|")[0] for row in rows(county)}
    old = village.key.id
    rotate(village, "village 2")
    county.take(village.out(COUNTY, STICK))
    if is_revoked:
        cut_off(county, VILLAGE, keys=(old,))
        assert rows(county) == []
    by_stick(village, county, 12)
    assert once(county) >= {alone, both} and names(county) == []


def test_the_top_reads_one_large_act_at_a_time_of_those_that_wait_for_a_word(tmp_path):
    many, size = 150, 60_000
    sites = make_network(ALL, spool=files_in(tmp_path))
    county, town, other = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 1)
    town.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 2)
    frame = next(f for f in all_frames(town) if f.header.stream.src == TOWN)
    ids = []
    for start in range(0, many, 15):
        made = [other_at(town, frame, b"%06d" % n + b"x" * size) for n in range(start, start + 15)]
        with county.unit():
            for one in made:
                keep_loose(county.core, Placed(county.core.next_position(), one))
            admit(county.core, made, {})
        ids += [one.act for one in made]
    cut_off(county, TOWN)
    name(other, ids)
    up = other.out(COUNTY)
    tracemalloc.start()
    county.take(up)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows(county)) == many
    assert peak < 4_000_000


def test_a_proof_that_a_program_of_before_asked_for_outlasts_that_a_word_is_waited_for_too():
    sites = make_network(ALL)
    county, village = sites[COUNTY], sites[VILLAGE]
    alone, both = told_above(sites)
    cut_off(county, TOWN)
    village.take(county.out(VILLAGE, STICK))
    with county.unit():
        for act in (alone, both):
            note_down(county.core, "asked about", f"{act}|{VILLAGE}", village.key.id.encode(), (1, 0, 0))
    name(village, [both], PAST)
    with county.unit():
        asked.remember(county.core, {(both, VILLAGE, PAST): village.key.id})
        assert (both, WITHIN) in {(row.act, row.reason) for row in asked.open_at(county.core)}


def test_who_waits_for_its_turn_on_a_thin_line_is_told_that_more_waits(monkeypatch):
    sites = make_network()
    _, town, village = sites.values()
    settle(sites, 2)
    village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    frame = all_frames(town)[0]
    monkeypatch.setattr(going, "loose_for", lambda core, neighbour, most: Loose([frame], [frame], 0))
    said_more = set()
    with town.unit():
        neighbour = town.peer.neighbour(COUNTY)
        for turn in range(8):
            neighbour.mine = turn
            made = going.choose(town.core, neighbour, Budget(10), ([], Offer({}, [], [], [], {}, [])))
            if not made.asked or not made.shown.owed:
                said_more.add(made.more)
    assert said_more == {1}


def test_all_frames_that_were_asked_for_are_taken_in_whatever_records_they_come():
    many = [f"5119211082{n:02d}" for n in range(3, 11)]
    sites = make_network((COUNTY, TOWN, *many))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites, 2)
    old, noise = town.key.id, random.Random(3).randbytes(4_000).hex()
    to = [COUNTY, *many]
    act = town.submit(dumps({"n": 1, "to": to, "x": noise}), to)
    rotate(town, "township 2")
    for _ in range(4):
        for one in many:
            exchange(sites[one], town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    # While something named is lacking, the proofs may be needed.
    for one in many:
        name(sites[one], some_ids(1), WITHIN)
    given, kept = 0, 0
    for _ in range(30):
        for one in many:
            exchange(sites[one], town)
        up = town.out(COUNTY)
        frames = [f for item in items_of(up, county, LOOSE) for f in decode_frames(item) if f.act == act]
        before = sum(f.act == act for f in county.spool.loose_frames(99))
        county.take(up)
        after = sum(f.act == act for f in county.spool.loose_frames(99))
        if frames:
            given, kept = given + len(frames), kept + after - before
        town.take(county.out(TOWN))
    assert (given, kept) == (len(many), len(many))
