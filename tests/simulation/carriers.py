"""What carries exchanges in the simulation: lines that fail in every way, and sticks that go astray."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from sync.adapters.http_client import TooMuch
from sync.adapters.line import NotKnownThere, Refused
from sync.protocol.errors import NoSuchNeighbour, SyncError, UnknownSender
from sync.protocol.offer import Budget
from tests.simulation.belongings import cursors, draw_what_is_due, everything, has_come, kept, lacking
from tests.simulation.faults import PowerCut, altered, cut

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
SOON_MS = 9 * MINUTE_MS
CAPTURED_MAX = 24
SLICE = 40_000
PORTAL = b"<html><body>" + b"please sign in " * 40


class LineFault(SyncError):
    """Nothing came back that was ours."""

    code = "S401"


class SimLine:
    """The line of one node to its ancestors, in the place of HTTP."""

    def __init__(self, county: County, child: Site) -> None:
        self.county = county
        self.child = child

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Carry one exchange to the ancestor `url` and yield its answer, as far as the line holds."""
        county, child, faults = self.county, self.child, self.county.faults
        parent, life = county.thief.answers(child, url) or county.sites[url], child.life
        parts = list(chunks)
        child.point("power_request_made")
        if county.outages.stops(child.address, url):
            raise LineFault("down")
        if url != child.uplinks[0]:
            faults.count("line_next_ancestor")
        counter = county.sent(child.address, url)
        self._pass(life)
        if county.outages.is_too_much(child.address, url, sum(map(len, parts))):
            faults.count("line_too_much")
            raise TooMuch("413")
        if faults.strikes("line_request_lost"):
            raise LineFault("lost")
        if faults.strikes("line_request_late"):
            county.later(county.rng.randrange(5 * MINUTE_MS, 6 * HOUR_MS), self._late, parent, parts, counter)
            raise LineFault("timeout")
        answer = self._delivered(parent, parts, counter)
        self._pass(life)
        if county.outages.stops_answer(child.address, url):
            faults.count("line_one_way")
            raise LineFault("timeout")
        yield from self._answered(answer, life)

    def _delivered(self, parent: Site, parts: list[bytes], counter: int) -> list[bytes]:
        county, faults = self.county, self.county.faults
        county.arrived_in_order(self.child.address, parent.address, counter)
        if faults.strikes("line_replayed") and county.captured:
            receiver, data = county.captured[county.rng.randrange(len(county.captured))]
            county.later(county.rng.randrange(HOUR_MS), take, county.sites[receiver], data)
        if county.rng.random() < 0.1:
            capture(county, parent, b"".join(parts))
        if not (parent.alive and parent.enrolled):
            raise LineFault("refused")
        if faults.strikes("line_request_cut"):
            self._hand_in(parent, [cut(b"".join(parts), county.rng)])
            raise LineFault("reset")
        if faults.strikes("line_request_altered"):
            parts = [altered(b"".join(parts), county.rng)]
        if faults.strikes("line_request_doubled"):
            # While the first is at work, on a line that moves slowly, the second comes to another process.
            county.later(county.rng.randrange(1_500), self._late, parent, parts, counter)
        answer = self._hand_in(parent, parts)
        if faults.strikes("line_request_repeated"):
            county.later(county.rng.randrange(HOUR_MS), self._late, parent, parts, counter)
        return answer

    def _hand_in(self, parent: Site, parts: list[bytes]) -> list[bytes]:
        """The ancestor takes the exchange in and answers, as its HTTP door does, or refuses with a fault."""
        county = self.county
        try:
            engine = parent.engines[int(county.faults.strikes("second_worker"))]
            report = engine.receive(slowly(parent, parts))
            county.trace("took", parent.address, report)
            if not report.sender:
                kind = NotKnownThere if report.code == UnknownSender.code else Refused
                raise kind(report.code, report.told)
            if report.frames or report.pieces:
                county.wake(parent)
            soon = SOON_MS if parent.runner.is_up or not parent.uplinks else 0
            budget = Budget(min(parent.runner.pace.exchange_bytes, self.child.carries), 1, soon)
            engine = parent.engines[int(county.faults.strikes("second_worker"))]
            _, answer = engine.make(report.sender, budget)
            parent.point("power_response_made")
            return answer
        except PowerCut:
            raise LineFault("went off") from None

    def _late(self, parent: Site, parts: list[bytes], counter: int) -> None:
        if parent.alive:
            self.county.arrived_in_order(self.child.address, parent.address, counter)
            try:
                self._hand_in(parent, parts)
            except (LineFault, Refused):
                return

    def _answered(self, answer: list[bytes], life: int) -> Iterator[bytes]:
        county, faults = self.county, self.county.faults
        if faults.strikes("line_response_lost"):
            raise LineFault("lost")
        if faults.strikes("line_response_foreign"):
            yield PORTAL
            return
        if county.rng.random() < 0.1:
            capture(county, self.child, b"".join(answer))
        if faults.strikes("line_response_cut"):
            yield cut(b"".join(answer), county.rng)
            raise LineFault("reset")
        if faults.strikes("line_response_altered"):
            yield altered(b"".join(answer), county.rng)
            return
        for part in answer:
            yield part
            if county.faults.strikes("line_slow"):
                self._pass(life)
                self.child.point("power_between_batches")

    def _pass(self, life: int) -> None:
        self.county.pass_time(self.county.rng.randrange(50, self.county.slowness_ms))
        if self.child.life != life:
            raise PowerCut(self.child.address, "meanwhile")


