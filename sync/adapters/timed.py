"""Watches an exchange pass on a line, so that the next one is as large as the line carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.adapters.engine import Engine
from sync.protocol.pacing import Gauge


class Timed:
    """Watches one exchange pass, to learn what the line carries; `sent` bytes of it have gone so far."""

    def __init__(self, engine: Engine, gauge: Gauge) -> None:
        self._engine = engine
        self._gauge = gauge
        self.sent = self._came = 0
        self._began = self._turned = self._ended = self._now()

    def _now(self) -> int:
        return self._engine.world.evidence().mono

    def request(self, chunks: Iterable[bytes]) -> Iterable[bytes]:
        """Return the request's bytes, counted as they go."""
        if isinstance(chunks, list):
            self.sent = sum(map(len, chunks))
            return chunks
        return self._counted(chunks)

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.sent += len(chunk)
            yield chunk

    def answer(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the answer's bytes, timed as they come."""
        self._began = self._now()
        for place, chunk in enumerate(chunks):
            if place:
                self._came += len(chunk)
            else:
                # What lay ready when the first of it was seen says nothing of the line.
                self._turned = self._now()
            yield chunk
        self._ended = self._now()

    def tell(self) -> None:
        """Tell the gauge; the way up counts until the answer begins, so with the other's own work."""
        self._gauge.up.tell(self.sent, self._turned - self._began)
        self._gauge.down.tell(self._came, self._ended - self._turned)
        self._gauge.went_through(self.sent)
