"""One seed twice, with right clocks and with wrong ones: the same is accepted and applied, in the same order.

All else must be equal, so nothing that is no matter of clocks may hang on them. A clock's digits make a frame
longer or shorter, and an exchange is cut where its bytes are full: here no record is squeezed and every wall
clock takes up the same room, so the wrong clocks are of 2002 to 2190. And a node counts no day while its date
is in doubt (papers then stay longer): here days are counted by the true clock.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING

from sync.protocol import frame_items, records
from sync.protocol.frame import Act, Frame
from tests.simulation.carriers import HOUR_MS
from tests.simulation.clocks import STILL, Clocks
from tests.simulation.oracle import Oracle
from tests.simulation.run import run_seed
from tests.simulation.site import START_MS
from tests.simulation.world import DAY_MS, County, Shape

if TYPE_CHECKING:
    from tests.simulation.site import Site

YEAR_MS = 365 * DAY_MS
# From 2002 to 2190, with what runs five in a hundred fast, all have as many digits.
YEARS = (-24, -10, -1, 1, 10, 73, 160)
JUMPS_A_NODE = 4
WIDE_BYTES = 9


class Book(Oracle):
    """The judge, who also writes down what each node accepted and applied, in its order.

    Acts by who made them and as the how manieth: what an act says of the time makes another act of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.order: dict[str, list[str]] = {}
        self._made: dict[str, int] = {}
        self._names: dict[str, str] = {}

    def committed(self, site: Site) -> None:
        """Name the acts made in the unit, then check and write down."""
        for act, intended in self._pending:
            if act not in self._names:
                number = self._made[intended.author] = self._made.get(intended.author, 0) + 1
                self._names[act] = f"{intended.author} {number} {intended.kind}"
        super().committed(site)

    def _count_applied(self, site: Site, act: Act | str) -> None:
        super()._count_applied(site, act)
        name, what = (act, "takes back") if isinstance(act, str) else (act.id, "applies")
        self._write(site, f"{what} {self._names.get(name, 'forged')}")

    def _check_frame(self, site: Site, frame: Frame, position: int) -> None:
        super()._check_frame(site, frame, position)
        self._write(site, f"accepts {frame.header.stream} {frame.header.seq}")

    def _write(self, site: Site, what: str) -> None:
        self.order.setdefault(site.address, []).append(what)


class NoClocks(Clocks):
    """No clock is wrong."""

    def plan(self, span: int) -> None:
        """Set all of them right."""
        for site in self.county.sites.values():
            site.skew_ms = site.drift = 0


class WrongClocks(NoClocks):
    """Every clock is wrong: decades off, jumping there and back, fast, slow or standing."""

    def plan(self, span: int) -> None:
        """Draw how wrong each is."""
        county, rng = self.county, Random(f"{self.county.seed}/wrong clocks")
        for site in county.sites.values():
            site.skew_ms, site.drift = rng.choice(YEARS) * YEAR_MS, rng.choice((0, 0, STILL, -20, 20))
            for _ in range(rng.randrange(JUMPS_A_NODE)):
                county.later(rng.randrange(span), self._set, site, rng.choice(YEARS) * YEAR_MS)
                county.later(rng.randrange(HOUR_MS, span), self._set, site, 0)

    def _set(self, site: Site, skew_ms: int) -> None:
        if self.county.is_open:
            site.skew_ms = skew_ms


class RightCounty(County):
    """A county in which every clock is right, and people date what they make by the true one."""

    judge = Book
    wall_clocks = NoClocks

    def today(self, site: Site, day_ms: int) -> int:
        """Return the day by the true clock, whatever the node's own may say."""
        return self.now // day_ms + 1

    def date_at(self, site: Site) -> int:
        """Return the true time, whatever the node's own clock may say."""
        return START_MS + self.now


class WrongCounty(RightCounty):
    """The same county, but that every clock is wrong."""

    wall_clocks = WrongClocks


def told_apart(seed: int, shape: Shape) -> str:
    """Run a seed with right and with wrong clocks; say where the two first differ, "" where they do not."""
    with _no_digit_counts():
        right, wrong = _lived(RightCounty, seed, shape), _lived(WrongCounty, seed, shape)
    if not right:
        return "nothing happened"
    for address in sorted(right | wrong):
        one, other = right.get(address, []), wrong.get(address, [])
        at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), -1)
        if at >= 0:
            return f"{address}, step {at + 1}: right {one[at]}; wrong {other[at]}"
        if len(one) != len(other):
            return f"{address}: {len(one)} steps with right clocks, {len(other)} with wrong ones"
    return ""


def all_told_apart(seeds: Sequence[int], shape: Shape, workers: int) -> Iterator[str]:
    """Do so with each of these seeds, several at a time."""
    if workers < 2 or len(seeds) == 1:
        yield from (told_apart(seed, shape) for seed in seeds)
        return
    with ProcessPoolExecutor(min(workers, len(seeds))) as pool:
        yield from pool.map(told_apart, seeds, [shape] * len(seeds))


def _lived(kind: Callable[..., County], seed: int, shape: Shape) -> dict[str, list[str]]:
    counties: list[County] = []

    def found(*given: object) -> County:
        counties.append(kind(*given))
        return counties[0]

    outcome = run_seed(seed, shape, kind=found)
    order = dict(counties[0].oracle.order) if counties else {}  # type: ignore[attr-defined]
    return {**order, "the judge": [outcome.violation], "exchanges": [str(outcome.exchanges)]}


@contextmanager
def _no_digit_counts() -> Iterator[None]:
    honest = records._deflate, frame_items.zigzag
    records._deflate, frame_items.zigzag = _stored, _wide
    try:
        yield
    finally:
        records._deflate, frame_items.zigzag = honest


def _stored(text: bytes, dictionary: bytes, grade: int) -> bytes:
    """Return text in the form of what was deflated, as long as it is."""
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    return packer.compress(text) + packer.flush()


def _wide(value: int) -> bytes:
    """Return a signed integer in as many bytes whatever it is."""
    number = value << 1 if value >= 0 else (-value << 1) - 1
    return bytes(number >> 7 * at & 0x7F | (0x80 if at < WIDE_BYTES - 1 else 0) for at in range(WIDE_BYTES))
