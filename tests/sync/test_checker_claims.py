"""What others signed and nobody stands for is no damage here, nor is a false word for more than there is."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.checker import check
from sync.protocol.entries import RETIRED
from sync.protocol.items import encode_statement
from sync.protocol.trust import registrar
from tests.sync.network import (
    COUNTY,
    START_MS,
    TOWN,
    VILLAGE,
    exchange,
    make_network,
    new_site,
    receipt_held,
    settle,
    statement_of,
)
from tests.sync.test_forks_thin import is_at_rest, over_a_thin_line, parted
from tests.sync.test_lost_keys import lose
from tests.sync.test_state import whole
from tests.sync.test_vouched import PLACE, at_the_county, let_in

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


def test_what_a_computer_signed_that_nobody_confirmed_is_no_damage_once_its_site_is_retired():
    """The county let it be and retired the site: from the next start on the word for its key was void."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    first = sites[PLACE] = new_site(county, PLACE)
    let_in(town, first)
    at_the_county(sites)
    with county.unit():
        registrar.change(county.core, county.roster_key, PLACE, {"status": RETIRED}, START_MS)
    exchange(town, county)
    for site in (county, town):
        site.restart()
        with site.unit():
            assert check(site.core).problems == []


def test_nor_is_what_was_signed_with_a_key_that_the_top_has_forgotten_with_its_roster_key():
    """Until people have said whose the key is, the township that had taken it in got no backup."""
    lost = lose()
    for site in (lost.county, lost.town):
        site.restart()
        with site.unit():
            assert check(site.core).problems == []
    (held,) = lost.town.spool.all_held("other entry")
    with lost.town.unit():
        lost.town.spool.put_held(held._replace(statement=held.statement._replace(signatures=())))
        assert len(check(lost.town.core).problems) == 4, "an entry that nobody signed says nothing"


def test_nor_is_the_own_word_on_a_branch_that_was_left():
    """It stands until the node speaks the next time: on a line that is down for days there was no backup."""
    county, town, *_ = parted(12, 15)
    over_a_thin_line(town, county, 9)
    assert is_at_rest(town, county)
    for site in (county, town):
        site.restart()
        with site.unit():
            assert check(site.core).problems == []
