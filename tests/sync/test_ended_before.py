"""Days that a program of before has counted, which did not note whether anybody above was heard on them."""

from __future__ import annotations

from sync.protocol.ended import count_day
from tests.sync.network import VILLAGE, Site, make_network, settle
from tests.sync.test_eviction import filed, off


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
