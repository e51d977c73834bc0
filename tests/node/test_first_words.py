"""What a computer that joins is told first fits its message, whatever a thief has piled up above it."""

from __future__ import annotations

from common.node.enrolling.first_words import first_words
from sync.protocol import signed
from sync.protocol.enrolment import MESSAGE_BYTES_MAX, Request, read_answer, write_answer
from sync.protocol.own.issue import open_epoch
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, make_network, settle

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
