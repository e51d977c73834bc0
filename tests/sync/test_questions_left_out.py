"""Questions for proofs outlast false frames, want of room and those at rest; far keys number nothing."""

from __future__ import annotations

import pytest

from sync.protocol import rotation
from sync.protocol.acts import asked
from sync.protocol.acts.quarantine import PAST, RELEASED, STRUCK, WITHIN
from sync.protocol.frame import SIGNED_AS, rebuild
from sync.protocol.own.issue import epoch_fields
from sync.protocol.records import LOOSE
from sync.protocol.signed import Statement
from sync.protocol.streams import Epoch, make_epoch
from sync.protocol.trust.revocation import Said, decide
from tests.sync.forgery import all_frames, bring
from tests.sync.made import key_pair
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_proofs import SECOND, by_stick, told_above
from tests.sync.test_revocation import STICK, cut_off, once, said
from tests.sync.test_rotation import rotate


def decided(county, kind, acts):
    with county.unit():
        decide(county.core, county.application, kind, Said(acts, "真"), county.now())


@pytest.mark.parametrize("kind", ["", STRUCK, RELEASED])
def test_a_false_frame_of_an_act_past_the_cut_does_not_end_the_question_for_the_true_one(kind):
    """The thief's frame came first: the true one was not asked for, what lies below stayed held back."""
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    alone, both = told_above(sites)
    true = next(f for f in all_frames(village) if f.act == both)
    header = true.header._replace(seq=100, prev=bytes([7]) * 32)
    false = rebuild(header, true.body, SUITE.sign(town.key, SIGNED_AS, header.encode()), true.wraps)
    old, ends = town.key.id, {town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0}
    rotate(town, "township 2")
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 4)
    cut_off(county, TOWN, keys=(old,), cut=ends)
    by_stick(village, county, 1)
    bring(town, county, false, kind=LOOSE)
    if kind:
        decided(county, kind, [both])
    by_stick(village, county, 6)
    assert alone in once(village) and alone in once(county)


@pytest.mark.parametrize("kind", [STRUCK, RELEASED])
def test_what_was_decided_on_before_there_was_room_to_name_it_is_named_all_the_same(kind, monkeypatch):
    """No chain led through it to what lies below, which stayed held back at the top for ever."""
    monkeypatch.setattr(asked, "OPEN_MAX", 4)
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    alone = town.submit(said(1, VILLAGE), (VILLAGE,))
    more = [town.submit(said(2 + n, COUNTY, VILLAGE), (COUNTY, VILLAGE)) for n in range(7)]
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    cut_off(county, TOWN, cut={town.stream(TOWN, VILLAGE).id: 1, town.stream(TOWN, COUNTY).id: 0})
    by_stick(village, county, 2)
    decided(county, kind, more)
    by_stick(village, county, 8)
    assert alone in once(village) and alone in once(county)


def test_questions_at_rest_leave_room_for_one_that_is_needed(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 3)
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    for n in range(8):
        town.submit(said(n, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    cut_off(county, TOWN)
    by_stick(village, county, 2)
    assert rows(county) and county.spool.wants(9) == []
    (lost,) = some_ids(1)
    name(village, [lost], WITHIN)
    by_stick(village, county, 1)
    assert f"{lost}|{VILLAGE}" in rows(county) and lost in county.spool.wants(9)


def stolen(length):
    """Return sites where the village has another key than the stolen one, that key, and a record's fields."""
    sites = make_network(ALL)
    village, old = sites[VILLAGE], sites[VILLAGE].key
    settle(sites, 2)
    rotate(village, "village 2")
    settle(sites, 4)
    cut_off(sites[COUNTY], VILLAGE, keys=(old.id,))
    settle(sites, 4)
    with village.unit():
        base = epoch_fields(village.core, rotation.REASON, START_MS)
    made, former = list[Epoch](), old
    for n in range(length):
        new = key_pair(f"thief {n}")
        more = {"n": 2**29 + n, "random": f"{n:016x}", "by": former.id, "public": new.public.as_fields()}
        made.append(make_epoch({**base, **more}, (new, former), SUITE))
        former = new
    return village, made, (old, former, base)


def keep(site, records):
    with site.unit():
        for one in records:
            site.core.keep(one.statement, f"{VILLAGE}|{one.id}", (one.n, 0, 0))


@pytest.mark.parametrize("length", [8, 12])
def test_the_numbers_of_a_far_key_that_a_program_of_before_kept_do_not_count(length):
    village, made, _ = stolen(length)
    keep(village, made)
    with village.unit():
        assert epoch_fields(village.core, "", START_MS)["n"] < 100


def test_each_record_of_a_thief_is_looked_at_once_in_a_unit(monkeypatch):
    """Those that claim the word of a revoked key, without it, were looked at once for each key of a chain."""
    village, made, (old, last, base) = stolen(8)
    for n in range(50):
        more = {"n": 50 + n, "random": f"{n:015x}f", "by": old.id, "public": last.public.as_fields()}
        made.append(make_epoch({**base, **more}, (last,), SUITE))
    keep(village, made)
    looked, read = [], Statement.signed_by
    monkeypatch.setattr(Statement, "signed_by", lambda *given: looked.append(given) or read(*given))
    with village.unit():
        assert len(rotation._brought_by(village.core, VILLAGE)) >= 8
    assert len(looked) <= len(made) + 2


def test_a_word_on_something_else_leaves_asked_for_what_another_needs():
    """One village names it as past its cut, and lacks what lies below; with another all is quiet."""
    sites = make_network((*ALL, SECOND))
    county, town, village, second = (sites[a] for a in (COUNTY, TOWN, VILLAGE, SECOND))
    settle(sites, 2)
    both, other = [town.submit(said(n, COUNTY, VILLAGE, SECOND), (COUNTY, VILLAGE, SECOND)) for n in (1, 2)]
    settle(sites, 3)
    for one in (village, second):
        county.take(one.out(COUNTY, STICK))
    cut_off(county, TOWN, cut={town.stream(TOWN, COUNTY).id: 0})
    (lost,) = some_ids(1)
    name(village, [both], WITHIN)
    name(second, [lost], WITHIN)
    name(second, [both], PAST)
    for one in (village, second):
        county.take(one.out(COUNTY, STICK))
    assert both in county.spool.wants(9)
    decided(county, STRUCK, [other])
    assert both in county.spool.wants(9)
