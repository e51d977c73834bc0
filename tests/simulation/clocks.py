"""What wall clocks do in one county: jump, run fast or slow, stand still, or begin in 1970 at every start."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.simulation.carriers import HOUR_MS
from tests.simulation.site import START_MS

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

DAY_MS = 24 * HOUR_MS
JUMPS_MS = (-400 * DAY_MS, -DAY_MS, 2 * DAY_MS, 26_000 * DAY_MS)
# A leap second, and a clock that stopped.
STILL_MS = (1_000, HOUR_MS, 9 * HOUR_MS)
STILL = -1


class Clocks:
    """The wall clocks of one county; drawn apart from all else."""

    def __init__(self, county: County) -> None:
        self.county = county
        # Nodes that know no time when they are switched on, until they have spoken with somebody.
        self.without_battery: set[str] = set()

    def plan(self, span: int) -> None:
        """In some seeds clocks jump while all is at work, there and back, or run five in a hundred off."""
        county, rng = self.county, Random(f"{self.county.seed}/clocks")
        for _ in range(rng.choice((0, 0, 1, 3))):
            address, jump = rng.choice(county.addresses), rng.choice(JUMPS_MS)
            when = rng.randrange(span)
            for wait, by in ((when, jump), (when + rng.randrange(12 * HOUR_MS), -jump)):
                county.later(wait, self._jump, address, by)
        if rng.random() < 0.2:
            county.sites[rng.choice(county.addresses)].drift = rng.choice((-20, 20))
            county.faults.count("clock_drifts")
        self._plan_odd_ones(Random(f"{county.seed}/odd clocks"), span)

    def _plan_odd_ones(self, rng: Random, span: int) -> None:
        county = self.county
        if rng.random() < 0.3:
            self.without_battery.update(rng.sample(county.addresses, min(3, len(county.addresses))))
        if rng.random() < 0.2:
            site, when = county.sites[rng.choice(county.addresses)], rng.randrange(span)
            county.later(when, self._stand, site, rng.choice(STILL_MS))

    def _jump(self, address: str, by: int) -> None:
        self.county.sites[address].skew_ms += by
        self.county.faults.count("clock_jumped")
        self.county.trace("clock", address, by)

    def _stand(self, site: Site, span_ms: int) -> None:
        if self.county.is_open and not site.drift:
            site.skew_ms, site.drift = site.skew_ms + self.county.now, STILL
            self.county.later(span_ms, self._go_on, site)
            self.county.faults.count("clock_stood_still")
            self.county.trace("clock", site.address, "stands")

    def _go_on(self, site: Site) -> None:
        """It goes on from where it stopped, and stays so far behind."""
        if site.drift == STILL:
            site.skew_ms, site.drift = site.skew_ms - self.county.now, 0

    def switched_on(self, site: Site) -> None:
        """A node starts: without a battery its clock begins in 1970."""
        if site.address in self.without_battery:
            site.skew_ms, site.drift = -START_MS - self.county.now, 0
            self.county.faults.count("clock_without_battery")

    def met_somebody(self, site: Site) -> None:
        """Its line holds: whoever set its clock by the network has set it now."""
        if site.address in self.without_battery:
            site.skew_ms = 0
