"""What an end has signed for before it was put back lets no bodies go; a new machine gets what has ended."""

from __future__ import annotations

from sync.protocol.found import DOUBT
from sync.protocol.memos import note_down
from sync.protocol.own.rollback import take_higher_incarnation
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, exchange, make_network, settle, trust
from tests.sync.test_purging import bodies, mark, problems, purged, replaced
from tests.sync.test_relieved import change


def test_a_mark_from_before_its_end_was_put_back_ripens_no_more() -> None:
    """A backup made before all was back is younger than the months, and lacks what the mark says."""
    sites = make_network()
    county, village = sites[COUNTY], sites[VILLAGE]
    for number in range(4):
        village.submit(b'{"n":%d,"to":["511921"]}' % number, (COUNTY,))
    settle(sites, 4)
    mark(sites, 100)
    with county.unit():
        take_higher_incarnation(county.core, county.core.identity.incarnation)
    settle(sites, 3)
    stream = str(village.stream(VILLAGE, COUNTY).id)
    with village.unit():
        # Nor while it is not clear which chain is its end's.
        note_down(village.core, DOUBT, stream)
    mark(sites, 104)
    with village.unit():
        village.spool.drop_held(DOUBT, stream)
    assert purged(village) == 0 and bodies(village, VILLAGE, COUNTY) == [1, 2, 3, 4]
    mark(sites, 104)
    mark(sites, 108)
    assert purged(village) == 4


def test_a_new_machine_on_the_way_of_others_gets_a_stream_whole_of_which_nothing_follows_its_mark() -> None:
    """Seed 35421: it waited for a next frame of the author, who wrote no more to a village that had left."""
    sites = dict(make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE)))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    town.submit(b'{"to":["511921","511921108203"]}', (COUNTY, VILLAGE))
    settle(sites, 3)
    change(county, VILLAGE, parent=OTHER_TOWN)
    for _ in range(4):
        for site in (town, sites[OTHER_TOWN], village):
            exchange(site, county)
        exchange(village, sites[OTHER_TOWN])
    mark(sites, 100)
    mark(sites, 104)
    other = replaced(sites, OTHER_TOWN)
    trust(village, county)
    village.take(other.out(VILLAGE))
    for _ in range(4):
        exchange(other, county)
        exchange(village, other)
    stream = other.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto, stream.head) == (0, 1, village.stream(TOWN, VILLAGE).head)
    assert other.spool.all_held("base put by") == [] and problems(other) == []
