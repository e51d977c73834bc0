"""New versions of shelf documents as differences: exact, only to who holds the base, nothing sent back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.bundle_file import export, import_file
from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.givers import Givers
from sync.protocol.items import encode_statement
from sync.protocol.own.deltas import DELTA, encode_delta, squeeze
from sync.protocol.records import DOC_DELTA, STATE_END, STATEMENT, Item
from sync.protocol.shelf import Draft, ShelfDoc, publish
from sync.protocol.signed import Statement
from sync.protocol.spool import Neighbour
from tests.sync.deltas_made import content_of, docs_in, first, lose, made, poll, put, says, text
from tests.sync.file_spool import files_in
from tests.sync.network import COUNTY, START_MS, SUITE, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return made(spool)


# --- taken
def test_a_new_version_goes_down_as_a_difference_and_is_the_same_to_the_byte(sites):
    county, town, village = sites.values()
    two = put(county, 2)
    whole = len(encode_statement(two.statement, two.content).text)
    assert poll(town, county) == ([], [DOC_DELTA])
    assert poll(village, town) == ([], [DOC_DELTA])
    for site in (town, village):
        assert site.application.docs[-1] == two
        assert site.spool.doc(two.statement.hash) == (two.statement, two.content)
        assert site.codes() == []
    delta = squeeze(county.spool.doc(two.prev), two.statement, two.content)
    item = encode_delta(delta)
    assert len(item.text) + len(item.raw) < whole // 20


def test_what_was_acknowledged_is_not_sent_again_and_nothing_is_sent_back(sites):
    county, town, village = sites.values()
    put(county, 2)
    settle(sites, 2)
    for _ in range(3):
        assert poll(town, county) == ([], [])
        assert poll(village, town) == ([], [])


def test_a_lost_exchange_is_made_again_as_a_difference(sites):
    county, town, _ = sites.values()
    put(county, 2)
    county.take(town.out(COUNTY))
    assert docs_in(county.out(TOWN), town) == [DOC_DELTA]
    county.restart()
    assert poll(town, county) == ([], [DOC_DELTA])
    assert content_of(town) == text(2)


def test_upwards_too(sites):
    county, town, _ = sites.values()
    for n in (1, 2):
        town.publish("notice", text(n), TOWN)
        ups = [poll(town, county)[0] for _ in range(3)]
        assert ups[0] == [STATEMENT if n == 1 else DOC_DELTA] and ups[2] == []
    assert sorted(h.content for h in county.spool.all_held(signed.SHELF)) == sorted([text(1), text(2)])


def test_one_version_after_the_other(sites):
    county, town, village = sites.values()
    for n in range(2, 6):
        put(county, n)
        assert poll(town, county) == ([], [DOC_DELTA])
        assert poll(village, town) == ([], [DOC_DELTA])
        poll(town, county)
        poll(village, town)
    assert content_of(village) == text(5)
    assert len(village.spool.doc_names()) == 5


def test_who_is_several_versions_behind_gets_the_newest_whole(sites):
    county, town, village = sites.values()
    for n in (2, 3, 4):
        put(county, n)
    assert poll(town, county) == ([], [STATEMENT])
    assert poll(village, town) == ([], [STATEMENT])
    assert content_of(village) == text(4)
    put(county, 5)
    poll(town, county)
    settle(sites, 2)
    assert content_of(village) == text(5)


def test_a_newcomer_and_who_asks_for_everything_get_it_whole(sites):
    county, town, _ = sites.values()
    put(county, 2)
    with town.unit():
        known = town.core.neighbour(COUNTY)
        known.ask_full = 1
        town.spool.put_neighbour(known)
    assert poll(town, county) == ([], [STATEMENT])


def test_what_saves_nothing_is_no_difference(sites):
    doc = put(sites[COUNTY], 2)
    nothing = Statement(signed.SHELF, b"", ()), b""
    assert squeeze(nothing, doc.statement, doc.content) is None


def test_a_long_document_goes_by_what_the_dictionary_reaches():
    """Deflate sees 32 KiB back: of a longer base only its end helps, and the result is exact all the same."""
    sites = make_network()
    county, town, _ = sites.values()
    long = "".join(f"{n * 7919 % 1009}," for n in range(12_000)).encode()[:50_000]
    for n in range(2):
        county.publish("item", long[:25_000] + b"%d" % n + long[25_000:], COUNTY)
        settle(sites, 3)
    assert content_of(town) == long[:25_000] + b"1" + long[25_000:]


# --- order
def test_the_same_exchange_again_and_an_older_one_later_change_nothing(sites):
    county, town, _ = sites.values()
    put(county, 2)
    county.take(town.out(COUNTY))
    second = county.out(TOWN)
    town.take(second)
    before = town.state()
    town.take(second)
    assert town.state() == before
    poll(town, county)
    put(county, 3)
    poll(town, county)
    before = town.state()
    town.take(second)
    assert town.state() == before and content_of(town) == text(3)
    assert town.codes() == []
    assert says(town, county) == DELTA


def test_a_difference_that_comes_before_its_base_waits_for_the_whole(sites):
    county, town, village = sites.values()
    two = put(county, 2)
    three = put(county, 3)
    delta = squeeze((two.statement, two.content), three.statement, three.content)
    assert delta is not None
    town.take(county.say_items(town, encode_delta(delta), Item(STATE_END, b"")))
    assert town.codes() == ["S126"] and content_of(town) == text(1)
    settle(sites, 3)
    assert content_of(town) == content_of(village) == text(3)


def test_an_unacknowledged_version_is_no_base(sites):
    """Version 2 was sent and nobody knows whether it came: version 3 goes whole."""
    county, town, _ = sites.values()
    put(county, 2)
    county.take(town.out(COUNTY))
    county.out(TOWN)
    put(county, 3)
    assert poll(town, county) == ([], [STATEMENT])
    assert content_of(town) == text(3)


def test_by_stick_documents_go_whole(sites, tmp_path):
    county, town, _ = sites.values()
    two = put(county, 2)
    path = export(county.engine(), TOWN, tmp_path).path
    assert docs_in(path.read_bytes(), town) == [STATEMENT]
    assert import_file(town.engine(), path).complete
    assert town.application.docs[-1] == two


def test_a_stick_that_says_how_documents_are_taken_counts_for_the_line(sites, tmp_path):
    county, town, _ = sites.values()
    lose(town, first(county))
    put(county, 2)
    poll(town, county)
    import_file(county.engine(), export(town.engine(), COUNTY, tmp_path).path)
    data = county.out(TOWN)
    assert docs_in(data, town) == [STATEMENT]
    town.take(data)
    assert content_of(town) == text(2)


# --- what is given back
def test_a_county_put_back_from_a_backup_gets_its_documents_back():
    sites = made()
    county, town, village = sites.values()
    backup = copy.deepcopy(county.spool)
    put(county, 2)
    village.submit(b"{}", (COUNTY,))
    settle(sites, 3)
    county.spool = backup
    county.restart()
    with county.unit():
        county.core.identity.incarnation += 1
    settle(sites, 4)
    assert content_of(county) == content_of(town) == text(2)


@pytest.mark.parametrize("is_there", [True, False])
def test_who_asks_for_everything_gets_what_it_gave_too_but_not_what_it_names(sites, is_there):
    county, town, _ = sites.values()
    doc = put(county, 2)
    settle(sites, 3)
    county.take(town.out(COUNTY))
    if not is_there:
        with county.unit():
            county.spool.drop_held(signed.SHELF, doc.slot)
    with county.unit():
        known = county.core.neighbour(TOWN)
        known.ask_full = 1
        county.spool.put_neighbour(known)
    town.take(county.out(TOWN))
    assert docs_in(town.out(COUNTY), county) == ([] if is_there else [STATEMENT])


def test_what_came_by_another_way_is_passed_up(sites):
    """The township's own line is cut; the village has been to the county by itself."""
    county, town, village = sites.values()
    two = put(county, 2)
    exchange(village, county)
    exchange(village, county)
    assert content_of(village) == two.content
    assert poll(village, town)[0] in ([STATEMENT], [DOC_DELTA])
    assert content_of(town) == two.content
    assert poll(village, town) == ([], [])


