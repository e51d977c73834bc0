"""Programs of different versions on one line: each reads the other, relays keep what they cannot read.

The former program is the present one with what came since taken away: its dictionary, fields, kinds.
"""

from __future__ import annotations

import pytest

from common.node.assembly import read_dictionaries
from sync.protocol import items
from sync.protocol.acts.deliver import Parked
from sync.protocol.exchange import read_head
from sync.protocol.items import Hello
from sync.protocol.records import DEFLATED_WITH, WITHOUT_HEXES, Item, dictionary_name, pack_record
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network

NEW, FORMER = read_dictionaries()
BOTH = {dictionary_name(NEW): NEW, dictionary_name(FORMER): FORMER}
BODY = b'{"follows":"0f9c3d1e5b7a48269d1c0e2f4a6b8c7d","item":"DEMO-511921-0702","n":%d}'


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    for site in found.values():
        upgrade(site)
    return found


def upgrade(site: Site) -> None:
    site.dictionaries, site.dictionary = dict(BOTH), dictionary_name(NEW)
    site.restart()


def downgrade(site: Site) -> None:
    """Put the former program in: it knows the former dictionary alone."""
    site.dictionaries, site.dictionary = {dictionary_name(FORMER): FORMER}, dictionary_name(FORMER)
    site.restart()


def talk(child: Site, parent: Site, times: int = 1) -> None:
    """Let two exchange as over a line, where what cannot be read is answered all the same."""
    for _ in range(times):
        parent.engine().receive([child.out(parent.address)])
        child.engine().receive([parent.out(child.address)])


def all_talk(sites: dict[str, Site]) -> None:
    for _ in range(6):
        talk(sites[VILLAGE], sites[TOWN])
        talk(sites[TOWN], sites[COUNTY])


def dictionary_used(site: Site, address: str) -> str:
    return read_head(site.out(address))[0].dictionary


@pytest.mark.parametrize("older", [VILLAGE, TOWN])
def test_a_former_and_a_present_program_understand_each_other(sites, older):
    downgrade(sites[older])
    newer = VILLAGE if older == TOWN else TOWN
    acts = [sites[VILLAGE].submit(BODY % n, (COUNTY,)) for n in range(30)]
    talk(sites[VILLAGE], sites[TOWN], 3)
    assert sites[TOWN].application.ids == acts
    assert dictionary_used(sites[newer], older) == dictionary_name(FORMER)
    upgrade(sites[older])
    talk(sites[VILLAGE], sites[TOWN], 2)
    assert dictionary_used(sites[newer], older) == dictionary_name(NEW)
    all_talk(sites)
    assert sites[COUNTY].application.ids == acts


def test_a_downgrade_in_the_middle_of_a_day_costs_one_exchange(sites):
    village, town = sites[VILLAGE], sites[TOWN]
    talk(village, town, 2)
    assert dictionary_used(village, TOWN) == dictionary_name(NEW)
    downgrade(town)
    act = village.submit(BODY % 1, (COUNTY,))
    refused = town.engine().receive([village.out(TOWN)])
    assert (refused.code, refused.sender) == ("S115", VILLAGE)
    village.engine().receive([town.out(VILLAGE)])
    talk(village, town)
    assert town.application.ids == [act]


def test_records_for_a_former_program_have_no_newer_form():
    text = [Item(17, BODY % 1 * 9)]
    assert pack_record(text, FORMER)[0] == DEFLATED_WITH and pack_record(text, NEW)[0] == WITHOUT_HEXES


def test_what_was_added_to_hello_is_unseen_by_a_program_before_it():
    """A former HELLO had neither `room`, `disk` nor `heard`: they are passed over."""
    said = Hello(1, 2, 1, "ab" * 8, 0, 0, 0, 7, (), "delta", 9_000, 2, 5)
    before = [name for name in Hello._fields if name not in ("room", "disk", "heard")]
    fields = items.canonical.loads(items.encode_hello(said).text)
    assert [fields[name] for name in before[:4]] == [1, 2, 1, "ab" * 8]
    quiet = items.canonical.loads(items.encode_hello(said._replace(room=0, disk=0, heard=0)).text)
    assert set(quiet) == set(before), "what has nothing to say says it as before"


def test_relays_three_versions_behind_pass_on_what_they_cannot_read_and_replay_it_after_an_upgrade(sites):
    county, town, village = sites.values()
    downgrade(town)
    town.application.judge = lambda act: Parked("S125", "version") if act.kind.endswith("4") else None
    kinds = [f"case.of_version_{n}" for n in (1, 4, 1, 4, 4)]
    acts = [village.submit(BODY % n, (COUNTY,), kind=kind) for n, kind in enumerate(kinds)]
    all_talk(sites)
    assert county.application.ids == acts, "untouched by who could not read them"
    assert [one.content for one in county.application.acts] == [BODY % n for n in range(5)]
    assert len(town.spool.parked()) == 3
    town.application.judge = lambda act: None
    upgrade(town)
    applied = list(town.application.ids)
    with town.unit():
        town.peer.wake({"version"}, town.application)
    assert town.spool.parked() == []
    assert sorted(town.application.ids) == sorted(acts) and town.application.ids[: len(applied)] == applied
    all_talk(sites)
    assert sorted(town.application.ids) == sorted(acts), "each once"
