"""A thief makes streams without number: once the key is revoked they cost nothing, and nothing is lost."""

from __future__ import annotations

import pytest

from sync.protocol import signed, state_out
from sync.protocol.acts.quarantine import RELEASED, quarantined, verdict_body
from sync.protocol.canonical import dumps
from sync.protocol.items import encode_statement
from sync.protocol.own.issue import open_epoch
from sync.protocol.trust import crowds, registrar, state
from sync.protocol.trust.revocation import STOLEN, Revocation, Said, decide, lines_of, revoke
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
    new_site,
    settle,
    trust,
)
from tests.sync.test_vouched_ended import is_quiet

OTHER = "511921108204"
LINES, STREAMS, MADE = 6, 3, 9
# Where the genuine acts of the last test go: the first lies within the cut of one stream.
MEANT = ((COUNTY, OTHER), (COUNTY, OTHER), (OTHER,))


def made_by(thief: Site, number: int) -> list[str]:
    """Open so many streams; return the act in each."""
    acts = []
    for n in range(number):
        with thief.unit():
            open_epoch(thief.core, thief.key, "thief", START_MS)
        acts.append(thief.submit(dumps({"n": n, "to": [COUNTY]}), (COUNTY,)))
    return acts


def lines(one: Site, other: Site) -> set[str]:
    """Return the epochs of the village of which one site knows from the other's vector."""
    return {stream.epoch for stream in one.spool.vector(other.address) if stream.src == VILLAGE}


def told_whole(one: Site, other: Site) -> list[str]:
    """Return the keys of what one site says of the village's epochs and streams in a full part."""
    neighbour = one.core.neighbour(other.address)
    neighbour.acked_stamp = 0
    with one.unit():
        said = state_out._statements(one.core, neighbour)
    return [held.key for held in said if held.sort != signed.ENTRY and held.key.startswith(VILLAGE)]


def flooded(sites: dict[str, Site]) -> tuple[str, list[str], list[str]]:
    """Return the village's act, the thief's that the county got, and acts that reached the township alone."""
    county, town, village, _ = sites.values()
    settle(sites, 3)
    good = village.submit(dumps({"n": "good", "to": [COUNTY]}), (COUNTY,))
    settle(sites, 2)
    # As many as are learned of, and then more.
    false = made_by(village, LINES - 1)
    settle(sites, 2)
    assert len(lines(county, town)) == len(lines(town, county)) == LINES
    false += made_by(village, MADE - LINES)
    settle(sites, 3)
    assert set(false) < set(county.application.ids) and "S110" in county.codes()
    late = made_by(village, 2)
    exchange(village, town)
    return good, false, late


def test_streams_in_no_cut_are_told_to_nobody_and_what_is_in_them_goes_by_its_id(monkeypatch) -> None:
    monkeypatch.setattr(state, "VECTOR_LINES_MAX", LINES)
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    good, false, late = flooded(sites)
    genuine = village.spool.streams()[0].id
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE) if line.stream != genuine}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    act = other.submit(dumps({"n": "other", "to": [COUNTY]}), (COUNTY,))
    exchange(other, county)
    town.take(county.out(TOWN))
    rest = {COUNTY: county, TOWN: town, OTHER: other}
    settle(rest, 6)
    assert {cut.closed for cut in town.core.roster.revoked(VILLAGE).values()} == {1}
    assert county.application.ids == [good, act] and act in town.application.ids
    for site in (county, town):
        site.restart()
        site.codes()
    settle(rest, 4)
    assert {*county.codes(), *town.codes()} == set()
    for one, two in ((county, town), (town, county)):
        assert lines(one, two) == {genuine.epoch}
        assert {key.split("|")[1] for key in told_whole(one, two)} == {genuine.epoch}
    assert is_quiet(town, county)

    # Nothing is lost: all of it waits for a person at the county, and counts once released.
    with county.unit():
        assert {row.id for row in quarantined(county.core)} == {*false, *late}
        decide(county.core, county.application, RELEASED, Said([late[0]], "genuine"), county.now())
    settle(rest, 3)
    assert late[0] in county.application.ids and late[0] in town.application.ids
    assert not {*false, late[1]} & {*county.application.ids, *town.application.ids}


