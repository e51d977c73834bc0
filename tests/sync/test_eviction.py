"""Papers that leave a full disk: only those at their end, never at it, and they come back when asked for."""

from __future__ import annotations

import random

import pytest

from sync.protocol.frame import BlobRef, Evidence
from sync.protocol.stock import purging
from sync.protocol.stock.blobs import ask_back
from sync.protocol.stock.ended import count_day, ended_for
from sync.protocol.stock.eviction import fetch_back, still_struck, to_evict
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, settle


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def filed(site: Site, number: int, to: tuple[str, ...] = (COUNTY,), again: BlobRef | None = None) -> BlobRef:
    photo = again or site.paper(random.Random(number).randbytes(3_000))
    site.submit(b'{"n":%d}' % number, to, (photo,))
    return photo


def at_any_age(*_: object) -> bool:
    return True


def evicted(site: Site, limit: int = 100) -> list[str]:
    with site.unit():
        found = to_evict(site.core, 0, limit, at_any_age)
    site.blobs.claim(found.papers)
    with site.unit():
        return sorted(blob for blob in still_struck(site.core, found.papers) if site.blobs.evict(blob))


def test_only_what_the_end_has_receipted_leaves_and_never_at_the_end(sites):
    county, town, village = sites.values()
    photo = filed(village, 1)
    assert evicted(village) == []
    town.take(village.out(TOWN))
    village.take(town.out(VILLAGE))
    assert evicted(village) == [], "hop-stored is not enough"
    settle(sites)
    waiting = filed(village, 2)
    assert evicted(village) == evicted(town) == [photo.hash]
    assert evicted(county) == [] and county.blobs.has(photo.hash)
    assert not village.blobs.has(photo.hash) and village.blobs.has(waiting.hash)
    settle(sites)
    assert county.blobs.has(waiting.hash) and village.codes() == []


def test_a_paper_that_a_waiting_act_names_too_stays(sites):
    village = sites[VILLAGE]
    photo = filed(village, 1)
    settle(sites)
    filed(village, 2, again=photo)
    assert evicted(village) == []
    settle(sites)
    assert evicted(village) == [photo.hash]


def test_a_paper_that_an_open_form_may_name_stays(sites):
    village = sites[VILLAGE]
    photo = filed(village, 1)
    settle(sites)
    with village.unit():
        assert to_evict(village.core, 0, 9, at_any_age).papers == [photo.hash]
    village.blobs.put(iter([village.blobs.read(photo.hash, 0, 9_999)]), "image/jpeg")
    assert not village.blobs.evict(photo.hash) and village.blobs.has(photo.hash)


@pytest.mark.parametrize("need", ["a piece", "an act", "a person"])
def test_a_paper_that_is_needed_between_its_row_and_its_end_stays_and_is_said_to_be_here(sites, need):
    """Two units: one strikes it, another finds its bytes still here. What it then says must stay true."""
    county, town, village = sites.values()
    photo = filed(village, 1)
    settle(sites)
    with town.unit():
        struck = to_evict(town.core, 0, 9, at_any_age).papers
    assert struck == [photo.hash]
    if need == "a piece":
        with town.unit():
            town.spool.add_loose_gaps(town.application.ids[0], (photo,))
    elif need == "an act":
        filed(village, 2, again=photo)
        town.take(village.out(TOWN))
    else:
        with town.unit():
            assert not fetch_back(town.core, photo.hash)
    with town.unit():
        assert still_struck(town.core, struck) == []
    assert photo.hash not in village.take(town.out(VILLAGE)).state.wanted_blobs
    assert town.spool.blob(photo.hash) == photo and town.blobs.has(photo.hash)
    # Whom nobody interrupts removes it, and it is asked for again by who needs it then.
    assert evicted(town) == ([] if need == "an act" else [photo.hash])
    if need != "an act":
        with town.unit():
            assert fetch_back(town.core, photo.hash)
        assert [blob for blob, _ in county.take(town.out(COUNTY)).state.wanted_blobs] == [photo.hash]


