"""Keys a township gave its word for beside those in the roster: a person says which machine they are of."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.entries import RETIRED
from sync.protocol.errors import BadRoster
from sync.protocol.records import LOOSE
from sync.protocol.trust import registrar, vouched
from tests.sync.forgery import all_frames, bring
from tests.sync.network import COUNTY, START_MS, TOWN, Site, enter, exchange, make_network, new_site, settle

PLACE = "511921108207"
HOUR_MS = 3_600_000


@pytest.fixture
def sites() -> dict[str, Site]:
    """A township that let a machine in while the county was away, and that machine."""
    found = make_network((COUNTY, TOWN))
    first = found[PLACE] = new_site(found[COUNTY], PLACE)
    let_in(found[TOWN], first)
    return found


def let_in(town: Site, child: Site) -> None:
    """The township gives its word, and the newcomer hears of it."""
    epoch = child.spool.all_held(signed.EPOCH)[-1].statement
    with town.unit():
        fields = {"address": child.address, "name": "新村", "key": child.key.public.as_fields()}
        word = registrar.vouch(town.core, fields, epoch.hash, START_MS)
    with child.unit():
        child.core.roster.offer(word)
        child.core.keep(word, f"{child.address}|{child.key.id}", (1, 0, 0))


def at_the_county(sites: dict[str, Site]) -> str:
    """The first machine takes something in, which comes to the county after it has let in a newer machine."""
    county, town, first = sites.values()
    act = first.submit(b"{}", (COUNTY,))
    exchange(first, town)
    second = new_site(county, PLACE, 2)
    with county.unit():
        enter(county, second.key, PLACE)
    exchange(town, county)
    sites[PLACE] = second
    return act


def test_what_a_machine_sent_before_the_county_knew_of_it_counts_once_somebody_says_whose_it_is(sites):
    county, town, first = sites.values()
    act = at_the_county(sites)
    second = sites[PLACE]
    assert county.application.ids == [] and town.application.ids == [act]
    (row,) = county.spool.parked()
    assert (row.id, row.reason, row.waits_for) == (act, "S107", f"roster:{PLACE}")
    (word,) = vouched.undecided(county.core)
    assert (word.by, word.key, word.at, word.waiting) == (TOWN, first.key.public, START_MS, 1)

    name = (PLACE, first.key.id)
    with county.unit():
        entry = vouched.confirm_former(county.core, county.application, name, START_MS + HOUR_MS)
    assert county.application.ids == [act] and county.spool.parked() == []
    # What is for the village is for the machine that it has now.
    assert [key.id for key in entry.keys] == [first.key.id, second.key.id]
    assert county.core.roster.current_key(PLACE) == second.key.public
    assert [key["until"] for key in entry.statement.fields()["keys"]] == [START_MS + HOUR_MS, 0]
    assert vouched.undecided(county.core) == []
    with county.unit(), pytest.raises(BadRoster):
        vouched.confirm_former(county.core, county.application, name, START_MS)
    settle(sites)
    assert town.core.roster.vouches == {} and town.core.roster.current_key(PLACE, TOWN) == second.key.public
    assert second.spool.act(act) is not None and county.application.ids == [act]


def test_a_machine_replaced_at_the_township_is_the_one_in_use_from_then_on(sites):
    county, town, first = sites.values()
    settle(sites)
    second = sites[PLACE] = new_site(county, PLACE, 2)
    let_in(town, second)
    act = second.submit(b"{}", (COUNTY,))
    exchange(second, town)
    exchange(town, county)
    (word,) = vouched.undecided(county.core)
    assert (word.key, word.waiting) == (second.key.public, 1)
    assert county.core.roster.current_key(PLACE) == first.key.public
    with county.unit():
        vouched.confirm_current(county.core, county.application, (PLACE, second.key.id), START_MS)
    assert county.application.ids == [act]
    assert county.core.roster.current_key(PLACE) == second.key.public


def test_nothing_is_entered_that_nobody_asks_for_or_that_only_another_asks_for(sites):
    county, town, first = sites.values()
    act = at_the_county(sites)
    version, name = county.core.roster.version, (PLACE, first.key.id)
    wrong = [(PLACE, sites[PLACE].key.id), (TOWN, first.key.id), (PLACE, ""), ("", first.key.id)]
    for confirm in (vouched.confirm_current, vouched.confirm_former):
        for one in wrong:
            with county.unit(), pytest.raises(BadRoster):
                confirm(county.core, county.application, one, START_MS)
        with town.unit(), pytest.raises(BadRoster):
            confirm(town.core, town.application, name, START_MS)
    assert county.core.roster.version == version
    with county.unit():
        registrar.change(county.core, county.roster_key, PLACE, {"status": RETIRED}, START_MS)
    for confirm in (vouched.confirm_current, vouched.confirm_former):
        with county.unit(), pytest.raises(BadRoster):
            confirm(county.core, county.application, name, START_MS)
    assert [row.id for row in county.spool.parked()] == [act]


def test_an_act_of_a_key_nobody_confirms_counts_once_the_machine_in_use_has_given_it_a_place(sites):
    county, town, _ = sites.values()
    act = at_the_county(sites)
    assert [row.id for row in county.spool.parked()] == [act]
    settle(sites)
    assert county.application.ids == []
    bring(town, sites[PLACE], next(f for f in all_frames(town) if f.act == act), kind=LOOSE)
    for _ in range(2):
        settle(sites, 4)
        assert (county.application.ids, county.spool.parked()) == ([act], [])
        assert len(county.spool.places_of_act(act)) == 2
        county.restart()
    # What is said of the key itself still waits for a person.
    assert [word.waiting for word in vouched.undecided(county.core)] == [0]
