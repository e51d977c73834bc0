"""A node three versions behind: it relays what it cannot read, keeps it, and reads it after its upgrade."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.words import Action, Report
from tests.simulation.faults import PowerCut
from tests.simulation.programs import PROGRAMS

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

ODDS = 0.3
# What came since: none of these words means anything to such a program.
UNREAD = frozenset(
    {
        Action.ACCEPT.value,
        Action.RECORD_SERVICE.value,
        Report.HANDED_OVER.value,
        Report.PAPERS_BROUGHT.value,
    }
)


class Behind:
    """Which node is upgraded late in one county; drawn apart from all else."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.site: Site | None = None

    def plan(self, span: int) -> None:
        """Draw one below the top, in some seeds, and when its upgrade comes."""
        county, rng = self.county, Random(f"{self.county.seed}/behind")
        if rng.random() < ODDS:
            self.site = county.sites[rng.choice(county.addresses[1:])]
            # As for every cut while the county runs: it is switched on again later.
            with suppress(PowerCut):
                self._put_in(self.site, UNREAD)
            county.faults.count("three_versions_behind")
            county.later(rng.randrange(span // 3, span), self.upgrade)

    def upgrade(self) -> None:
        """The new program is put in and started; it looks once more at what the former one could not read."""
        site, self.site = self.site, None
        if site is not None:
            self._put_in(site, frozenset())

    def _put_in(self, site: Site, unread: frozenset[str]) -> None:
        site.unread = unread
        site.program = PROGRAMS[0 if unread else -1]
        if site.alive:
            site.switch_off()
            self.county.restart(site)
