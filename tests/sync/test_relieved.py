"""Who stands where is told to whoever it concerns: also to those who stood below a node that is relieved."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sync.protocol.own.rollback import begin_anew
from sync.protocol.roster import LIVE, RELIEVED
from sync.protocol.signed import ENTRY
from sync.protocol.stock import loose
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import roster_key_of
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)


def change(county: Site, address: str, **changed: object) -> None:
    with county.unit():
        registrar.change(county.core, roster_key_of(county.core), address, changed, 1)


def test_the_villages_of_a_relieved_township_hear_of_it_from_the_county() -> None:
    sites: Mapping[str, Site] = make_network()
    county, village = sites[COUNTY], sites[VILLAGE]
    settle(dict(sites))
    change(county, TOWN, status=RELIEVED)
    exchange(village, county)
    assert village.core.roster.entries[TOWN].status == RELIEVED
    assert village.core.tree.parent(VILLAGE) == COUNTY
    change(county, TOWN, status=LIVE)
    exchange(village, county)
    assert village.core.tree.parent(VILLAGE) == TOWN


def test_a_village_below_a_township_of_another_number_hears_of_it_too() -> None:
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, village = sites[COUNTY], sites[VILLAGE]
    change(county, VILLAGE, parent=OTHER_TOWN)
    exchange(village, county)
    assert village.core.tree.parent(VILLAGE) == OTHER_TOWN
    change(county, OTHER_TOWN, status=RELIEVED)
    exchange(village, county)
    assert village.core.tree.parent(VILLAGE) == COUNTY


def test_a_village_that_reaches_only_its_former_township_is_shown_its_new_place() -> None:
    """The township hears first, and refuses it: with that comes where to go, signed by the roster key."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(dict(sites))
    # As in the field, nobody knows of townships that are none of theirs.
    for site in (town, village):
        with site.unit():
            del site.core.roster.entries[OTHER_TOWN]
            site.core.roster._tree = None
    change(county, OTHER_TOWN, services={"url": "https://10.1.2.3"})
    change(county, VILLAGE, parent=OTHER_TOWN)
    exchange(town, county)
    told = town.engine().receive([village.out(TOWN)]).told
    assert told and village.core.tree.parent(VILLAGE) == TOWN
    odd = bytearray(told)
    odd[-70] ^= 1
    for bad in (bytes(odd), told[:-9], b"", b"\x00" * 50):
        village.engine().hear_refusal(bad)
        assert village.core.tree.parent(VILLAGE) == TOWN
    village.engine().hear_refusal(told)
    village.restart()
    assert village.core.tree.parent(VILLAGE) == OTHER_TOWN
    assert village.core.roster.entries[OTHER_TOWN].url == "https://10.1.2.3"
    exchange(sites[OTHER_TOWN], county)
    up, _ = exchange(village, sites[OTHER_TOWN])
    assert not up.refused
    # Who stands where it did is shown nothing.
    assert not town.engine().receive([county.out(TOWN)]).told


@pytest.mark.parametrize("url", ["", "https://10.1.2.3"])
def test_a_village_that_reaches_only_its_relieved_township_is_shown_where_it_stands(url: str) -> None:
    """By its own entry nothing has changed: what has is the township's, which hears first and refuses it."""
    sites: Mapping[str, Site] = make_network()
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(dict(sites))
    if url:
        change(county, COUNTY, services={"url": url})
    change(county, TOWN, status=RELIEVED)
    exchange(town, county)
    told = town.engine().receive([village.out(TOWN)]).told
    assert told and village.core.tree.parent(VILLAGE) == TOWN
    village.engine().hear_refusal(told)
    village.restart()
    assert village.core.tree.parent(VILLAGE) == COUNTY
    assert village.core.roster.entries[COUNTY].url == url
    up, _ = exchange(village, county)
    assert not up.refused


def test_a_village_that_goes_back_to_where_its_number_belongs_is_shown_the_way_too() -> None:
    """Its entry names nobody above it then. It joined below the other township, and never knew its own."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, other, village = sites[COUNTY], sites[OTHER_TOWN], sites[VILLAGE]
    change(county, VILLAGE, parent=OTHER_TOWN)
    for site in (other, village):
        exchange(site, county)
        with site.unit():
            site.spool.drop_held(ENTRY, TOWN)
        site.restart()
        assert TOWN not in site.core.roster.entries
    change(county, TOWN, services={"url": "https://10.1.2.3"})
    change(county, VILLAGE, parent="")
    exchange(other, county)
    village.engine().hear_refusal(other.engine().receive([village.out(OTHER_TOWN)]).told)
    assert village.core.tree.parent(VILLAGE) == TOWN
    assert village.core.roster.entries[TOWN].url == "https://10.1.2.3"


def test_what_passed_here_while_a_village_stood_elsewhere_is_not_offered_without_end() -> None:
    """Its township has it, and tells the county nothing of it: on a thin line nothing else would ever go."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, other, village = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    alone = village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    # (how it comes to stand elsewhere, through whom it goes then, how it comes back)
    for away, above, back in (
        (
            lambda: change(county, VILLAGE, parent=OTHER_TOWN),
            other,
            lambda: change(county, VILLAGE, parent=""),
        ),
        (lambda: change(county, TOWN, status=RELIEVED), county, lambda: change(county, TOWN, status=LIVE)),
    ):
        away()
        for site in (village, other, town):
            exchange(site, county)
        # What it left where it stood before, and nobody else has, goes on from there.
        assert alone in county.application.ids
        acts = (
            town.submit(above.address.encode(), (VILLAGE,)),
            village.submit(above.address.encode(), (TOWN,)),
        )
        for _ in range(3):
            for site in (town, other):
                exchange(site, county)
            exchange(village, above)
        assert acts[0] in village.application.ids and acts[1] in town.application.ids
        back()
        for site in (village, other, town, village, town):
            exchange(site, county)
        for site in (town, other, village):
            up, down = exchange(site, county)
            assert (up.frames, down.frames, county.peer.waits_for(site.address)) == (0, 0, 0)
            assert site.peer.waits_for(COUNTY) == 0


