"""A node put back from an older copy: nothing is lost that anybody else has, nothing is applied twice."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.canonical import dumps
from sync.protocol.incoming.intake import take_frames
from sync.protocol.offer import Budget
from sync.protocol.spool import EVIDENCE
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
    trust,
)


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def said(n: int, *to: str) -> bytes:
    return dumps({"n": n, "to": list(to or (COUNTY,))})


def filed(site: Site, count: int, first: int = 0, to: tuple[str, ...] = (COUNTY,)) -> list[str]:
    return [site.submit(said(first + n, *to), to) for n in range(count)]


def all_equal(sites: dict[str, Site]) -> None:
    """Every node on the way of a stream holds the same of it."""
    heads: dict[object, set[object]] = {}
    for site in sites.values():
        for s in site.spool.streams():
            if s.upto:
                heads.setdefault(s.id, set()).add((s.upto, s.head))
    assert all(len(found) == 1 for found in heads.values()), heads


def applied_once(site: Site, acts: list[str]) -> None:
    assert len(site.application.ids) == len(set(site.application.ids))
    assert set(acts) <= set(site.application.ids)


def test_an_old_database_is_found_at_the_start_and_gets_its_acts_back_in_one_exchange(sites):
    county, town, village = sites.values()
    filed(village, 5)
    settle(sites, 2)
    kept = copy_of(village)
    reached = filed(village, 20, 100)
    exchange(village, town)
    gone = filed(village, 3, 200)
    first_epoch = village.core.identity.epoch
    assert put_back(village, kept) == "witness ahead"
    assert village.codes() == ["S128"]
    assert village.core.identity.epoch.startswith("2-") and first_epoch.startswith("1-")
    new = filed(village, 2, 300)
    exchange(village, town)
    assert {a for a in reached if village.spool.act(a)} == set(reached)
    applied_once(village, reached)
    assert not any(village.spool.act(act) for act in gone)
    settle(sites)
    applied_once(county, [*reached, *new])
    all_equal(sites)
    # Nothing that came back was given a second place, for none misses one.
    assert len(village.spool.frames_after({s.id: 0 for s in village.spool.streams()}, 0, 99)) == 27
    assert put_back(village, copy_of(village)) == ""


@pytest.mark.parametrize("lost", ["missing", "foreign"])
def test_a_witness_that_is_gone_or_of_another_installation_means_a_new_epoch(sites, lost):
    village = sites[VILLAGE]
    filed(village, 1)
    exchange(village, sites[TOWN])
    instance = village.core.identity.instance
    if lost == "missing":
        village.word = None
    else:
        kept = copy_of(village)
        kept.spool._identity.instance = "0123456789abcdef"
        assert put_back(village, kept) == "other installation"
        assert village.spool.identity().instance == instance
        return
    assert put_back(village, copy_of(village)) == "witness lost"
    assert village.spool.identity().instance != instance
    assert village.spool.identity().epoch.startswith("2-")
    assert village.spool.identity().incarnation == 2


def test_a_whole_image_put_back_finds_out_from_its_own_acts_and_forks_nothing(sites):
    """Nobody can know at the start; the town's copy tells, the county's copy wins, no act is lost."""
    county, town, village = sites.values()
    filed(village, 2)
    settle(sites, 2)
    kept = copy_of(village)
    first_life = filed(village, 4, 100)
    exchange(village, town)
    assert put_back(village, kept, with_witness=1) == ""
    second_life = filed(village, 6, 200)
    # The second life reaches the county first, on a stick.
    county.take(village.out(COUNTY, Budget(10**9, is_answered=False)))
    settle(sites)
    assert village.core.identity.epoch.startswith("2-")
    for site in (county, town, village):
        applied_once(site, first_life if site is village else [*first_life, *second_life])
    all_equal(sites)
    stream = county.stream(VILLAGE, COUNTY)
    assert stream.upto == 8
    assert "S120" in town.codes() and town.spool.asides(EVIDENCE)
    quiet = [site.state() for site in sites.values()]
    settle(sites, 2)
    assert [site.state() for site in sites.values()] == quiet


def test_an_act_to_two_places_gets_the_place_it_misses(sites):
    """Only one of the act's two frames had left the village before it was put back."""
    sites = make_network((COUNTY, TOWN, VILLAGE, "511921110", OTHER_VILLAGE))
    settle(sites, 2)
    county, village, other = sites[COUNTY], sites[VILLAGE], sites[OTHER_VILLAGE]
    kept = copy_of(village)
    (act,) = filed(village, 1, to=(COUNTY, OTHER_VILLAGE))
    frames = [p.frame for p in village.spool.frames_after({s.id: 0 for s in village.spool.streams()}, 0, 9)]
    assert [f.header.stream.dst for f in frames] == [COUNTY, OTHER_VILLAGE]
    with county.unit():
        county.core.spool.put_held(village.spool.all_held(signed.EPOCH)[-1])
        take_frames(county.core, frames[:1], county.now_ms)
    village.word = village.core.heads.word(village.core)
    assert put_back(village, kept) == "witness ahead"
    settle(sites)
    assert other.application.ids == [act]
    all_equal(sites)


