"""How much goes into one exchange: about two seconds of the line as it was measured. Numbers in, numbers out.

On a slow line whoever has news then waits about two seconds at most, and a cut loses no more; on a fast one
an exchange grows to what the node allows. Nothing of it outlives the process: lines change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.protocol.turns import LEAST_BYTES

UNIT_MS = 2_000
START_BYTES = 16_384
# For whoever has not said what its line carries; also the first answer to a node that starts with nothing.
ANSWER_START_BYTES = 65_536
# Less than this fits into the buffers on the way and tells nothing of the line.
SAMPLE_BYTES = 4_096
# A burst may pass a line quicker than the line is, so one exchange vouches for one that much larger.
_GROWTH = 4
# A small exchange that passes makes the next one a quarter larger, up to where it can be measured for sure:
# of an answer the first chunk, which lay ready, does not count.
_CREEP = 4
_MEASURABLE_PER_S = 3 * SAMPLE_BYTES * 1000 // UNIT_MS
# While nothing else waits, papers may go on for so many units in one exchange.
PAPER_UNITS = 8
HALF = 2
_PROBE = 8


@dataclass(slots=True)
class Rate:
    """One direction of a line: bytes a second (0 = not measured) and the size of the newest sample."""

    per_s: int = 0
    newest: int = 0

    def tell(self, size: int, ms: int) -> None:
        """Take in that `size` bytes took `ms` milliseconds; small samples are passed over.

        Where an exchange must be small because the line was slow, each that passes lets the next be a little
        larger, until one is large enough to measure: lines become quick again.
        """
        if size < SAMPLE_BYTES:
            if self.per_s and ms < UNIT_MS:
                self.per_s = min(self.per_s + self.per_s // _CREEP + 1, max(self.per_s, _MEASURABLE_PER_S))
            return
        seen = size * 1000 // max(1, ms)
        self.per_s = (self.per_s + seen) // HALF if self.per_s else seen
        self.newest = size

    def room(self, most: int) -> int:
        """Return how many bytes one exchange should carry, at most `most`; 0 when nothing was measured."""
        if not self.per_s:
            return 0
        two_seconds = self.per_s * UNIT_MS // 1000
        return min(most, max(LEAST_BYTES, min(two_seconds, max(START_BYTES, self.newest * _GROWTH))))


@dataclass(slots=True)
class Gauge:
    """What a node measured of its line to one other, both ways."""

    up: Rate = field(default_factory=Rate)
    down: Rate = field(default_factory=Rate)
    start: int = START_BYTES
    # What something between lets through of one request, as far as is known; 0 when it never refused one.
    most: int = 0

    @property
    def is_least(self) -> bool:
        """Say whether requests are already as small as they can be, because larger ones were refused."""
        return self.most == LEAST_BYTES

    def limit(self, most: int) -> int:
        """Return how many bytes one request may carry, papers and all, of `most` that the node allows."""
        return min(most, self.most or most)

    def room_up(self, most: int) -> int:
        """Return how many bytes the next exchange should carry."""
        return self.up.room(most) or min(most, self.start)

    def room_down(self, most: int) -> int:
        """Return what to tell the other of how much its answer should carry; 0 for no idea."""
        return self.down.room(most) or self.up.room(most)

    def went_through(self, size: int) -> None:
        """The other answered: after a silence the next exchange may be twice as large, up to the start's.

        Where a request was refused for its size, those after it grow slowly: the limit is still there.
        """
        self.start = min(START_BYTES, self.start * HALF)
        if size * HALF > self.most:
            self.most += self.most // _PROBE

    def fell_silent(self) -> None:
        """The other did not answer in time: what went was too much for this line."""
        self.start = max(LEAST_BYTES, (self.up.room(self.start) or self.start) // HALF)
        self.up = Rate()

    def was_too_much(self, size: int) -> None:
        """Something between refused a request of `size` bytes: the next are half as large, papers and all.

        A request may be larger than was allowed by what is no paper and by the last piece: refused again,
        what is allowed is halved too, or the very same would go for ever.
        """
        self.most = max(LEAST_BYTES, min(size, self.most or size) // HALF)
