"""Breaks one rule after the other and tells which of many seeds is the first to notice."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import run_seed
from tests.simulation.world import Shape

BY_NAME = {mutant.__name__: mutant for mutant in MUTANTS}
# Fresh ones: none of them is among those that the tests run.
SEEDS = (100_001, 100_200)
SHAPE = Shape(13, 2.0, 32)
_ABOVE = object()


class Found(NamedTuple):
    """What became of one mutant: the seed that noticed it and how, "" when none did; how many were tried."""

    mutant: str
    seed: int
    violation: str
    tried: int
    cpu_s: float


class Broken:
    """Breaks rules until it is closed."""

    def __init__(self) -> None:
        self._before: list[tuple[object, str, object]] = []

    def setattr(self, target: object, name: str, value: object) -> None:
        """Put something else in the place of an attribute."""
        # A method as it stands in its class, not as it is bound; one of a class above stands not in this one.
        self._before.append((target, name, vars(target).get(name, _ABOVE)))
        setattr(target, name, value)

    def mend(self) -> None:
        """Put back what was there before."""
        while self._before:
            target, name, value = self._before.pop()
            if value is _ABOVE:
                delattr(target, name)
            else:
                setattr(target, name, value)


def hunt(name: str, seeds: Sequence[int], shape: Shape = SHAPE) -> Found:
    """Run seeds with one rule broken until one notices."""
    began, broken = time.process_time(), Broken()
    BY_NAME[name](broken)
    try:
        for tried, seed in enumerate(seeds, 1):
            violation = run_seed(seed, shape).violation
            if violation:
                return Found(name, seed, violation.splitlines()[0], tried, time.process_time() - began)
    finally:
        broken.mend()
    return Found(name, 0, "", len(seeds), time.process_time() - began)


def hunt_all(names: Sequence[str], seeds: Sequence[int], shape: Shape, workers: int) -> Iterator[Found]:
    """Do so with each of these mutants, several at a time."""
    if workers < 2 or len(names) == 1:
        yield from (hunt(name, seeds, shape) for name in names)
        return
    with ProcessPoolExecutor(min(workers, len(names))) as pool:
        yield from pool.map(hunt, names, [seeds] * len(names), [shape] * len(names))


def summed(found: Iterable[Found]) -> dict[str, object]:
    """Return the figures of many mutants as one."""
    all_found = list(found)
    return {
        "mutants": len(all_found),
        "caught": sum(bool(one.violation) for one in all_found),
        "missed": [one.mutant for one in all_found if not one.violation],
        "seeds_needed": {one.mutant: one.tried for one in all_found if one.violation},
        "noticed_by": {one.mutant: one.violation.split(" at ")[0] for one in all_found if one.violation},
        "cpu_s": round(sum(one.cpu_s for one in all_found), 2),
    }