def test_who_joins_again_on_the_same_computer_goes_on_and_what_is_released_counts(monkeypatch) -> None:
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    false = made_by(village, MADE)
    settle(sites, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    settle({COUNTY: county, TOWN: town}, 3)
    new = SUITE.pair(bytes(range(64)))
    with county.unit():
        child = {"address": VILLAGE, "parent": "", "name": "", "key": new.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
        decide(county.core, county.application, RELEASED, Said([false[0]], "genuine"), county.now())
    settle({COUNTY: county, TOWN: town}, 3)
    village.means.keys[new.id] = village.key = new
    with village.unit():
        for held in (*county.spool.all_held(signed.ENTRY), *county.spool.all_held(signed.HEAD)):
            if village.core.roster.offer(held.statement):
                village.core.keep(held.statement, held.key, held.rank)
        epoch = open_epoch(village.core, new, "enrolled", START_MS).id
    act = village.submit(dumps({"n": "new", "to": [COUNTY]}), (COUNTY,))
    settle(sites, 6)
    assert set(county.application.ids) == {false[0], act} == set(town.application.ids)
    assert lines(county, town) == lines(town, village) == {epoch}
    assert is_quiet(village, town) and is_quiet(town, county)


@pytest.mark.parametrize("number", [STREAMS, STREAMS + 1])
def test_a_few_streams_go_on_as_they_did(monkeypatch, number: int) -> None:
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    made_by(village, number)
    settle(sites, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    settle({COUNTY: county, TOWN: town}, 3)
    is_closed = number > STREAMS
    assert len(lines(county, town)) == (0 if is_closed else number)
    version = county.core.roster.entries[VILLAGE].version
    settle({COUNTY: county, TOWN: town}, 2)
    assert county.core.roster.entries[VILLAGE].version == version


def test_what_counts_in_a_closed_stream_reaches_whom_it_is_meant_for_and_a_top_put_back(monkeypatch) -> None:
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    settle(sites, 3)
    within, *late = [village.submit(dumps({"n": n, "to": list(to)}), to) for n, to in enumerate(MEANT)]
    exchange(village, town)
    made_by(village, MADE)
    exchange(village, town)
    kept = copy_of(county)
    for _ in range(3):
        exchange(town, county)
    genuine = next(line.stream for line in lines_of(county.core, VILLAGE) if line.upto > 1)
    with county.unit():
        cut = {line.stream: int(line.stream == genuine) for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    for _ in range(4):
        exchange(town, county)
    assert {cut.closed for cut in town.core.roster.revoked(VILLAGE).values()} == {1}
    rest = {COUNTY: county, TOWN: town, OTHER: other}
    settle(rest, 3)
    assert other.application.ids == [within]
    with county.unit():
        decide(county.core, county.application, RELEASED, Said(late, "genuine"), county.now())
    settle(rest, 5)
    assert set(county.application.ids) == set(town.application.ids) == {within, *late}
    assert set(other.application.ids) == {within, *late[:2]}

    # A county put back to before it had any of them gets them again by their ids.
    put_back(county, kept)
    settle(rest, 8)
    assert set(county.application.ids) == {within, *late}


def test_closed_once_it_was_released_an_act_comes_back_to_a_top_put_back(monkeypatch) -> None:
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 3)
    acts = made_by(village, MADE)
    exchange(village, town)
    kept = copy_of(county)
    rest = {COUNTY: county, TOWN: town}
    settle(rest, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
        decide(county.core, county.application, RELEASED, Said(acts[:1], "genuine"), county.now())
    settle(rest, 3)
    before = copy_of(county)
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    county.core.trust_is_new = True
    settle(rest, 4)
    assert {cut.closed for cut in town.core.roster.revoked(VILLAGE).values()} == {1}
    put_back(county, kept)
    settle(rest, 8)
    assert county.application.ids == town.application.ids == acts[:1]

    # One that has changed the entry meanwhile, once or often, takes over from the other that they are closed.
    monkeypatch.undo()
    closed = town.spool.held(signed.ENTRY, VILLAGE).statement
    for names in (("once", "twice", "again"), ("again",)):
        put_back(county, before)
        for name in names:
            with county.unit():
                fields = registrar.fields_of(county.core.roster.entries[VILLAGE])
                registrar.enter(county.core, county.roster_key, {**fields, "name": name}, START_MS)
        county.take(town.say_items(county, hello(), encode_statement(closed), STATE_ENDS))
        settle(rest, 4)
        for site in rest.values():
            entry = site.core.roster.entries[VILLAGE]
            assert entry.name == "again" and {cut.closed for cut in entry.cuts.values()} == {1}


def test_what_counts_by_a_key_revoked_after_the_crowd_goes_everywhere_though_the_top_forgot_that(monkeypatch):
    monkeypatch.setattr(crowds, "STREAMS_MAX", STREAMS)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    settle(sites, 3)
    kept = copy_of(county)
    made_by(village, MADE)
    exchange(village, town)
    rest = {COUNTY: county, TOWN: town, OTHER: other}
    settle(rest, 3)
    with county.unit():
        cut = {line.stream: 0 for line in lines_of(county.core, VILLAGE)}
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN, cut=cut), county.now())
    settle(rest, 4)
    put_back(county, kept)
    settle(rest, 5)
    fresh = new_site(county, VILLAGE, seed=7)
    with county.unit():
        child = {"address": VILLAGE, "key": fresh.key.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    settle(rest, 2)
    trust(fresh, county)
    act = fresh.submit(dumps({"to": [COUNTY, OTHER]}), (COUNTY, OTHER))
    exchange(fresh, town)
    settle({COUNTY: county, TOWN: town}, 2)
    assert county.application.ids == [act] and other.application.ids == []
    with county.unit():
        revoke(county.core, county.application, Revocation(VILLAGE, STOLEN), county.now())
    settle({COUNTY: county, TOWN: town}, 2)
    settle(rest, 4)
    assert other.application.ids == [act]


def test_what_a_thief_says_is_released_makes_the_robbed_node_ask_for_nothing() -> None:
    sites = make_network()
    village = sites[VILLAGE]
    settle(sites, 3)
    kept = copy_of(village)
    false = verdict_body([f"{n:032x}" for n in range(9)], "made up", (COUNTY,))
    act = village.submit(false, (COUNTY,), kind=RELEASED)
    settle(sites, 3)
    put_back(village, kept)
    settle(sites, 4)
    assert village.spool.known_acts([act]) and [site.spool.wants(9) for site in sites.values()] == [[]] * 3
