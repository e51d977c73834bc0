"""What a computer that joins is told first fits its message, whatever a thief has piled up above it."""

from __future__ import annotations

import pytest

from common.node.enrolling.first_words import first_words
from sync.protocol import signed
from sync.protocol.enrolment import MESSAGE_BYTES_MAX, Request, read_answer, write_answer
from sync.protocol.own.issue import open_epoch
from sync.protocol.roster import Roster
from sync.protocol.trust import registrar
from sync.protocol.trust.state import keep_trust
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_appointments import NEW, root_pair, take_over

SECRET = bytes(32)


def test_a_stolen_key_that_begins_very_many_epochs_keeps_no_computer_out() -> None:
    """Each record of those above takes six hundred bytes of the answer; its own record goes in any case."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    with town.unit():
        for number in range(360):
            open_epoch(town.core, town.key, "stolen", START_MS, 10 + number)
    settle(sites, 1)
    assert len(county.spool.all_held(signed.EPOCH)) > 360
    site = Site(VILLAGE, "", 5)
    with site.unit():
        own = open_epoch(site.core, site.key, "enrolled", START_MS).statement
    with county.unit():
        county.core.keep(own, f"{VILLAGE}|1-own", (1, 0, 0))
        request = Request(VILLAGE, site.key.public.as_fields(), own, "ab")
        answer = write_answer(first_words(county.core, request), "ab", SECRET)
    assert len(answer) < MESSAGE_BYTES_MAX / 4 and own in read_answer(answer, "ab", SECRET)


@pytest.mark.parametrize("come", [(), (signed.HEAD,), (signed.ENTRY,)], ids=["nothing", "head", "entries"])
def test_a_township_that_heard_of_a_new_roster_key_and_not_of_all_it_signed_lets_a_computer_in(
    come: tuple[str, ...],
) -> None:
    """The line was cut behind the appointment: what the former key signed stands, and has to be believed."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    settle(sites, 2)
    take_over(county, root_pair(), NEW)
    with town.unit():
        statements = [held.statement for sort in come for held in county.spool.all_held(sort)]
        for statement in (county.core.roster.given[-1], *statements):
            assert town.core.roster.offer(statement)
            keep_trust(town.core, statement)
    town.restart()
    joined = let_in(county, town)
    assert joined.version == town.core.roster.version


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize("sort", [signed.HEAD, signed.ENTRY])
def test_what_a_stolen_roster_key_numbered_up_keeps_no_computer_out(sort: str, is_restarted: bool) -> None:
    """The appointment of the next key has come and ended its word; what that key signs has not come yet."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    settle(sites, 2)
    held = county.spool.held(sort, "newest" if sort == signed.HEAD else COUNTY)
    assert held is not None and county.roster_key is not None
    more = {"version": 10**6} | ({"roster": 10**6} if sort == signed.ENTRY else {})
    stolen = signed.make(sort, held.statement.fields() | more, (county.roster_key,), town.core.suite)
    take_over(county, root_pair(), NEW)
    with town.unit():
        for statement in (stolen, county.core.roster.given[-1]):
            assert town.core.roster.offer(statement)
            keep_trust(town.core, statement)
    if is_restarted:
        town.restart()
    joined = let_in(county, town)
    assert (joined.version == 0) is (sort == signed.HEAD) and (COUNTY in joined.entries) is (
        sort == signed.HEAD
    )


def let_in(county: Site, town: Site) -> Roster:
    """Return what a village knows of trust that the township lets in; all it is told is believed."""
    site = Site(VILLAGE, "", 5)
    with site.unit():
        own = open_epoch(site.core, site.key, "enrolled", START_MS).statement
    with town.unit():
        key = site.key.public.as_fields()
        child = {"address": VILLAGE, "parent": "", "name": "村", "key": key}
        registrar.vouch(town.core, child, own.hash, START_MS)
        told = first_words(town.core, Request(VILLAGE, key, own, "ab"))
    joined = Roster(county.core.roster.fingerprint, town.core.suite)
    for statement in told:
        if statement.sort != signed.EPOCH:
            assert joined.offer(statement)
    assert joined.key(TOWN, town.key.id) and f"{VILLAGE}|{site.key.id}" in joined.vouches
    return joined