def test_a_parent_put_back_is_given_everything_again_and_its_newer_word_counts(sites):
    county, town, village = sites.values()
    filed(village, 3)
    settle(sites, 2)
    kept = copy_of(town)
    doc = county.publish("notice", b"x" * 300, COUNTY)
    acts = filed(village, 5, 100)
    settle(sites, 3)
    assert town.spool.doc(doc.statement.hash)
    assert put_back(town, kept) == "witness ahead"
    assert town.spool.identity().incarnation == 2
    settle(sites, 3)
    applied_once(town, acts)
    applied_once(county, acts)
    assert town.spool.doc(doc.statement.hash)
    all_equal(sites)
    receipts = [h for h in village.spool.all_held(signed.RECEIPT) if f"|{TOWN}|hop" in h.key]
    assert receipts and all(h.rank[0] == 2 for h in receipts)


def test_a_parent_whose_image_was_put_back_learns_it_from_its_own_receipts(sites):
    _, town, village = sites.values()
    filed(village, 3)
    settle(sites, 2)
    kept = copy_of(town)
    acts = filed(village, 5, 100)
    settle(sites, 3)
    assert put_back(town, kept, with_witness=1) == ""
    settle(sites, 6)
    assert town.spool.identity().incarnation > 1
    applied_once(town, acts)
    all_equal(sites)


def test_the_top_put_back_gets_its_own_acts_and_those_of_others_from_below(sites):
    county, _, village = sites.values()
    filed(village, 3)
    settle(sites, 2)
    kept = copy_of(county)
    acts = filed(village, 4, 100)
    settle(sites, 2)
    own = [county.submit(said(500 + n, VILLAGE), (VILLAGE,)) for n in range(3)]
    settle(sites, 3)
    applied_once(village, own)
    for with_witness in (0, 1):
        put_back(county, kept, with_witness=with_witness)
        more = [county.submit(said(600 + with_witness, VILLAGE), (VILLAGE,))]
        settle(sites, 8)
        applied_once(county, [*acts, *own])
        applied_once(village, [*own, *more])
        all_equal(sites)
        kept = copy_of(county)
        own += [county.submit(said(700 + n, VILLAGE), (VILLAGE,)) for n in range(2)]
        settle(sites, 3)


def test_both_ends_put_back_at_once_come_together(sites):
    _, town, village = sites.values()
    filed(village, 3)
    settle(sites, 2)
    kept = copy_of(village), copy_of(town)
    acts = filed(village, 5, 100)
    settle(sites, 3)
    for site, copied in zip((village, town), kept, strict=True):
        put_back(site, copied, with_witness=1)
    more = filed(village, 2, 200)
    settle(sites, 12)
    for site in sites.values():
        applied_once(site, acts if site is village else [*acts, *more])
    all_equal(sites)


def test_two_copies_of_one_disk_at_work_come_together_and_people_are_told(sites):
    county, town, village = sites.values()
    filed(village, 2)
    settle(sites, 2)
    kept = copy_of(village)
    twin = Site(VILLAGE, village.spool.identity().fingerprint, 77)
    twin.key = village.key
    put_back(twin, kept, with_witness=1)
    acts = []
    for n in range(4):
        acts += filed(village, 2, 100 + 10 * n) + filed(twin, 2, 1000 + 10 * n)
        exchange(village, town)
        exchange(twin, town)
        exchange(town, county)
    for _ in range(8):
        exchange(village, town)
        exchange(twin, town)
        exchange(town, county)
    applied_once(county, acts)
    assert "S122" in town.codes()


def test_nothing_is_concluded_from_what_somebody_else_signed(sites):
    """A neighbour may say what it likes: only an own signature makes a node leave its epoch."""
    _, town, village = sites.values()
    filed(village, 1)
    exchange(village, town)
    before = village.spool.identity()
    with town.unit():
        neighbour = town.peer.neighbour(VILLAGE)
        neighbour.taken = 5_000
        town.spool.put_neighbour(neighbour)
    exchange(village, town)
    exchange(village, town)
    after = village.spool.identity()
    assert (after.epoch, after.incarnation) == (before.epoch, before.incarnation)


def test_an_image_from_before_an_epoch_of_its_own_learns_of_it(sites):
    """Put back twice, the second time from before the first: its later epoch comes home."""
    county, town, village = sites.values()
    filed(village, 2)
    settle(sites, 2)
    image = copy_of(village)
    filed(village, 2, 100)
    database = copy_of(village)
    acts = filed(village, 2, 200)
    exchange(village, town)
    assert put_back(village, database) == "witness ahead"
    acts += filed(village, 2, 300)
    settle(sites, 3)
    assert put_back(village, image, with_witness=1) == ""
    acts += filed(village, 1, 400)
    settle(sites, 8)
    assert village.spool.identity().epoch.startswith("3-")
    applied_once(county, acts)
    all_equal(sites)


def test_the_top_put_back_to_before_it_entered_a_node_knows_it_again():
    """Only its own roster key's word is believed, and the node says it when it is not answered."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    settle(sites, 2)
    kept = copy_of(county)
    village = new_site(county, VILLAGE)
    with county.unit():
        enter(county, village.key, VILLAGE)
    trust(village, county)
    act = village.submit(said(1), (COUNTY,))
    county.word = county.core.heads.word(county.core)
    assert put_back(county, kept) == "witness ahead"
    engine = county.engine()
    codes = []
    for _ in range(6):
        codes.append(engine.receive([village.out(COUNTY)]).code)
        if not codes[-1]:
            break
    assert codes[-1] == "" and county.application.ids == [act]
    stranger = new_site(town, "511921110", seed=9)
    assert {county.engine().receive([stranger.out(COUNTY)]).code for _ in range(8)} == {"S107"}
