"""What an end has signed for before it was put back lets no bodies go; a new machine gets what has ended."""

from __future__ import annotations

from random import Random

import pytest

from sync.protocol.found import DOUBT
from sync.protocol.frame import BlobRef
from sync.protocol.memos import note_down
from sync.protocol.offer import Budget
from sync.protocol.own.issue import open_epoch
from sync.protocol.own.rollback import take_higher_incarnation
from sync.protocol.roster import RELIEVED
from tests.sync.copies import copy_of, put_back
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
    trust,
)
from tests.sync.test_purging import bodies, mark, problems, purged, replaced
from tests.sync.test_relieved import change
from tests.sync.test_revocation import cut_off


def test_a_mark_from_before_its_end_was_put_back_ripens_no_more() -> None:
    """A backup made before all was back is younger than the months, and lacks what the mark says."""
    sites = make_network()
    county, village = sites[COUNTY], sites[VILLAGE]
    for number in range(4):
        village.submit(b'{"n":%d,"to":["511921"]}' % number, (COUNTY,))
    settle(sites, 4)
    mark(sites, 100)
    with county.unit():
        take_higher_incarnation(county.core, county.core.identity.incarnation)
    settle(sites, 3)
    stream = str(village.stream(VILLAGE, COUNTY).id)
    with village.unit():
        # Nor while it is not clear which chain is its end's.
        note_down(village.core, DOUBT, stream)
    mark(sites, 104)
    with village.unit():
        village.spool.drop_held(DOUBT, stream)
    assert purged(village) == 0 and bodies(village, VILLAGE, COUNTY) == [1, 2, 3, 4]
    mark(sites, 104)
    mark(sites, 108)
    assert purged(village) == 4


def test_a_new_machine_on_the_way_of_others_gets_a_stream_whole_of_which_nothing_follows_its_mark() -> None:
    """Seed 35421: it waited for a next frame of the author, who wrote no more to a village that had left."""
    sites = dict(make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE)))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    town.submit(b'{"to":["511921","511921108203"]}', (COUNTY, VILLAGE))
    settle(sites, 3)
    change(county, VILLAGE, parent=OTHER_TOWN)
    for _ in range(4):
        for site in (town, sites[OTHER_TOWN], village):
            exchange(site, county)
        exchange(village, sites[OTHER_TOWN])
    mark(sites, 100)
    mark(sites, 104)
    other = replaced(sites, OTHER_TOWN)
    trust(village, county)
    village.take(other.out(VILLAGE))
    for _ in range(4):
        exchange(other, county)
        exchange(village, other)
    stream = other.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto, stream.head) == (0, 1, village.stream(TOWN, VILLAGE).head)
    assert other.spool.all_held("base put by") == [] and problems(other) == []


def say(town: Site, number: int) -> str:
    """Let a township write to the county and to its village."""
    return town.submit(b'{"t":%d,"to":["511921","511921108203"]}' % number, (COUNTY, VILLAGE))


def test_a_new_machine_begins_at_no_mark_before_which_lies_what_the_top_lacked_when_it_heard_of_it() -> None:
    """Seed 970620: the top gave none of it back, and the township, which had it, began behind it."""
    sites = dict(make_network())
    county, town = sites[COUNTY], sites[TOWN]

    said = [say(town, number) for number in range(4)]
    settle(sites, 4)
    said += [say(town, number) for number in (4, 5)]
    settle({address: sites[address] for address in (TOWN, VILLAGE)}, 2)
    mark(sites, 100)
    mark(sites, 104)
    assert purged(town) == 4
    said.append(say(town, 6))
    village = replaced(sites, VILLAGE)
    county.take(village.out(COUNTY))
    assert county.application.ids == said[:4]
    exchange(town, county)
    assert said[-1] in county.application.ids
    # A mark made by now says nothing of then.
    mark(sites, 105)
    settle(sites, 6)
    stream = village.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto) == (0, 7) and bodies(village, TOWN, VILLAGE) == [*range(1, 8)]
    assert sorted(village.application.ids) == sorted(said) and problems(village) == []


def test_what_a_township_wrote_to_its_village_alone_sends_no_new_machine_the_whole_stream() -> None:
    """As a question for what was looked at: nobody gives it back, and the former machine had it."""
    sites = dict(make_network())
    town = sites[TOWN]
    said = [say(town, number) for number in range(4)]
    town.submit(b'{"t":4,"to":["511921108203"]}', (VILLAGE,))
    settle(sites, 4)
    for month in (100, 104):
        mark(sites, month)
    assert purged(town) == 4
    said.append(say(town, 5))
    settle(sites, 3)
    village = replaced(sites, VILLAGE)
    exchange(town, sites[COUNTY])
    settle(sites, 6)
    stream = village.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto) == (5, 6) and problems(village) == []
    assert said[-1] in village.application.ids


