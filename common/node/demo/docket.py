"""The demonstration's own book of what people did: every errand, its number, every step, every paper."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from common.node.demo.errands import Ending, Errand

# Steps of one department of several that are asked.
OPINION, ORIGINALS = "opinion", "originals_seen"
DECISIONS = ("settle", "approve", "refuse", "not_accept", "return")
HANDED_OVER, BROUGHT = "handed_over", "papers_brought"
# Where an unfinished case is left → the last step taken on it; "" = none but its filing.
_LAST = {Ending.TO_APPROVE: "review", Ending.TO_CHECK: "", Ending.TO_ACCEPT: ""}
_ENDED_IN = {
    "settle": "ISSUED",
    "approve": "ISSUED",
    "refuse": "REFUSED",
    "not_accept": "NOT_ACCEPTED",
    "return": "RETURNED",
}
_LEFT_IN = {Ending.TO_APPROVE: "REVIEWED", Ending.TO_CHECK: "RECEIVED", Ending.TO_ACCEPT: "RECEIVED"}


@dataclass(slots=True)
class Entry:
    """One errand as it went: `steps` are what people did after filing, `papers` the (key, SHA-256) given.

    `in_doubt` is (site, login, step) of a step that got no answer, empty when there is none.
    """

    errand: Errand
    number: str = ""
    steps: list[str] = field(default_factory=list)
    papers: list[tuple[str, str]] = field(default_factory=list)
    in_doubt: tuple[str, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Whether somebody has given the answer."""
        return any(step in DECISIONS for step in self.steps)

    @property
    def is_done(self) -> bool:
        """Whether it has been brought as far as planned."""
        ending = self.errand.ending
        if not self.number:
            return False
        if ending is Ending.HANDED_OVER:
            return HANDED_OVER in self.steps
        if ending is Ending.TO_HAND_OVER:
            return self.is_decided and (self.errand.decision != "approve" or "issue" in self.steps)
        return _LAST[ending] in ("", *self.steps)

    @property
    def waits_for_resident(self) -> bool:
        """Whether the next thing happens where it was filed: papers to bring, or a result to hand over."""
        last = self.steps[-1] if self.steps else ""
        return last in ("send_back", "ask_papers", "issue", *(d for d in DECISIONS if d != "approve"))

    @property
    def expected_state(self) -> str:
        """The state in which every node must show it at the end."""
        ending = self.errand.ending
        if ending is Ending.HANDED_OVER:
            return "CLOSED"
        if ending is Ending.TO_HAND_OVER:
            return _ENDED_IN[self.errand.decision]
        return _LEFT_IN[ending]


class Docket:
    """All entries; safe for the threads in which people work."""

    def __init__(self, errands: Iterable[Errand]) -> None:
        self.entries = [Entry(errand) for errand in errands]
        self._by_number: dict[str, Entry] = {}
        self._lock = threading.Lock()
        self._seconds: list[tuple[tuple[str, str], float]] = []

    def of(self, site: str) -> list[Entry]:
        """Return the errands that come to a site."""
        return [entry for entry in self.entries if entry.errand.site == site]

    def find(self, number: str) -> Entry | None:
        """Return the entry of a case; None when the demonstration did not file it."""
        return self._by_number.get(number)

    def filed(self, entry: Entry) -> None:
        """Let everybody find a case by its number, once whoever took it in has finished with it."""
        with self._lock:
            self._by_number[entry.number] = entry

    def took(self, site: str, what: str, seconds: float) -> None:
        """Note how long an act took a person at a site, pages and all."""
        with self._lock:
            self._seconds.append(((site, what), seconds))

    def mean_s(self, site: str, whats: Iterable[str]) -> float:
        """Return the mean of what acts took at a site, 0 when there was none."""
        wanted = set(whats)
        taken = [s for (at, what), s in self._seconds if at == site and what in wanted]
        return sum(taken) / len(taken) if taken else 0.0

    def count(self, *steps: str) -> int:
        """Return on how many cases one of these steps was taken."""
        return sum(1 for entry in self.entries if any(step in entry.steps for step in steps))
