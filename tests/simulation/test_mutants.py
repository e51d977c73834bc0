"""The simulation notices each rule of the sync layer that is taken away."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import run_seed
from tests.simulation.world import Shape

# A day of six nodes shows it as well, and sooner than two days of thirteen.
SMALL = Shape(6, 1.0, 16)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_rule_is_noticed(mutant, monkeypatch):
    seed, invariants = MUTANTS[mutant]
    mutant(monkeypatch)
    # Where a change elsewhere moves what a seed meets, `hunt` of `mutation` finds another, given this shape.
    violation = run_seed(seed, SMALL).violation or "missed"
    assert violation.startswith(tuple(f"invariant {number} " for number in invariants)), violation
