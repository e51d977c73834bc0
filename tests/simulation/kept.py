"""The seeds that once showed a fault, and the two hundred that run with the tests."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tests.simulation.troubles import CALLED, USUAL
from tests.simulation.world import Shape

SEEDS = 200
# Two hundred weeks take more than three minutes of two cores. So weeks are only the last of those that once
# failed as one, and `simulate --kept` runs all of them; whatever fills up the number is two days long.
WEEK, SHORT = Shape(), Shape(13, 2.0, 32)
WEEKS_MAX = 6
KEPT = Path(__file__).with_name("seeds_that_failed.txt")
OPEN = Path(__file__).with_name("seeds_open.txt")


@lru_cache
def listed(path: Path) -> list[tuple[int, Shape]]:
    """Return the seeds in a list, with their shapes, in the order in which they were found."""
    lines = [line.split()[:4] for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [
        (int(seed), Shape.of(int(nodes), float(days), CALLED.get(word.removesuffix(":"), USUAL)))
        for seed, nodes, days, word in lines
    ]


def whole_weeks(runs: list[tuple[int, Shape]]) -> list[tuple[int, Shape]]:
    """Return those of some runs that are as large as a week, whatever befalls them."""
    return [one for one in runs if (one[1].nodes, one[1].days) == (WEEK.nodes, WEEK.days)]


def two_hundred() -> list[tuple[int, Shape]]:
    """Return two hundred runs: the seeds that once failed, as they failed, then the first others."""
    kept, is_open = listed(KEPT), set(listed(OPEN))
    weeks = whole_weeks(kept)
    left_out = is_open.union(weeks[:-WEEKS_MAX])
    others = ((seed, SHORT) for seed in range(1, 2 * SEEDS))
    return [one for one in dict.fromkeys((*kept, *others)) if one not in left_out][:SEEDS]
