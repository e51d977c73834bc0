"""The one loop of a node's line: when to exchange with the parent, when to wait, whom to try next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sync.adapters.engine import Engine, Report
from sync.adapters.line import (
    AnswerRefused,
    BrokenOff,
    Line,
    LineFault,
    NameNotFound,
    NotEvenTheLeast,
    ParentBusy,
    ProxyNotReached,
    WrongNode,
)
from sync.adapters.timed import Timed
from sync.adapters.ways import Uplink, Ways
from sync.protocol.errors import NoSuchNeighbour, SyncError
from sync.protocol.exchange import Head
from sync.protocol.offer import Budget
from sync.protocol.pacing import PAPER_UNITS, Gauge
from sync.protocol.pieces import PIECE_BYTES, PIECE_BYTES_MIN, PaperBudget
from sync.protocol.retry import BASE_MS, CAP_MS, backoff_ms, next_poll_ms, patience_ms

SOON_STEPS_MAX = 12
TRIES_BEFORE_NEXT = 3
BUSY_STEPS_MAX = 3
# A parent that has asked for patience for ten minutes, and did nothing else, counts as one that is silent.
BUSY_MS_MAX = 600_000
_STOP_LOOK_MS = 1_000
# Nothing of the other side came, and of what lies between no more is known than that; by anything else
# something answered, or this node itself is at fault.
_DOWN = (LineFault.code, NameNotFound.code, ProxyNotReached.code, ParentBusy.code)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop paces itself.

    Milliseconds between idle exchanges, bytes one exchange may carry however quick the line, the first and
    longest span a failed try waits within, and how long after a start the first exchange comes.
    """

    interval_ms: int
    exchange_bytes: int
    retry_base_ms: int = BASE_MS
    retry_cap_ms: int = CAP_MS
    slot_ms: int = 0


@dataclass(slots=True)
class LineState:
    """What the sync page shows of the line; `asked_s` of patience the last failure asked for, 0 for none."""

    failures: int = 0
    asked_s: int = 0
    last_ok_at: int = 0
    next_try_at: int = 0
    last_code: str = ""
    last_sentence: str = ""
    uplink: str = ""
    soon_steps: int = 0

    @property
    def is_busy(self) -> bool:
        """Say whether the line holds, and the other only asked for patience."""
        return self.is_put_off and self.last_code == ParentBusy.code

    @property
    def is_down(self) -> bool:
        """Say whether the last try failed for no other reason than that the line does not hold."""
        return self.failures > 0 and self.last_code in _DOWN and not self.is_busy

    @property
    def is_put_off(self) -> bool:
        """Say whether patience was asked for, by the other or by something between that knows no more."""
        return self.failures > 0 and self.asked_s > 0


