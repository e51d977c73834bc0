"""First contact with restarts, lost, old and lying words in between: no document stays behind for good."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.documents import HAVE_DOCS_MAX, HELD_BACK_MAX
from sync.protocol.givers import Givers
from sync.protocol.items import doc_name, encode_have_docs
from sync.protocol.records import HAVE_DOCS, Item
from tests.sync.copies import copy_of, put_back
from tests.sync.deltas_made import docs_in, poll
from tests.sync.file_spool import files_in
from tests.sync.first_contact_made import bundled, gone, keys_at, named, publish
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    hello,
    make_network,
    settle,
)


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return make_network(spool=spool)


# --- starts and lost exchanges
@pytest.mark.parametrize("who", ["child", "parent", "both"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_restart_in_between_leaves_nothing_behind(sites, tmp_path, who, after):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    publish(town, "notice", audience=TOWN)
    for n in range(5):
        poll(village, town)
        if n == after:
            for site in {"child": [village], "parent": [town], "both": [village, town]}[who]:
                site.restart()
    assert keys_at(town) == keys_at(village) == {*"abc", "notice"}
    assert poll(village, town) == ([], [])
    assert village.peer.neighbour(TOWN).acked_stamp and town.peer.neighbour(VILLAGE).acked_stamp


def test_a_node_started_for_each_exchange_sends_its_documents_all_the_same(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    ups = []
    for _ in range(HELD_BACK_MAX + 2):
        village.restart()
        ups.append(len(poll(village, town)[0]))
    assert ups == [0] * HELD_BACK_MAX + [3, 0]
    assert keys_at(town) == set("abc")


def test_an_acknowledged_exchange_without_the_documents_covers_none(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    poll(village, town)
    known = village.peer.neighbour(TOWN)
    assert town.peer.neighbour(VILLAGE).taken == known.mine == 1
    assert (known.sent, known.acked_stamp) == ({1: 0}, 0)


def test_while_no_answer_comes_nothing_is_sent_in_vain_and_later_all(sites, tmp_path):
    county, town, village = sites.values()
    publish(county, *"abc")
    bundled(county, village, tmp_path)
    for n in range(100):
        data = village.out(TOWN)
        assert docs_in(data, town) == []
        if n % 3:
            town.take(data)
    poll(village, town)
    poll(village, town)
    assert keys_at(town) == set("abc")


def test_an_answer_to_what_could_not_be_read_holds_documents_back_too(sites):
    """Nothing was heard of who is answered: cut before the end of its state, its words count for nothing."""
    county, town, _ = sites.values()
    publish(county, *"abc")
    county.take(town.out(COUNTY)[:-40])
    assert docs_in(county.out(TOWN), town) == []
    for _ in range(2):
        poll(town, county)
    assert keys_at(town) == set("abc")


# --- old words
def test_an_old_or_repeated_exchange_teaches_nothing(sites, tmp_path):
    """The township named what it then lost with its disk; the exchange comes again after it said so."""
    county, town, village = sites.values()
    docs = publish(county, *"abc")
    bundled(county, village, tmp_path)
    bundled(county, town, tmp_path)
    town.take(village.out(TOWN))
    old = town.out(VILLAGE)
    assert len(named(old, village)[0]) == 3
    for doc in docs:
        gone(town, doc)
    town.take(village.out(TOWN))
    newer = town.out(VILLAGE)
    with village.unit():
        village.core.givers.clear()
    for data in (newer, old, newer, old):
        village.take(data)
    assert len(docs_in(village.out(TOWN), town)) == 3


def test_what_was_named_and_then_lost_with_a_backup_put_back_comes_again(tmp_path):
    sites = make_network()
    county, town, village = sites.values()
    backup = copy.deepcopy(town.spool)
    publish(county, *"abc")
    for child in (village, town):
        bundled(county, child, tmp_path)
    village.submit(b"{}", (COUNTY,))
    settle(sites, 3)
    assert poll(village, town) == ([], [])
    town.spool = backup
    town.restart()
    with town.unit():
        town.core.identity.incarnation += 1
    assert keys_at(town) == set()
    for _ in range(4):
        poll(village, town)
    assert keys_at(town) == set("abc")


def test_what_was_named_and_then_lost_with_all_of_the_disk_comes_again():
    """The witness went back as well, so no era tells of it; but it acknowledges less than it did."""
    sites = make_network()
    town, village = sites[TOWN], sites[VILLAGE]
    settle(sites, 3)
    kept = copy_of(village)
    publish(town, "notice", audience=TOWN)
    poll(village, town)
    assert keys_at(village) == {"notice"}
    with village.unit():
        neighbour = village.core.neighbour(TOWN)
        neighbour.owe_all()
        neighbour.ask_full = 1
        village.spool.put_neighbour(neighbour)
    data = village.out(TOWN)
    assert len(named(data, town)) == 1
    town.take(data)
    assert put_back(village, kept, with_witness=1) == "" and keys_at(village) == set()
    poll(village, town)
    assert keys_at(village) == {"notice"}


def test_the_newest_list_is_all_that_counts_and_who_needs_everything_has_nothing(sites):
    county, _, village = sites.values()
    names = [doc_name(doc.statement.hash) for doc in publish(county, *"abc")]
    said = hello(full=1)
    for items, lacking in (
        ([said, encode_have_docs(names)], 0),
        ([said, encode_have_docs(names[:1])], 2),
        ([said, encode_have_docs(names)], 0),
        # Of who has heard no answer to its list and gives none again nobody knows that it has them still.
        ([said], 3),
        ([said, encode_have_docs(names)], 0),
        (None, 0),
        ([said, encode_have_docs(())], 3),
        ([said, encode_have_docs(names)], 0),
        ([hello(full=1, need_full=1)], 3),
    ):
        # Of the answer it has heard, and not acknowledged it.
        items = items or [hello(full=1, heard=county.peer.neighbour(VILLAGE).mine)]
        county.take(village.say_items(county, *items, STATE_ENDS))
        assert len(docs_in(county.out(VILLAGE), village)) == lacking


def test_a_failed_unit_forgets_who_was_heard():
    givers = Givers()
    givers.heard(TOWN, 1)
    assert givers.knows(TOWN) and givers.offers_all(TOWN) and not givers.knows(VILLAGE)
    givers.heard(TOWN, 0)
    assert givers.knows(TOWN) and not givers.offers_all(TOWN)
    givers.clear()
    assert not givers.knows(TOWN)


# --- lies and malformed words
def test_who_names_what_it_has_not_harms_itself_alone(sites):
    county, town, village = sites.values()
    docs = publish(county, *"abc")
    lie = encode_have_docs([doc_name(d.statement.hash) for d in docs[:2]] + ["ab" * 16])
    county.take(village.say_items(county, hello(full=1), lie, STATE_ENDS))
    assert len(docs_in(county.out(VILLAGE), village)) == 1
    assert len(docs_in(sites[COUNTY].out(TOWN), town)) == 0
    for _ in range(2):
        poll(town, county)
    assert keys_at(town) == set("abc")
    # Honest again, it says what it has, and gets what it lacks.
    village.restart()
    with village.unit():
        known = village.core.neighbour(COUNTY)
        known.ask_full = 1
        village.spool.put_neighbour(known)
    for _ in range(2):
        poll(village, county)
    assert keys_at(village) == set("abc")


def test_malformed_and_endless_names_are_refused_and_stop_nothing(sites):
    county, town, _ = sites.values()
    publish(county, *"abc")
    many = [encode_have_docs(f"{i * 1_000 + n:032x}" for n in range(1_000)) for i in range(6)]
    for items, code in (([Item(HAVE_DOCS, b"", bytes(17))], "S109"), (many, "S110")):
        county.codes()
        incoming = county.take(town.say_items(county, hello(), *items, STATE_ENDS))
        assert county.codes() == [code]
        assert len(incoming.state.held_docs or ()) <= HAVE_DOCS_MAX and incoming.state.complete
        assert len(docs_in(county.out(TOWN), town)) == 3


def test_more_documents_than_are_named_travel(sites, tmp_path, monkeypatch):
    monkeypatch.setattr("sync.protocol.documents.HAVE_DOCS_MAX", 5)
    monkeypatch.setattr("sync.protocol.documents._NAMES_AN_ITEM", 2)
    county, town, village = sites.values()
    publish(county, *"abcdefg")
    bundled(county, village, tmp_path)
    bundled(county, town, tmp_path)
    said = village.out(TOWN)
    assert [len(names) for names in named(said, town)] == [2, 2, 1]
    town.take(said)
    assert len(docs_in(town.out(VILLAGE), village)) == 2


def test_names_say_nothing_of_documents_the_other_may_not_read():
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    county = sites[COUNTY]
    publish(county, "beside", audience=OTHER_TOWN)
    (for_all,) = publish(county, "all")
    assert named(county.out(VILLAGE), sites[VILLAGE]) == [(doc_name(for_all.statement.hash),)]
