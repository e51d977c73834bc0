"""Differences that cannot be used, forged ones, and programs that know none: the whole one follows."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed, state_out
from sync.protocol.own import deltas
from sync.protocol.own.deltas import DELTA, WHOLE, encode_delta, squeeze
from sync.protocol.peer import Incoming
from sync.protocol.records import DOC_DELTA, STATEMENT, pack_record, unpack_record
from tests.sync.deltas_made import content_of, first, lose, made, poll, put, says, text
from tests.sync.file_spool import files_in
from tests.sync.network import (
    COUNTY,
    TOWN,
    Site,
    settle,
    statement_of,
)


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return made(spool)


# --- not taken
def test_who_lacks_the_base_says_so_and_gets_it_whole(sites):
    county, town, village = sites.values()
    two = put(county, 2)
    lose(town, first(county))
    before = content_of(town)
    assert poll(town, county) == ([], [DOC_DELTA])
    assert (town.codes(), content_of(town)) == (["S126"], before)
    town.restart()
    assert says(town, county) == WHOLE
    assert poll(town, county) == ([], [STATEMENT])
    assert content_of(town) == two.content
    assert says(town, county) == DELTA
    poll(town, county)
    put(county, 3)
    assert poll(town, county) == ([], [DOC_DELTA])
    settle(sites, 3)
    assert content_of(village) == text(3)


def test_a_base_with_other_bytes_gives_a_document_that_is_refused_and_then_it_comes_whole(sites):
    county, town, _ = sites.values()
    two = put(county, 2)
    one = first(county)
    lose(town, one)
    with town.unit():
        town.spool.add_doc(one.statement, one.content.replace("第59条".encode(), "第95条".encode()))
    assert poll(town, county) == ([], [DOC_DELTA])
    assert town.codes() == ["S112"] and content_of(town) == text(1)
    assert poll(town, county) == ([], [STATEMENT])
    assert content_of(town) == two.content


def test_what_a_neighbour_forges_is_refused(sites):
    """Altered, for another content, by another author, unsigned, cut, too long: nothing changes."""
    county, town, village = sites.values()
    one, two = first(county), put(county, 2)
    base = (one.statement, one.content)
    good = squeeze(base, two.statement, two.content)
    assert good is not None
    fields = {k: v for k, v in two.statement.fields().items() if k != "v"}
    by_town = statement_of(town, signed.SHELF, fields)
    wrong = squeeze(base, two.statement, two.content + b" ")
    forged = squeeze(base, by_town, two.content)
    assert wrong is not None and forged is not None
    bad = [
        wrong,
        forged,
        good._replace(signatures=()),
        good._replace(signatures=((good.signatures[0][0], bytes(64)),)),
        good._replace(squeezed=good.squeezed[:-3]),
        good._replace(squeezed=good.squeezed + b"x"),
        good._replace(squeezed=b""),
        good._replace(squeezed=bytes(40)),
        good._replace(payload_len=good.payload_len + 1, content_len=good.content_len - 1),
        good._replace(content_len=good.content_len - 1),
        good._replace(content_len=good.content_len + 1),
    ]
    before = village.state()
    for delta in bad:
        village.take(town.say_items(village, encode_delta(delta)))
        assert village.codes() == ["S112"], delta
        assert village.state() == before
    village.take(town.say_items(village, encode_delta(good._replace(base="ab" * 32))))
    assert village.codes() == ["S126"] and village.state() == before
    village.take(town.say_items(village, encode_delta(good)))
    assert village.application.docs[-1] == two


def test_lengths_beyond_the_limit_are_refused_unread(sites):
    _, town, village = sites.values()
    for lengths in ((60_001, 1), (1, 60_001), (2**40, 2**40)):
        delta = deltas.DocDelta("ab" * 32, *lengths, (), b"")
        village.take(town.say_items(village, encode_delta(delta)))
        assert village.codes() == ["S110"]
    many = deltas.DocDelta("ab" * 32, 1, 1, (("ab" * 16, bytes(64)),) * 9, b"")
    village.take(town.say_items(village, encode_delta(many)))
    assert village.codes() == ["S110"]


def test_bombs_inflate_to_no_more_than_they_say(sites):
    """One that would go on for 14 MB, and records full of those that go up to the limit."""
    _, town, village = sites.values()
    (name,) = village.spool.doc_names()
    tracemalloc.start()
    begun = time.monotonic()
    for length, count in ((14_000_000, 1), (120_000, 80)):
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
        parts = [squeezer.compress(bytes(1000)) for _ in range(length // 1000)]
        squeezed = b"".join(parts) + squeezer.flush()
        item = encode_delta(deltas.DocDelta(name, 60_000, 60_000, (), squeezed))
        tracemalloc.reset_peak()
        village.take(town.say(village, [pack_record([item] * count, b"")] * 3))
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
        assert set(village.codes()) == {"S112"}
    tracemalloc.stop()
    assert time.monotonic() - begun < 10


# --- older programs
class Older(Site):
    """A site with the program before there were differences."""

    def out(self, *args: Any) -> bytes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(state_out, "word_for", lambda neighbour: "")
            patch.setattr(state_out, "difference", lambda *args: None)
            return super().out(*args)

    def absorb(self, incoming: Incoming, plains: Sequence[bytes]) -> None:
        known = [[i for i in unpack_record(plain, b"") if i.kind != DOC_DELTA] for plain in plains]
        super().absorb(incoming, [pack_record(items, b"") for items in known])


def test_an_older_program_below_gets_documents_whole(sites):
    county, town, village = sites.values()
    town.__class__ = Older
    poll(town, county)
    for n in (2, 3):
        put(county, n)
        assert poll(town, county) == ([], [STATEMENT])
        assert poll(village, town) == ([], [STATEMENT])
        settle(sites, 2)
    assert content_of(village) == text(3)


def test_an_older_program_above_sends_them_whole_until_it_is_renewed(sites):
    county, town, _ = sites.values()
    county.__class__ = Older
    put(county, 2)
    assert poll(town, county) == ([], [STATEMENT])
    poll(town, county)
    county.__class__ = Site
    put(county, 3)
    assert poll(town, county) == ([], [DOC_DELTA])
    assert content_of(town) == text(3)


def test_who_went_back_to_an_older_program_and_acknowledged_what_it_passed_over_gets_it_after_all(sites):
    """The child sends first and cannot know; the older program takes the exchange for complete."""
    county, town, _ = sites.values()
    for n in (1, 2):
        town.publish("notice", text(n), TOWN)
        settle(sites, 3)
    county.__class__ = Older
    town.publish("notice", text(3), TOWN)
    assert poll(town, county)[0] == [DOC_DELTA]
    assert text(3) not in {h.content for h in county.spool.all_held(signed.SHELF)}
    settle(sites, 2)
    assert text(3) in {h.content for h in county.spool.all_held(signed.SHELF)}
    assert poll(town, county) == ([], [])


def test_the_word_outlives_an_unreadable_dictionary(sites):
    _, town, _ = sites.values()
    with town.unit():
        town.peer._write_plainly(COUNTY)
    assert town.peer.neighbour(COUNTY).reads == (DELTA,)
