"""A stream begins on its destination's word only where its author says the same: the key may be stolen."""

from __future__ import annotations

from sync.protocol.frame_items import encode_frames
from sync.protocol.incoming import rebase
from sync.protocol.items import encode_statement, encode_vector
from sync.protocol.own.issue import open_epoch
from sync.protocol.receipts import END, Receipt, make_receipt, read_receipt
from sync.protocol.records import BASE, FRAMES
from sync.protocol.roster import Roster
from sync.protocol.signed import EPOCH, RECEIPT, Statement
from sync.protocol.spool import GAP, Held, Part
from sync.protocol.stock.ticks import END_STORED
from sync.protocol.streams import make_epoch
from sync.protocol.trust import registrar
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    receipt_held,
    settle,
)
from tests.sync.test_offer import purged_to
from tests.sync.test_revocation import STICK, cut_off, replace_machine, said, stolen
from tests.sync.test_rotation import rotate


def robbed(address: str) -> tuple[dict[str, Site], Site]:
    """Return a settled network in which one node's key is revoked and a new machine stands in its place."""
    sites = make_network()
    county, town, village = sites.values()
    for n in range(3):
        county.submit(said(n, VILLAGE), (VILLAGE,))
        village.submit(said(n, TOWN), (TOWN,))
    settle(sites, 4)
    for site, stream in ((county, (COUNTY, VILLAGE)), (town, (COUNTY, VILLAGE)), (village, (VILLAGE, TOWN))):
        purged_to(site, *stream)
    cut_off(county, address)
    return sites, replace_machine(county, address, 2)


def forged(village: Site, upto: int, head: str = "ab" * 32) -> Receipt:
    """Return what a village's key can sign of the county's newest stream to it, whoever has it."""
    stream = [s for s in village.spool.streams() if (s.id.src, s.id.dst) == (COUNTY, VILLAGE)][-1]
    nothing = Statement(RECEIPT, b"", ())
    word = Receipt(stream.id, VILLAGE, END, 9, upto, head, upto, (), START_MS, nothing)
    return make_receipt(word, village.key, SUITE)


def test_the_authors_next_frame_says_where_its_chain_goes_on():
    sites, fresh = robbed(VILLAGE)
    old, now = sites[VILLAGE], {**sites, VILLAGE: fresh}
    stream = old.stream(COUNTY, VILLAGE)
    false = forged(old, 40)
    exchange(sites[TOWN], sites[COUNTY])
    # The thief's word, by whatever hand: no frame of the county goes on from there.
    fresh.take(sites[TOWN].say_items(fresh, encode_statement(false.statement, kind=BASE)))
    settle(now, 2)
    assert (COUNTY, VILLAGE) not in fresh.upto() or fresh.stream(COUNTY, VILLAGE).upto == 0
    later = sites[COUNTY].submit(said(9, VILLAGE), (VILLAGE,))
    settle(now, 3)
    begun = fresh.stream(COUNTY, VILLAGE)
    assert (begun.base, begun.base_head, begun.upto) == (3, stream.head, 4)
    assert fresh.application.ids[-1] == later
    fresh.restart()
    settle(now, 2)
    assert sites[COUNTY].peer.neighbour(VILLAGE).address == VILLAGE
    assert fresh.spool.all_held("base put by") == []
    assert fresh.codes() == []


def test_the_author_itself_brings_the_word_of_a_key_that_is_gone():
    sites, fresh = robbed(TOWN)
    village = sites[VILLAGE]
    assert village.stream(VILLAGE, TOWN).base == 3
    now = {COUNTY: sites[COUNTY], TOWN: fresh, VILLAGE: village}
    village.take(sites[COUNTY].out(VILLAGE))
    # One from before the word, late on a stick: its place is below where the stream begins (seed 300139).
    last = village.spool.frames_after({village.stream(VILLAGE, TOWN).id: 2}, 0, 9)[-1].frame
    epochs = [held.statement for held in village.spool.all_held(EPOCH) if held.key.startswith(VILLAGE)]
    told = (hello(), *map(encode_statement, epochs), STATE_ENDS)
    fresh.take(village.say_items(fresh, *told, encode_frames(FRAMES, [last])))
    assert fresh.spool.count_aside(GAP) == 1
    settle(now, 3)
    begun = fresh.stream(VILLAGE, TOWN)
    assert (begun.base, begun.upto) == (3, 3) and fresh.spool.count_aside() == 0
    later = village.submit(said(9, TOWN), (TOWN,))
    settle(now, 2)
    assert fresh.application.ids[-1] == later
    with village.unit():
        assert village.peer.tick(later).stage == END_STORED


