"""Handing over: each act until it was applied once, then never again; what waits is woken by what comes."""

from __future__ import annotations

import pytest

from sync.protocol.acts.deliver import Parked, brief_ids
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def waits_for(needed: dict[bytes, str]):
    """Return a judge that parks an act by its content until the flag for it is gone."""
    return lambda act: Parked("E199", needed[act.content]) if act.content in needed else None


def test_what_is_parked_comes_again_when_its_key_is_woken_and_then_never(sites):
    _, town, village = sites.values()
    needed = {b"1": "case:A"}
    town.application.judge = waits_for(needed)
    acts = [village.submit(b"%d" % n, (COUNTY,)) for n in range(3)]
    exchange(village, town)
    assert town.application.ids == [acts[0], acts[2]]
    (row,) = town.spool.parked()
    assert (row.id, row.reason, row.waits_for) == (acts[1], "E199", "case:A")
    assert "E199" in town.codes()

    needed.clear()
    for keys in ({"case:B"}, {"case:A"}, {"case:A"}):
        with town.unit():
            town.peer.wake(keys, town.application)
    assert town.application.ids == [acts[0], acts[2], acts[1]]
    assert town.spool.parked() == []


def test_an_act_wakes_those_that_wait_for_it_in_a_chain(sites):
    """Each follows the next one: when the last comes, all fall into place, in one delivery."""
    _, town, village = sites.values()
    exchange(village, town)
    acts: list[str] = []
    seen: set[str] = set()

    def judge(act):
        seen.add(act.id)
        after = int(act.content) + 1
        if after < 6 and (len(acts) <= after or acts[after] not in town.application.ids):
            return Parked("E199", f"act:{acts[after]}" if len(acts) > after else "case:x")
        return None

    town.application.judge = judge
    for n in range(6):
        acts.append(village.submit(b"%d" % n, (COUNTY,)))
    exchange(village, town)
    assert town.application.ids == acts[::-1]
    assert town.spool.parked() == []


def test_acts_waited_for_are_asked_for_by_id(sites):
    county, town, village = sites.values()
    missing = county.submit(b'"missing"', (COUNTY,))
    town.application.judge = lambda act: (
        Parked("E199", f"act:{missing}")
        if act.content == b'"next"' and missing not in town.application.ids
        else None
    )
    following = county.submit(b'"next"', (VILLAGE,))
    exchange(town, county)
    assert town.spool.wants(9) == [missing]
    county.submit(b'{"ids":["%s"]}' % missing.encode(), (VILLAGE,), kind="sync.brief")
    for _ in range(4):
        exchange(town, county)
    assert town.application.ids == [missing, following]
    assert (town.spool.wants(9), town.spool.parked()) == ([], [])
    assert village.application.ids == []


@pytest.mark.parametrize("waits", ["act:not-an-id", "act:", "act:" + "Z" * 32, "version", "person"])
def test_nonsense_is_never_asked_for(sites, waits):
    _, town, village = sites.values()
    town.application.judge = lambda act: Parked("E199", waits)
    village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    assert town.spool.wants(9) == []
    assert [row.waits_for for row in town.spool.parked()] == [waits]


def test_two_that_wake_each_other_for_ever_come_to_an_end(sites):
    _, town, village = sites.values()
    town.application.judge = lambda act: None if act.content == b'"good"' else Parked("E199", "case:A")
    town.application.woke = {"case:A"}
    for n in range(5):
        village.submit(b"%d" % n, (COUNTY,))
    village.submit(b'"good"', (COUNTY,))
    exchange(village, town)
    assert len(town.spool.parked()) == 5
    assert town.application.calls < 10


def test_documents_wake_what_waits_for_them(sites):
    county, town, village = sites.values()
    needed = {b"{}": "doc:item/birth/1"}
    town.application.judge = waits_for(needed)
    act = village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    needed.clear()
    county.publish("birth", b"item", COUNTY)
    exchange(town, county)
    assert town.application.ids == [act]


def test_a_unit_that_fails_leaves_nothing_and_the_next_exchange_brings_it_all(sites):
    _, town, village = sites.values()
    act = village.submit(b"{}", (COUNTY,))
    before = town.state()

    def fail(act):
        raise OSError("disk full")

    town.application.judge = fail
    data = village.out(TOWN)
    with pytest.raises(OSError):
        town.take(data)
    assert town.state() == before
    town.application.judge = lambda act: None
    town.take(data)
    assert town.application.ids == [act]


def test_own_acts_are_not_given_back(sites):
    _, _, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    settle(sites)
    assert village.application.ids == []


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"ids":5}', b'{"ids":["x",5,[]]}', b"\xff", b"null"]
)
def test_a_malformed_brief_names_nothing(content):
    assert brief_ids(content) == []


def test_briefs_are_not_the_applications_business(sites):
    county, town, _ = sites.values()
    county.submit(b'{"ids":[]}', (VILLAGE,), kind="sync.brief")
    exchange(town, county)
    assert town.application.ids == []
    assert town.upto()[COUNTY, VILLAGE] == 1
