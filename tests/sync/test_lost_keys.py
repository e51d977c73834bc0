"""A top put back has lost who joined: what they signed with keys before that in use counts all the same."""

from __future__ import annotations

import pytest

from sync.protocol import lost_keys, registrar, signed
from sync.protocol.issue import open_epoch
from sync.protocol.registrar import change
from sync.protocol.rotation import former_key
from tests.sync.copies import copy_of, put_back
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    START_MS,
    SUITE,
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
from tests.sync.test_appointments import NEW, root_pair, take_over
from tests.sync.test_rotation import rotate


def enter_again(county: Site, site: Site) -> None:
    """Let a site in that the county has lost, as people do: by the key it uses now."""
    child = {"address": site.address, "parent": "", "name": "", "key": site.key.public.as_fields()}
    with county.unit():
        registrar.admit_child(county.core, county.roster_key, child, START_MS)


def lost_township(rotations: int) -> tuple[Site, Site, list[str]]:
    """Return a county put back to before a township joined, the township, and its acts, one by each key."""
    county = make_network((COUNTY,))[COUNTY]
    kept = copy_of(county)
    town = new_site(county, TOWN)
    with county.unit():
        enter(county, town.key, TOWN)
    trust(town, county)
    acts = [town.submit(b'{"n":0}', (COUNTY,))]
    both = {COUNTY: county, TOWN: town}
    settle(both, 2)
    for number in range(rotations):
        rotate(town, f"town {number}")
        acts.append(town.submit(b'{"n":%d}' % (number + 1), (COUNTY,)))
        settle(both, 3)
    assert county.application.ids == acts
    put_back(county, kept)
    take_over(county, root_pair(), NEW)
    assert TOWN not in county.core.roster.entries
    return county, town, acts


@pytest.mark.parametrize("rotations", [1, 3])
def test_whom_people_enter_again_by_the_key_in_use_is_heard_by_its_former_keys_too(rotations: int) -> None:
    county, town, acts = lost_township(rotations)
    enter_again(county, town)
    for _ in range(2 + 2 * rotations):
        settle({COUNTY: county, TOWN: town}, 2)
    assert set(county.application.ids) == set(acts)
    keys = county.core.roster.entries[TOWN].keys
    assert len(keys) == rotations + 1 and keys[-1] == town.key.public
    assert county.core.neighbour(TOWN).taken == town.core.neighbour(COUNTY).mine
    # Nothing is told or offered any more.
    assert not town.peer.waits_for(COUNTY)


@pytest.mark.parametrize(
    ("signers", "changed", "is_believed"),
    [
        ((1, 0), {}, 1),
        # The former key has to say so as well, and the one in the roster.
        ((1,), {}, 0),
        ((0,), {}, 0),
        ((1, 0), {"by": "ab" * 16}, 0),
        ((1, 0), {"key": "ab" * 16}, 0),
        ((1, 0), {"src": COUNTY}, 0),
        ((1, 0), {"src": VILLAGE}, 0),
        ((1, 0), {"src": []}, 0),
        ((1, 0), {"former": {"id": "ab"}}, 0),
    ],
)
def test_a_former_key_is_believed_by_its_own_word_and_that_of_the_key_in_the_roster(
    signers: tuple[int, ...], changed: dict[str, object], is_believed: int
) -> None:
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    pairs = (key_pair("former"), town.key)
    former = pairs[0].public
    fields = {"src": TOWN, "key": town.key.id, "by": former.id, "former": former.as_fields(), **changed}
    made = signed.make(signed.EPOCH, fields, tuple(pairs[at] for at in signers), SUITE)
    assert former_key(county.core.roster, made) == (former if is_believed else None)


def test_no_former_key_is_entered_where_there_are_many_or_the_address_is_retired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    county, town, _ = lost_township(1)
    enter_again(county, town)
    monkeypatch.setattr(lost_keys, "KEYS_UNASKED_MAX", 1)
    settle({COUNTY: county, TOWN: town}, 4)
    assert len(county.core.roster.entries[TOWN].keys) == 1
    assert "S117" in county.codes()
    monkeypatch.undo()
    assert county.roster_key is not None
    with county.unit():
        change(county.core, county.roster_key, TOWN, {"status": "retired"}, START_MS)
        assert lost_keys.confirm_former(county.core, county.roster_key, START_MS) == []


def test_what_comes_with_an_entry_of_a_lost_time_is_believed_by_the_keys_it_names() -> None:
    """In the same exchange: on a stick it would not come once more."""
    sites = make_network((COUNTY, TOWN, VILLAGE))
    county, town, village = sites.values()
    settle(sites)
    kept, new = copy_of(county), key_pair("another machine")
    village.key = new
    enter_again(county, village)
    exchange(town, county)
    trust(village, town)
    village.restart()
    with village.unit():
        epoch = open_epoch(village.core, new, "another machine", START_MS)
    act = village.submit(b'{"n":1}', (TOWN,))
    exchange(village, town)
    put_back(county, kept)
    assert county.roster_key is not None
    with county.unit():
        change(county.core, county.roster_key, VILLAGE, {"name": "改名"}, START_MS)
    county.codes()
    county.take(town.out(COUNTY))
    assert town.application.ids == [act]
    assert county.core.roster.entries[VILLAGE].good_keys[-1] == new.public
    assert county.core.epoch(VILLAGE, epoch.id) is not None and "S102" not in county.codes()
    assert county.core.neighbour(TOWN).taken == town.core.neighbour(COUNTY).mine
