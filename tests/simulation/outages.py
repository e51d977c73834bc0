"""Lines that are down for a while: wholly, one way only, by fits and starts, or one after the other.

And lines with something between that lets no large request through, for as long as the county stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sync.adapters.line import NotEvenTheLeast

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LIMITED_ODDS, THIN_ODDS = 0.35, 0.25
WIDENED_MS = 4 * HOUR_MS
LIMITS_BYTES, THIN_BYTES = (24_000, 40_000), 2_500


@dataclass(slots=True)
class Outage:
    """A line that is down for a while: `flaps_ms` long it is down and then up again, until the end."""

    child: str
    parent: str
    start: int
    end: int
    is_one_way: int = 0
    flaps_ms: int = 0

    def is_on(self, child: str, parent: str, now: int) -> bool:
        """Say whether it keeps this line down at this moment."""
        if (child, parent) != (self.child, self.parent) or not self.start <= now < self.end:
            return False
        return not self.flaps_ms or (now - self.start) // self.flaps_ms % 2 == 0


class Outages:
    """All outages of one county."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.all: list[Outage] = []
        # How many bytes of a request something between lets through.
        self.limits: dict[tuple[str, str], int] = {}
        self.lines = [(a, s.ancestors[0]) for a, s in county.sites.items() if s.ancestors]

    def plan(self, span: int) -> None:
        """Draw one of the longest, some short ones, and in some seeds those of other kinds."""
        county, rng = self.county, self.county.rng
        # The longest outage grows with the run: two days of five.
        long = max(DAY_MS, int(0.4 * span))
        short = ("outage_short", (20 * MINUTE_MS, 9 * HOUR_MS))
        for kind, lengths in (
            ("outage_of_a_day", (long, int(1.4 * long))),
            *[short] * rng.randrange(1, 6),
        ):
            child, parent = rng.choice(self.lines)
            length = rng.randrange(*lengths)
            start = rng.randrange(max(1, span - length))
            self.all.append(Outage(child, parent, start, start + length))
            county.faults.count(kind)
        self._plan_odd_ones(Random(f"{county.seed}/outages"), span)
        self._plan_limits(Random(f"{county.seed}/between"))
        self._plan_thin_lines(Random(f"{county.seed}/thin"))

    def _plan_limits(self, rng: Random) -> None:
        if rng.random() < LIMITED_ODDS:
            for line in rng.sample(self.lines, min(3, len(self.lines))):
                self.limits[line] = rng.choice(LIMITS_BYTES)

    def _plan_thin_lines(self, rng: Random) -> None:
        """In some seeds a line carries little, both ways, so that cases and papers wait for one another.

        One: behind it there are many small exchanges, which take as long as half of all others.
        """
        if rng.random() < THIN_ODDS:
            child, _ = rng.choice(self.lines)
            self.county.sites[child].be_on_thin_line(THIN_BYTES)
            self.county.faults.count("line_thin")

    def is_too_much(self, child: str, parent: str, size: int) -> bool:
        """Say whether something between refuses a request of so many bytes."""
        return size > self.limits.get((child, parent), size)

    def heard(self, site: Site) -> None:
        """Where the page of a node tells its people to have more let through, they do in the end."""
        if site.runner.state.last_code == NotEvenTheLeast.code:
            line = (site.address, site.runner.state.uplink)
            self.county.later(WIDENED_MS, self.limits.pop, line, None)

    def _plan_odd_ones(self, rng: Random, span: int) -> None:
        if rng.random() < 0.25:
            child, parent = rng.choice(self.lines)
            start = rng.randrange(span // 2)
            length = rng.randrange(2 * HOUR_MS, 12 * HOUR_MS)
            self.all.append(Outage(child, parent, start, start + length, is_one_way=1))
        if rng.random() < 0.25:
            child, parent = rng.choice(self.lines)
            start = rng.randrange(span // 2)
            length = rng.randrange(HOUR_MS, 10 * HOUR_MS)
            flaps = rng.randrange(2_000, 4 * MINUTE_MS)
            self.all.append(Outage(child, parent, start, start + length, flaps_ms=flaps))
        if rng.random() < 0.15:
            # Lines fall one by one, and come back in another order.
            start = rng.randrange(span // 2)
            for child, parent in rng.sample(self.lines, min(6, len(self.lines))):
                length = rng.randrange(HOUR_MS, 6 * HOUR_MS)
                begins = start + rng.randrange(HOUR_MS)
                self.all.append(Outage(child, parent, begins, begins + length))
            self.county.faults.count("lines_fell_one_by_one")

    def stops(self, child: str, parent: str) -> bool:
        """Say whether a request does not get through now."""
        for outage in self.all:
            if not outage.is_one_way and outage.is_on(child, parent, self.county.now):
                if outage.flaps_ms:
                    self.county.faults.count("line_flapped")
                return True
        return False

    def stops_answer(self, child: str, parent: str) -> bool:
        """Say whether an answer does not come back now, though the request went through."""
        return any(o.is_one_way and o.is_on(child, parent, self.county.now) for o in self.all)
