"""Former versions of shelf documents: kept by hash, fetched when an act names one, by its readers alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.adapters.bundle_file import export, import_file
from sync.adapters.http_client import HttpLine
from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.acts.deliver import Parked
from sync.protocol.checker import check
from sync.protocol.items import encode_statement, encode_want_docs
from sync.protocol.offer import Budget
from sync.protocol.shelf import Draft, ShelfDoc, publish
from tests.sync.file_spool import files_in
from tests.sync.http_site import QUICK, run, serving
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    OTHER_VILLAGE,
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
    statement_of,
)


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path: Path) -> Callable[[], Any]:
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


@pytest.fixture
def sites(spool) -> dict[str, Site]:
    return make_network(spool=spool)


def needing(site: Site, doc: ShelfDoc) -> None:
    """Let the site park every act until it has taken a document into use."""

    def judge(act):
        here = doc.statement.hash in {d.statement.hash for d in site.application.docs}
        return None if here else Parked("E199", f"doc:{doc.statement.hash}")

    site.application.judge = judge


def versions(site: Site, count: int, audience: str = COUNTY, size: int = 0) -> list[ShelfDoc]:
    return [site.publish("item", b"version %d" % n + bytes(size), audience) for n in range(1, count + 1)]


def shelf(site: Site) -> list[Any]:
    return site.spool.all_held(signed.SHELF)


def wanted(site: Site, address: str) -> tuple[str, ...]:
    """What a site believes a neighbour wants."""
    return site.peer.neighbour(address).wanted_docs


def test_a_newcomer_is_given_the_version_in_force_and_fetches_an_old_one_when_an_act_names_it(sites):
    county, town, village = sites.values()
    one, two = versions(county, 2)
    settle(sites, 3)
    assert [d.version for d in village.application.docs] == [2]
    needing(village, one)
    before = shelf(village), village.spool.identity().stamp
    act = county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    exchange(village, town)
    (row,) = village.spool.parked()
    assert row.waits_for == f"doc:{one.statement.hash}"

    # The township has read the act and needs nothing; it never had version 1 and cannot give it.
    exchange(village, town)
    assert wanted(town, VILLAGE) == (one.statement.hash,)
    assert village.application.ids == []
    village.take(county.out(VILLAGE))
    exchange(village, county)
    assert village.application.ids == [act]
    assert [d.version for d in village.application.docs] == [2, 1]
    assert shelf(village) == before[0]
    assert village.spool.doc(one.statement.hash) == (one.statement, one.content)

    exchange(village, town)
    exchange(village, county)
    assert wanted(town, VILLAGE) == wanted(county, VILLAGE) == ()
    assert len(village.application.docs) == 2 and village.spool.parked() == []
    assert two.statement.hash in village.spool.doc_names()


def test_on_the_way_down_each_fetches_it_from_the_one_above(sites):
    """The township parks the same act, fetches the document, and then has it for the village."""
    county, town, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    needing(town, one)
    needing(village, one)
    act = county.submit(b"{}", (VILLAGE,))
    settle(sites, 5)
    assert town.application.ids == village.application.ids == [act]
    assert [d.version for d in village.application.docs] == [2, 1]


def test_a_child_answers_its_parent_too(spool):
    """The county was put up anew and lost its former versions; below, they have the one the case names."""
    sites = make_network(spool=spool)
    county, _, village = sites.values()
    one = county.publish("item", b"one", COUNTY)
    settle(sites, 3)
    county.publish("item", b"two", COUNTY)
    settle(sites, 3)
    forget_doc(county, one)
    needing(county, one)
    act = village.submit(b"{}", (COUNTY,))
    settle(sites, 4)
    assert county.application.ids == [act]
    assert county.spool.doc(one.statement.hash) == (one.statement, one.content)


def forget_doc(site: Site, doc: ShelfDoc) -> None:
    if isinstance(site.spool, MemorySpool):
        del site.spool._docs[doc.statement.hash]
    else:
        site.spool._database.execute_sql("DELETE FROM sync_doc WHERE hash = ?", (doc.statement.hash,))


def test_by_stick_there_and_back(sites, tmp_path):
    county, _, village = sites.values()
    one, _ = versions(county, 2)
    needing(village, one)
    act = county.submit(b"{}", (VILLAGE,))
    folder = tmp_path / "stick"
    folder.mkdir()
    import_file(village.engine(), export(county.engine(), VILLAGE, folder).path)
    assert [d.version for d in village.application.docs] == [2] and village.application.ids == []
    import_file(county.engine(), export(village.engine(), COUNTY, folder).path)
    answer = export(county.engine(), VILLAGE, folder).path
    report = import_file(village.engine(), answer)
    assert (report.docs, village.application.ids) == (1, [act])
    state = village.state()
    assert import_file(village.engine(), answer).docs == 0
    assert village.state() == state


def test_over_real_http_the_answer_brings_what_the_request_asks_for():
    sites = make_network()
    village, town = sites[VILLAGE], sites[TOWN]
    one = town.publish("item", b"one", TOWN)
    town.publish("item", b"two", TOWN)
    settle(sites, 2)
    needing(village, one)
    with serving(town) as parent:
        act = town.submit(b"{}", (VILLAGE,))
        assert [run(village, HttpLine(QUICK), parent.url).docs for _ in range(3)] == [0, 1, 0]
    assert village.application.ids == [act]
    assert village.spool.parked() == []


def test_the_checker_looks_at_former_versions_too(sites):
    _, _, village = sites.values()
    one, _ = versions(village, 2, audience=VILLAGE)
    with village.unit():
        assert check(village.core).problems == []
    forget_doc(village, one)
    damaged = one.statement._replace(signatures=())
    with village.unit():
        village.spool.add_doc(damaged, one.content)
        assert check(village.core).problems == [f"signature: shelf {one.statement.hash[:16]}"]


def test_a_want_survives_a_restart_and_ends_with_the_wait(sites):
    county, town, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    needing(village, one)
    act = county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    exchange(village, town)
    village.restart()
    village.take(county.out(VILLAGE))
    data = village.out(COUNTY)
    county.take(data)
    assert wanted(county, VILLAGE) == (one.statement.hash,)
    # The act is judged otherwise before the answer comes: the document is passed over as any old one.
    village.application.judge = lambda act: Parked("E199", "person")
    with village.unit():
        village.peer.wake({f"doc:{one.statement.hash}"}, village.application)
    village.take(county.out(VILLAGE))
    assert village.spool.doc(one.statement.hash) is None
    exchange(village, county)
    assert wanted(county, VILLAGE) == ()
    assert [row.id for row in village.spool.parked()] == [act]


def test_an_old_version_nobody_waits_for_is_passed_over(sites):
    county, _, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    before = village.state()
    village.codes()
    village.take(county.say_items(village, encode_statement(one.statement, one.content)))
    assert village.state() == before and village.codes() == []


def test_what_is_forged_is_refused_though_it_is_wanted(sites):
    county, town, village = sites.values()
    one, _ = versions(county, 2)
    settle(sites, 3)
    needing(village, one)
    county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    exchange(village, town)
    before = village.state()
    stranger = SUITE.pair(bytes(64))
    resigned = signed.make(
        signed.SHELF, {k: v for k, v in one.statement.fields().items() if k != "v"}, (stranger,), SUITE
    )
    assert resigned.hash == one.statement.hash
    by_town = statement_of(town, signed.SHELF, {k: v for k, v in one.statement.fields().items() if k != "v"})
    damaged = one.statement._replace(
        signatures=tuple((key, bytes(64)) for key, _ in one.statement.signatures)
    )
    village.codes()
    for statement, content in (
        (resigned, one.content),
        (by_town, one.content),
        (damaged, one.content),
        (one.statement._replace(signatures=()), one.content),
        (one.statement, one.content + b" "),
    ):
        village.take(town.say_items(village, encode_statement(statement, content)))
        assert village.codes() == ["S112"]
        assert village.state() == before
    village.take(town.say_items(village, encode_statement(one.statement, one.content)))
    assert village.spool.parked() == []


def test_two_documents_of_one_version_are_told_apart_by_their_hash(sites):
    """The county was put back and published version 2 once more: a case names the one that was lost there."""
    county, town, village = sites.values()
    one, two = versions(county, 2)
    settle(sites, 3)
    draft = Draft("item", "item", 2, one.statement.hash, COUNTY, b"the other two", START_MS)
    lost = publish(draft, COUNTY, county.key, SUITE)
    needing(village, lost)
    act = county.submit(b"{}", (VILLAGE,))
    exchange(town, county)
    exchange(village, town)
    village.take(town.say_items(village, encode_statement(lost.statement, lost.content)))
    assert village.application.ids == [act]
    assert [h.content for h in shelf(village)] == [two.content]


def test_nobody_outside_the_audience_is_given_a_document():
    """Siblings know the hash, and ask: on a path with the county as they are, they get nothing."""
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN, OTHER_VILLAGE))
    county, other = sites[COUNTY], sites[OTHER_TOWN]
    one, two = versions(county, 2, audience=VILLAGE)
    settle(sites, 2)
    ask = encode_want_docs([one.statement.hash, two.statement.hash])
    for site in (other, sites[OTHER_VILLAGE]):
        county.take(site.say_items(county, hello(), ask, STATE_ENDS))
        assert len(wanted(county, site.address)) == 2
        assert county.peer.asked_for(county.peer.neighbour(site.address))[1] == []
        assert county.peer.waits_for(site.address) == 0
        site.take(county.out(site.address, Budget(10**9, is_answered=False)))
        assert site.spool.doc_names() == []
    town = sites[TOWN]
    county.take(town.say_items(county, hello(), ask, STATE_ENDS))
    assert county.peer.asked_for(county.peer.neighbour(TOWN))[1] == sorted(
        [one.statement.hash, two.statement.hash]
    )


def test_a_node_keeps_the_versions_it_held_and_a_latecomer_gets_them_from_it(sites):
    """Versions 1 and 2 pass one after the other: both stay, at the author and below it."""
    county, town, village = sites.values()
    docs = []
    for n in range(3):
        docs.append(county.publish("item", b"version %d" % n, COUNTY))
        settle(sites, 3)
    names = sorted(d.statement.hash for d in docs)
    assert county.spool.doc_names() == town.spool.doc_names() == village.spool.doc_names() == names
    late = new_site(county, "511921108299")
    assert late.spool.doc_names() == []
    assert [h.rank[0] for h in shelf(town)] == [3]