def test_a_stolen_key_stops_no_stream_by_a_word_on_places_that_do_not_exist():
    """Neither before nor after it is revoked, neither where frames are held nor where none is."""
    sites = make_network()
    county, town, village = sites.values()
    false = encode_statement(forged_first(sites), kind=BASE)
    town.take(stolen(village).say_items(town, false))
    assert town.stream(COUNTY, VILLAGE).upto == 3 and town.spool.all_held("base put by") == []
    act = county.submit(said(9, VILLAGE), (VILLAGE,))
    settle(sites, 3)
    assert act in village.application.ids and act in town.application.ids
    cut_off(county, VILLAGE)
    fresh = replace_machine(county, VILLAGE, 2)
    exchange(town, county)
    now = {COUNTY: county, TOWN: town, VILLAGE: fresh}
    later = county.submit(said(10, VILLAGE), (VILLAGE,))
    settle(now, 5)
    assert later in fresh.application.ids


def test_where_the_authors_epoch_is_over_its_next_one_says_where_the_stream_ended(monkeypatch):
    """No frame will ever go on from there, and the author is no neighbour who would bring the word."""
    sites, fresh = robbed(VILLAGE)
    county, town, now = sites[COUNTY], sites[TOWN], {**sites, VILLAGE: fresh}
    former = sites[VILLAGE].stream(COUNTY, VILLAGE)
    rotate(county, "next")
    exchange(town, county)
    epochs = [held.statement for held in town.spool.all_held(EPOCH) if held.key.startswith(f"{COUNTY}|")]
    false = forged(sites[VILLAGE], 3)
    told = (hello(), *map(encode_statement, epochs), STATE_ENDS)
    fresh.take(town.say_items(fresh, *told, encode_statement(false.statement, kind=BASE)))
    assert fresh.spool.all_held("base put by") != [] and fresh.spool.stream(former.id) is None
    settle(now, 3)
    begun = fresh.spool.stream(former.id)
    assert begun is not None and (begun.base, begun.upto, begun.head) == (3, 3, former.head)
    assert fresh.spool.all_held("base put by") == [] and town.spool.vector(VILLAGE)[former.id].upto == 3
    base = fresh.spool.held("base", str(former.id))
    assert base.content == b"author", "it is not put by again by every start"
    word = read_receipt(base.statement._replace(sort=RECEIPT))
    assert rebase._has_ended_there(fresh.core, word, TOWN)
    monkeypatch.setattr(Roster, "good_key", lambda roster, address, key_id: None)
    assert not rebase._has_ended_there(fresh.core, word, TOWN)


def test_a_thiefs_word_on_the_end_of_an_epoch_keeps_nothing_from_the_destination():
    """The head is true, and the county's next epoch says so; but nothing of it has come to the township."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    acts = [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in (1, 2)]
    stream = county.stream(COUNTY, VILLAGE)
    with county.unit():
        record = encode_statement(open_epoch(county.core, county.key, "found", START_MS).statement)
    word = Receipt(
        stream.id, VILLAGE, END, 9, 2, stream.head.hex(), 2, (), START_MS, Statement(RECEIPT, b"", ())
    )
    false = encode_statement(make_receipt(word, village.key, SUITE).statement, kind=BASE)
    town.take(county.say_items(town, hello(), record, STATE_ENDS))
    town.take(stolen(village).say_items(town, hello(), STATE_ENDS, false))
    assert town.spool.all_held("base put by") != [] and town.spool.stream(stream.id) is None
    settle(sites, 3)
    assert village.application.ids == acts == town.application.ids


def robbed_town() -> tuple[dict[str, Site], list[str], Statement]:
    """Return a county put back to before these acts, of which it had four, and what it had signed of them."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    acts = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(4)]
    settle(sites, 3)
    acts.append(village.submit(said(4, COUNTY), (COUNTY,)))
    exchange(village, town)
    word = receipt_held(town, town.stream(VILLAGE, COUNTY).id, COUNTY)
    put_back(county, kept, with_witness=1)
    return sites, acts, word.statement


def test_a_thief_on_the_way_keeps_nothing_from_a_county_put_back_by_its_own_true_word():
    """All it says is genuine: the county's receipt, the village's next frame. But all of it is still here."""
    sites, acts, word = robbed_town()
    county, town, _ = sites.values()
    frames = [frame for frame in all_frames(town) if frame.header.stream.src == VILLAGE]
    epoch = town.core.epoch(VILLAGE, frames[0].header.stream.epoch).statement
    told = (hello(), encode_statement(epoch), STATE_ENDS, encode_statement(word, kind=BASE))
    county.take(stolen(town).say_items(county, *told, encode_frames(FRAMES, frames[4:])))
    assert county.spool.count_aside(GAP) == 1
    settle(sites, 3)
    assert county.application.ids == acts and "S123" not in county.codes()


def test_a_parents_word_for_a_key_ends_no_epoch_of_its_child():
    """Nobody knows yet that the township's key is stolen."""
    sites, acts, word = robbed_town()
    county, town, _ = sites.values()
    thief, false, said_of = stolen(town), SUITE.pair(bytes(range(64))), read_receipt(word)
    with thief.unit():
        former = thief.core.epoch(VILLAGE, said_of.stream.epoch).statement
        heads = {COUNTY: [said_of.upto, said_of.head]}
        fields = {**former.fields(), "n": 2, "random": "aa" * 8, "prev": former.hash, "heads": heads}
        record = make_epoch(fields, (false,), SUITE).statement
        child = {"address": VILLAGE, "name": "村", "key": false.public.as_fields()}
        vouch = registrar.vouch(thief.core, child, record.hash, START_MS)
    told = (hello(), *map(encode_statement, (former, vouch, record)), STATE_ENDS)
    county.take(thief.say_items(county, *told, encode_statement(word, kind=BASE)))
    assert county.core.epoch(VILLAGE, f"2-{'aa' * 8}") is not None
    assert not rebase._has_ended_there(county.core, said_of, TOWN)
    settle(sites, 4)
    assert county.application.ids == acts


