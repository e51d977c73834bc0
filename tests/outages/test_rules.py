"""What clocks show of an outage, and what many come to: tables of readings, right and wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

from common.outages.rules import (
    DAY_MS,
    LINE,
    LONGEST_MS,
    OFF,
    PARENT,
    ROWS_AT_ONCE,
    Mark,
    Outage,
    Running,
    Tally,
    as_believed,
    as_fields,
    is_time_to_tell,
    over,
    read_outages,
    seen_running,
    tally,
)

MINUTE, HOUR = 60_000, 3_600_000
T = 1_772_500_000_000


def told(*marks: Mark) -> list[Outage]:
    """Return the standstills that readings show, one after the other."""
    running: Running | None = None
    found = []
    for mark in marks:
        running, outage = seen_running(running, mark)
        found += [outage] if outage else []
    return found


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        # It runs, restarts at once, and the program alone is restarted.
        ([(0, "a", 0), (5, "a", 5), (8, "b", 1), (9, "b", 2)], []),
        # The power was off for three hours.
        ([(0, "a", 9), (180, "b", 1)], [(0, 180)]),
        # The program stood still while the machine ran; meanwhile somebody set the clock an hour back.
        ([(0, "a", 0), (120, "a", 180)], [(-60, 120)]),
        # A machine without a clock comes up with the time at which it stopped, and is put right by its line.
        ([(0, "a", 9), (1, "b", 1), (6, "b", 6), (191, "b", 11)], [(0, 181)]),
        # The battery of its clock is flat: 1970 until somebody sets it, after one more start.
        ([(0, "a", 9), (-T // MINUTE, "b", 1), (-T // MINUTE, "c", 1), (300, "c", 6)], [(0, 295)]),
        # It came up in 2099 and was put right.
        ([(0, "a", 9), (40_000_000, "b", 1), (65, "b", 6)], [(0, 60)]),
        # A clock that is put back, or a little ahead, makes no standstill.
        ([(0, "a", 0), (-600, "a", 5), (-595, "a", 10), (9, "a", 14)], []),
    ],
)
def test_a_standstill_is_what_no_clock_of_the_machine_saw(marks: Any, expected: Any) -> None:
    """Minutes of the wall clock from T, the run of the machine, minutes it runs."""
    found = told(*(Mark(T + wall * MINUTE, boot, mono * MINUTE) for wall, boot, mono in marks))
    assert found == [Outage(OFF, T + began * MINUTE, T + ended * MINUTE) for began, ended in expected]


def test_how_long_the_line_was_down_is_told_by_the_clock_that_never_runs_back() -> None:
    began = Mark(T, "a", 0)
    assert over(LINE, began, Mark(T + 9 * HOUR, "a", HOUR)) == (LINE, T + 8 * HOUR, T + 9 * HOUR, 0)
    assert over(LINE, began, Mark(T + HOUR, "b", 5)) == (LINE, T, T + HOUR, 0)
    for wall in (T - DAY_MS, T + LONGEST_MS + 1, -5):
        found = over(LINE, began, Mark(wall, "b", 5))
        assert (found.is_doubtful, found.lasted_ms) == (1, 0) and read_outages(as_fields([found])) == [found]
    assert over(LINE, Mark(0, "a", 0), Mark(5, "a", HOUR)).is_doubtful == 1, "it would have begun before 1970"


def test_outages_at_one_time_count_once_and_doubtful_ones_have_no_length() -> None:
    at = [
        Outage(LINE, T, T + 3 * HOUR),
        Outage(OFF, T + HOUR, T + 4 * HOUR),
        Outage(OFF, T + HOUR, T + 2 * HOUR),
        Outage(LINE, T + 9 * HOUR, T + 10 * HOUR),
        Outage(PARENT, T, T + 20 * HOUR),
        Outage(LINE, T + 9 * HOUR, T + 9 * HOUR, 1),
        Outage(OFF, T - 50 * HOUR, T - 40 * HOUR),
    ]
    assert tally(at, T - HOUR, T + DAY_MS) == Tally(3, 5 * HOUR, 1)
    assert tally(at, T + 2 * HOUR, T + 3 * HOUR) == Tally(1, HOUR, 0)
    assert tally([], 0, T) == Tally(0, 0, 0)
    ahead = as_believed(Outage(LINE, T, T + HOUR), T)
    assert ahead.is_doubtful and not as_believed(Outage(LINE, T - HOUR, T), T).is_doubtful


def test_short_outages_are_told_once_a_day_and_a_long_one_at_once() -> None:
    short, long = Outage(LINE, T, T + 6 * MINUTE), Outage(OFF, T, T + HOUR)
    assert not is_time_to_tell([], 0, T) and is_time_to_tell([short], 0, T)
    assert not is_time_to_tell([short], T, T + HOUR) and is_time_to_tell([short], T, T + DAY_MS)
    assert is_time_to_tell([short, long], T, T + HOUR)
    assert is_time_to_tell([short], T, T - HOUR), "a clock put back must not keep a node silent"


@pytest.mark.parametrize(
    "row",
    [
        [],
        "line",
        ["line", T, T],
        ["flood", T, T, 0],
        [["line"], T, T, 0],
        ["line", T, T - 1, 0],
        ["line", -1, T, 0],
        ["line", True, T, 0],
        ["line", str(T), T, 0],
        ["line", T, T, 2],
        ["line", T, T + LONGEST_MS + 1, 0],
        ["line", 2**60, 2**60, 0],
    ],
)
def test_what_is_malformed_is_not_read(row: Any) -> None:
    good = ["off", T, T + HOUR, 0]
    assert read_outages({"outages": [good] * ROWS_AT_ONCE})[0] == Outage(OFF, T, T + HOUR, 0)
    for body in ({"outages": [good, row]}, {"outages": []}, {"outages": [good] * (ROWS_AT_ONCE + 1)}, [], {}):
        with pytest.raises(ValueError):
            read_outages(body)
