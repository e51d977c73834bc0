"""The simulation notices each rule of the sync layer that is taken away."""

from __future__ import annotations

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import run_seed
from tests.simulation.world import Shape

MORE_SEEDS = 8
# A short run shows it as well, and soon.
SHORT = Shape(13, 2.0, 32)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_rule_is_noticed(mutant, monkeypatch):
    first, invariants = MUTANTS[mutant]
    mutant(monkeypatch)
    # A change elsewhere may move what a seed meets, so a few more get their chance before we say: missed.
    found = (run_seed(seed, SHORT).violation for seed in range(first, first + MORE_SEEDS))
    violation = next((text for text in found if text), "missed")
    assert violation.startswith(tuple(f"invariant {number} " for number in invariants)), violation
