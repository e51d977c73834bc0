"""What an end has signed for before it was put back is no reason to let bodies go."""

from __future__ import annotations

from sync.protocol.found import DOUBT
from sync.protocol.memos import note_down
from sync.protocol.own.rollback import take_higher_incarnation
from tests.sync.network import COUNTY, VILLAGE, make_network, settle
from tests.sync.test_purging import bodies, mark, purged


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
