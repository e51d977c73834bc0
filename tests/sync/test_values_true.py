"""No state that a node comes into, whatever a neighbour says, is taken for one no program has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from peewee import SqliteDatabase

from sync.adapters import spool_schema
from sync.adapters.spool import SqlSpool
from sync.adapters.spool_values import ODD
from sync.protocol import signed
from sync.protocol.frame import StreamId, Wrap
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import encode_statement, encode_vector, encode_want_blobs
from sync.protocol.records import FRAMES
from sync.protocol.spool import Part
from tests.sync.forgery import all_frames
from tests.sync.network import (
    COUNTY,
    START_MS,
    STATE_ENDS,
    SUITE,
    VILLAGE,
    Site,
    exchange,
    hello,
    make_network,
)
from tests.sync.test_offer import purged_to

MOST, LARGEST_JSON = 2**63 - 1, 2**53 - 1


class OnDisk(SqlSpool):
    """The spool on a database of its own, in memory."""

    def __init__(self) -> None:
        self.opened = SqliteDatabase(":memory:")
        self.opened.connect()
        spool_schema.create(self.opened)
        super().__init__(self.opened)

    @contextmanager
    def unit(self) -> Iterator[None]:
        with self.opened.atomic(), super().unit():
            yield


@pytest.fixture
def sites() -> Iterator[dict[str, Site]]:
    made = make_network(spool=OnDisk)
    yield made
    for site in made.values():
        site.spool.opened.close()


def odd(site: Site) -> list[str]:
    """Return the columns of a node with a value of which it is said that no program wrote it."""
    found = []
    for table, forms in ODD.items():
        for column, form in forms.items():
            sql = f"SELECT MAX(CASE WHEN {form.format(column)} THEN 1 ELSE 0 END) FROM {table}"
            found += [f"{table}.{column}"] if site.spool.opened.execute_sql(sql).fetchone()[0] else []
    return found


def test_a_stream_that_was_led_over_its_frames_by_its_authors_word_is_a_true_one(sites):
    """The township holds the first acts, and what follows was purged where it could come from."""
    county, town, village = sites.values()
    village.submit(b'{"n":1}', (COUNTY,))
    exchange(village, town)
    village.submit(b'{"n":2}', (COUNTY,))
    for _ in range(2):
        exchange(village, county)
    purged_to(village, VILLAGE, COUNTY)
    exchange(village, town)
    begun = town.stream(VILLAGE, COUNTY)
    assert (begun.base, begun.upto) == (2, 2) and odd(town) == []
    with town.unit():
        begun.base = begun.upto = begun.papers = 0
        town.spool.put_stream(begun)
    assert odd(town) == ["sync_stream.upto"], "one that ends below its frames is none"


def test_wraps_that_a_neighbour_puts_to_an_open_act_are_nobodys_damage(sites):
    """No signature covers them: whoever passes an act on may."""
    county, town, village = sites.values()
    act = village.submit(b'{"n":1}', (COUNTY,))
    (frame,) = all_frames(village)
    wrapped = frame._replace(wraps=(Wrap("ab" * 16, bytes(80)),))
    exchange(village, town)
    record = village.core.epoch(*frame.header.stream[:2]).statement
    said = (hello(), encode_statement(record), STATE_ENDS, encode_frames(FRAMES, [wrapped]))
    county.take(town.say_items(county, *said))
    assert county.application.ids == [act] and odd(county) == []


def test_the_largest_numbers_that_a_neighbour_can_say_are_no_damage(sites):
    county, town, _ = sites.values()
    lines = {StreamId(VILLAGE, "999999999-" + "ab" * 8, COUNTY): Part(MOST, MOST, bytes(32))}
    said = {"need_full": 7, "more": LARGEST_JSON, "soon_ms": LARGEST_JSON, "ack": LARGEST_JSON}
    wants = encode_want_blobs([("ab" * 32, MOST)])
    far = {"counter": LARGEST_JSON, "incarnation": LARGEST_JSON, "epoch": "999999999-" + "ab" * 8}
    items = (hello(lines, now=START_MS, **said), encode_vector(lines), wants, STATE_ENDS)
    town.take(county.say_items(town, *items, **far))
    assert town.core.neighbour(COUNTY).soon_ms == LARGEST_JSON and odd(town) == []


def test_fields_of_an_epoch_that_nobody_looks_at_are_no_damage_whatever_a_neighbour_puts_there(sites):
    """Who takes it in would not start any more, by what somebody else has signed."""
    _, town, village = sites.values()
    odd_ones = dict.fromkeys(("prev", "heads", "heads_hash", "reason", "at"), 7)
    fields = {**odd_ones, "src": VILLAGE, "n": 2, "random": "ab" * 8, "key": village.key.id}
    record = signed.make(signed.EPOCH, fields, (village.key,), SUITE)
    town.take(village.say_items(town, hello(), encode_statement(record), STATE_ENDS))
    assert town.core.epoch(VILLAGE, "2-" + "ab" * 8) is not None and odd(town) == []
