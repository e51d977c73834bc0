"""Runs a county from one seed: days of faults, then kindness, then the end must be what the oracle knows."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.carriers import HOUR_MS
from tests.simulation.ending import unfinished
from tests.simulation.intended import Violation
from tests.simulation.rest import check_rest
from tests.simulation.troubles import CALLED
from tests.simulation.world import DAY_MS, County, Shape

REST_STEP_MS = 6 * HOUR_MS
# In quiet nodes exchange every three hours; what proves nothing is asked for in thirty-two exchanges.
REST_MAX_MS = 5 * DAY_MS


@dataclass(slots=True)
class Outcome:
    """What became of one seed."""

    seed: int
    violation: str = ""
    faults: dict[str, int] = field(default_factory=dict)
    cases: int = 0
    acts: int = 0
    hops: int = 0
    exchanges: int = 0
    cpu_s: float = 0.0
    trace: str = ""


def run_seed(
    seed: int,
    shape: Shape,
    tell: Callable[[str], None] | None = None,
    kind: Callable[..., County] = County,
) -> Outcome:
    """Run one seed; what it finds stands in the outcome, it never raises for a fault of the product."""
    began = time.process_time()
    outcome = Outcome(seed)
    county = None
    try:
        county = kind(seed, shape, tell)
        county.pass_time(int(shape.days * DAY_MS))
        county.be_kind()
        _come_to_rest(county)
        check_rest(county)
    except Violation as violation:
        outcome.violation = str(violation)
    except Exception:
        outcome.violation = f"invariant 0: {traceback.format_exc()}"
    if county is not None:
        outcome.faults = dict(county.faults.fired)
        outcome.cases, outcome.acts = len(county.oracle.numbers), len(county.oracle.acts)
        outcome.hops, outcome.exchanges = county.oracle.hops, county.exchanges
        outcome.trace = county.trace_hash
    outcome.cpu_s = time.process_time() - began
    return outcome


def replay_command(seed: int, shape: Shape) -> str:
    """Return the command that runs a seed once more and tells everything."""
    harsh = "".join(f" --{word}" for word, trouble in CALLED.items() if shape.trouble == trouble)
    size = f"--nodes {shape.nodes} --days {shape.days:g}"
    return f"./deploy.sh simulate --seeds {seed}-{seed} {size}{harsh} --trace"


def _come_to_rest(county: County) -> None:
    before: list[int] = []
    for _ in range(REST_MAX_MS // REST_STEP_MS):
        county.pass_time(REST_STEP_MS)
        now = [site.peer.core.identity.stamp for site in county.sites.values()]
        # A receipt may still be on its way to somebody who needs it for nothing more, by a stick too.
        if now == before and not county.sticks.on_the_way and not unfinished(county):
            return
        before = now
    problems = unfinished(county) or _restless(county, before)
    raise Violation(100, "county", f"{len(problems)} things unfinished: " + "; ".join(problems[:12]))


def _restless(county: County, before: list[int]) -> list[str]:
    """Say who goes on changing though all is where it belongs."""
    county.pass_time(REST_STEP_MS)
    pairs = zip(county.sites.values(), before, strict=True)
    moving = [f"{site.address} never rests" for site, was in pairs if site.peer.core.identity.stamp != was]
    return moving or [f"{county.sticks.on_the_way} sticks on the way"]
