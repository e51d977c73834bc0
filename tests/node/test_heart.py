"""A long look at everything: what it costs whoever comes after, and what it hides from them."""

from __future__ import annotations

import pytest

from tests.desk.three import COUNTY, TOWN, ThreeNodes


def test_a_long_look_costs_the_next_unit_nothing_unless_it_broke_off(three: ThreeNodes) -> None:
    node = three.open(COUNTY)
    with node.unit():
        known = node.peer.core.roster
    for _ in range(2):
        with node.heart.reading():
            assert node.trust.entry(TOWN) and node.peer.core.roster is known
    with node.unit():
        assert node.peer.core.roster is known
        node.trust.relieve(TOWN, ("", three.now()), "修理")
    with pytest.raises(ZeroDivisionError), node.heart.reading():
        raise ZeroDivisionError
    with node.unit():
        assert node.peer.core.roster is not known and node.trust.entry(TOWN).status == "relieved"