def test_what_the_top_had_before_it_was_put_back_it_gives_no_new_machine_back() -> None:
    """Its mark says that it had the acts, but of a life that ended before it heard of the new machine."""
    sites = dict(make_network())
    county, town = sites[COUNTY], sites[TOWN]

    said = [say(town, number) for number in range(4)]
    settle(sites, 4)
    backup = copy_of(county)
    said += [say(town, number) for number in (4, 5)]
    settle({address: sites[address] for address in (TOWN, VILLAGE)}, 2)
    mark(sites, 100)
    settle(sites, 3)
    assert county.application.ids == said
    mark(sites, 104)
    assert put_back(county, backup)
    village = replaced(sites, VILLAGE)
    county.take(village.out(COUNTY))
    assert county.application.ids == said[:4]
    said.append(say(town, 6))
    for _ in range(4):
        exchange(town, county)
    assert sorted(county.application.ids) == sorted(said)
    settle(sites, 6)
    stream = village.stream(TOWN, VILLAGE)
    assert (stream.base, stream.upto) == (0, 7)
    assert sorted(village.application.ids) == sorted(said) and problems(village) == []


def ended(sites: dict[str, Site]) -> list[BlobRef]:
    """Let a village go on in a later epoch, and the months go by; return the papers of the former one."""
    village, papers = sites[VILLAGE], list[BlobRef]()
    for n in range(5):
        papers.append(village.paper(b"photo %d" % n))
        village.submit(b'{"n":%d,"to":["511921"]}' % n, (COUNTY,), papers[-1:])
    settle(sites, 6)
    with village.unit():
        open_epoch(village.core, village.key, "rotation", START_MS)
    settle(sites, 3)
    mark(sites, 100)
    mark(sites, 104)
    return papers


def test_a_new_machine_beside_the_author_of_a_stream_that_has_ended_begins_at_the_mark_that_one_brings() -> (
    None
):
    """The county would give it all of a village's years, and it would call for every photo."""
    sites = dict(make_network())
    papers = ended(sites)
    county, village, town = sites[COUNTY], sites[VILLAGE], replaced(sites, TOWN)
    trust(village, county)
    village.take(town.out(VILLAGE))
    for _ in range(3):
        exchange(town, county)
    assert (VILLAGE, COUNTY) not in town.upto()
    for _ in range(3):
        exchange(village, town)
        exchange(town, county)
    stream = town.stream(VILLAGE, COUNTY)
    assert (stream.base, stream.upto, stream.papers) == (5, 5, 5) and problems(town) == []
    assert not any(town.blobs.has(paper.hash) for paper in papers) and town.spool.gap_streams() == []


@pytest.mark.parametrize("how", ["relieved", "revoked", "replaced"])
def test_it_comes_whole_where_the_author_may_have_it_no_more(how: str) -> None:
    sites = dict(make_network())
    ended(sites)
    county, town = sites[COUNTY], replaced(sites, TOWN)
    if how == "relieved":
        change(county, VILLAGE, status=RELIEVED)
    elif how == "revoked":
        cut_off(county, VILLAGE)
    else:
        county.take(replaced(sites, VILLAGE).out(COUNTY))
    for _ in range(4):
        exchange(town, county)
    stream = town.stream(VILLAGE, COUNTY)
    assert (stream.base, stream.upto) == (0, 5)


@pytest.mark.parametrize("size", [3_000, 1_000_000])
def test_a_new_machine_gets_what_the_former_one_wrote_without_bodies_be_it_in_many_exchanges(
    size: int,
) -> None:
    sites = dict(make_network())
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    for n in range(40):
        village.submit(b'{"n":"%s"}' % Random(n).randbytes(200).hex().encode(), (COUNTY,))
    settle(sites, 6)
    mark(sites, 100)
    mark(sites, 104)
    new = replaced(sites, VILLAGE)
    exchange(town, county)
    for _ in range(4):
        town.take(new.out(TOWN))
        new.take(town.out(VILLAGE, Budget(size)))
    stream = new.stream(VILLAGE, COUNTY)
    assert (stream.base, stream.upto) == (0, 40) and bodies(new, VILLAGE, COUNTY) == []
    assert problems(new) == []
