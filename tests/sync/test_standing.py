"""What speaks for a key, and what may be done with what it signed: the table of `cuts`."""

from __future__ import annotations

import pytest

from sync.protocol.acts.cuts import Standing, cut_of, is_only_vouched, may_apply, standing
from sync.protocol.frame import StreamId
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, new_site
from tests.sync.test_revocation import cut_off
from tests.sync.test_rotation import rotate
from tests.sync.test_vouched import PLACE, let_in

NOBODY = "0" * 16


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def stands(site: Site, address: str, key_id: str) -> Standing:
    with site.unit():
        return standing(site.core, address, key_id)


def test_a_key_is_named_until_it_is_cut_and_then_falls_what_it_alone_spoke_for(sites):
    county, village = sites[COUNTY], sites[VILLAGE]
    first = village.key.id
    assert stands(county, VILLAGE, first) is Standing.NAMED
    assert stands(county, VILLAGE, NOBODY) is Standing.UNNAMED

    cut_off(county, VILLAGE)

    assert stands(county, VILLAGE, first) is Standing.CUT
    assert stands(county, VILLAGE, NOBODY) is Standing.FALLEN


def test_who_went_over_to_a_key_is_named_by_the_former_one_and_falls_with_it(sites):
    county, town, village = sites.values()
    first = village.key.id
    rotate(village, "next")
    exchange(village, town)
    assert stands(town, VILLAGE, village.key.id) is Standing.NAMED
    assert stands(county, VILLAGE, village.key.id) is Standing.UNNAMED

    cut_off(county, VILLAGE, keys=(first,))
    exchange(town, county)

    assert stands(town, VILLAGE, first) is Standing.CUT
    assert stands(town, VILLAGE, village.key.id) is Standing.FALLEN


def test_a_word_counts_where_it_was_given_and_nowhere_else(sites):
    county, town = sites[COUNTY], sites[TOWN]
    child = new_site(county, PLACE, 1)
    let_in(town, child)

    assert stands(town, PLACE, child.key.id) is Standing.VOUCHED_HERE
    assert stands(child, PLACE, child.key.id) is Standing.VOUCHED
    exchange(town, county)
    assert stands(town, PLACE, child.key.id) is Standing.NAMED


# What may be done with what a key of each standing has signed.
MEANS = [
    ("named", True, False, False),
    ("vouched here", True, False, False),
    ("vouched", False, True, False),
    ("unnamed", False, True, False),
    ("cut", True, False, True),
    ("fallen", False, False, True),
]


@pytest.mark.parametrize(("name", "may_be_applied", "waits", "is_cut"), MEANS)
def test_what_may_be_done_with_a_stream(sites, monkeypatch, name, may_be_applied, waits, is_cut):
    county, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    exchange(town, county)
    cut_off(county, VILLAGE)
    monkeypatch.setattr("sync.protocol.acts.cuts.standing", lambda core, address, key_id: Standing(name))
    with county.unit():
        stream = StreamId(VILLAGE, village.core.identity.epoch, COUNTY)
        assert may_apply(county.core, stream) is may_be_applied
        assert is_only_vouched(county.core, stream) is waits
        assert (cut_of(county.core, stream) is not None) is is_cut


def test_every_standing_stands_in_the_table():
    assert {name for name, *_ in MEANS} == {one.value for one in Standing}
