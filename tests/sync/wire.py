"""A line to sites in memory, which fails as it is told to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.adapters.line import TooMuch
from sync.protocol.offer import Budget
from tests.sync.network import Site


class Wire:
    """A line to sites in memory; it fails for the addresses that are down."""

    def __init__(self, sites: dict[str, Site]) -> None:
        self.sites = sites
        self.down: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.soon_ms = 0
        self.bytes = 0
        self.answer: bytes | None = None
        self.takes = 10**9
        self.answers = 100_000
        self.refused = 0

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        self.tried.append(url)
        if url in self.down:
            raise self.down[url]
        data = b"".join(chunks)
        if len(data) > self.takes:
            self.refused += 1
            raise TooMuch("413")
        parent = self.sites[url]
        report = parent.engine().receive([data])
        _, answer = parent.engine().make(report.sender, Budget(self.answers, soon_ms=self.soon_ms))
        self.bytes += len(data) + sum(map(len, answer))
        yield from answer if self.answer is None else [self.answer]