class Runner:
    """Runs exchanges with the ancestors of one node; at most one at a time.

    Args:
        uplinks: the parent first, then the next ancestors; may change between calls.
        draw: a fresh random 32-bit number.
    """

    def __init__(
        self,
        engine: Engine,
        line: Line,
        uplinks: Callable[[], Sequence[Uplink]],
        pace: Pace,
        draw: Callable[[], int],
    ) -> None:
        self.engine = engine
        self.line = line
        self.uplinks = uplinks
        self.ways = Ways(uplinks, lambda: engine.world.evidence().mono)
        self.pace = pace
        self.draw = draw
        self.state = LineState()
        self.gauges: dict[str, Gauge] = {}
        self._turn = 0
        # By the monotonic clock; tries in vain that speak for another ancestor; since when the first is busy.
        self._due = 0
        self._misses = 0
        self._busy_since: int | None = None
        # Who has told since our last failure with it where its papers stopped.
        self._heard = ""
        self._wake = threading.Event()
        self._busy = threading.Lock()

    @property
    def is_up(self) -> bool:
        """Say whether the last try went well."""
        return self.state.failures == 0 and self.state.last_ok_at > 0

    def wake(self) -> None:
        """Something new waits: exchange at once (a failing line keeps its back-off)."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Exchange until `stop` is set; monotonic waits only, so a jumping clock changes nothing."""
        pause_ms = self.pace.slot_ms
        while self._rest(pause_ms, stop):
            try:
                pause_ms = self.step() if self.uplinks() else self.pace.interval_ms
            except Exception as fault:
                # A full disk or a fault of ours in one exchange must not silence the node for good.
                _log.exception("exchange failed")
                pause_ms = self._failed(BrokenOff(fault))

    def arm(self, pause_ms: int) -> None:
        """Let the next exchange be due after a pause; when by the wall clock is only shown to people."""
        now = self.engine.world.evidence()
        self._due, self.state.next_try_at = now.mono + pause_ms, now.wall + pause_ms

    def left_ms(self) -> int:
        """Return how long until the next exchange is due, nothing or less when it is."""
        return self._due - self.engine.world.evidence().mono

    def _rest(self, pause_ms: int, stop: threading.Event) -> bool:
        """Wait until the pause is over, or woken while the line holds; return False when it is time to go."""
        self.arm(pause_ms)
        while not stop.is_set():
            left = self.left_ms()
            woken = self._wake.wait(min(left, _STOP_LOOK_MS) / 1000) if left > 0 else True
            if left <= 0 or (woken and self.state.failures == 0):
                self._wake.clear()
                return not stop.is_set()
            if woken:
                # A failing line keeps its back-off; what woke us goes with the next try.
                self._wake.clear()
        return False

    def step(self, passed: Collection[str] = ()) -> int:
        """Do one exchange; return after how many milliseconds the next one is due.

        Where another node answers than was meant the next above is asked at once.

        Args:
            passed: addresses of those above that are not asked this time, as long as another is left.

        Raises:
            NoSuchNeighbour: there is nobody above this node.
        """
        if not self.uplinks():
            raise NoSuchNeighbour("no parent")
        with self._busy:
            try:
                pause_ms = self._try(passed)
            except SyncError as problem:
                return self._failed(problem)
            if pause_ms:
                self._turn = 0
            return pause_ms

    def _failed(self, problem: SyncError) -> int:
        self.state.failures += 1
        self.state.last_code, self.state.last_sentence = problem.code, problem.sentence
        self._heard = ""
        self.state.asked_s = asked_s = problem.retry_after_s if isinstance(problem, LineFault) else 0
        # A silent parent is tried first again and again; between tries the ancestors above it get a turn.
        self._misses += 0 if self._is_busy_briefly() else 1
        self._turn = self._misses // TRIES_BEFORE_NEXT
        patience = 0
        if asked_s:
            asked_s <<= min(self.state.failures - 1, BUSY_STEPS_MAX)
            patience = patience_ms(asked_s, self.draw(), self.pace.retry_cap_ms)
        if self.state.is_busy:
            # The other is busy with other nodes: it said itself when it is worth trying.
            return patience
        pause = backoff_ms(self.state.failures, self.draw(), self.pace.retry_base_ms, self.pace.retry_cap_ms)
        return max(patience, pause)

    def _is_busy_briefly(self) -> bool:
        """Say whether to wait for a parent that is busy: many who turn away at once crowd the next."""
        if not self.state.is_busy:
            # Whoever stands first and is silent in between has not asked for patience all the while.
            self._busy_since = self._busy_since if self._turn else None
            return False
        now = self.engine.world.evidence().mono
        self._busy_since = now if self._busy_since is None else self._busy_since
        return now - self._busy_since < BUSY_MS_MAX

    def _try(self, passed: Collection[str]) -> int:
        self._turn = 0 if passed else self._turn
        while True:
            uplink = self._choose(passed)
            self.state.uplink = uplink.address
            try:
                pause_ms = self._exchange(uplink)
            except WrongNode:
                if not self.ways.went_astray(uplink):
                    raise
                self._turn = 0
            else:
                self._turn = self.ways.came_right(uplink)
                self._busy_since = self._busy_since if self._turn else None
                return pause_ms

    def _choose(self, passed: Collection[str] = ()) -> Uplink:
        uplinks = self.ways.open()
        uplinks = [one for one in uplinks if one.address not in passed] or uplinks
        # Whoever answered keeps its turn as long as there is more to move.
        self._turn %= len(uplinks)
        return uplinks[self._turn]

    def _exchange(self, uplink: Uplink) -> int:
        before = self.engine.got(uplink.address)
        gauge = self.gauges.setdefault(uplink.address, Gauge())
        budget = self._budget(uplink, gauge)
        decided, chunks = self.engine.begin(uplink.address, budget)
        timed = Timed(self.engine, gauge)
        try:
            report = self.engine.receive(timed.answer(self.line.exchange(uplink.url, timed.request(chunks))))
        except LineFault as problem:
            is_least = gauge.is_least
            self._learn(problem, gauge, timed.sent, decided.head)
            if problem.is_by_size and is_least:
                raise NotEvenTheLeast from problem
            raise
        if report.sender != uplink.address:
            # What another node once signed for this one proves nothing of the one that was asked.
            raise AnswerRefused(report.code)
        self.engine.was_known(decided.head)
        timed.tell()
        self._heard = uplink.address if report.complete else ""
        self.state.failures = self._misses = 0
        self.state.last_ok_at = self.engine.world.evidence().wall
        self.state.last_code, self.state.last_sentence = report.code, report.sentence
        # Papers that were held back may go now that the other was heard, though it said nothing new.
        may_go = bool(budget.papers.are_held and self._heard)
        waits, after = self.engine.standing(uplink.address, None if may_go else before)
        moved = report.fresh + report.pieces + report.docs > 0 or after != before
        return self._pause(report, moved or may_go, waits)

    def _learn(self, problem: LineFault, gauge: Gauge, sent: int, head: Head) -> None:
        if problem.is_silent:
            gauge.fell_silent()
        if problem.is_too_much:
            gauge.was_too_much(sent)
        if problem.is_unknown:
            self.engine.was_not_known(head)
        if problem.told:
            self.engine.hear_refusal(problem.told)

    def _budget(self, uplink: Uplink, gauge: Gauge) -> Budget:
        """Return what may go next: two seconds of the line, and papers beyond while all is quiet."""
        most = gauge.limit(self.pace.exchange_bytes)
        unit = gauge.room_up(most)
        papers = PaperBudget(
            extra=min(most, unit * PAPER_UNITS) - unit,
            piece=max(PIECE_BYTES_MIN, min(PIECE_BYTES, unit)),
            # After a cut the other alone knows how far its papers came.
            are_held=self._heard != uplink.address,
            is_pressed=self._wake.is_set,
        )
        return Budget(unit, papers=papers, room=gauge.room_down(self.pace.exchange_bytes))

    def _pause(self, report: Report, moved: bool, waits: int) -> int:
        if moved and (waits or report.more or report.fresh or report.pieces or report.docs):
            self.state.soon_steps = 0
            return 0
        if report.soon_ms and self.state.soon_steps < SOON_STEPS_MAX:
            # Twice at each length, then double: quick while the county answers, soon quiet when it does not.
            wait = report.soon_ms << self.state.soon_steps // 2
            self.state.soon_steps += 1
            return min(wait, self.pace.interval_ms)
        self.state.soon_steps = 0
        return next_poll_ms(self.pace.interval_ms, self.draw())
