"""One stick for two villages: each finds the other's file on it, and what comes back for both of them too."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.belongings import everything
from tests.simulation.carriers import HOUR_MS, MINUTE_MS, Stick, Sticks

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

ODDS = 0.35


class SharedSticks:
    """The rounds of somebody who goes from village to village with one stick; drawn apart from all else."""

    def __init__(self, county: County, sticks: Sticks) -> None:
        self.county = county
        self.sticks = sticks
        self.rng = Random(f"{county.seed}/shared stick")

    def plan(self, span: int) -> None:
        """Draw one round, in some seeds: two villages, and who stands above both."""
        county, rng = self.county, self.rng
        villages = [address for address in county.addresses if len(address) == 12]
        if len(villages) < 2 or rng.random() >= ODDS:
            return
        first, second = rng.sample(villages, 2)
        above = [address for address in county.sites[first].ancestors if second.startswith(address)]
        at, given = rng.randrange(int(0.8 * span)), ((first, second), rng.choice(above), [])
        county.later(at, self._visit, *given)

    def _next(self, wait_ms: int, step: Callable[..., None], *given: object) -> None:
        """Go on after a while; a power cut on the way ends the round, and nobody waits for that stick."""
        self.sticks.on_the_way += 1
        self.county.later(wait_ms, self._arrived, step, *given)

    def _arrived(self, step: Callable[..., None], *given: object) -> None:
        self.sticks.on_the_way -= 1
        step(*given)

    def _visit(self, villages: tuple[str, ...], above: str, files: list[Stick]) -> None:
        """Take a village's own file along; those of others on the stick are nothing to it."""
        if not villages:
            self._arrive(above, files)
            return
        site, rest = self.county.sites[villages[0]], villages[1:]
        if not (site.alive and site.enrolled and above in site.tree.up(site.address)):
            if self.county.is_open:
                self._next(HOUR_MS, self._visit, villages, above, files)
            return
        self._try_all(site, files)
        own = self.sticks.written(site, above)
        self._next(self._on_the_way(), self._visit, rest, above, [*files, own])

    def _arrive(self, above: str, files: list[Stick]) -> None:
        county, site = self.county, self.county.sites[above]
        if not (site.alive and site.enrolled):
            self._next(HOUR_MS, self._arrive, above, files)
            return
        county.faults.count("stick_of_two_villages")
        for file in files:
            site.engine.receive([file.data])
        # What goes back is tried at both, in the order of the round.
        tree = site.tree
        authors = [f.author for f in files if f.author in tree and above in tree.up(f.author)]
        home = [self.sticks.written(site, author) for author in authors]
        county.wake(site)
        self._next(self._on_the_way(), self._come_home, [file.author for file in files], home)

    def _come_home(self, villages: list[str], files: list[Stick]) -> None:
        for address in villages:
            site = self.county.sites[address]
            if not (site.alive and site.enrolled):
                continue
            self._try_all(site, [file for file in files if file.receiver != address])
            for file in files:
                if file.receiver == address:
                    site.engine.receive([file.data])

    def _try_all(self, site: Site, files: list[Stick]) -> None:
        """A file for somebody else is refused, and changes nothing."""
        for file in files:
            before = everything(site)
            report = site.engine.receive([file.data])
            if not report.code or everything(site) != before:
                self.county.oracle.fail(19, site, f"a file for {file.receiver} was not refused")

    def _on_the_way(self) -> int:
        return self.rng.randrange(20 * MINUTE_MS, 8 * HOUR_MS)
