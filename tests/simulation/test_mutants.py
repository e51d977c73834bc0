"""The simulation notices each rule of the sync layer that is taken away."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import run_seed
from tests.simulation.world import Shape


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_rule_is_noticed(mutant, monkeypatch):
    seed, invariants = MUTANTS[mutant]
    mutant(monkeypatch)
    violation = run_seed(seed, Shape()).violation
    assert violation.startswith(tuple(f"invariant {number} " for number in invariants)), violation or "missed"
