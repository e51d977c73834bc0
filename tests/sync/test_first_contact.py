"""The first contact of two nodes: documents both have do not travel, and none that one lacks stays behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.bundle_file import export, import_file
from sync.adapters.memory_spool import MemorySpool
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol import canonical, offer, signed, state_out
from sync.protocol.exchange import Opener, read_head
from sync.protocol.peer import Incoming
from sync.protocol.records import HAVE_DOCS, HELLO, STATE_END, STATEMENT, pack_record, unpack_record
from sync.protocol.trust import state_in
from tests.sync.deltas_made import docs_in, items_in, poll
from tests.sync.file_spool import files_in
from tests.sync.first_contact_made import bundled, keys_at, named, publish
from tests.sync.network import (
    COUNTY,
    SUITE,
    TOWN,
    VILLAGE,
    Site,
    make_network,
)
from tests.sync.test_runner import HALF, until_idle
from tests.sync.test_update_size import DICTIONARY, ITEMS, dictionary_name
from tests.sync.wire import Wire

BYTES_MAX = 15_000


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return make_network(spool=spool)


# --- what it costs
def test_two_nodes_that_hold_all_shipped_items_meet_for_less_than_15_kb_each_way(sites, tmp_path):
    """Real items and dictionary; after it both are settled, and nothing more is named."""
    for site in sites.values():
        site.dictionaries = {dictionary_name(DICTIONARY): DICTIONARY}
        site.dictionary = dictionary_name(DICTIONARY)
        site.restart()
    county, town, village = sites.values()
    items = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ITEMS.glob("*.json"))]
    assert len(items) == 64
    for item in items:
        county.publish(item["code"], canonical.dumps(item), COUNTY, "catalogue.item")
    for child in (town, village):
        bundled(county, child, tmp_path)
    for child, parent in ((village, town), (town, county), (village, county)):
        up = down = 0
        for _ in range(3):
            said = child.out(parent.address)
            parent.take(said)
            answer = parent.out(child.address)
            child.take(answer)
            up, down = up + len(said), down + len(answer)
        assert 2_000 < up <= BYTES_MAX and 2_000 < down <= BYTES_MAX
        for one, other in ((child, parent), (parent, child)):
            assert one.peer.neighbour(other.address).acked_stamp
            quiet = one.out(other.address)
            head, used = read_head(quiet)
            plains = Opener(head, other.key, SUITE).feed(quiet[used:])
            kinds = [item.kind for plain in plains for item in unpack_record(plain, DICTIONARY)]
            assert len(quiet) < 700 and kinds == [HELLO, STATE_END]


def test_only_what_one_of_them_lacks_travels(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abcdef")
    bundled(county, village, tmp_path)
    publish(county, "a", "g")
    bundled(county, town, tmp_path)
    publish(town, "notice", audience=TOWN)
    publish(village, "own", audience=VILLAGE)
    assert [(len(up), len(down)) for up, down in (poll(village, town) for _ in range(4))] == [
        (0, 3),
        (1, 0),
        (0, 0),
        (0, 0),
    ]
    assert keys_at(village) == keys_at(town) == {*"abcdefg", "notice", "own"}
    assert village.spool.held(signed.SHELF, f"{COUNTY}|item|a").rank[0] == 2


def test_a_newcomer_gets_all_at_once(sites):
    county, town, _ = sites.values()
    publish(county, *"abc")
    said = town.out(COUNTY)
    assert named(said, county) == [()]
    county.take(said)
    assert docs_in(county.out(TOWN), town) == [STATEMENT] * 3


def test_a_parent_that_has_nothing_gets_all_from_its_child_one_exchange_later(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    assert [tuple(map(len, poll(village, town))) for _ in range(3)] == [(0, 0), (3, 0), (0, 0)]
    assert keys_at(town) == set("abc")


def test_the_loop_does_not_wait_with_what_the_parent_lacks(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    runner = Runner(
        village.engine(), Wire(sites), lambda: (Uplink(TOWN, TOWN),), Pace(60_000, 10_000), lambda: HALF
    )
    assert until_idle(runner) == 2
    assert keys_at(town) == set("abc")
    assert all(runner.step() for _ in range(3))


def test_the_loop_hurries_for_nothing_when_both_have_all(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    bundled(county, town, tmp_path)
    runner = Runner(
        village.engine(), Wire(sites), lambda: (Uplink(TOWN, TOWN),), Pace(60_000, 10_000), lambda: HALF
    )
    assert until_idle(runner) == 1


def test_trust_is_not_held_back(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    data = village.out(TOWN)
    sorts = {item.text[0] for item in items_in(data, town) if item.kind == STATEMENT}
    assert sorts >= {signed.SORTS.index(s) for s in (signed.ROOT, signed.ENTRY, signed.EPOCH)}
    assert signed.SORTS.index(signed.SHELF) not in sorts


# --- sticks and older programs
def test_by_stick_everything_goes_and_nothing_is_named(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    bundled(county, town, tmp_path)
    path = export(village.engine(), TOWN, tmp_path).path
    data = path.read_bytes()
    assert docs_in(data, town) == [STATEMENT] * 3 and named(data, town) == []
    assert import_file(town.engine(), path).complete
    assert import_file(village.engine(), export(town.engine(), VILLAGE, tmp_path).path).complete
    assert village.peer.neighbour(TOWN).acked_stamp


class Older(Site):
    """A node whose program was written before documents were named."""

    def out(self, *args: Any) -> bytes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(state_out, "docs_named", lambda *args: [])
            patch.setattr(offer, "may_be_in_vain", lambda *args: False)
            return super().out(*args)

    def absorb(self, incoming: Incoming, plains: Sequence[bytes]) -> None:
        known = [[i for i in unpack_record(plain, b"") if i.kind != HAVE_DOCS] for plain in plains]
        super().absorb(incoming, [pack_record(items, b"") for items in known])


@pytest.mark.parametrize("older", [TOWN, VILLAGE])
def test_an_older_program_gets_everything(sites, tmp_path, older):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    bundled(county, town, tmp_path)
    publish(town, "notice", audience=TOWN)
    publish(village, "own", audience=VILLAGE)
    sites[older].__class__ = Older
    ups, downs = zip(*(map(len, poll(village, town)) for _ in range(4)), strict=True)
    # The older parent sends all it has before the child sends anything; the older child sends all at once.
    assert (ups, downs) == (((0, 1, 0, 0), (4, 0, 0, 0)) if older == TOWN else ((4, 0, 0, 0), (1, 0, 0, 0)))
    assert keys_at(village) == keys_at(town) == {*"abc", "notice", "own"}


def test_an_unknown_kind_is_all_an_older_program_sees(monkeypatch):
    """Kind 9 stands between HELLO and the statements: passed over, the rest is taken."""
    sites = make_network()
    county, town, _ = sites.values()
    publish(town, "notice", audience=TOWN)
    monkeypatch.setattr(state_in, "HAVE_DOCS", 99)
    poll(town, county)
    poll(town, county)
    assert keys_at(county) == {"notice"} and county.codes() == []