def test_an_evicted_paper_comes_back_by_its_hash_from_the_nearest_that_has_it(sites):
    _, town, village = sites.values()
    photo = filed(village, 1)
    settle(sites)
    assert evicted(village) == evicted(town) == [photo.hash]
    with village.unit():
        assert fetch_back(village.core, photo.hash)
        assert not fetch_back(village.core, "ab" * 32)
    # The township has let it go as well: it asks further up, and passes it on.
    settle(sites)
    settle(sites)
    assert town.blobs.has(photo.hash) and village.blobs.has(photo.hash)
    with village.unit():
        assert not fetch_back(village.core, photo.hash)


def test_what_the_top_has_lost_comes_back_from_a_village_past_a_township_that_let_it_go(sites):
    county, town, village = sites.values()
    photo, own = filed(village, 1), filed(town, 2)
    settle(sites)
    assert evicted(town) == sorted([photo.hash, own.hash])
    for blob in (photo.hash, own.hash):
        assert county.blobs.evict(blob)
    with county.unit():
        ask_back(county.core, [photo.hash, own.hash])
    settle(sites)
    settle(sites)
    assert town.blobs.has(photo.hash) and county.blobs.has(photo.hash)
    with town.unit():
        assert [blob for _, blob in town.spool.loose_gaps(9)] == [], "nobody below ever had the other"


def test_a_village_fetches_nothing_back_for_a_township_put_back_that_gets_it_from_above(sites):
    _, town, village = sites.values()
    photo = filed(village, 1)
    settle(sites)
    assert evicted(village) == [photo.hash] and town.blobs.evict(photo.hash)
    with town.unit():
        ask_back(town.core, [photo.hash])
    settle(sites)
    assert town.blobs.has(photo.hash) and not village.blobs.has(photo.hash)


def test_looking_goes_on_where_it_stopped(sites):
    village = sites[VILLAGE]
    photos = {filed(village, number).hash for number in range(7)}
    settle(sites)
    found, after = set(), 0
    for _ in range(4):
        with village.unit():
            some = to_evict(village.core, after, 2, at_any_age)
        found, after = found | set(some.papers), some.after
    assert found == photos and after == 0


def test_at_critical_no_paper_is_asked_for_and_the_parent_is_told(sites):
    _, town, village = sites.values()
    town.core.disk = 2
    photo = filed(village, 1)
    engine = village.engine()
    for _ in range(3):
        town.take(village.out(TOWN))
        engine.receive([town.out(VILLAGE)])
    assert not town.blobs.has(photo.hash) and len(town.application.ids) == 1
    assert engine.disks == {TOWN: 2}
    assert [note.code for note in village.journal] == ["S141"], "told once, not at every exchange"
    town.core.disk = 0
    settle(sites)
    assert town.blobs.has(photo.hash)


def counted(site: Site, *days: int) -> list[str]:
    """As `off`, on days on each of which the node hears from above."""
    with site.unit():
        for day in days:
            count_day(site.core, day, 30)
            heard(site)
    return off(site)


def heard(site: Site) -> None:
    for neighbour in site.spool.neighbours():
        neighbour.acked_stamp = site.core.identity.stamp
        site.spool.put_neighbour(neighbour)


def off(site: Site, *days: int) -> list[str]:
    """Let a node count these days, and return what may leave after thirty; what it says stays undone."""
    with site.unit():
        for day in days:
            count_day(site.core, day, 30)
    with pytest.raises(Undone), site.unit():
        found = to_evict(site.core, 0, 99, ended_for(site.core, 30)).papers
        raise Undone
    return sorted(found)


class Undone(Exception):
    """Ends a unit that should leave nothing."""


