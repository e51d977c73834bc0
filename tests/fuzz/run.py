"""Runs a target: so many inputs from a seed, the first finding kept, the rate measured."""

from __future__ import annotations

import time
from random import Random
from typing import NamedTuple

from tests.fuzz.mutate import Mutator
from tests.fuzz.refusals import REFUSALS
from tests.fuzz.targets import target

SLOW_S = 2.0


class Finding(NamedTuple):
    """An input that brought something else than a refusal, or took too long."""

    target: str
    number: int
    data: bytes
    what: str


class Outcome(NamedTuple):
    """What came of the inputs of one target; `read` were taken for good, the others refused."""

    target: str
    inputs: int
    read: int
    seconds: float
    slowest_s: float
    findings: list[Finding]

    @property
    def rate(self) -> int:
        """Inputs per second, their making included."""
        return round(self.inputs / max(self.seconds, 1e-9))


def run(name: str, inputs: int, seed: int = 1, findings_max: int = 5) -> Outcome:
    """Give a target so many inputs; the same name and seed give the same inputs."""
    chosen = target(name)
    mutator = Mutator(Random(f"{name}/{seed}"), chosen.corpus)
    findings: list[Finding] = []
    begun, slowest, read, number = time.process_time(), 0.0, 0, 0
    while number < inputs and len(findings) < findings_max:
        number += 1
        data = chosen.make(mutator)
        before = time.process_time()
        try:
            chosen.read(data)
            read += 1
        except REFUSALS:
            pass
        except Exception as fault:
            findings.append(Finding(name, number, data, f"{type(fault).__name__}: {fault}"[:300]))
        took = time.process_time() - before
        slowest = max(slowest, took)
        if took > SLOW_S:
            findings.append(Finding(name, number, data, f"{took:.1f} s"))
    return Outcome(name, number, read, time.process_time() - begun, slowest, findings)
