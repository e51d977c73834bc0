"""A stream begins on the word of a key that was revoked since only where its author says the same."""

from __future__ import annotations

from sync.protocol.items import encode_statement
from sync.protocol.receipts import END, Receipt, make_receipt
from sync.protocol.records import BASE
from sync.protocol.signed import RECEIPT, Statement
from sync.protocol.ticks import END_STORED
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_offer import purged_to
from tests.sync.test_revocation import cut_off, replace_machine, said


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


def test_the_authors_next_frame_says_where_its_chain_goes_on():
    sites, fresh = robbed(VILLAGE)
    old, now = sites[VILLAGE], {**sites, VILLAGE: fresh}
    stream = old.stream(COUNTY, VILLAGE)
    head = Receipt(stream.id, VILLAGE, END, 9, 40, "ab" * 32, 40, (), START_MS, Statement(RECEIPT, b"", ()))
    false = make_receipt(head, old.key, SUITE)
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
    assert fresh.spool.all_held("base by a revoked key") == []
    assert fresh.codes() == []


def test_the_author_itself_brings_the_word_of_a_key_that_is_gone():
    sites, fresh = robbed(TOWN)
    village = sites[VILLAGE]
    assert village.stream(VILLAGE, TOWN).base == 3
    now = {COUNTY: sites[COUNTY], TOWN: fresh, VILLAGE: village}
    village.take(sites[COUNTY].out(VILLAGE))
    settle(now, 3)
    begun = fresh.stream(VILLAGE, TOWN)
    assert (begun.base, begun.upto) == (3, 3)
    later = village.submit(said(9, TOWN), (TOWN,))
    settle(now, 2)
    assert fresh.application.ids[-1] == later
    with village.unit():
        assert village.peer.tick(later).stage == END_STORED
