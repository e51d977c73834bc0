"""An exchange is two seconds of the line: measured both ways, small at first, papers after cases."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.adapters.http_client import LineFault
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol.frame import BlobRef
from sync.protocol.offer import Budget
from sync.protocol.pacing import (
    ANSWER_START_BYTES,
    SAMPLE_BYTES,
    START_BYTES,
    Gauge,
    Rate,
)
from sync.protocol.pieces import PIECE_BYTES, PIECE_BYTES_MIN, PaperBudget
from sync.protocol.retry import SLOT_SPAN_MS, patience_ms, slot_ms
from sync.protocol.turns import LEAST_BYTES
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network
from tests.sync.test_runner import HALF, until_idle
from tests.sync.wire import Wire

MOST = 262_144
THIN = 8_000


def exchanges(rate: Rate, per_s: int, count: int) -> int:
    """Let `count` full exchanges pass a line of `per_s` bytes a second and return the room after them."""
    for _ in range(count):
        size = rate.room(MOST) or START_BYTES
        rate.tell(size, size * 1000 // per_s)
    return rate.room(MOST)


def test_the_room_settles_at_two_seconds_of_the_line():
    for per_s in (2_000, THIN, 64_000):
        assert exchanges(Rate(), per_s, 12) == pytest.approx(2 * per_s, rel=0.02)
    assert exchanges(Rate(), 10**9, 12) == MOST


def test_one_quick_exchange_vouches_for_four_times_itself_and_no_more():
    rate = Rate()
    rate.tell(START_BYTES, 1)
    assert rate.room(MOST) == 4 * START_BYTES


def test_a_line_that_becomes_slow_is_followed_within_a_few_exchanges():
    rate = Rate()
    exchanges(rate, 64_000, 5)
    assert exchanges(rate, THIN, 6) < 3 * THIN


def test_small_talk_measures_nothing():
    rate = Rate()
    rate.tell(SAMPLE_BYTES - 1, 60_000)
    assert (rate.room(MOST), Gauge().room_up(MOST), Gauge().room_down(MOST)) == (0, START_BYTES, 0)


def test_whoever_falls_silent_is_sent_less_the_next_time():
    gauge = Gauge()
    rooms = []
    for _ in range(6):
        gauge.fell_silent()
        rooms.append(gauge.room_up(MOST))
    assert rooms[:3] == [8_192, 4_096, LEAST_BYTES] and rooms[-1] == LEAST_BYTES


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))), st.integers(LEAST_BYTES, 10**9))
def test_no_measurement_leaves_the_bounds(samples, most):
    rate = Rate()
    for size, ms in samples:
        rate.tell(size, ms)
        assert rate.room(most) == 0 or LEAST_BYTES <= rate.room(most) <= most


@given(st.integers(-5, 10**9), st.integers(0, 2**32 - 1))
def test_patience_is_no_shorter_than_asked_nor_longer_than_the_cap(asked_s, draw):
    wait = patience_ms(asked_s, draw, 1_800_000)
    assert min(1_800_000, max(0, asked_s) * 1000) <= wait <= 1_800_000


def test_five_hundred_villages_do_not_wake_together():
    """Every tenth of the span gets its share, and a node's moment is always the same."""
    villages = [f"511921{town:03d}{200 + number}" for town in range(100, 120) for number in range(25)]
    slots = [slot_ms(village, 60_000) for village in villages]
    tenths = [sum(slot * 10 // SLOT_SPAN_MS == tenth for slot in slots) for tenth in range(10)]
    assert min(tenths) > 20 and sum(tenths) == 500
    assert slot_ms(VILLAGE, 60_000) == slot_ms(VILLAGE, 60_000) and slot_ms(VILLAGE, 1_000) < 250


# --- on the small network
@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


class ThinWire(Wire):
    """A line of so many bytes a second, on the clock of the village that calls."""

    def __init__(self, sites: dict[str, Site]) -> None:
        super().__init__(sites)
        self.sent: list[int] = []
        self.during = lambda: None

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        got = []
        for chunk in chunks:
            self.during()
            got.append(chunk)
        data = b"".join(got)
        self.sites[VILLAGE].now_ms += len(data) * 1000 // THIN
        self.sent.append(len(data))
        yield from super().exchange(url, [data])


def calling(sites: dict[str, Site], wire: ThinWire) -> Runner:
    uplinks = (Uplink(TOWN, TOWN),)
    return Runner(sites[VILLAGE].engine(), wire, lambda: uplinks, Pace(60_000, MOST), lambda: HALF)


def file_with_paper(village: Site, number: int, size: int) -> BlobRef:
    photo = village.paper(random.Random(number).randbytes(size))
    village.submit(b'{"n":%d}' % number, (COUNTY,), (photo,))
    return photo


def test_papers_go_on_while_all_is_quiet_and_end_when_somebody_files(sites):
    wire = ThinWire(sites)
    runner = calling(sites, wire)
    file_with_paper(sites[VILLAGE], 1, 400_000)
    until_idle(runner)
    unit = runner.gauges[TOWN].room_up(MOST)
    assert unit == pytest.approx(2 * THIN, rel=0.1)
    assert max(wire.sent) == pytest.approx(8 * unit, rel=0.2), (
        "nothing else waits: many units in one exchange"
    )
    wire.sent.clear()
    file_with_paper(sites[VILLAGE], 2, 100_000)
    runner.step()
    wire.during = runner.wake
    runner.step()
    assert unit < wire.sent[-1] < unit + PIECE_BYTES + 2_000


def test_after_a_cut_no_piece_goes_before_the_other_has_said_where_it_stopped(sites):
    village, town = sites[VILLAGE], sites[TOWN]
    wire = ThinWire(sites)
    runner = calling(sites, wire)
    photo = file_with_paper(village, 1, 150_000)
    runner.step()
    _, chunks = village.engine().begin(TOWN, Budget(60_000))
    data = b"".join(chunks)
    town.engine().receive([data[: len(data) * 3 // 4]])
    held = town.blobs.offset(photo.hash)
    assert held > 30_000
    runner._failed(LineFault("cut"))
    wire.sent.clear()
    runner.step()
    assert wire.sent[0] < 3_000
    until_idle(runner)
    assert town.blobs.has(photo.hash)
    assert sum(wire.sent) < photo.size - held + 6_000


def test_after_a_start_papers_go_on_at_once_though_the_other_says_nothing_new(sites):
    village, wire = sites[VILLAGE], ThinWire(sites)
    photo = file_with_paper(village, 1, 300_000)
    runner = calling(sites, wire)
    runner.step()
    held = sites[TOWN].blobs.offset(photo.hash)
    runner = calling(sites, wire)
    assert runner.step() == 0 and sites[TOWN].blobs.offset(photo.hash) == held
    runner.step()
    assert sites[TOWN].blobs.offset(photo.hash) > held
    until_idle(runner)
    assert calling(sites, wire).step() > 0, "with nothing to send, one word is enough"


def test_beside_cases_papers_get_a_tenth(sites):
    """A budget of 16 KB with both waiting: cases fill it but for a tenth, which a small piece takes."""
    village, town = sites[VILLAGE], sites[TOWN]
    photo = file_with_paper(village, 1, 100_000)
    town.take(village.out(TOWN, Budget(10)))
    village.take(town.out(VILLAGE))
    for number in range(200):
        village.submit(b'{"x":"%s"}' % random.Random(number).randbytes(150).hex().encode(), (COUNTY,))
    data = village.out(TOWN, Budget(16_000, papers=PaperBudget(extra=10**6)))
    assert len(data) < 18_000
    town.take(data)
    assert 1_000 < town.blobs.offset(photo.hash) < 2_000
    assert 40 < len(town.application.ids) < 150


@pytest.mark.parametrize("size", [3_000, 16_000, 40_000])
def test_what_goes_beyond_the_budget_ends_where_it_was_allowed_to(sites, size):
    """Week seed 10127: a whole piece more than a device lets through, again and again."""
    village, town = sites[VILLAGE], sites[TOWN]
    for number in (size, size + 1, 40_000):
        file_with_paper(village, number, number)
    town.take(village.out(TOWN, Budget(10)))
    village.take(town.out(VILLAGE))
    data = village.out(TOWN, Budget(16_384, papers=PaperBudget(extra=112)))
    assert 15_000 < len(data) < 16_384 + 112 + PIECE_BYTES_MIN + 2_000


def test_the_answer_carries_what_the_other_said_its_line_takes(sites):
    village, town = sites[VILLAGE], sites[TOWN]
    report = town.engine().receive([village.out(TOWN, Budget(1_000, room=12_345))])
    assert (report.room, report.disk) == (12_345, 0) and ANSWER_START_BYTES > START_BYTES


def test_a_line_once_slow_or_silent_is_found_quick_again():
    """Small exchanges measure nothing; without more, one slow moment would keep them small for ever."""
    slow, silent, down = Gauge(), Gauge(), Gauge()
    slow.up.tell(START_BYTES, 60_000)
    down.down.tell(START_BYTES, 60_000)
    for _ in range(5):
        silent.fell_silent()
    assert (slow.room_up(MOST), silent.room_up(MOST), down.room_down(MOST)) == (LEAST_BYTES,) * 3
    for _ in range(40):
        for gauge in (slow, silent):
            gauge.up.tell(gauge.room_up(MOST), 40)
            gauge.went_through(gauge.room_up(MOST))
        # Of an answer the first chunk is not counted.
        down.down.tell(down.room_down(MOST) - SAMPLE_BYTES, 40)
    assert (slow.room_up(MOST), silent.room_up(MOST), down.room_down(MOST)) == (MOST,) * 3


def test_where_a_request_was_too_large_the_next_are_half_as_large_and_grow_by_an_eighth():
    gauge = Gauge()
    gauge.up.tell(START_BYTES, 40)
    assert gauge.limit(MOST) == MOST
    gauge.was_too_much(16_000)
    assert (gauge.limit(MOST), gauge.limit(5_000)) == (8_000, 5_000)
    gauge.went_through(3_999)
    assert gauge.limit(MOST) == 8_000, "one so small tells nothing"
    gauge.went_through(8_000)
    assert gauge.limit(MOST) == 9_000
    assert not gauge.is_least
    for _ in range(20):
        gauge.was_too_much(gauge.most)
    assert gauge.is_least and gauge.limit(MOST) == LEAST_BYTES


def test_what_is_refused_again_though_it_went_by_the_limit_halves_the_limit():
    """A request is larger than that by what is no paper and by its last piece: it must not go for ever."""
    gauge = Gauge()
    gauge.was_too_much(33_000)
    seen = []
    for _ in range(3):
        gauge.was_too_much(gauge.limit(100_000) + 16_000)
        seen.append(gauge.most)
    assert seen == [8_250, 4_125, LEAST_BYTES + 14]
    gauge.was_too_much(18_000)
    assert gauge.most == LEAST_BYTES


def test_a_line_that_stays_slow_is_never_given_much_more():
    rate = Rate()
    for _ in range(60):
        size = rate.room(MOST) or START_BYTES
        rate.tell(size, size)
        assert rate.room(MOST) <= START_BYTES
