"""A whole county comes back after days without any line: how long until everything is where it belongs.

Real peers, engines and runners as in the simulation, with the settings of a node. Nothing goes wrong here
but the lines: each carries so many bits a second, an exchange takes as long as its bytes, and a node takes
only so many exchanges at once and turns others away. While an exchange goes, only its own two ends know that
time passes.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from common.casework.rules.shape import FILED
from common.config import NodeConfig
from common.node.assembly import SOON_MS, node_seats
from sync.adapters.engine import Report
from sync.adapters.http_client import ParentBusy
from sync.adapters.http_server import RETRY_AFTER_S
from sync.adapters.runner import Pace
from sync.protocol import signed
from sync.protocol.entries import read_entry
from sync.protocol.frame import Evidence, StreamId
from sync.protocol.offer import Budget
from sync.protocol.pacing import ANSWER_START_BYTES
from sync.protocol.receipts import END, read_receipt
from sync.protocol.signed import Statement
from tests.simulation.carriers import LineFault
from tests.simulation.clerks import opening_hours
from tests.simulation.ending import unfinished
from tests.simulation.founding import TOP
from tests.simulation.site import START_MS, Site
from tests.simulation.world import DAY_MS, County, Shape

VILLAGES_A_TOWNSHIP = 20
CASES_A_VILLAGE_DAY = 2
# Of the line of a village and of a township to the one above: bits a second both ways, and there and back.
LINES = {12: (64_000, 600), 9: (2_000_000, 100)}
CLOSED_MS = 5_000
LOOK_MS = 10_000
PATIENCE_MS = 2 * DAY_MS
# Before the lines fail all have met; nobody works yet.
KNOWN_MS = 3_600_000
# What the last receipts take to come home.
SETTLES_MS = 10 * 60_000


class CountyWithLines(County):
    """A county in which only lines fail, all at once, and then carry what they carry."""

    def __init__(self, seed: int, villages: int, days: float) -> None:
        self.villages = villages
        self.bytes = self.refused = 0
        self.down_ms, self.back_ms = KNOWN_MS, KNOWN_MS + int(days * DAY_MS)
        self.doors: dict[str, list[int]] = {}
        self.passed: dict[str, int] = {}
        self.busy_until: dict[str, int] = {}
        towns = -(-villages // VILLAGES_A_TOWNSHIP)
        cases = round(villages * CASES_A_VILLAGE_DAY * days)
        super().__init__(seed, Shape(1 + towns + villages, days, cases))

    def _addresses(self) -> tuple[str, ...]:
        towns = [f"{TOP}{100 + at:03d}" for at in range(-(-self.villages // VILLAGES_A_TOWNSHIP))]
        places = [f"{town}{201 + at}" for town in towns for at in range(VILLAGES_A_TOWNSHIP)]
        return (TOP, *sorted((*towns, *places[: self.villages])))

    def known_at(self, address: str, statements: list[Statement]) -> list[Statement]:
        """Return which statements a node begins with: as after an enrolment, the entries on its way alone."""
        return [s for s in statements if s.sort != signed.ENTRY or _are_near(read_entry(s).address, address)]

    def _plan_days(self) -> None:
        config = NodeConfig(address=TOP, data_dir=None)  # type: ignore[arg-type]
        self.places = node_seats(config)
        rng = Random(f"{self.seed}/lines")
        for site in self.sites.values():
            _give_clock(site, self)
            site.runner.pace = Pace(
                config.sync_interval_s * 1000,
                config.sync_exchange_bytes,
                config.sync_retry_base_ms,
                config.sync_retry_cap_s * 1000,
            )
            if site.ancestors:
                self.line_at(site, rng.randrange(config.sync_interval_s * 1000))

    def is_up(self, child: str, parent: str) -> bool:
        """Say whether the line holds now."""
        return not self.down_ms <= self.now < self.back_ms

    def line(self, child: Site) -> Any:
        """Return the line of a node to its ancestors."""
        return TimedLine(self, child)

    def wake(self, site: Site) -> None:
        """Something new waits at a node: its next exchange comes at once, unless its line fails."""
        if site.uplinks and site.line_due is not None and site.runner.state.failures == 0:
            self.line_at(site, max(1, self.busy_until.get(site.address, 0) - self.now))

    def _line_turn(self, site: Site, due: int) -> None:
        if site.line_due != due or not site.enrolled:
            return
        site.line_due = None
        self.passed[site.address] = 0
        pause = site.runner.step()
        took = self.passed[site.address]
        self.busy_until[site.address] = self.now + took
        self.line_at(site, took + max(pause, 1))

    def close(self) -> None:
        """The lines are back, and everybody goes home."""
        self.is_open = 0


def _are_near(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _give_clock(site: Site, county: CountyWithLines) -> None:
    """Let a node's clocks go on while its own exchange takes its time."""

    def evidence() -> Evidence:
        now = county.now + county.passed.get(site.address, 0)
        return Evidence(START_MS + now, site.boot, now - site.booted)

    site.engine.world = replace(site.engine.world, evidence=evidence)