def forged_first(sites: dict[str, Site]) -> Statement:
    """Let three acts go down; return the word of a thief on the four thousandth."""
    for n in range(3):
        sites[COUNTY].submit(said(n, VILLAGE), (VILLAGE,))
    settle(sites, 4)
    return forged(sites[VILLAGE], 4000).statement


def test_a_thief_leads_nobody_over_frames_though_the_word_is_true_and_the_next_frame_genuine():
    """It has all of the stream by stick; the township holds less and still gets the rest from the county."""
    sites = make_network()
    county, town, village = sites.values()
    forged_first(sites)
    acts = [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in (4, 5, 6)]
    village.take(county.out(VILLAGE, STICK))
    thief, stream = stolen(village), village.stream(COUNTY, VILLAGE)
    frames = [f for f in all_frames(village) if f.header.stream == stream.id]
    word = forged(village, 5, frames[4].hash.hex())
    begins = {stream.id: Part(5, 6, frames[5].hash)}
    lie = (hello(begins, full=1), encode_vector(begins), STATE_ENDS)
    town.take(thief.say_items(town, *lie, encode_statement(word.statement, kind=BASE)))
    assert town.spool.vector(VILLAGE) == begins
    town.take(thief.say_items(town, encode_frames(FRAMES, frames[5:])))
    assert town.stream(COUNTY, VILLAGE).upto == 3
    exchange(town, county)
    assert town.application.ids[-3:] == acts and town.stream(COUNTY, VILLAGE).base == 0


def test_what_a_stolen_key_did_to_an_older_program_is_undone_at_the_next_start():
    sites = make_network()
    county, town, village = sites.values()
    forged_first(sites)
    word, stream = forged(village, 4000), town.stream(COUNTY, VILLAGE)
    with town.unit():
        stream.base = stream.upto = stream.papers = 4000
        stream.base_head = stream.head = bytes.fromhex(word.head)
        town.spool.put_stream(stream)
        town.spool.put_held(Held("base", str(stream.id), word.rank, word.statement, b"", 1))
    act = county.submit(said(9, VILLAGE), (VILLAGE,))
    town.restart()
    settle(sites, 4)
    mended = town.stream(COUNTY, VILLAGE)
    assert (mended.base, mended.upto, mended.papers) == (0, 4, 4) and act in village.application.ids
    assert town.spool.all_held("base") == []


def test_what_is_begun_does_not_leap_to_a_word_whose_bearer_does_not_begin_there():
    """Two neighbours with marks of two months: the stream goes on from the first and misses nothing."""
    sites, fresh = robbed(VILLAGE)
    county, town, now = sites[COUNTY], sites[TOWN], {**sites, VILLAGE: fresh}
    exchange(town, county)
    acts = [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in (4, 5)]
    settle(now, 2)
    begun = fresh.stream(COUNTY, VILLAGE)
    assert (begun.base, begun.upto) == (3, 5)
    acts += [county.submit(said(n, VILLAGE), (VILLAGE,)) for n in (6, 7)]
    exchange(town, county)
    frames = [f for f in all_frames(town) if f.header.stream == begun.id]
    word = encode_statement(forged(fresh, 6, frames[-2].hash.hex()).statement, kind=BASE)
    fresh.take(town.say_items(fresh, hello(), STATE_ENDS, word))
    fresh.take(town.say_items(fresh, encode_frames(FRAMES, frames[-1:])))
    settle(now, 2)
    assert fresh.application.ids[-4:] == acts and fresh.stream(COUNTY, VILLAGE).base == 3


def test_a_destination_put_back_below_where_its_neighbour_begins_goes_on_from_there_and_people_are_told():
    sites = make_network()
    county, town, village = sites.values()
    forged_first(sites)
    purged_to(town, COUNTY, VILLAGE)
    stream = village.stream(COUNTY, VILLAGE)
    with village.unit():
        village.spool.drop_frames(stream, 1)
        stream.upto, stream.head = 1, all_frames(village)[0].hash
        stream.papers, stream.receipted = 1, (0, 0)
        village.spool.put_stream(stream)
        village.peer.begin_anew("put back", START_MS)
    village.codes()
    settle(sites, 2)
    assert village.stream(COUNTY, VILLAGE).upto == 1, "the author has not said so yet"
    later = county.submit(said(9, VILLAGE), (VILLAGE,))
    settle(sites, 3)
    begun = village.stream(COUNTY, VILLAGE)
    assert (begun.base, begun.upto) == (3, 4) and village.application.ids[-1] == later
    assert "S123" in village.codes()
