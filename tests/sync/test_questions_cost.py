"""What a thief, or a node put back, can make others carry, read and write on account of a revoked key."""

from __future__ import annotations

from sync.protocol import rotation
from sync.protocol.acts import asked, quarantine
from sync.protocol.acts.quarantine import RELEASED
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.own.issue import epoch_fields
from sync.protocol.state_out import trust_behind
from sync.protocol.streams import make_epoch
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_early import went_over
from tests.sync.test_loose_papers import ALL, brief
from tests.sync.test_questions_kept import held_back, words
from tests.sync.test_revocation import STICK, cut_off, said
from tests.sync.test_rotation import rotate
from tests.sync.test_state import whole


def chain(county, town, village, numbers):
    """A thief with the village's stolen key goes from key to key; return the last record."""
    former, record = village.key, None
    cut_off(county, VILLAGE)
    made = []
    with village.unit():
        base = epoch_fields(village.core, rotation.REASON, START_MS)
    for at, n in enumerate(numbers):
        new = key_pair(f"thief {at}")
        fields = {**base, "n": n, "random": f"{at:016x}", "by": former.id, "public": new.public.as_fields()}
        record = make_epoch(fields, (new, former), SUITE)
        made.append(record)
        former = new
    for at in range(0, len(made), 50):
        county.take(town.say(county, whole([encode_statement(one.statement) for one in made[at : at + 50]])))
    assert bool(county.core.epoch(VILLAGE, record.id)) == (len(made) <= rotation.CHAIN_MAX)
    return made


def test_trust_behind_one_act_is_small_however_many_records_a_thief_makes():
    sites = make_network(ALL)
    county, town, village, other = (sites[one] for one in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    act, old = went_over(sites)
    cut_off(county, VILLAGE, keys=(old.id,))
    upper = {COUNTY: county, TOWN: town, OTHER_TOWN: other}
    settle(upper, 4)
    new = village.key
    with village.unit():
        base = epoch_fields(village.core, rotation.REASON, START_MS)
    records = [
        make_epoch(
            {**base, "n": 10 + n, "random": f"{n:016x}", "by": old.id, "public": new.public.as_fields()},
            (new, old),
            SUITE,
        )
        for n in range(400)
    ]
    for at in range(0, 400, 50):
        some = [encode_statement(one.statement) for one in records[at : at + 50]]
        county.take(town.say(county, whole(some)))
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真"), county.now())
    settle(upper, 4)
    brief(county, OTHER_TOWN, act)
    exchange(other, county)
    # The question is asked; the line breaks before each answer is in.
    sizes = []
    for _ in range(3):
        county.take(other.out(COUNTY))
        sizes.append(len(county.out(OTHER_TOWN, Budget(16_000))))
    exchange(other, county)
    exchange(other, county)
    assert other.spool.known_acts([act])
    assert max(sizes) < 16_000 + 8_000


def test_a_village_put_back_names_no_more_than_what_may_be_needed(monkeypatch):
    """Those near the cut prove the rest by the chain; `_tell_within` names IDS_MAX below it."""
    monkeypatch.setattr(quarantine, "IDS_MAX", 5)
    sites = make_network(ALL)
    county, town, village = (sites[a] for a in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    old = town.key.id
    kept = copy_of(village)
    for n in range(60):
        town.submit(said(n, VILLAGE), (VILLAGE,))
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    county.take(village.out(COUNTY, STICK))
    rotate(town, "township 2")
    settle({COUNTY: county, TOWN: town}, 4)
    put_back(village, kept)
    cut_off(county, TOWN, keys=(old,))
    village.take(county.out(VILLAGE, STICK))
    for _ in range(4):
        exchange(village, town)
        exchange(town, county)
    asked_for = {row.act for row in asked.open_at(county.core)} | set(county.spool.wants(999))
    came = sum(1 for f in county.spool.loose_frames(999, TOWN))
    assert len(asked_for) + came <= 10, (len(asked_for), came)


def test_records_go_in_the_order_in_which_one_speaks_for_the_next():
    sites = make_network(ALL)
    county, town, village, other = (sites[one] for one in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites, 2)
    made = chain(county, town, village, [50, 20])
    settle({COUNTY: county, OTHER_TOWN: other}, 4)
    behind = trust_behind(county.core, [(VILLAGE, made[-1].id)])
    got = other.take(county.say(other, whole([encode_statement(one) for one in behind])))
    assert got.state.untrusted == 0


def test_a_long_chain_of_a_thief_is_not_believed_to_its_end():
    sites = make_network(ALL)
    county, town, village = (sites[one] for one in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    made = chain(county, town, village, range(10, 310))
    kept = [one for one in made if county.core.epoch(VILLAGE, one.id)]
    assert kept == made[: rotation.CHAIN_MAX]
    # The entry and as many records.
    assert len(trust_behind(county.core, [(VILLAGE, kept[-1].id)])) == 1 + rotation.CHAIN_MAX


def test_what_stands_behind_many_epochs_is_read_once(monkeypatch):
    sites = make_network(ALL)
    county, town, village = (sites[one] for one in (COUNTY, TOWN, VILLAGE))
    settle(sites, 2)
    made = chain(county, town, village, range(10, 18))
    reads = []
    read = rotation.steps_of
    monkeypatch.setattr(rotation, "steps_of", lambda *given: reads.append(given) or read(*given))
    with county.unit():
        trust_behind(county.core, [(VILLAGE, one.id) for one in made])
    assert len(reads) == 1


def test_a_word_said_to_all_and_repeated_to_one_is_not_said_again_as_both_come_back():
    upper, act = held_back()
    county, town, _ = upper.values()
    kept = copy_of(county)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真"), county.now())
    settle(upper, 4)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真", [TOWN]), county.now())
    settle(upper, 4)
    counts = [len(words(county, act))]
    for _ in range(5):
        put_back(county, kept)
        exchange(town, county)
        exchange(town, county)
        settle(upper, 8)
        counts.append(len(words(county, act)))
    assert counts == [2] * 6


def test_where_many_keys_are_revoked_a_change_of_trust_reads_the_streams_once(monkeypatch):
    """Fifty addresses and five thousand streams took half a second at each of them."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    settle(sites, 2)
    county, read = sites[COUNTY], []
    for address in (TOWN, OTHER_TOWN, VILLAGE):
        cut_off(county, address)
    with county.unit():
        quarantine.settle_cuts(county.core, county.application)
    streams = county.core.streams
    monkeypatch.setattr(county.core, "streams", lambda: read.append(1) or streams())
    with county.unit():
        assert quarantine.settle_cuts(county.core, county.application) == []
    assert len(read) == 1
