"""What only upheavals bring happens in them, and nowhere else; what they let pass is judged."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from tests.simulation.intended import Violation
from tests.simulation.oracle import Oracle
from tests.simulation.run import run_seed
from tests.simulation.troubles import HARSH, UPHEAVAL, Trouble
from tests.simulation.upheavals import UPHEAVALS, Upheavals
from tests.simulation.world import Shape


def test_every_upheaval_has_its_turn_and_all_comes_to_rest() -> None:
    fired: Counter[str] = Counter()
    for seed in (17, 20):
        outcome = run_seed(seed, Shape.of(6, 0.8, UPHEAVAL))
        assert not outcome.violation, outcome.violation
        fired.update(outcome.faults)
    assert [kind for kind in UPHEAVALS if not fired[kind]] == []


def test_none_comes_to_a_county_that_is_not_asked_for_it() -> None:
    outcome = run_seed(17, Shape.of(3, 0.4, HARSH))
    assert not {*UPHEAVALS} & outcome.faults.keys()


@pytest.mark.parametrize(
    ("elsewhere", "rotted", "trouble", "is_found"),
    [
        (b"paper", False, UPHEAVAL, 0),
        (None, False, UPHEAVAL, 1),
        (b"damaged", False, UPHEAVAL, 1),
        (None, True, UPHEAVAL, 0),
        (None, False, HARSH, 0),
    ],
)
def test_a_paper_that_only_who_lets_it_go_has_is_found(
    elsewhere: bytes | None, rotted: bool, trouble: Trouble, is_found: int
) -> None:
    oracle = Oracle()
    oracle.papers["one"] = b"paper"
    oracle.rotted |= {("511921", "one")} if rotted else set()
    site: Any = SimpleNamespace(address="511921100", blobs=SimpleNamespace(content={}.get))
    other = SimpleNamespace(address="511921", blobs=SimpleNamespace(content={"one": elsewhere}.get))
    oracle.sites.update({one.address: one for one in (site, other)})
    county: Any = SimpleNamespace(seed=1, oracle=oracle, shape=SimpleNamespace(trouble=trouble))
    found = 0
    try:
        Upheavals(county).check_evicted(site, "one")
    except Violation:
        found = 1
    assert found == is_found
