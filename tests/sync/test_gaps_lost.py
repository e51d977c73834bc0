"""What would close a gap is gone with all who had it: what waits beyond comes home all the same."""

from __future__ import annotations

import pytest

from sync.protocol.frame import StreamId
from sync.protocol.incoming.intake import take_frames
from sync.protocol.spool import GAP, Part
from sync.protocol.stock import loose
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import all_frames
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, exchange, make_network, settle
from tests.sync.test_rollback import applied_once, filed


@pytest.mark.parametrize("is_early", [0, 1])
@pytest.mark.parametrize(("author", "end"), [(VILLAGE, COUNTY), (COUNTY, VILLAGE)])
def test_what_waits_beyond_a_gap_at_the_end_comes_to_an_author_that_speaks_with_the_township_alone(
    author: str, end: str, is_early: int
) -> None:
    """Bytes of a time that all have lost come late, before its author is heard to begin anew or after."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    site, town, last = sites[author], sites[TOWN], sites[end]
    first = filed(site, 1, to=(end,))
    settle(sites, 3)
    kept = {address: copy_of(one) for address, one in sites.items()}
    filed(site, 1, 100, to=(end,))
    settle(sites, 3)
    late = filed(site, 1, 200, to=(end,))
    town.take(site.out(TOWN))
    bytes_of_before = town.out(end)
    site.word = site.core.heads.word(site.core)
    for address, copy in kept.items():
        put_back(sites[address], copy, with_witness=int(address != author))
    if not is_early:
        settle(sites, 3)
    last.take(bytes_of_before)
    assert last.spool.count_aside(GAP) == 1
    settle(sites, 6)
    applied_once(last, [*first, *late])
    assert site.spool.act(late[0]) is not None
    state = [one.state() for one in sites.values()]
    settle(sites, 2)
    assert [one.state() for one in sites.values()] == state
    for child, parent in ((sites[VILLAGE], town), (town, sites[COUNTY])):
        exchange(child, parent)
        assert not child.peer.waits_for(parent.address) and not parent.peer.waits_for(child.address)


def test_what_a_neighbour_says_it_has_is_read_once_however_much_waits_beyond_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its vector may be long, and who has an author's key puts thousands beyond a gap."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, _, village = sites.values()
    settle(sites, 2)
    filed(village, 30, to=(COUNTY,))
    frames, read = all_frames(village)[1:], list[str]()
    vector = county.spool.vector

    def counted(address: str) -> dict[StreamId, Part]:
        read.append(address)
        return vector(address)

    monkeypatch.setattr(county.spool, "vector", counted)
    with county.unit():
        take_frames(county.core, frames, START_MS)
        assert county.spool.count_aside(GAP) == len(frames) and len(read) <= 2
    with county.unit():
        record = village.core.epoch(VILLAGE, village.core.identity.epoch)
        assert record is not None
        county.core.keep(record.statement, f"{VILLAGE}|9-{9:016x}", (9, 0, 0))
        county.core.found.epochs[VILLAGE] = {9}
        read.clear()
        loose.owe_left_behind(county.core)
        assert read == [TOWN] and county.spool.held(loose.OWED, TOWN) is not None
