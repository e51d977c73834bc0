"""What takes a review and an approval is settled by nobody alone: not at the counter, not by a lying node."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import NotInstant
from common.casework.rules.flow import State
from common.store.database import unit_of_work
from tests.casework.build import COUNTY, TOWN, a_filing
from tests.casework.life.tools import CLERK, OURS, Shelf, staff


def test_a_case_whose_parts_are_all_at_the_counter_still_takes_two_people(life):
    case = life.file("direct", at=COUNTY, who=CLERK)
    announced = len(life.network.sites[COUNTY].outbox.acts)
    with pytest.raises(NotInstant):
        life.move(COUNTY, case, "settle", CLERK, result={"name": "结果"})
    assert life.agreed(case).state is State.RECEIVED
    assert len(life.network.sites[COUNTY].outbox.acts) == announced


def test_an_item_that_is_not_here_is_not_settled_on_trust(life):
    case = life.file("direct", at=COUNTY, who=CLERK)
    del life.shelf.items["direct"]
    with pytest.raises(NotInstant):
        life.move(COUNTY, case, "settle", CLERK, result={"name": "结果"})


def test_the_top_parks_what_a_township_settled_against_the_item(life):
    """The township says that its item is settled on the spot; the county has it as it was published."""
    county = life.shelf
    lying = Shelf({**county.items, "town": replace(county.items["town"], kind="instant")})
    town = life.network.sites[TOWN]
    town.casework.ctx = replace(town.casework.ctx, catalogue=lying)
    casework = life.at(TOWN)
    with unit_of_work():
        case = casework.settle(a_filing("town", place=TOWN), staff("CLERK", OURS), {}, life.now)
    life.network.run()
    assert life.state(case, TOWN).state is State.ISSUED
    assert life.state(case, COUNTY).state is State.RECEIVED
    parked = [(why.reason, why.waits_for) for _, why in life.network.sites[COUNTY].parked.values()]
    assert parked == [(NotInstant.code, "person")]
