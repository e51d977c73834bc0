"""Acts that follow what never was: however many one node makes, what others wait for is asked for."""

from __future__ import annotations

import random

import pytest

from sync.protocol import canonical, state_out
from sync.protocol.acts.deliver import Parked
from sync.protocol.wants import one_by_one, shares, some_of_each
from tests.sync.made import OTHER
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network, settle

READ = 20


def judge_of(site: Site):
    """Park what follows an act that the application has not got."""

    def judge(act):
        fields = canonical.loads(act.content) if act.kind == "case.filed" else {}
        follows = fields.get("follows")
        return Parked("E1", f"act:{follows}") if follows and follows not in site.application.ids else None

    return judge


def test_who_follows_very_many_acts_that_never_were_hides_nothing_that_others_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(state_out, "WANTS_READ", READ)
    monkeypatch.setattr(state_out, "WANTS_MAX", 4)
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER))
    county, town, village, other = sites.values()
    settle(sites, 3)
    chance = random.Random(1)
    for site in (county, town):
        site.application.judge = judge_of(site)
    for _ in range(READ + 10):
        follows = chance.randbytes(16).hex()
        village.submit(canonical.dumps({"follows": follows, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 4)
    alone = town.submit(canonical.dumps({"to": [TOWN]}), (TOWN,))
    late = other.submit(canonical.dumps({"follows": alone, "to": [COUNTY]}), (COUNTY,))
    settle(sites, 5)
    assert {alone, late} <= set(county.application.ids)
    assert len(county.spool.wants(1000)) == READ + 10 and alone not in county.spool.wants(1000)


@pytest.mark.parametrize(
    "sizes", [(1000, 1), (1000, 3, 70), (5,) * 100, (1000, *(1,) * 90), (64, 1)], ids=str
)
def test_of_each_who_is_behind_some_all_are_asked_for_in_time(sizes: tuple[int, ...]) -> None:
    """Who is behind few waits at most as long as if all were."""
    groups = [[f"{group}/{number}" for number in range(size)] for group, size in enumerate(sizes)]
    seen: dict[str, int] = {}
    for turn in range(1000 * len(sizes) // 64 + 2):
        some = some_of_each(groups, turn, 64)
        assert len(some) == len(set(some)) == min(64, sum(sizes))
        for one in some:
            seen.setdefault(one, turn)
    assert len(seen) == sum(sizes)
    few = [one for group in groups for one in group if len(group) <= 5]
    assert all(seen[one] <= 5 * len(sizes) // 64 + 1 for one in few)


def test_what_few_leave_of_the_room_is_for_the_others() -> None:
    things = {"a": [str(n) for n in range(50)], "b": ["x"], "c": [str(n) for n in range(100, 150)]}
    found = shares(list(things), lambda cause, most: things[cause][:most], 31)
    assert [len(one) for one in found] == [15, 1, 15]
    assert one_by_one(found)[:4] == ["0", "x", "100", "1"]
    assert shares([], lambda cause, most: [], 9) == []
    assert shares(list(things), lambda cause, most: things[cause][:most], 2) == [["0"], ["x"]]


def test_one_that_several_are_behind_is_asked_for_once() -> None:
    assert some_of_each([["a", "b"], ["b", "a"]], 3, 64) == ["a", "b"]
    assert sorted(some_of_each([["a", "b"], ["b", "a"]], 3, 3)) == ["a", "b"]
    assert some_of_each([], 3, 64) == []
