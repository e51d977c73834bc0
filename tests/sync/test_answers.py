"""Whoever has named an act to the top hears what was said of it, and then no question is left open."""

from __future__ import annotations

import pytest

from sync.protocol.acts import asked
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.trust.revocation import Said, decide
from sync.protocol.verdicts import verdict_on
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Site, exchange, make_network, settle
from tests.sync.test_asked import name, rows, some_ids
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import cut_off, said


def say(county: Site, kind: str, acts: list[str]) -> None:
    with county.unit():
        decide(county.core, county.application, kind, Said(acts, "查明"), county.now())


@pytest.mark.parametrize("kind", [RELEASED, STRUCK])
def test_a_question_that_crosses_the_word_on_it_is_answered(kind):
    """Of an act struck out meanwhile the asker heard nothing, and its question stayed open for ever."""
    sites = make_network(ALL)
    county, town, village, asker = (sites[one] for one in (COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    settle(sites, 2)
    act = village.submit(said(1, TOWN, COUNTY), (TOWN, COUNTY))
    settle(sites, 3)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, one).id: 0 for one in (TOWN, COUNTY)})
    live = {COUNTY: county, TOWN: town, OTHER_TOWN: asker}
    settle(live, 3)
    name(asker, [act])
    late = asker.out(COUNTY)
    say(county, kind, [act])
    county.take(late)
    settle(live, 4)
    assert (verdict_on(asker.core, act), verdict_on(town.core, act)) == (kind, kind)
    assert rows(county) == [] and "S135" not in county.codes()


@pytest.mark.parametrize("kind", [RELEASED, STRUCK])
def test_a_top_put_back_to_before_its_word_keeps_no_question_open(kind, monkeypatch):
    """Its own word comes back, and the acts named with it: they filled the room of who had named them."""
    monkeypatch.setattr(asked, "OPEN_MAX", 5)
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    false = [village.submit(said(n, TOWN), (TOWN,)) for n in range(3)]
    for _ in range(3):
        exchange(village, town)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, TOWN).id: 0})
    kept, upper = copy_of(county), {COUNTY: county, TOWN: town}
    settle(upper, 3)
    nowhere = some_ids(5)
    name(town, nowhere[:2])
    settle(upper, 3)
    say(county, kind, [*false, *nowhere[:2]])
    settle(upper, 3)
    put_back(county, kept)
    settle(upper, 8)
    assert {verdict_on(county.core, act) for act in (*false, *nowhere[:2])} == {kind}
    assert rows(county) == [] and (kind == RELEASED or county.spool.wants(9) == [])
    name(town, nowhere[2:])
    settle(upper, 3)
    assert len(rows(county)) == 3 and asked.TOO_MANY not in county.codes()