def test_papers_leave_thirty_days_after_they_came_to_their_end_whatever_any_clock_says(sites, monkeypatch):
    village = sites[VILLAGE]
    with monkeypatch.context() as dead:
        dead.setattr(village, "now", lambda: Evidence(60_000, "0badc0de", 60_000))
        first = filed(village, 1)
        dead.setattr(village, "now", lambda: Evidence(4_075_000_000_000, "0badc0de", 60_000))
        second = filed(village, 2)
    today = 739_000
    assert counted(village, *range(today, today + 40)) == [], "not sent for forty days"
    settle(sites)
    both = sorted([first.hash, second.hash])
    # The clock leaps to the year 2099 and back: two more days, no more.
    assert counted(village, today + 40, today + 26_000, today + 41, today + 41) == []
    late = filed(village, 3)
    settle(sites)
    village.restart()
    assert counted(village, *range(today + 42, today + 69)) == []
    assert counted(village, today + 69) == both
    # Many days off, and the same day again, bring nobody nearer; each day at work does.
    assert counted(village, today + 400, today + 400) == both
    assert counted(village, today + 401, today + 402) == sorted([*both, late.hash])
    # What a later note covers is dropped.
    assert counted(village, today + 403) and len(village.spool.all_held("end noted")) == 1
    assert counted(sites[COUNTY], *range(today, today + 99)) == [], "never at the end of its way"


def test_days_before_the_end_was_put_back_count_for_no_paper_that_it_had_to_get_once_more(sites):
    """A backup made after that, before the paper was back, is younger than the days and lacks it."""
    county, village = sites[COUNTY], sites[VILLAGE]
    first = filed(village, 1)
    settle(sites)
    assert counted(village, *range(31)) == [first.hash]
    older = copy_of(county)
    late = filed(village, 2)
    settle(sites)
    assert counted(village, *range(31, 51)) == [first.hash]
    put_back(county, older)
    assert counted(village, 51) == [first.hash], "nobody has heard of it yet"
    settle(sites)
    assert county.blobs.has(late.hash) and county.core.identity.incarnation == 2
    # What had been there for thirty days is in every backup of thirty days.
    assert counted(village, *range(52, 82)) == [first.hash]
    assert counted(village, 82) == sorted([first.hash, late.hash])


def test_of_who_hears_from_nobody_no_paper_leaves_for_days_in_which_its_end_may_have_been_put_back(sites):
    """Seed 950015 of an upheaval: the county lost it, and the village, without a line, deleted it."""
    county, town, village = sites.values()
    older = copy_of(county)
    photo = filed(village, 1)
    for _ in range(6):
        exchange(village, county)
    assert off(village, 0) == [] and not town.blobs.has(photo.hash)
    put_back(county, older)
    county.blobs.evict(photo.hash)
    assert off(village, *range(1, 60)) == []
    settle(sites)
    assert county.blobs.has(photo.hash)
    assert off(town, 0) == [] and off(town, *range(1, 60)) == []
    settle(sites, 1)
    assert off(town) == off(town, 60, 61) == [photo.hash]


def test_marks_of_months_past_count_on_the_first_day_and_never_again(sites):
    village, today, month = sites[VILLAGE], 739_000, 24_279
    photo = filed(village, 1)
    settle(sites)
    with village.unit():
        purging.mark_ends(village.core, month, 24)
    late = filed(village, 2)
    settle(sites)
    for first, gone in ((month + 1, []), (month + 2, []), (month + 3, [photo.hash]), (0, [])):
        with pytest.raises(Undone), village.unit():
            count_day(village.core, today, 30, first)
            heard(village)
            assert to_evict(village.core, 0, 99, ended_for(village.core, 30)).papers == gone, first
            raise Undone
    with village.unit():
        count_day(village.core, today, 30, month + 2)
    assert counted(village, today + 1) == [] and counted(village, today + 2) == [photo.hash]
    assert counted(village, *range(today + 3, today + 30)) == [photo.hash]
    assert counted(village, today + 30) == sorted([photo.hash, late.hash])


def test_what_only_a_village_would_still_have_stays(sites):
    """The village signed for a paper of the county's: the top keeps it, a township what the top has not."""
    county, town, village = sites.values()
    filed(county, 1, to=(VILLAGE,))
    own = filed(town, 2, to=(VILLAGE,))
    settle(sites)
    assert village.blobs.has(own.hash)
    assert evicted(county) == []
    assert own.hash not in evicted(town)
