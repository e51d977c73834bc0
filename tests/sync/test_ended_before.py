"""Of which days a node has heard from above: also those a program of before counted, and by an old stick."""

from __future__ import annotations

from sync.protocol.stock.ended import count_day
from tests.sync.network import COUNTY, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_eviction import filed, off
from tests.sync.test_revocation import STICK


def counted_before(village: Site, days: range) -> None:
    """Count days and leave the memo of them as that program did."""
    with village.unit():
        for day in days:
            count_day(village.core, day, 30)
        (memo,) = village.spool.all_held("days at work")
        village.spool.put_held(memo._replace(content=b"", rank=(*memo.rank[:2], 0)))


def test_of_who_hears_from_nobody_no_paper_leaves_for_them_and_of_all_others_with_the_next_word() -> None:
    sites = make_network()
    village = sites[VILLAGE]
    photo = filed(village, 1)
    settle(sites)
    counted_before(village, range(60))
    assert off(village) == off(village, 60) == off(village, *range(60, 99)) == []
    settle(sites, 1)
    assert off(village) == [photo.hash]


def test_a_stick_that_lay_for_months_says_nothing_of_the_days_since() -> None:
    """The county may have been put back meanwhile, and lack what it had when the stick was written."""
    sites = make_network()
    county, _, village = sites.values()
    photo = filed(village, 1)
    settle(sites)
    off(village, 0)
    stick = county.out(VILLAGE, STICK)
    assert off(village, *range(1, 60)) == []
    before = village.core.neighbour(COUNTY).counter
    village.take(stick)
    assert village.core.neighbour(COUNTY).counter > before and off(village) == off(village, 60, 61) == []
    for _ in range(2):
        exchange(village, county)
    assert off(village) == [photo.hash]


def test_where_sticks_alone_go_to_and_fro_for_days_papers_leave_all_the_same() -> None:
    """Whoever answers a stick has spoken since that was written: no paper of such a village ever left."""
    sites = make_network()
    county, _, village = sites.values()
    photo, gone = filed(village, 1), []
    for day in range(0, 96, 8):
        off(village, day)
        sent = village.out(COUNTY, STICK)
        off(village, *range(day + 1, day + 5))
        county.take(sent)
        brought = county.out(VILLAGE, STICK)
        off(village, *range(day + 5, day + 8))
        village.take(brought)
        gone.append(off(village))
        filed(village, 100 + day)
    assert gone[4] == [] and photo.hash in gone[5] and photo.hash in gone[-1]
