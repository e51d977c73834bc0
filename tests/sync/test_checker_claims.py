"""What another node signs of this one's acts: a false word for more than there is spoils no backup here."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.checker import check
from sync.protocol.items import encode_statement
from tests.sync.network import COUNTY, TOWN, VILLAGE, make_network, receipt_held, settle, statement_of
from tests.sync.test_state import whole

FALSE_HEAD = "ab" * 32


@pytest.mark.parametrize("upto", [2, 1_000])
def test_a_village_that_signs_for_more_than_was_ever_sent_keeps_no_other_node_from_a_backup(upto):
    """One of hundreds did so with one receipt, and none of the county's backups came out any more."""
    sites = make_network()
    county, town, village = sites.values()
    county.submit(b'{"n":1}', (VILLAGE,))
    settle(sites, 4)
    stream = village.stream(COUNTY, VILLAGE).id
    held = receipt_held(county, stream, VILLAGE)
    assert held is not None
    said = {name: value for name, value in held.statement.fields().items() if name != "v"}
    lie = statement_of(village, signed.RECEIPT, {**said, "upto": upto, "head": FALSE_HEAD, "inc": 5})
    town.take(village.say(town, whole([encode_statement(lie)])))
    upper = {COUNTY: county, TOWN: town}
    settle(upper, 4)
    # Where the first one is given the place, the word is about another chain.
    county.submit(b'{"n":2}', (VILLAGE,))
    settle(upper, 4)
    for site in upper.values():
        site.restart()
        with site.unit():
            found = check(site.core)
        assert found.in_records == [] and found.problems == found.claimed
    with county.unit():
        told = check(county.core).problems
    assert [one.endswith(f"{VILLAGE}|end {upto}") for one in told] == [True] * len(told), "whose word it is"
    assert bool(told) == (upto > 2) or "S120" in county.codes()
