"""Whatever is put back and published anew, over four tiers and in any order: all have one text at last."""

from __future__ import annotations

from random import Random

import pytest

from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network
from tests.sync.test_twins import CITY, NEIGHBOUR, come_to_an_end, in_force


def some_speak(rng: Random, sites: dict[str, Site]) -> None:
    """Let some nodes exchange with who stands right above them, or further up; one is started again."""
    for _ in range(rng.randrange(5)):
        child = sites[rng.choice([address for address in sites if address != CITY])]
        above = child.core.tree.up(child.address)[1:]
        exchange(child, sites[above[0] if rng.random() < 0.5 else rng.choice(above)])
    if rng.random() < 0.3:
        rng.choice(list(sites.values())).restart()


@pytest.mark.parametrize("seed", range(16))
def test_all_have_one_text_at_last(seed):
    """Method: the top lives two to four times, publishes in each, and others are put back beside it."""
    rng = Random(seed)
    sites = make_network((CITY, COUNTY, TOWN, VILLAGE, NEIGHBOUR))
    some_speak(rng, sites)
    kept = {address: copy_of(site) for address, site in sites.items()}
    for life in range(rng.choice((2, 2, 3, 4))):
        for address, site in sites.items() if life else ():
            if address == CITY or rng.random() < 0.15:
                put_back(site, kept[address])
        if life and rng.random() < 0.3:
            kept[CITY] = copy_of(sites[CITY])
        for text in range(rng.choice((1, 1, 1, 2))):
            sites[CITY].publish("item", b"text %d of life %d" % (text, life), CITY)
            some_speak(rng, sites)
    come_to_an_end(*sites.values())
    found = in_force(*sites.values())
    assert len(found) == len(sites) and len(set(found)) == 1
