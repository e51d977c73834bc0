"""Copies of a node's disk, and their coming back: of the database alone, or of all there was, witness too."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from sync.adapters.memory_blobs import _Part
from sync.adapters.memory_frames import _Lane
from sync.adapters.memory_spool import _Sort
from sync.protocol.witness import Word
from tests.simulation.carriers import HOUR_MS, MINUTE_MS
from tests.simulation.purging import KEPT, PART

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

_TABLES = (_Lane, _Sort)
# Rows are never changed in place, so a copy of the tables is a copy of all, but for unfinished papers.
_NOT_ROWS = ("site", "_site", "_live", "_clock", "_before", "_writes_left", "done")
_NEWS = ("news", "news_held", "news_parked")
TWINS_ODDS = 0.1
MEANWHILE_MAX = 2
TIERS = {6: "county", 9: "town", 12: "village"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A disk as it was at one moment, between two units of work."""

    spool: dict[str, Any]
    book: dict[str, Any]
    blobs: dict[str, Any]
    word: Word | None


def _tables(value: Any) -> Any:
    if type(value) is dict:
        return {key: _tables(inner) for key, inner in value.items()}
    if type(value) is list or type(value) is set:
        return value.copy()
    if type(value) is _Part:
        # Of an unfinished paper a disk holds for sure what was flushed; more is added to the very part.
        part = _Part()
        part.data, part.durable = value.data[: value.durable], value.durable
        return part
    if type(value) in _TABLES:
        twin = object.__new__(type(value))
        for name in value.__slots__:
            setattr(twin, name, _tables(getattr(value, name)))
        return twin
    return value


def _rows(thing: object) -> dict[str, Any]:
    return {name: _tables(value) for name, value in vars(thing).items() if name not in (*_NOT_ROWS, *_NEWS)}


def take_copy(site: Site) -> Copy:
    """Return a copy of all a node has on its disk."""
    return Copy(_rows(site.spool), _rows(site.book), _rows(site.blobs), site.word)


def put_back(site: Site, copy: Copy, whole: int) -> None:
    """Put a copy back into a node that is off: its database, with `whole` papers and witness too."""
    for thing, rows in ((site.spool, copy.spool), (site.book, copy.book)):
        vars(thing).update({name: _tables(value) for name, value in rows.items()})
    site.unsynced.clear()
    site.former_word = None
    if whole:
        vars(site.blobs).update({name: _tables(value) for name, value in copy.blobs.items()})
        site.word = copy.word


