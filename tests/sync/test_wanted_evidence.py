"""Acts past a cut that the top has as evidence alone: a person can look at them, and decide."""

from __future__ import annotations

import pytest

from sync.protocol.acts.quarantine import RELEASED, quarantined
from sync.protocol.frame import StreamId
from sync.protocol.own.issue import open_epoch
from sync.protocol.records import EVIDENCE as EVIDENCE_ITEM
from sync.protocol.spool import EVIDENCE
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import LOST, Revocation, Said, decide, revoke
from tests.sync.copies import copy_of, put_back
from tests.sync.forgery import bring
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)
from tests.sync.test_rollback import applied_once, filed

NEXT = SUITE.pair(bytes(range(64)))


def put_back_and_robbed(end: str) -> tuple[dict[str, Site], list[str], bytes]:
    """Return sites whose village was put back whole and wrote on; what it wrote before; that as it left."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    village = sites[VILLAGE]
    filed(village, 1, to=(COUNTY,))
    settle(sites, 3)
    kept = copy_of(village)
    acts = filed(village, 2, 100, to=(COUNTY,))
    late = village.out(end)
    put_back(village, kept, with_witness=1)
    filed(village, 3, 200, to=(COUNTY,))
    settle(sites, 3)
    return sites, acts, late


def lose_key(county: Site, village: Site) -> None:
    stream = StreamId(VILLAGE, village.core.identity.epoch, COUNTY)
    assert county.roster_key is not None
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, LOST, cut={stream: 1}), county.now())
        child = {"address": VILLAGE, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    trust(village, county)
    village.means.keys[NEXT.id] = village.key = NEXT
    with village.unit():
        open_epoch(village.core, NEXT, "replaced", START_MS)


@pytest.mark.parametrize(("end", "is_straight"), [(COUNTY, 0), (COUNTY, 1), (TOWN, 0), (TOWN, 1)])
def test_what_lost_its_place_past_a_cut_is_taken_from_the_evidence_and_decided_on(
    end: str, is_straight: int
) -> None:
    """The evidence is at the top when its author names it, or comes there after that."""
    sites, acts, late = put_back_and_robbed(end)
    county, town, village = sites.values()
    sites[end].take(late)
    assert not county.spool.known_acts(acts)
    lose_key(county, village)
    trust(town, county)
    exchange(village, town)
    if is_straight:
        exchange(village, county)
    settle(sites, 6)
    # Its author may give it no other place by itself, and names it to the top.
    assert county.spool.wants(9) == []
    held = {row.id for row in quarantined(county.core, VILLAGE)}
    assert held.issuperset(acts)
    with county.unit():
        decide(county.core, county.application, RELEASED, Said(sorted(held), "genuine"), county.now())
    settle(sites, 6)
    applied_once(county, acts)
    applied_once(town, acts)
    state = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == state


def test_what_is_asked_for_and_comes_as_evidence_is_taken() -> None:
    sites, acts, late = put_back_and_robbed(TOWN)
    county, town = sites[COUNTY], sites[TOWN]
    town.take(late)
    shown = [aside.frame for aside in town.spool.asides(EVIDENCE)]
    with county.unit():
        county.spool.want(acts[0])
    bring(town, county, *shown, kind=EVIDENCE_ITEM)
    assert len(county.spool.asides(EVIDENCE)) == 2 and county.spool.wants(9) == []
    assert county.spool.known_acts(acts) == {acts[0]} and acts[0] in county.application.ids
