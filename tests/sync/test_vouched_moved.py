"""An address is moved, or its township relieved, while a word for another key of it waits for a person."""

from __future__ import annotations

from pytest import mark, raises

from sync.protocol.errors import BadRoster, UnknownSender
from sync.protocol.roster import VOUCHED_KEYS_MAX
from sync.protocol.trust import registrar, vouched
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
)
from tests.sync.test_vouched import PLACE, let_in

MOVED, GONE = (PLACE, {"parent": OTHER_TOWN}), (TOWN, {"status": "relieved"})


def moved(change: tuple[str, dict[str, str]]) -> tuple[dict[str, Site], Site, str]:
    """The county lets in another machine than the township did, and then changes who stands above it.

    Returns:
        County and townships, the machine that waits, and its act.
    """
    sites = make_network((COUNTY, TOWN, OTHER_TOWN))
    county, town = sites[COUNTY], sites[TOWN]
    first, second = new_site(county, PLACE), new_site(county, PLACE, 2)
    let_in(town, first)
    act = first.submit(b"{}", (COUNTY,))
    exchange(first, town)
    with county.unit():
        enter(county, second.key, PLACE)
    settle(sites, 3)
    with county.unit():
        registrar.change(county.core, county.roster_key, *change, START_MS)
    return sites, first, act


@mark.parametrize("change", [MOVED, GONE], ids=["moved", "its township relieved"])
@mark.parametrize("restarts", [1, 0])
def test_a_person_can_decide_on_the_key_all_the_same_and_all_is_acknowledged(change, restarts: int) -> None:
    sites, first, act = moved(change)
    county, other = sites[COUNTY], sites[OTHER_TOWN]
    settle(sites, 3)
    for site in sites.values() if restarts else ():
        site.restart()
        assert site.codes() == []
    for _ in range(2):
        up, down = exchange(other, county)
        assert (up.state.untrusted, down.state.untrusted) == (0, 0)
    assert [word.waiting for word in vouched.undecided(county.core)] == [1]
    with county.unit():
        vouched.confirm_former(county.core, county.application, (PLACE, first.key.id), START_MS)
    assert county.application.ids == [act]


def test_the_word_of_the_former_township_counts_for_nothing_at_the_next_one() -> None:
    sites, first, act = moved(MOVED)
    town, other = sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 4)
    assert f"{PLACE}|{first.key.id}" in other.core.roster.vouches
    row = other.spool.act(act)
    assert row is not None and row.reason == "S107" and other.application.ids == []
    for site in (town, other):
        assert site.core.believed_key(PLACE, first.key.id) is None
        assert site.core.roster.current_key(PLACE, site.address) != first.key.public
        with raises(UnknownSender):
            site.take(first.out(TOWN) if site is town else first.say(other, []))


def test_a_former_township_takes_none_of_the_room_for_words_of_the_next_one() -> None:
    sites, _, _ = moved(MOVED)
    county, town, other = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 4)

    def vouch_for(site: Site, name: str) -> None:
        with site.unit():
            key = key_pair(name).public.as_fields()
            registrar.vouch(site.core, {"address": PLACE, "name": "村", "key": key}, "ab" * 32, START_MS)

    for number in range(1, VOUCHED_KEYS_MAX):
        vouch_for(town, f"former {number}")
    with raises(BadRoster):
        vouch_for(town, "one too many")
    vouch_for(other, "next")
    settle(sites, 3)
    assert len(vouched.undecided(county.core)) == VOUCHED_KEYS_MAX + 1
    assert other.core.believed_key(PLACE, key_pair("next").id) is not None


def test_the_word_of_the_next_township_for_the_same_key_takes_the_place_of_the_former_ones() -> None:
    """The computer is the same, and is let in once more where the village stands now."""
    sites, first, act = moved(MOVED)
    county, town, other = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 4)
    let_in(other, first)
    for _ in range(2):
        assert other.core.believed_key(PLACE, first.key.id) is not None
        assert town.core.believed_key(PLACE, first.key.id) is None
        settle(sites, 3)
        assert [word.by for word in vouched.undecided(county.core)] == [OTHER_TOWN]
        for site in sites.values():
            site.restart()
    with county.unit():
        vouched.confirm_current(county.core, county.application, (PLACE, first.key.id), START_MS)
    settle(sites, 3)
    assert county.application.ids == [act] and not other.core.roster.vouches