def test_what_came_round_reaches_its_end_though_its_author_is_lost_when_it_stands_as_before_again() -> None:
    """The county alone has the act, and is told nothing of its stream: it goes by the township's receipts."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, other, village = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    change(county, VILLAGE, parent=OTHER_TOWN)
    for site in (village, other, town):
        exchange(site, county)
    kept = copy_of(town)
    act = village.submit(b"{}", (TOWN,))
    exchange(village, other)
    exchange(other, county)
    change(county, VILLAGE, parent="")
    for _ in range(4):
        up, down = exchange(town, county)
    assert act in town.application.ids
    assert (up.frames, down.frames, county.peer.waits_for(TOWN)) == (0, 0, 0)

    # What it signed before it was put back, with or without its witness, says nothing of what it holds now.
    for with_witness in (0, 1):
        put_back(town, kept, with_witness)
        assert act not in town.application.ids
        for _ in range(6):
            up, down = exchange(town, county)
        assert act in town.application.ids
        assert (up.frames, down.frames, county.peer.waits_for(TOWN)) == (0, 0, 0)


def test_an_author_put_back_gets_its_own_act_again_that_only_the_county_has_of_what_came_round() -> None:
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    change(county, VILLAGE, parent=OTHER_TOWN)
    exchange(town, county)
    kept = copy_of(town)
    act = town.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    change(county, VILLAGE, parent="")
    exchange(town, county)
    put_back(town, kept)
    trust(village, county)
    for _ in range(5):
        up, down = exchange(town, county)
        exchange(village, town)
    assert village.application.ids == [act]
    assert (up.frames, down.frames, county.peer.waits_for(TOWN)) == (0, 0, 0)


def test_of_more_acts_that_came_round_than_are_offered_it_gets_the_newest_of_all(monkeypatch) -> None:
    monkeypatch.setattr(loose, "OFFERED_MAX", 2)
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    change(county, VILLAGE, parent=OTHER_TOWN)
    exchange(town, county)
    for _ in range(4):
        town.submit(b"{}", (VILLAGE,))
    settle({COUNTY: county, TOWN: town}, 2)
    kept = copy_of(town)
    with town.unit():
        begin_anew(town.core, "test", START_MS)
    lost = town.submit(b"{}", (VILLAGE,))
    settle({COUNTY: county, TOWN: town}, 2)
    change(county, VILLAGE, parent="")
    exchange(town, county)
    put_back(town, kept)
    trust(village, county)
    for _ in range(5):
        exchange(town, county)
        exchange(village, town)
    assert lost in village.application.ids


def test_a_township_that_lost_a_village_has_said_things_to_it_that_stop_nobodys_acknowledgements() -> None:
    """What it had published for that village alone nobody on the new way could believe."""
    sites: Mapping[str, Site] = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, other, village = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    town.publish("one", b"1", VILLAGE)
    settle({COUNTY: county, TOWN: town, VILLAGE: village}, 3)
    town.publish("two", b"2", VILLAGE)
    exchange(town, county)
    change(county, VILLAGE, parent=OTHER_TOWN)
    trust(village, county)
    for _ in range(3):
        exchange(other, county)
        exchange(village, other)
    for site, above in ((other, county), (village, other)):
        assert site.core.neighbour(above.address).taken == above.core.neighbour(site.address).mine
    # What came to the county just before is told once its author stands there again.
    change(county, VILLAGE, parent="")
    trust(village, county)
    for _ in range(3):
        exchange(town, county)
        exchange(village, town)
    assert [doc.content for doc in village.application.docs] == [b"1", b"2"]


def test_what_came_round_while_a_township_was_relieved_is_not_offered_without_end_either() -> None:
    """Nothing tells from its entry that it was once; and its village, lost since, fetches no receipt."""
    sites: Mapping[str, Site] = make_network()
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(dict(sites), 2)
    change(county, TOWN, status=RELIEVED)
    exchange(village, county)
    act = village.submit(b"{}", (TOWN,))
    exchange(village, county)
    change(county, TOWN, status=LIVE)
    for _ in range(4):
        up, down = exchange(town, county)
    assert act in town.application.ids
    assert (up.frames, down.frames, county.peer.waits_for(TOWN)) == (0, 0, 0)
