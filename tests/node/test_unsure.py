"""A node put back asks itself at each step of a case who has its acts; to look costs a word to all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from common.clock import FixedClock
from common.desk.pages import line_back
from common.desk.pages.line_back import Fetching
from common.node import records
from common.node.watches.unsure import Unsure
from sync.adapters.spool import SqlSpool
from sync.protocol.means import Note
from tests.desk.three import COUNTY, TOWN, ThreeNodes


def test_it_is_looked_at_now_and_then_and_no_more_once_all_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A county has five hundred neighbours, and kept looking for ever after; a new copy is seen at once."""
    clock, looks, said, notes = FixedClock(1_790_000_000_000), [], [Fetching(1, ["511921101"], False)], [0]
    node = SimpleNamespace(me="511921", clock=clock, notes=lambda limit, code: [], spool=_Spool())
    monkeypatch.setattr(line_back, "fetching", lambda *_: looks.append(1) or said[0])
    monkeypatch.setattr(records, "newest_of", lambda code, address: notes[0])
    unsure = Unsure()
    assert unsure.of(node) == frozenset() and not looks, "it was never put back"
    notes[0] = 7
    for _ in range(100):
        assert unsure.of(node) == {"511921101"}
    assert len(looks) == 1
    said[0] = Fetching(1, [], True)
    clock.advance(11_000)
    for _ in range(100):
        assert unsure.of(node) == frozenset()
        clock.advance(60_000)
    assert len(looks) == 2
    node.spool.doubts.append(SimpleNamespace(key="511921|e1|511921103"))
    assert unsure.of(node) == {"511921103"}, "another copy of an own stream turned up"
    node.spool.doubts.clear()
    notes[0], said[0] = 8, Fetching(2, ["511921102"], False)
    assert unsure.of(node) == {"511921102"}


class _Spool:
    def __init__(self) -> None:
        self.doubts: list[object] = []

    def all_held(self, sort: str) -> list[object]:
        return self.doubts


def test_a_county_that_waits_reads_no_streams_of_all_its_nodes(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sixty townships below it took a quarter of a second for each case, and all others waited."""
    node = three.open(COUNTY)
    with node.unit():
        town = node.spool.neighbour(TOWN)
        assert town is not None
        town.contact_at, town.ask_full = three.now(), 1
        node.spool.put_neighbour(town)
    node.journal([Note("S128", COUNTY, "restored")])
    assert node.casework.ctx.unsure() == frozenset({TOWN})
    with node.unit():
        town.ask_full = 0
        node.spool.put_neighbour(town)
    monkeypatch.setattr(SqlSpool, "streams", lambda spool: pytest.fail("read whole"))
    three.clock.advance(11_000)
    assert node.casework.ctx.unsure() == frozenset()
