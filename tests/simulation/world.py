"""One county on one virtual clock: what happens when, drawn from one seed."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from random import Random
from typing import Any

from sync.adapters.line import BrokenOff
from sync.protocol.retry import CAP_MS
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from tests.simulation.behind import Behind
from tests.simulation.carriers import HOUR_MS, MINUTE_MS, LineFault, SimLine, Sticks
from tests.simulation.clerks import Desk, opening_hours
from tests.simulation.clocks import Clocks
from tests.simulation.copies import Copies
from tests.simulation.disks import Disks
from tests.simulation.faults import DiskFault, Faults, PowerCut
from tests.simulation.founding import addresses_of, enrol, found_county
from tests.simulation.oracle import Oracle
from tests.simulation.outages import Outages
from tests.simulation.purging import Purging
from tests.simulation.shared_sticks import SharedSticks
from tests.simulation.shelves import plan_publishing
from tests.simulation.site import REST_INTERVAL_MS, Site
from tests.simulation.standing import Standing
from tests.simulation.stores import lose_unsynced
from tests.simulation.thief import Thief
from tests.simulation.troubles import USUAL, Trouble
from tests.simulation.upheavals import Upheavals

DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Shape:
    """How large, how long and how hard: nodes, days of faults, cases filed, how much else befalls them."""

    nodes: int = 13
    days: float = 5.0
    cases: int = 64
    trouble: Trouble = USUAL

    @classmethod
    def of(cls, nodes: int, days: float, trouble: Trouble = USUAL) -> Shape:
        """Return the shape of a county of so many nodes and days, busy as the usual one."""
        usual = cls()
        busy = usual.cases * nodes / usual.nodes * days / usual.days
        return cls(nodes, days, max(usual.cases // 2, round(busy)), trouble)


class County:
    """All nodes, lines, sticks and people, and the queue of what comes next."""

    judge = Oracle
    wall_clocks = Clocks

    def __init__(self, seed: int, shape: Shape, tell: Callable[[str], None] | None = None) -> None:
        self.seed = seed
        self.shape = shape
        self.now = 0
        self.rng = Random(f"{seed}/world")
        self.faults = Faults(Random(f"{seed}/faults"))
        self.oracle = self.judge()
        self.is_open = 1
        # Whether bytes of long ago arrive no more.
        self.is_past = 0
        self.captured: list[tuple[str, bytes]] = []
        self.exchanges = 0
        # The longest time that an exchange takes one way: most lines are quick.
        self.slowness_ms = self.rng.choice((300, 300, 800, 3_000))
        self._tell = tell
        self._hash = blake2b(digest_size=16)
        self._queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._ticket = itertools.count()
        self._newest: dict[tuple[str, str], int] = {}
        self.addresses = self._addresses()
        self.sites = self.oracle.sites
        self.root_key: KeyPair
        found_county(self)
        self.outages = Outages(self)
        self.sticks = Sticks(self)
        self.disks = Disks(self)
        self.copies = Copies(self)
        self.standing = Standing(self)
        self.purging = Purging(self)
        self.upheavals = Upheavals(self)
        self.clocks = self.wall_clocks(self)
        self.behind = Behind(self)
        self.thief = Thief(self)
        self.desks = {address: Desk(site, self) for address, site in self.sites.items()}
        self._plan_days()

    def _addresses(self) -> tuple[str, ...]:
        return addresses_of(self.shape.nodes)

    def known_at(self, address: str, statements: list[Statement]) -> list[Statement]:
        """Return which statements a node begins with: here all of them."""
        return statements

    # --- time
    def later(self, wait_ms: int, do: Callable[..., None], *given: Any) -> None:
        """Let something happen after a while."""
        heapq.heappush(self._queue, (self.now + wait_ms, next(self._ticket), do, given))

    def pass_time(self, span_ms: int) -> None:
        """Let everything happen that is due within a span, then stand at its end or later."""
        until = self.now + span_ms
        while self._queue and self._queue[0][0] <= until:
            due, _, do, given = heapq.heappop(self._queue)
            self.now = max(self.now, due)
            try:
                do(*given)
            except PowerCut:
                continue
        self.now = max(self.now, until)

    def today(self, site: Site, day_ms: int) -> int:
        """Return which day a node's own clock shows, in days so long since 1970."""
        return site.evidence().wall // day_ms + 1

    def date_at(self, site: Site) -> int:
        """Return the time that people at a node write into what they make: what its clock shows."""
        return site.evidence().wall

    def trace(self, what: str, where: str, detail: object = "") -> None:
        """Take an event into the trace; two runs of one seed have the same trace."""
        line = f"{self.now} {what} {where} {detail}"
        self._hash.update(line.encode())
        if self._tell is not None:
            self._tell(line)

    @property
    def trace_hash(self) -> str:
        """The hash of all that happened so far."""
        return self._hash.hexdigest()

    # --- plans
    def _plan_days(self) -> None:
        self.faults.on()
        span = int(self.shape.days * DAY_MS)
        self.outages.plan(span)
        for site in self.sites.values():
            if self.rng.random() < 0.15:
                site.skew_ms = self.rng.choice((-56, -1, 1, 73)) * 365 * DAY_MS
                site.skew_ms = max(site.skew_ms, -1_700_000_000_000)
                self.faults.count("clock_wrong")
            if site.ancestors:
                self.line_at(site, self.rng.randrange(HOUR_MS))
        self._plan_sticks(span)
        SharedSticks(self, self.sticks).plan(span)
        self.behind.plan(span)
        plan_publishing(self)
        self.copies.plan()
        self.standing.plan()
        self.disks.plan()
        self.thief.plan()
        self.clocks.plan(span)
        self.upheavals.plan()
        self.purging.plan()
        opening_hours(self)

    def _plan_sticks(self, span: int) -> None:
        for _ in range(self.rng.randrange(3, 9)):
            outage = self.rng.choice(self.outages.all)
            low = outage.child if self.rng.random() < 0.6 else self.rng.choice(self.addresses[1:])
            high = self.rng.choice(self.sites[low].ancestors)
            pair = (low, high) if self.rng.random() < 0.65 else (high, low)
            self.later(self.rng.randrange(span), self.sticks.trip, *pair, self.rng.randrange(3))

    # --- lines
    def line(self, child: Site) -> SimLine:
        """Return the line of a node to its ancestors."""
        return SimLine(self, child)

    def sent(self, child: str, parent: str) -> int:
        """Number an exchange as it leaves."""
        self.exchanges += 1
        return self.exchanges

    def arrived_in_order(self, child: str, parent: str, counter: int) -> None:
        """Count it when an exchange arrives after a later one."""
        newest = self._newest.get((child, parent), 0)
        if counter < newest:
            self.faults.count("line_reordered")
        self._newest[(child, parent)] = max(newest, counter)

    def wake(self, site: Site) -> None:
        """Something new waits at a node: its next exchange comes at once, unless its line fails."""
        if site.uplinks and site.alive:
            site.woken = 1
            if site.line_due is not None and site.runner.state.failures == 0:
                self.line_at(site, self.rng.randrange(5_000, 180_000))

    def line_at(self, site: Site, wait_ms: int) -> None:
        """Make the next exchange of a node happen after a while, if none comes sooner."""
        due = self.now + wait_ms
        if site.line_due is None or due < site.line_due:
            site.line_due = due
            self.later(wait_ms, self._line_turn, site, due)

    def _line_turn(self, site: Site, due: int) -> None:
        if site.line_due != due:
            return
        woken, site.line_due, site.woken = site.woken, None, 0
        if not (site.alive and site.enrolled):
            return
        left = site.runner.left_ms()
        if left > 0 and not woken:
            self._check_pause(site, left)
            self.line_at(site, left)
            return
        try:
            runner, is_in_vain = site.runner, self._is_in_vain(site)
            pause = runner._failed(LineFault("down")) if is_in_vain else runner.step()
        except DiskFault:
            # As the loop of a node does with whatever it did not foresee.
            pause = site.runner._failed(BrokenOff())
        self._check_pause(site, pause)
        self.outages.heard(site)
        if site.runner.is_up:
            self.clocks.met_somebody(site)
        self.trace("line", site.address, f"{pause} {site.runner.state}")
        if site.woken and site.runner.state.failures == 0:
            pause = min(pause, 20_000)
        site.runner.arm(pause)
        self.line_at(site, max(pause, 1_500))

    def _check_pause(self, site: Site, pause: int) -> None:
        if pause > max(CAP_MS, 2 * site.runner.pace.interval_ms):
            self.oracle.fail(27, site, f"waits {pause} ms")

    def _is_in_vain(self, site: Site) -> bool:
        """Say whether to spare a node making what nobody will take; now and then it does it all the same."""
        if not site.uplinks or self.rng.random() < 0.07:
            return False
        above = self.sites[site.runner._choose().address]
        is_there = above.alive and above.enrolled
        return not is_there or self.outages.stops(site.address, above.address)

    # --- power
    def restart_later(self, site: Site) -> None:
        """A node went off: it comes back after a while."""
        longest = 3 * HOUR_MS if self.rng.random() < 0.2 else 15 * MINUTE_MS
        self.later(self.rng.randrange(MINUTE_MS, longest), self.restart, site)

    def restart(self, site: Site) -> None:
        """Switch a node on again."""
        if site.alive or site.is_gone:
            return
        if site.has_lied and site.unsynced:
            lose_unsynced(site)
            self.oracle.put_back(site)
            self.desks[site.address].look_for_papers()
            self.later(HOUR_MS, self.standing.try_again, self.standing.let_in_again, site.address)
        site.has_lied = 0
        try:
            self.clocks.switched_on(site)
            site.start()
            self.oracle.after_power_cut(site)
        except DiskFault:
            site.switch_off()
        self.trace("on", site.address, site.alive)
        if not site.alive or self.faults.strikes("power_crash_loop"):
            site.switch_off()
            self.restart_later(site)
        else:
            if site.uplinks:
                self.line_at(site, self.rng.randrange(5_000, 10 * MINUTE_MS))

    def be_kind(self) -> None:
        """Faults stop, lines are mended, everybody is on, people go home."""
        self.faults.off()
        self.outages.all.clear()
        self.is_open = 0
        for site in self.sites.values():
            site.read_only_until = 0
        for site in self.sites.values():
            self.restart(site)
            site.skew_ms = site.drift = 0
            site.runner.pace = replace(site.runner.pace, interval_ms=REST_INTERVAL_MS)
            enrol(self, site.address)
            if site.uplinks:
                # Somebody presses the button.
                site.runner.arm(0)
                self.line_at(site, self.rng.randrange(30 * MINUTE_MS))
        self.behind.upgrade()
        self.disks.be_kind()
        self.thief.be_kind()
