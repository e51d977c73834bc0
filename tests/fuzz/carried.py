"""Whole exchanges for an engine: a neighbour that is truly enrolled sends what it likes."""

from __future__ import annotations

from collections.abc import Callable

from sync.adapters.engine import Report
from sync.protocol.exchange import Opener, read_head
from sync.protocol.offer import Budget
from tests.fuzz.mutate import Mutator
from tests.sync.network import COUNTY, SUITE, TOWN, VILLAGE, make_network, settle

# A node remembers what it took; now and then it starts anew, so that one input alone shows what it does.
_INPUTS_PER_NETWORK = 300


class Bundles:
    """A village that turned hostile and the township that takes its exchanges in."""

    def __init__(self, changed: Callable[[Mutator, bytes], bytes]) -> None:
        self._changed = changed
        self._taken = 0
        self._found()
        self.corpus = [self._real]

    def _found(self) -> None:
        sites = make_network((COUNTY, TOWN, VILLAGE))
        settle(sites, 2)
        self._town, self._village = sites[TOWN], sites[VILLAGE]
        for n in range(3):
            papers = (self._village.paper(b"photo%d" % n * 50),)
            self._village.submit(b'{"n":%d}' % n, (COUNTY,), papers)
        self._village.publish("birth", b'{"name":"x"}', COUNTY)
        self._real = self._village.out(TOWN, Budget(10**6, is_answered=False))
        parsed = read_head(self._real)
        assert parsed is not None
        head, used = parsed
        opener = Opener(head, self._town.key, SUITE)
        self._plains = opener.feed(self._real[used:])

    def make(self, m: Mutator) -> bytes:
        """Return an exchange altered on its way, or one truly sealed whose records are wrong."""
        if m.rng.random() < 0.3:
            return m.bytes(m.seed())
        plains = list(self._plains)
        at = m.rng.randrange(len(plains))
        plains[at] = self._changed(m, plains[at])[:16_000] or b"\0"
        if m.rng.random() < 0.3:
            m.rng.shuffle(plains)
        return self._village.say(self._town, plains)

    def read(self, data: bytes) -> Report:
        """Let the township take an exchange in; the engine never raises for what another side sent."""
        self._taken += 1
        if self._taken % _INPUTS_PER_NETWORK == 0:
            self._found()
        return self._town.engine().receive(data[at : at + 4096] for at in range(0, len(data), 4096))