def slowly(site: Site, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield bytes as a slow line or stick moves them: other things happen between two of the parts."""
    life = site.life
    for part in parts:
        yield part
        if site.county.faults.strikes("line_slow"):
            site.county.pass_time(site.county.rng.randrange(100, 2_000))
            if site.county.faults.strikes("copied_between_batches"):
                site.county.copies.copy_meanwhile(site.address)
            if site.life != life:
                site.county.faults.count("broken_off_by_its_own_end")
                raise PowerCut(site.address, "meanwhile")
            site.point("power_between_batches")


def take(site: Site, data: bytes) -> None:
    """Bytes of long ago arrive once more; a node that is off misses them."""
    if site.alive and not site.county.is_past:
        report = site.engine.receive([data])
        site.county.trace("replay", site.address, report)


def capture(county: County, receiver: Site, data: bytes) -> None:
    """Keep some exchanges, to be sent once more much later."""
    if len(county.captured) < CAPTURED_MAX:
        county.captured.append((receiver.address, data))
    else:
        county.captured[county.rng.randrange(CAPTURED_MAX)] = (receiver.address, data)


class Stick(NamedTuple):
    """A bundle file on its way."""

    author: str
    receiver: str
    data: bytes


class Sticks:
    """People who carry bundle files between any two nodes of one path."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.old: list[Stick] = []
        self.on_the_way = 0

    def trip(self, author: str, receiver: str, home: int) -> None:
        """Write a stick now and carry it; `home` trips back may follow."""
        county, site = self.county, self.county.sites[author]
        if not site.alive or receiver not in site.tree or not site.enrolled:
            # Somebody is off, or nobody here has heard of that node yet.
            county.later(30 * MINUTE_MS, self.trip, author, receiver, home)
            return
        try:
            stick = self.written(site, receiver)
        except NoSuchNeighbour:
            # One of the two has moved away since: there is nobody to carry to.
            county.trace("stick void", author, receiver)
            return
        county.faults.count(self._kind(author, receiver))
        self.on_the_way += 1
        county.later(county.rng.randrange(20 * MINUTE_MS, 14 * HOUR_MS), self.arrive, stick, home)

    def written(self, site: Site, receiver: str) -> Stick:
        """Write a file for somebody, which is kept to be tried once more at the end."""
        stick = Stick(site.address, receiver, self._write(site, receiver))
        self.old.append(stick)
        return stick

    def _write(self, site: Site, receiver: str) -> bytes:
        county = self.county
        before = cursors(site, receiver)
        plan, chunks = site.engine.stream(receiver, Budget(10**9, is_answered=False))
        if county.faults.strikes("stick_written_slowly"):
            data = b"".join(slowly(site, chunks))
        else:
            data = b"".join(chunks)
            if cursors(site, receiver) != before:
                county.oracle.fail(20, site, f"a stick for {receiver} moved a cursor")
        county.trace("stick out", site.address, f"{receiver} {plan.frames} {plan.pieces} {len(data)}")
        return data

    def _kind(self, author: str, receiver: str) -> str:
        direction = "up" if len(author) > len(receiver) else "down"
        straight = abs(len(author) - len(receiver)) > 3
        return f"stick_{'straight_' if straight else ''}{direction}"

    def arrive(self, stick: Stick, home: int) -> None:
        """A stick is put into a node: the right one or a wrong one, whole or not, once or twice."""
        county, faults = self.county, self.county.faults
        site = county.sites[stick.receiver]
        if not site.alive or not site.enrolled:
            county.later(30 * MINUTE_MS, self.arrive, stick, home)
            return
        self.on_the_way -= 1
        if faults.strikes("stick_wrong_node"):
            self._wrong(stick)
        data = stick.data
        if faults.strikes("stick_cut"):
            data = cut(data, county.rng)
        elif faults.strikes("stick_altered"):
            data = altered(data, county.rng)
        try:
            report = site.engine.receive(
                slowly(site, [data[i : i + SLICE] for i in range(0, len(data), SLICE)])
            )
        except PowerCut:
            self.on_the_way += 1
            county.later(HOUR_MS, self.arrive, stick, home)
            raise
        county.trace("stick in", site.address, report)
        if faults.strikes("stick_twice"):
            draw_what_is_due(site, data)
            self.again(stick._replace(data=data))
        if faults.strikes("stick_old"):
            county.later(county.rng.randrange(20 * HOUR_MS, 40 * HOUR_MS), take, site, data)
        if report.frames or report.pieces or report.docs:
            county.wake(site)
        if home:
            self.trip(stick.receiver, stick.author, home - 1)

    def again(self, stick: Stick) -> None:
        """The same stick once more, at once: nothing at all may change.

        But a former text of a document is passed over until an act asks for it, a paper until one names it,
        and a frame of a known act until a proof is asked for; what asks may stand behind it in the stick, or
        be taken in at its end. And what goes on from a branch that is taken at the end of the stick was
        evidence when it came. With what it has brought then, the stick may change nothing once more. What a
        node has put off to its next exchange, as it left its own branch, was done before.
        """
        site = self.county.sites[stick.receiver]
        before, wanted = kept(site), lacking(site)
        site.engine.receive([stick.data] if stick.data else [])
        while has_come(site, wanted):
            before, wanted = kept(site), lacking(site)
            site.engine.receive([stick.data])
        if kept(site) != before:
            self.county.oracle.fail(19, site, f"a stick of {stick.author} taken in twice changed something")

    def _wrong(self, stick: Stick) -> None:
        others = [s for a, s in self.county.sites.items() if a != stick.receiver and s.alive and s.enrolled]
        if not others:
            return
        site = others[self.county.rng.randrange(len(others))]
        before = everything(site)
        report = site.engine.receive([stick.data])
        if not report.code or everything(site) != before:
            self.county.oracle.fail(19, site, f"a stick for {stick.receiver} was not refused")
