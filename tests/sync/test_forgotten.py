"""What a revoked key has said is forgotten once: no later version of its entry costs the next key its own."""

from __future__ import annotations

from pytest import mark

from sync.protocol.acts.quarantine import settle_anew
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_lives import rename
from tests.sync.test_revocation import cut_off, replace_machine, said


def on_a_new_computer() -> dict[str, Site]:
    """Return sites of which the village was robbed and has a new computer since, all at rest."""
    sites = make_network()
    county, town, village = sites.values()
    village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    cut_off(county, VILLAGE)
    sites[VILLAGE] = replace_machine(county, VILLAGE, 2)
    for _ in range(3):
        exchange(town, county)
    settle(sites, 6)
    return sites


def touched(town: Site) -> None:
    """A chain of the village has changed at the township."""
    with town.unit():
        settle_anew(town.core, VILLAGE)


@mark.parametrize("is_renamed", [1, 0], ids=["renamed", "a chain of it changed"])
def test_what_the_next_key_has_said_stays_where_nothing_more_is_revoked(is_renamed: int) -> None:
    sites = on_a_new_computer()
    county, town, village = sites.values()
    old_stick = village.out(TOWN)
    village.submit(said(2, COUNTY), (COUNTY,))
    settle(sites, 3)
    heard, vector = town.core.neighbour(VILLAGE), town.spool.vector(VILLAGE)
    if is_renamed:
        rename(county, VILLAGE, 1)
    else:
        touched(town)
    for _ in range(2):
        exchange(town, county)
    after = town.core.neighbour(VILLAGE)
    assert (after.era, after.counter, after.taken) == (heard.era, heard.counter, heard.taken)
    assert after.ask_full == 0 and after.acked_stamp
    assert town.spool.held("cut settled", VILLAGE).rank[0] == town.core.roster.entries[VILLAGE].version
    town.take(old_stick)
    assert town.spool.vector(VILLAGE) == vector


def test_what_a_second_stolen_key_has_said_is_forgotten_too() -> None:
    sites = on_a_new_computer()
    county, town, _ = sites.values()
    cut_off(county, VILLAGE)
    exchange(town, county)
    assert (town.core.neighbour(VILLAGE).counter, town.core.neighbour(VILLAGE).ask_full) == (0, 1)


def test_where_a_program_was_that_made_less_of_a_revocation_it_is_gone_by_once_more() -> None:
    sites = on_a_new_computer()
    county, town, _ = sites.values()
    with town.unit():
        held = town.spool.held("cut settled", VILLAGE)
        town.spool.put_held(held._replace(rank=(held.rank[0], held.rank[1] - 1, 0)))
    town.restart()
    exchange(town, county)
    assert town.core.neighbour(VILLAGE).counter == 0
    assert town.spool.held("cut settled", VILLAGE).rank == held.rank
