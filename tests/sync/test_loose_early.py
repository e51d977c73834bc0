"""Acts by id that come in one exchange with what waits for them; a frame that nothing leads to any more."""

from __future__ import annotations

from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import RELEASED
from sync.protocol.exchange import Opener, read_head
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import encode_statement
from sync.protocol.records import FRAMES, LOOSE, STATE_END, unpack_record
from sync.protocol.state_out import trust_behind
from sync.protocol.stock.loose import OWED
from sync.protocol.trust.revocation import Said, decide
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_papers import ALL, brief, items_of
from tests.sync.test_revocation import cut_off, said
from tests.sync.test_rotation import rotate


def test_an_act_that_comes_before_what_waits_for_it_is_taken_at_the_first_reading():
    """Acts by id stand before the frames of an exchange: on a stick nobody could ask for them in between."""
    sites = make_network(ALL)
    county, village, other = sites[COUNTY], sites[VILLAGE], sites[OTHER_VILLAGE]
    settle(sites, 3)
    lost, idle = (other.submit(said(n, COUNTY), (COUNTY,)) for n in (1, 2))
    settle(sites, 3)
    waiting = county.submit(said(3, VILLAGE), (VILLAGE,))
    village.application.judge = lambda act: (
        Parked("E1", f"act:{lost}") if act.id == waiting and lost not in village.application.ids else None
    )
    frames = {frame.act: frame for frame in all_frames(county)}
    stream = frames[lost].header.stream
    behind = trust_behind(county.core, [(stream.src, stream.epoch)])
    early = [encode_frames(LOOSE, [frames[act]]) for act in (idle, lost)]
    trust = [encode_statement(one) for one in behind]
    stick = county.say_items(village, *trust, *early, encode_frames(FRAMES, [frames[waiting]]))
    for _ in range(2):
        village.take(stick)
        assert village.application.ids == [lost, waiting], "what nobody waits for is not kept"
        assert village.spool.wants(9) == [] and village.spool.parked() == []


def test_a_frame_that_comes_long_after_both_ends_were_put_back_is_shown_to_its_author():
    """Nobody has what came before it (week seed 47): its author gives the act a place in its new epoch."""
    sites = make_network()
    county, town, village = sites.values()
    kept = copy_of(village), copy_of(town)
    for n in range(2):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    exchange(village, town)
    last = village.submit(b'{"n":2}', (COUNTY,))
    late = village.out(TOWN)
    put_back(village, kept[0])
    put_back(town, kept[1])
    settle(sites, 4)
    town.take(late)
    settle(sites, 4)
    assert county.application.ids == [last]
    # Told once: what it has acknowledged it is not shown again.
    assert town.spool.held(OWED, VILLAGE) is None


def its_state(data: bytes, receiver: Site) -> bytes:
    """Return an exchange as a line leaves it that is cut right behind the record in which the state ends."""
    head, end = read_head(data)
    opener, kinds = Opener(head, receiver.key, receiver.means.suite), set[int]()
    while STATE_END not in kinds:
        start, end = end, end + 2 + int.from_bytes(data[end : end + 2], "big")
        kinds = {item.kind for plain in opener.feed(data[start:end]) for item in unpack_record(plain, b"")}
    return data[:end]


def test_a_line_cut_between_state_and_acts_leaves_them_owed():
    """Its author and all above were put back; a township off its line alone has the act, and owes it once."""
    sites = make_network(ALL)
    county, town = sites[COUNTY], sites[TOWN]
    lost = [sites[address] for address in (OTHER_VILLAGE, OTHER_TOWN, COUNTY)]
    settle(sites, 2)
    kept = [copy_of(site) for site in lost]
    act = sites[OTHER_VILLAGE].submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    brief(county, TOWN, act)
    settle(sites, 4)
    for site, copy in zip(lost, kept, strict=True):
        put_back(site, copy)
    exchange(town, county)
    up = town.out(COUNTY)
    assert len(items_of(up, county, LOOSE)) == 1
    assert county.take(its_state(up, county)).state.complete
    town.take(county.out(TOWN))
    settle(sites, 4)
    assert county.application.ids == [act] and sites[OTHER_VILLAGE].spool.known_acts([act])
    assert town.spool.held(OWED, COUNTY) is None


def went_over(sites):
    """Return an act of the village by a key that no roster names, and the key it had before."""
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    old = village.key
    rotate(village, "village 2")
    kept = copy_of(village)
    village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    put_back(village, kept)
    exchange(village, town)
    exchange(village, town)
    act = village.submit(said(2, COUNTY), (COUNTY,))
    exchange(village, town)
    return act, old


def test_an_act_by_a_key_the_roster_never_named_is_believed_where_it_is_pointed_out():
    """Seed 49800793: its author had come to that key by the record of an epoch that went nowhere else."""
    sites = make_network(ALL)
    county, town, other = (sites[one] for one in (COUNTY, TOWN, OTHER_TOWN))
    act, old = went_over(sites)
    cut_off(county, VILLAGE, keys=(old.id,))
    upper = {COUNTY: county, TOWN: town, OTHER_TOWN: other}
    settle(upper, 4)
    frame = county.spool.frame_of_act(act)
    assert b'"public":' not in county.core.epoch(VILLAGE, frame.header.stream.epoch).statement.payload
    with county.unit():
        decide(county.core, county.application, RELEASED, Said([act], "真"), county.now())
    brief(county, OTHER_TOWN, act)
    settle(upper, 4)
    assert other.spool.known_acts([act])
