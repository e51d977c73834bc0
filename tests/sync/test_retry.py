"""Pauses: spread evenly, rising, bounded, and from a given draw always the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.retry import BASE_MS, CAP_MS, backoff_ms, next_poll_ms

DRAWS = st.integers(0, 2**32 - 1)


@given(st.integers(1, 10**6), DRAWS)
def test_a_pause_is_never_above_its_step_nor_the_cap(failures, draw):
    assert 0 <= backoff_ms(failures, draw) < min(CAP_MS, BASE_MS * 2 ** min(failures - 1, 30)) + 1


@given(st.integers(1, 60), st.integers(0, 2**32 - 2))
def test_a_higher_draw_never_waits_less(failures, draw):
    assert backoff_ms(failures, draw) <= backoff_ms(failures, draw + 1)


def test_pauses_spread_over_the_whole_step():
    """Full jitter: the mean of evenly spread draws is half the step, the extremes are its ends."""
    draws = [n * 2**32 // 1000 for n in range(1000)]
    pauses = [backoff_ms(3, draw) for draw in draws]
    assert pauses[0] == 0 and pauses[-1] > 0.99 * 4 * BASE_MS
    assert abs(sum(pauses) / 1000 - 2 * BASE_MS) < 50


@given(st.integers(1, 60), DRAWS, st.integers(1, 10_000), st.integers(1, 10_000))
def test_base_and_cap_can_be_set(failures, draw, base, cap):
    assert backoff_ms(failures, draw, base, cap) <= cap


@given(st.integers(1_000, 10**7), DRAWS)
def test_an_idle_line_polls_about_every_interval(interval, draw):
    assert 0.74 * interval <= next_poll_ms(interval, draw) <= 1.26 * interval