def test_an_exchange_that_failed_here_is_believed_when_it_comes_again():
    """The unit that took the document in fails after it: nothing is remembered of who gave it."""
    sites = made()
    county, town, _ = sites.values()
    put(county, 2)
    county.take(town.out(COUNTY))
    data = county.out(TOWN)

    def adopt(docs: Sequence[ShelfDoc]) -> set[str]:
        raise RuntimeError("disk full")

    good, town.application.adopt = town.application.adopt, adopt  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        town.take(data)
    town.application.adopt = good  # type: ignore[method-assign]
    assert content_of(town) == text(1)
    town.take(data)
    assert content_of(town) == text(2)


def test_two_documents_of_one_version_are_never_mixed_up(sites):
    """Put back, the county published version 2 once more, then version 3; below they hold the other."""
    county, town, _ = sites.values()
    one, two = first(county), put(county, 2)
    settle(sites, 3)
    draft = Draft("item", "item", 2, one.statement.hash, COUNTY, b"other", START_MS)
    other = publish(draft, COUNTY, county.key, SUITE)
    draft = replace(draft, version=3, prev=other.statement.hash, content=text(3))
    three = publish(draft, COUNTY, county.key, SUITE)
    town.take(county.say_items(town, encode_statement(three.statement, three.content)))
    held = town.spool.held(signed.SHELF, three.slot)
    assert held is not None and held.rank == (3, 0, 0)
    assert two.statement.hash in town.spool.doc_names()


def test_who_gave_counts_only_while_it_surely_has_it(sites):
    (held,) = sites[COUNTY].spool.all_held(signed.SHELF)
    town = Neighbour(TOWN, instance="ab" * 8, era=1_000_001)
    givers = Givers()
    givers.hears(replace(town, era=0), (town.era, town.counter))
    assert not givers.has(town, held)
    givers.gave(town, held.key, held.statement.hash)
    assert givers.has(town, held)
    assert not givers.has(replace(town, address=VILLAGE), held)
    assert not givers.has(replace(town, instance="cd" * 8), held)
    assert not givers.has(replace(town, era=2_000_001), held)
    assert not givers.has(replace(town, counter=1), held), "another process has heard that"
    assert not givers.has(town, held._replace(statement=held.statement._replace(payload=b"{}")))
    givers.lost(TOWN)
    assert not givers.has(town, held)
    givers.gave(town, held.key, held.statement.hash)
    assert givers.has(town, held)
    # Heard here, above one that was heard elsewhere: what came before that counts no more.
    givers.hears(replace(town, counter=3), (town.era, 4))
    assert not givers.has(replace(town, counter=4), held)
    givers.gave(replace(town, counter=4), held.key, held.statement.hash)
    givers.clear()
    assert not givers.has(town, held)
