"""Where little goes through, what cannot be halved goes alone, each kind in its turn."""

from __future__ import annotations

from random import Random

from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol.frame_items import decode_frames
from sync.protocol.offer import Budget
from sync.protocol.records import LOOSE
from sync.protocol.turns import LEAST_BYTES, waiting
from sync.protocol.wants import in_turn
from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_loose_papers import items_of
from tests.sync.test_revocation import cut_off, names, once, said
from tests.sync.test_rotation import rotate
from tests.sync.wire import Wire

SECOND = "511921108204"


def test_nothing_waits_while_there_is_room_and_every_kind_has_its_turn():
    kinds = ["asked", "shown", "docs", "streams"]
    assert waiting(7, LEAST_BYTES + 1, kinds) == set() == waiting(7, LEAST_BYTES, kinds[:1])
    for count in (2, 3, 4):
        going = [{*kinds[:count]} - waiting(turn, LEAST_BYTES, kinds[:count]) for turn in range(64)]
        assert all(len(one) == 1 for one in going) and set().union(*going) == {*kinds[:count]}


def test_the_turns_of_kinds_and_of_what_is_in_a_kind_do_not_keep_step():
    for count in range(2, 65):
        first = {
            in_turn(range(count), turn, 1)[0]
            for turn in range(40 * count)
            if "asked" not in waiting(turn, LEAST_BYTES, ["asked", "streams"])
        }
        assert len(first) == count


def test_an_act_asked_for_and_one_of_a_stream_go_one_after_the_other_where_both_are_too_much():
    """Together they were refused for ever, though each by itself goes through."""
    sites = make_network()
    _, town, village = sites.values()
    settle(sites, 2)
    acts = [village.submit(Random(n).randbytes(11_500), (COUNTY,)) for n in range(4)]
    with town.unit():
        town.spool.want(acts[0])
    village.take(town.out(VILLAGE))
    wire = Wire(sites)
    wire.takes, uplinks = 24_000, (Uplink(TOWN, TOWN),)
    runner = Runner(village.engine(), wire, lambda: uplinks, Pace(60_000, 1_000_000), lambda: 2**31)
    for _ in range(40):
        runner.step()
    assert set(town.application.ids) == set(acts) and not runner.state.last_code


def test_on_a_thin_line_the_frames_of_one_act_go_in_turn():
    """The first of them went each time, and the top gave up the other."""
    sites = make_network((COUNTY, TOWN, VILLAGE, SECOND))
    county, town, village, second = sites.values()
    settle(sites, 2)
    old = town.key.id
    alone = town.submit(said(1, SECOND), (SECOND,))
    body = said(2, COUNTY, VILLAGE, SECOND)
    both = town.submit(body, (COUNTY, VILLAGE, SECOND))
    rotate(town, "township 2")
    for _ in range(4):
        exchange(second, town)
        exchange(town, county)
    cut_off(county, TOWN, keys=(old,))
    given = []
    for _ in range(12):
        exchange(village, town)
        exchange(second, town)
        # So little that of what is asked for one frame goes.
        up = town.out(COUNTY, Budget(10))
        given.append(sum(len(decode_frames(item)) for item in items_of(up, county, LOOSE)))
        county.take(up)
        town.take(county.out(TOWN))
    assert max(given) == 1
    assert once(county) == {alone, both} and names(county) == [] == county.spool.wants(9)
