"""Documents wanted by hash: bounded, within the budget, at once when they are there and never a busy line."""

from __future__ import annotations

import pytest

from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol import documents
from sync.protocol.acts.deliver import Parked
from sync.protocol.items import decode_want_docs, encode_want_docs
from sync.protocol.offer import Budget
from sync.protocol.records import WANT_DOCS, Item
from sync.protocol.wants import WANTS_MAX
from tests.sync.made import OTHER
from tests.sync.network import COUNTY, STATE_ENDS, TOWN, VILLAGE, Site, exchange, hello, make_network, settle
from tests.sync.test_documents import needing, versions, wanted
from tests.sync.wire import Wire

HALF = 2**31


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def test_a_long_line_of_documents_comes_piece_by_piece_within_the_budget(sites):
    county, _, village = sites.values()
    docs = versions(county, 9, size=20_000)
    settle(sites, 3)
    needed = {d.statement.hash: d for d in docs[:8]}

    def judge(act):
        name = act.content.decode().strip('"')
        here = name in {d.statement.hash for d in village.application.docs}
        return None if here else Parked("E199", f"doc:{name}")

    village.application.judge = judge
    acts = [county.submit(b'"%s"' % name.encode(), (VILLAGE,)) for name in needed]
    exchange(village, county)
    sizes = []
    for _ in range(8):
        county.take(village.out(COUNTY))
        before = len(village.application.docs)
        village.take(county.out(VILLAGE, Budget(90_000)))
        sizes.append(len(village.application.docs) - before)
    assert sizes == [2, 2, 2, 2, 0, 0, 0, 0]
    assert sorted(village.application.ids) == sorted(acts)


def test_wants_nobody_can_fill_are_bounded_do_not_block_and_leave_the_line_at_rest():
    """Hundreds of acts name documents that are nowhere; the one that exists comes, then the line is quiet."""
    sites = make_network()
    county, town, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    here: set[str] = set()

    def judge(act):
        name = act.content.decode().strip('"')
        return None if name in here else Parked("E199", f"doc:{name}")

    town.application.judge = judge
    names = [f"{n:064x}" for n in range(3 * WANTS_MAX)] + [one.statement.hash]
    for name in names:
        village.submit(b'"%s"' % name.encode(), (COUNTY,))
    exchange(village, town)
    for _ in range(5):
        exchange(town, county)
        assert len(wanted(county, TOWN)) == WANTS_MAX
    assert one in town.application.docs
    settle(sites, 6)

    for child, parent in ((village, TOWN), (town, COUNTY)):
        uplinks = (Uplink(parent, parent),)
        runner = Runner(child.engine(), Wire(sites), lambda u=uplinks: u, Pace(60_000, 90_000), lambda: HALF)
        runner.step()
        assert [runner.step() for _ in range(6)] == [60_000] * 6
    assert len(town.spool.parked_for("doc:", 1000)) == len(names)


def test_who_names_very_many_documents_that_never_were_hides_none_that_others_wait_for(monkeypatch):
    monkeypatch.setattr(documents, "WANTS_READ", 2 * WANTS_MAX)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)

    def judge(act):
        name = act.content.decode().strip('"')
        here = name in {d.statement.hash for d in town.application.docs}
        return None if here else Parked("E199", f"doc:{name}")

    town.application.judge = judge
    for n in range(2 * WANTS_MAX + 1):
        village.submit(b'"%064x"' % n, (TOWN,))
    exchange(village, town)
    late = other.submit(b'"%s"' % one.statement.hash.encode(), (TOWN,))
    exchange(other, town)
    for _ in range(2):
        exchange(town, county)
    assert town.application.ids == [late] and one in town.application.docs


def test_a_document_asked_for_comes_in_the_next_exchange_at_once():
    """The line follows at once: the act, the want with its answer, and then it rests."""
    sites = make_network()
    county, town, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    needing(town, one)
    uplinks = (Uplink(COUNTY, COUNTY),)
    runner = Runner(town.engine(), Wire(sites), lambda: uplinks, Pace(60_000, 90_000), lambda: HALF)
    act = county.submit(b"{}", (VILLAGE,))
    pauses = []
    while not pauses or pauses[-1] == 0:
        pauses.append(runner.step())
    assert town.application.ids == [act] and len(pauses) <= 4
    assert village.application.ids == []


def test_a_malformed_want_costs_its_record_alone_and_a_long_one_is_cut(sites):
    _, town, village = sites.values()
    exchange(village, town)
    town.codes()
    bad = Item(WANT_DOCS, b"", bytes(33))
    good = encode_want_docs(["ab" * 32])
    town.take(village.say_items(town, hello(), bad, good, STATE_ENDS))
    assert town.codes() == ["S109"] and wanted(town, VILLAGE) == ("ab" * 32,)
    many = encode_want_docs(f"{n:064x}" for n in range(300))
    assert len(decode_want_docs(many)) == 300
    town.take(village.say_items(town, hello(), many, STATE_ENDS))
    assert len(wanted(town, VILLAGE)) == WANTS_MAX
