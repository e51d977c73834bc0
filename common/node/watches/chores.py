"""Small work that a node does again and again, at intervals that no wall clock moves.

APScheduler plans by the wall clock: one that is set back, as when the right time comes over the net to a
machine that believed it was 2099, would let everything wait for 2099. So all is planned anew, from what has
passed on the monotonic clock, as soon as the two clocks no longer agree.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from common.clock import Clock

_ZONE = ZoneInfo("Asia/Shanghai")
# A clock that is put right by little at a time moves less than this between two looks.
STEP_MS = 2_000


class Chore(NamedTuple):
    """What is done, and every how many seconds."""

    work: Callable[[], None]
    every_s: float


class Chores:
    """Runs chores, each at most once at a time, until `stop`. The first run is one interval after `start`."""

    def __init__(self, chores: Mapping[str, Chore], clock: Clock) -> None:
        self._chores = dict(chores)
        self._clock = clock
        self._lock = threading.Lock()
        self._busy = {name: threading.Lock() for name in self._chores}
        self._began: dict[str, int] = {}
        self._scheduler: BackgroundScheduler | None = None
        self._apart = self._gap()

    def _gap(self) -> int:
        return self._clock.now_ms() - self._clock.mono_ms()

    def start(self) -> None:
        """Begin."""
        with self._lock:
            self._began = dict.fromkeys(self._chores, self._clock.mono_ms())
            self._plan()

    def look(self) -> bool:
        """Plan anew if somebody has set the clock; return whether somebody had."""
        with self._lock:
            if self._scheduler is None or abs(self._gap() - self._apart) < STEP_MS:
                return False
            self._scheduler.shutdown(wait=False)
            self._plan()
            return True

    def stop(self) -> None:
        """End; what is being done is done to its end."""
        with self._lock:
            found, self._scheduler = self._scheduler, None
            if found is not None:
                found.shutdown(wait=False)

    def _plan(self) -> None:
        self._apart = self._gap()
        self._scheduler = BackgroundScheduler(
            timezone=_ZONE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        now, mono_ms = datetime.fromtimestamp(self._clock.now_ms() / 1000, _ZONE), self._clock.mono_ms()
        for name, chore in self._chores.items():
            left_s = max(0.0, chore.every_s - (mono_ms - self._began[name]) / 1000)
            self._scheduler.add_job(
                self._do,
                "interval",
                (name,),
                id=name,
                seconds=chore.every_s,
                next_run_time=now + timedelta(seconds=left_s),
            )
        self._scheduler.start()

    def _do(self, name: str) -> None:
        # One that began under a former plan may still be at it.
        if not self._busy[name].acquire(blocking=False):
            return
        try:
            self._began[name] = self._clock.mono_ms()
            self._chores[name].work()
        finally:
            self._busy[name].release()
