"""What happens to disks over days: papers rot and are found, disks fill up and are read-only for an hour."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.timed import is_doubtful
from sync.protocol.acts.audience import may_have_paper
from sync.protocol.stock.blobs import ask_back
from sync.protocol.stock.ended import count_day, ended_for
from sync.protocol.stock.eviction import fetch_back, to_evict
from tests.simulation.carriers import HOUR_MS, MINUTE_MS
from tests.simulation.faults import PowerCut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.site import Site
    from tests.simulation.world import County

EVICTED_AT_ONCE = 40
# A day of a node as a part of all days, and after how many of them papers leave that their end has.
DAY, DAYS_KEPT = 0.04, 5
# How often a person at a node whose date is in doubt says that it is right, wrong as it may be.
CONFIRMED_ODDS = 0.3
LOW, CRITICAL = 1, 2


class Disks:
    """What disks do in one county; drawn apart from all else."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = Random(f"{county.seed}/disks")
        self.fetched: set[tuple[str, str]] = set()
        # A county of some days has shorter ones by which its nodes count; and which of them a node did last.
        self.day = max(HOUR_MS, int(DAY * county.shape.days * 24 * HOUR_MS))
        self.done: dict[str, date] = {}
        self.is_over = 0
        # No clock is right to the day: no copy of the top is older than most of the days.
        self.safe_ms = (DAYS_KEPT - 2) * self.day

    def plan(self) -> None:
        """Draw what happens to disks in this seed."""
        county, rng = self.county, self.rng
        span = int(county.shape.days * 24 * HOUR_MS)
        if rng.random() < 0.4:
            for _ in range(rng.randrange(1, 5)):
                county.later(rng.randrange(span), self.rot, rng.choice(county.addresses))
            for address in county.addresses:
                county.later(rng.randrange(12 * HOUR_MS), self.look_through, address)
        if rng.random() < 0.3:
            address = rng.choice(county.addresses)
            county.later(rng.randrange(span), self.be_read_only, address, rng.randrange(HOUR_MS))
        if rng.random() < 0.4:
            for address in rng.sample(county.addresses, min(4, len(county.addresses))):
                for _ in range(rng.randrange(1, 5)):
                    county.later(rng.randrange(span), self.fill, address, rng.randrange(3))
                county.later(rng.randrange(self.day), self.count_day, address)

    # --- papers that rot
    def rot(self, address: str) -> None:
        """One bit of some paper turns where it lies."""
        site, oracle = self.county.sites[address], self.county.oracle
        names = site.blobs.names()
        if not names:
            return
        blob = self.rng.choice(names)
        site.blobs.rot(blob)
        oracle.rotted.add((address, blob))
        self._may_be_lost(blob)
        self.county.faults.count("paper_rotted")
        self.county.trace("rotted", address, blob[:12])

    def _may_be_lost(self, blob: str) -> None:
        oracle = self.county.oracle
        if not any(other.blobs.content(blob) == oracle.papers[blob] for other in oracle.sites.values()):
            oracle.lost_papers.add(blob)

    def look_through(self, address: str) -> None:
        """The check of all papers, once a day: a damaged one is put aside and asked for again."""
        site = self.county.sites[address]
        self.county.later(24 * HOUR_MS, self.look_through, address)
        if site.alive:
            self.mend(site)

    def mend(self, site: Site) -> None:
        """Look at every paper a node should have; what is damaged or gone is wanted again."""
        damaged = [blob for blob in site.spool.papers() if not site.blobs.is_sound(blob)]
        if damaged:
            with site.unit():
                ask_back(site.peer.core, damaged)
            self.county.faults.count("rot_found")
            self.county.wake(site)

    def ask_for_lacking(self, site: Site) -> None:
        """A database was put back on a disk that never had some papers it names: `restore` asks for them."""
        lacking = [blob for blob in site.spool.papers() if not site.blobs.has(blob)]
        for blob in lacking:
            self.county.oracle.rotted.add((site.address, blob))
            self._may_be_lost(blob)
        if lacking and site.alive:
            with site.unit():
                ask_back(site.peer.core, lacking)
            self.county.wake(site)

    # --- disks that fill up
    def be_read_only(self, address: str, span_ms: int) -> None:
        """Nothing can be written to a disk for a while."""
        self.county.sites[address].read_only_until = self.county.now + span_ms
        self.county.faults.count("disk_read_only")
        self.county.trace("read only", address, span_ms)

    def fill(self, address: str, state: int) -> None:
        """A disk gets fuller or emptier; when it is not well, what its end has may leave it."""
        site = self.county.sites[address]
        site.set_disk(state)
        self.county.trace("disk state", address, state)
        if state:
            self.county.faults.count("disk_low" if state == LOW else "disk_critical")
            self.county.later(self.rng.randrange(MINUTE_MS, HOUR_MS), self.evict, address)
            self.county.later(self.rng.randrange(HOUR_MS, 12 * HOUR_MS), self.fill, address, 0)

    def count_day(self, address: str) -> None:
        """Count a day by the node's own clock, as the product does: none while its date is in doubt."""
        county, site = self.county, self.county.sites[address]
        if not county.is_open:
            return
        county.later(self.day // 3, self.count_day, address)
        if not (site.alive and site.enrolled):
            return
        today = date.fromordinal(county.today(site, self.day))
        if is_doubtful(today, self.done.get(address)):
            county.faults.count("day_in_doubt")
            if self.rng.random() >= CONFIRMED_ODDS:
                return
        self.done[address] = today
        with site.unit():
            count_day(site.peer.core, today.toordinal(), DAYS_KEPT)

    def evict(self, address: str) -> None:
        """Papers leave that their end has, and that are older than any copy that may be put back."""
        county, site = self.county, self.county.sites[address]
        is_risky = county.copies.is_put_back(county.addresses[0]) and not county.upheavals.is_on
        if not (site.alive and site.enrolled) or is_risky:
            return
        with site.unit():
            core = site.peer.core
            found = to_evict(core, 0, EVICTED_AT_ONCE, ended_for(core, DAYS_KEPT))
        site.blobs.claim(found.papers)
        for blob in found.papers:
            self._check_leaving(site, blob)
            county.oracle.evicted.add((address, blob))
            site.blobs.evict(blob)
            county.upheavals.check_evicted(site, blob)
            # What rotted at the end, and nobody has looked yet, may have been whole here alone.
            self._may_be_lost(blob)
            county.faults.count("paper_evicted")
        county.trace("evicted", address, len(found.papers))
        for blob in found.papers[:2]:
            county.later(self.rng.randrange(HOUR_MS, 20 * HOUR_MS), self.fetch, address, blob)

    def _check_leaving(self, site: Site, blob: str) -> None:
        """4: nothing is deleted that the end of its way, and the top, does not hold whole."""
        oracle, top = self.county.oracle, self.county.addresses[0]
        for act, intended in oracle.acts.items():
            if any(ref.hash == blob for ref in intended.blobs) and site.spool.act(act) is not None:
                for address in {*intended.to, top} - oracle.forgetful:
                    is_gone = (address, blob) in oracle.rotted | oracle.evicted
                    there = oracle.sites[address].blobs.content(blob)
                    if not is_gone and there != oracle.papers[blob]:
                        oracle.fail(4, site, f"deletes {blob[:12]}, which {address} does not have")

    def fetch(self, address: str, blob: str) -> None:
        """Somebody wants to see a paper that has left; not while it is looked whether all rests."""
        if self.is_over:
            return
        site = self.county.sites[address]
        try:
            if not site.alive:
                raise PowerCut(address, "is off")
            with site.unit():
                is_asked = fetch_back(site.peer.core, blob)
        except PowerCut:
            self.county.later(HOUR_MS, self.fetch, address, blob)
            return
        if is_asked:
            self.fetched.add((address, blob))
            self.county.faults.count("paper_fetched_back")
            self.county.wake(site)

    # --- the end
    def be_kind(self) -> None:
        """Disks are well again, and looked through."""
        for site in self.county.sites.values():
            site.read_only_until = 0
            site.set_disk(0)
        for site in self.county.sites.values():
            self.mend(site)

    def unmended(self) -> Iterator[str]:
        """Say which papers that rotted or were fetched back are not here again, though somebody has them."""
        oracle = self.county.oracle
        top = self.county.sites[self.county.addresses[0]].peer.core
        for address, blob in sorted(oracle.rotted | self.fetched):
            site = oracle.sites[address]
            is_gone = blob in oracle.lost_papers or ((address, blob) in oracle.evicted - self.fetched)
            # Who stands below no more took the right to its papers along.
            is_gone = is_gone or (address != top.me and not may_have_paper(top, address, blob))
            is_known = site.spool.blob(blob) is not None or site.spool.missing_blob(blob) is not None
            if is_known and not is_gone and site.blobs.content(blob) != oracle.papers[blob]:
                yield f"{address} did not get {blob[:12]} back"
