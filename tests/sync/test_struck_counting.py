"""What counted is struck out: also while it waits for something else, or where the cut was not known yet."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import RELEASED, STRUCK, go_by
from sync.protocol.records import LOOSE
from sync.protocol.trust.review import within_cut
from sync.protocol.trust.revocation import Said, decide
from sync.protocol.verdicts import Decided
from tests.sync.file_spool import files_in
from tests.sync.forgery import bring
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    TOWN,
    VILLAGE,
    Recorder,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_cuts import false_at
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import cut_off, names, once, said, stolen
from tests.sync.test_rotation import rotate


class Resting(Recorder):
    """The second act rests on the first: taken back with it, it waits for it."""

    pair: tuple[str, str] = ("", "")

    def retract(self, acts: Sequence[str]) -> dict[str, Parked]:
        first, second = self.pair
        fallen = {second: Parked("x", f"act:{first}")} if first in acts and second in self.ids else {}
        super().retract([*acts, *fallen])
        return {act: why for act, why in fallen.items() if act not in acts}


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def say(county: Site, kind: str, acts: list[str]) -> None:
    with county.unit():
        decide(county.core, county.application, kind, Said(acts, "冒用"), county.now())


def test_an_act_and_what_rests_on_it_are_struck_and_one_of_them_is_let_through(spool):
    sites = make_network(spool=spool)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    for site in sites.values():
        site.application = Resting()
    first, second = (village.submit(said(n, COUNTY), (COUNTY,)) for n in range(2))
    settle(sites, 4)
    for site in sites.values():
        site.application.pair = (first, second)
    cut_off(county, VILLAGE)
    assert once(county) == once(town) == {first, second}
    say(county, STRUCK, [first, second])
    say(county, RELEASED, [first])
    settle({COUNTY: county, TOWN: town}, 4)
    county.restart()
    for site in (county, town):
        assert once(site) == {first} and names(site) == [second], site.address
    say(county, RELEASED, [second])
    settle({COUNTY: county, TOWN: town}, 4)
    assert once(county) == once(town) == {first, second} and names(county) == names(town) == []


def test_a_verdict_that_comes_before_the_revocation_is_gone_by_when_that_comes(spool):
    sites = make_network(spool=spool)
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    acts = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(2)]
    settle(sites, 4)
    with town.unit():
        go_by(town.core, Decided(STRUCK, 1, acts[0]), acts[:1], town.application)
    assert once(town) == set(acts)
    cut_off(county, VILLAGE)
    settle({COUNTY: county, TOWN: town}, 4)
    assert once(town) == {acts[1]} and names(town) == acts[:1]


def test_whatever_a_thief_piles_up_past_the_cut_what_counts_is_shown_once(spool):
    sites = make_network(ALL, spool=spool)
    county, village = sites[COUNTY], sites[VILLAGE]
    good = village.submit(said(0, COUNTY), (COUNTY,))
    # Both its streams come by the top.
    twice = village.submit(said(9, COUNTY, OTHER_TOWN), (COUNTY, OTHER_TOWN))
    late = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(1, 6)]
    settle(sites, 4)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 2})
    assert sorted(names(county)) == sorted(late)
    with county.unit():
        assert [row.frame.act for row in within_cut(county.core, VILLAGE, 3)] == [twice, good]
    say(county, RELEASED, late[-1:])
    with county.unit():
        assert [row.frame.act for row in within_cut(county.core, VILLAGE, 3)] == [late[-1], twice, good]


@pytest.mark.parametrize("first", ["a good place", "a release"])
def test_an_act_struck_and_let_through_again_in_one_batch_is_handed_over_once(first):
    sites = make_network()
    county, town, village = sites.values()
    good = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key
    rotate(village, "village 2")
    settle(sites, 4)
    early = false_at(thief, 1)
    bring(village, town, early, kind=LOOSE)
    if first == "a good place":
        bring(town, village, early, kind=LOOSE)
        exchange(village, county)
        cut_off(county, VILLAGE, keys=(old.id,))
        said_of_it = [STRUCK, RELEASED]
    else:
        cut_off(county, VILLAGE, keys=(old.id,))
        exchange(town, county)
        bring(town, county, early, kind=LOOSE)
        said_of_it = [RELEASED, STRUCK, RELEASED]
    for kind in said_of_it:
        say(county, kind, [early.act])
    exchange(town, county)
    assert once(town) == once(county) == {good, early.act}