class TimedLine:
    """A line on which every byte takes its time."""

    def __init__(self, county: CountyWithLines, child: Site) -> None:
        self.county = county
        self.child = child
        self.rate, self.round_ms = LINES.get(len(child.address), LINES[9])

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Carry one exchange to the ancestor `url` and yield its answer."""
        county, parts = self.county, list(chunks)
        if not county.is_up(self.child.address, url):
            self._pass(CLOSED_MS)
            raise LineFault("down")
        county.sent(self.child.address, url)
        door = county.doors[url] = [end for end in county.doors.get(url, ()) if end > county.now]
        if len(door) >= county.places:
            county.refused += 1
            self._pass(self.round_ms)
            raise ParentBusy("503", RETRY_AFTER_S)
        self._pass(self.round_ms)
        self._carry(parts)
        answer = self._hand_in(county.sites[url], parts)
        for part in answer:
            self._carry([part])
            yield part
        door.append(county.now + county.passed[self.child.address])

    def _hand_in(self, parent: Site, parts: list[bytes]) -> list[bytes]:
        report: Report = parent.engine.receive(parts)
        if not report.sender:
            raise LineFault(report.code)
        if report.fresh or report.pieces:
            self.county.wake(parent)
        soon = SOON_MS if parent.runner.is_up else 0
        room = min(report.room or ANSWER_START_BYTES, parent.runner.pace.exchange_bytes)
        return parent.engine.make(report.sender, Budget(room, soon_ms=soon))[1]

    def _carry(self, parts: list[bytes]) -> None:
        size = sum(map(len, parts))
        self.county.bytes += size
        self._pass(size * 8_000 // self.rate)

    def _pass(self, span_ms: int) -> None:
        self.county.passed[self.child.address] = self.county.passed.get(self.child.address, 0) + span_ms


@dataclass(slots=True)
class Costs:
    """What the program took so far: seconds of the processor, and the most memory."""

    cpu_s: float = 0.0

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        now = time.process_time()
        span, self.cpu_s = now - self.cpu_s, now
        return round(span, 1)


def recover(seed: int, villages: int, days: float) -> dict[str, Any]:
    """Let days pass without a line, then mend all; return the figures of the time until all is whole."""
    costs = Costs(time.process_time())
    county = CountyWithLines(seed, villages, days)
    county.pass_time(KNOWN_MS)
    costs.lap()
    opening_hours(county)
    county.pass_time(county.back_ms - county.now - 1)
    county.close()
    before = {"exchanges": county.exchanges, "bytes": county.bytes}
    filed = sum(1 for act in county.oracle.acts.values() if act.kind == FILED)
    alone = costs.lap()
    told_at, whole_at = _watched(county)
    figures = {
        "villages": villages,
        "townships": len(county.addresses) - villages - 1,
        "days_without_a_line": days,
        "cases": filed,
        "acts": len(county.oracle.acts),
        "whole": len(whole_at),
        "of": len(county.addresses),
        "half_of_nodes_s": _seconds(sorted(whole_at.values())[len(whole_at) // 2]) if whole_at else 0,
        "all_acts_received_s": _seconds(max(told_at.values(), default=0)),
        "all_papers_received_s": _seconds(max(whole_at.values(), default=0)),
        "exchanges": county.exchanges - before["exchanges"],
        "turned_away": county.refused,
        "megabytes": round((county.bytes - before["bytes"]) / 1e6, 1),
        "cpu_s_without_a_line": alone,
        "cpu_s": costs.lap(),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    county.pass_time(SETTLES_MS)
    return {**figures, "unfinished": len(unfinished(county))}


def _watched(county: CountyWithLines) -> tuple[dict[str, int], dict[str, int]]:
    """Go on until all is whole; return how long each node took for its acts, and for its papers too."""
    told_at: dict[str, int] = {}
    whole_at: dict[str, int] = {}
    while len(whole_at) < len(county.addresses) and county.now < county.back_ms + PATIENCE_MS:
        county.pass_time(LOOK_MS)
        for address, site in county.sites.items():
            acts, papers = owed(site) if address not in whole_at else (1, 1)
            if not acts:
                told_at.setdefault(address, county.now - county.back_ms)
            if not acts and not papers:
                whole_at[address] = county.now - county.back_ms
    return told_at, whole_at


def _seconds(ms: int) -> float:
    return round(ms / 1000, 1)


def owed(site: Site) -> tuple[int, int]:
    """Return how many own acts, and how many with all their papers, no destination has signed for."""
    acts = papers = 0
    for stream in site.spool.streams():
        if stream.id.src != site.address or stream.id.dst == site.address:
            continue
        held = site.spool.held(signed.RECEIPT, _key(stream.id))
        receipt = read_receipt(held.statement) if held else None
        acts += stream.upto - (receipt.upto if receipt else 0)
        papers += stream.upto - (receipt.papers if receipt else 0)
    return acts, papers


def _key(stream: StreamId) -> str:
    return f"{stream}|{stream.dst}|{END}"