class Copies:
    """When copies are made in one county, and when they come back."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.kept: dict[str, Copy] = {}
        self._made: dict[str, int] = {}
        self.twins: dict[str, Copy] = {}
        self.given_back: set[str] = set()
        self.back_at: dict[str, int] = {}
        self._planned: set[str] = set()
        self._meanwhile = 0

    def is_put_back(self, address: str) -> bool:
        """Say whether a copy of a node's disk is put back in this seed, now or later."""
        return address in self._planned or address in self.county.oracle.forgetful

    def plan(self) -> None:
        """Draw what comes back in this seed: nothing in most, or one node or two, once or twice."""
        county = self.county
        self._plan_twins(Random(f"{county.seed}/twins"))
        rng = Random(f"{county.seed}/copies")
        if rng.random() < county.shape.trouble.no_copies:
            return
        span = int(county.shape.days * 24 * HOUR_MS)
        for _ in range(rng.choice(county.shape.trouble.copies)):
            nodes = self._drawn(rng)
            made = rng.randrange(int(0.55 * span))
            back = made + rng.randrange(HOUR_MS, int(0.4 * span))
            whole = int(rng.random() < 0.45)
            self._planned.update(nodes)
            for address in nodes:
                county.later(made + rng.randrange(MINUTE_MS), self.make, address)
                county.later(back + rng.randrange(5 * MINUTE_MS), self.give_back, address, whole)
            if len(nodes) > 1:
                county.faults.count("put_back_both_ends")
        if rng.random() < 0.3:
            address = rng.choice(county.addresses)
            county.later(rng.randrange(span), self.lose_witness, address)

    def _plan_twins(self, rng: Random) -> None:
        """In a few seeds two copies of one disk are at work by turns, until somebody retires one of them."""
        county = self.county
        if rng.random() < TWINS_ODDS:
            address = rng.choice(county.addresses[1:])
            span = int(county.shape.days * 24 * HOUR_MS)
            turns = sorted(rng.randrange(span // 8, int(0.9 * span)) for _ in range(rng.randrange(3, 7)))
            for turn in turns:
                county.later(turn, self.change_twins, address)

    def change_twins(self, address: str) -> None:
        """The other copy of a disk goes on, and this one rests; the first time a copy is made."""
        county, site = self.county, self.county.sites[address]
        if not site.enrolled:
            return
        site.switch_off()
        resting = take_copy(site)
        put_back(site, self.twins.get(address, resting), 1)
        self.twins[address] = resting
        county.faults.count("twin_at_work")
        county.trace("twin", address)
        self._goes_on(site)

    def _goes_on(self, site: Site) -> None:
        self.given_back.add(site.address)
        self.back_at[site.address] = self.county.now
        self.county.oracle.put_back(site)
        self.county.desks[site.address].look_for_papers()
        standing = self.county.standing
        # Planned first: the power may be cut while it starts.
        self.county.later(HOUR_MS, standing.try_again, standing.let_in_again, site.address)
        self.county.restart(site)

    def _drawn(self, rng: Random) -> list[str]:
        county = self.county
        tier = rng.choice((6, 9, 9, 12, 12, 12))
        address = rng.choice([a for a in county.addresses if len(a) == tier])
        ancestors = county.sites[address].ancestors
        return [address, ancestors[0]] if ancestors and rng.random() < 0.2 else [address]

    def make(self, address: str) -> None:
        """Make a copy of a node's disk while it works."""
        site = self.county.sites[address]
        if site.enrolled and site.alive:
            self.kept[address] = take_copy(site)
            self._made[address] = self.county.now
            self.county.trace("copied", address)

    def give_back(self, address: str, whole: int) -> None:
        """Switch a node off, put its newest copy back, and switch it on again."""
        county, site = self.county, self.county.sites[address]
        if address not in self.kept or self._is_outlived(address):
            return
        site.switch_off()
        put_back(site, self.kept[address], whole)
        county.faults.count("image_put_back" if whole else "database_put_back")
        county.faults.count(f"put_back_{TIERS[len(address)]}")
        county.trace("put back", address, whole)
        self._goes_on(site)
        if not whole:
            county.disks.ask_for_lacking(site)

    def _is_outlived(self, address: str) -> bool:
        """Say whether others may have purged by rule what a copy lacks: people take no such one.

        At the top alone, from which everybody gets such things back.
        """
        county = self.county
        longest = int(KEPT * PART * county.shape.days * 24 * HOUR_MS)
        if county.upheavals.is_on:
            # There papers leave while the top may be put back: no copy is older than the days they are kept.
            longest = min(longest, county.disks.safe_ms)
        return address == county.addresses[0] and county.now - self._made[address] > longest

    def copy_meanwhile(self, address: str) -> None:
        """Make a copy between two units of an exchange, or, where there is one, put it back right there."""
        is_due = self.county.sites[address].enrolled and address in self._planned and address in self.kept
        is_due = is_due and not self._is_outlived(address)
        if is_due and self._meanwhile < MEANWHILE_MAX:
            self._meanwhile += 1
            self.county.faults.count("put_back_meanwhile")
            self.give_back(address, 0)
        elif self._meanwhile < MEANWHILE_MAX:
            self._planned.add(address)
            self.make(address)

    def lose_witness(self, address: str) -> None:
        """The witness file is gone at the next start; the database is as it was."""
        site = self.county.sites[address]
        if site.enrolled:
            site.switch_off()
            site.word = None
            self.county.faults.count("witness_lost")
            self.county.restart(site)
