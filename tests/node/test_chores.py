"""Chores of a node are done in their time, wherever the date is set; a clock set back lets none wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base
from apscheduler.triggers import interval

from common.clock import SystemClock
from common.node.watches.chores import Chore, Chores

YEARS_73 = 73 * 365 * 86_400


class Wrong(SystemClock):
    """The machine's clocks, the wall clock so many seconds wrong: for the scheduler's library, too."""

    off_s = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.off_s * 1000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Wrong:
    wrong = Wrong()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=wrong.off_s)

    for module in (base, interval):
        monkeypatch.setattr(module, "datetime", Shifted)
    return wrong


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if is_so():
            return True
        time.sleep(0.01)
    return False


def test_a_clock_set_back_seventy_years_or_ahead_lets_no_chore_wait(clock: Wrong) -> None:
    done: list[str] = []
    clock.off_s = YEARS_73
    times: list[float] = []

    def do_often() -> None:
        done.append("often")
        times.append(time.monotonic())

    often, seldom = Chore(do_often, 0.05), Chore(lambda: done.append("seldom"), 1.5)
    kept = Chores({"often": often, "seldom": seldom}, clock)
    # A process may wait for the lead for days: then all would come at once.
    time.sleep(0.1)
    began = time.monotonic()
    kept.start()
    assert within(5, lambda: len(done) > 2) and not kept.look()
    assert times[0] - began > 0.04
    for off_s in (0, -50 * 365 * 86_400, YEARS_73, 0):
        clock.off_s = off_s
        assert kept.look() and not kept.look()
        before = len(done)
        assert within(5, lambda so_far=before: len(done) > so_far + 2), off_s
    # What is done seldom neither came sooner for all that, nor had its time begin anew with each.
    assert "seldom" not in done or time.monotonic() - began >= 1.4
    assert within(5, lambda: "seldom" in done) and time.monotonic() - began < 5
    kept.stop()
    assert not kept.look()
    time.sleep(0.1)
    ended = len(done)
    time.sleep(0.2)
    assert len(done) == ended


def test_without_a_look_the_scheduler_would_stand_still(clock: Wrong) -> None:
    """Why all this is: else the test before would show nothing."""
    done: list[int] = []
    clock.off_s = YEARS_73
    kept = Chores({"often": Chore(lambda: done.append(1), 0.05)}, clock)
    kept.start()
    assert within(5, lambda: len(done) > 2)
    clock.off_s = 0
    time.sleep(0.2)
    before = len(done)
    time.sleep(0.4)
    assert len(done) == before
    kept.stop()
