"""The one loop of a line: at once while there is news, else in its time, and never for ever silent."""

from __future__ import annotations

import logging
import threading

import pytest

from sync.adapters.line import LineFault, ParentBusy, PutOff, WrongNode
from sync.adapters.runner import BUSY_MS_MAX, TRIES_BEFORE_NEXT, Pace, Runner, Uplink
from sync.protocol import absorb
from sync.protocol.errors import NoSuchNeighbour
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network
from tests.sync.wire import Wire

HALF = 2**31


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def wire(sites) -> Wire:
    return Wire(sites)


@pytest.fixture
def runner(sites, wire) -> Runner:
    uplinks = (Uplink(TOWN, TOWN), Uplink(COUNTY, COUNTY))
    return Runner(sites[VILLAGE].engine(), wire, lambda: uplinks, Pace(60_000, 100_000), lambda: HALF)


def until_idle(runner: Runner, most: int = 50) -> int:
    """Step until a pause comes; return how many steps that took."""
    for count in range(1, most):
        if runner.step() > 0:
            return count
    raise AssertionError("never idle")


def test_a_backlog_goes_at_once_and_then_the_line_rests(sites, runner, wire):
    acts = [sites[VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(50)]
    assert until_idle(runner) <= 3
    assert sites[TOWN].application.ids == acts
    assert runner.step() == 60_000
    assert runner.is_up and runner.state.last_code == ""


def test_a_great_backlog_needs_several_exchanges_without_a_pause(sites, runner, wire):
    village = sites[VILLAGE]
    photo = village.paper(bytes(range(256)) * 3_000)
    village.submit(b"{}", (COUNTY,), (photo,))
    steps = until_idle(runner)
    assert 8 <= steps <= 14
    assert sites[TOWN].blobs.has(photo.hash)


def test_what_the_parent_keeps_bringing_without_news_starts_no_race(sites, runner, monkeypatch):
    """Frames that get no place here are offered each time: once a poll is enough."""
    county, town, village = sites.values()
    exchange(village, town)
    county.submit(b"{}", (VILLAGE,))
    town.take(county.out(TOWN))
    monkeypatch.setattr(absorb, "take_frames", lambda core, frames, now_ms: [])
    pauses = [runner.step() for _ in range(5)]
    assert pauses.count(0) <= 2


def test_news_on_the_way_is_fetched_soon_and_not_for_ever(runner, wire, sites):
    sites[VILLAGE].submit(b"{}", (COUNTY,))
    wire.soon_ms = 250
    pauses = [runner.step() for _ in range(20)]
    waits = [pause for pause in pauses if pause]
    assert waits[:5] == [250, 250, 500, 500, 1_000]
    assert waits[12] == 60_000 and max(waits) == 60_000


def test_a_failing_line_backs_off_and_gives_the_next_above_a_turn(runner, wire):
    wire.down[TOWN] = LineFault("cut")
    pauses = [runner.step() for _ in range(TRIES_BEFORE_NEXT)]
    assert pauses == [2_500, 5_000, 10_000]
    assert (runner.state.failures, runner.state.last_code, runner.is_up) == (3, "S401", False)
    runner.step()
    assert wire.tried == [TOWN] * 3 + [COUNTY]
    assert runner.is_up and runner.state.uplink == COUNTY


def test_who_answers_keeps_its_turn_while_there_is_more(sites, runner, wire):
    """With the township dead a backlog goes to the county exchange by exchange, not one in four tries."""
    wire.down[TOWN] = LineFault("cut")
    village = sites[VILLAGE]
    photo = village.paper(bytes(range(256)) * 3_000)
    village.submit(b"{}", (COUNTY,), (photo,))
    for _ in range(TRIES_BEFORE_NEXT):
        runner.step()
    until_idle(runner)
    assert sites[COUNTY].blobs.has(photo.hash)
    assert wire.tried.count(TOWN) == TRIES_BEFORE_NEXT
    runner.step()
    assert wire.tried[-1] == TOWN


def test_the_parents_own_word_on_patience_is_kept(runner, wire):
    wire.down[TOWN] = ParentBusy("503", retry_after_s=90)
    assert runner.step() == 112_500, "no sooner than told, and not all in the same second"
    assert [runner.step() for _ in range(2)] == [225_000, 450_000], "who is still busy is asked less often"
    wire.down[TOWN] = wire.down[COUNTY] = ParentBusy("503", retry_after_s=5)
    assert [runner.step() for _ in range(9)][-1] == 50_000, (
        "a busy node is no broken line: no half hour of silence"
    )
    wire.down[TOWN] = wire.down[COUNTY] = ParentBusy("503", retry_after_s=10**9)
    assert runner.step() == runner.pace.retry_cap_ms, "nobody silences a node for longer than its own cap"


def test_patience_that_something_between_asks_for_is_kept_and_says_nothing_of_the_parent(runner, wire):
    """A proxy that says so at once each time is backed off from, and the next above gets a turn."""
    wire.down[TOWN] = PutOff("503", retry_after_s=90)
    assert runner.step() == 112_500 and not runner.state.is_busy and runner.state.is_put_off
    wire.down[TOWN] = PutOff("503", retry_after_s=10**9)
    assert runner.step() == runner.pace.retry_cap_ms
    wire.down[TOWN] = wire.down[COUNTY] = PutOff("503", retry_after_s=1)
    assert runner.step() >= 10_000 and wire.tried == [TOWN] * TRIES_BEFORE_NEXT
    assert [runner.step() for _ in range(20)][-1] == runner.pace.retry_cap_ms // 2
    assert COUNTY in wire.tried


def test_a_busy_parent_keeps_its_turn_for_ten_minutes_of_nothing_else(sites, runner, wire):
    village = sites[VILLAGE]
    wire.down[TOWN] = ParentBusy("503", retry_after_s=30)
    for _ in range(3 * TRIES_BEFORE_NEXT):
        runner.step()
    assert set(wire.tried) == {TOWN} and runner.state.failures == 3 * TRIES_BEFORE_NEXT
    village.now_ms += BUSY_MS_MAX
    for _ in range(TRIES_BEFORE_NEXT):
        runner.step()
    assert set(wire.tried) == {TOWN}
    runner.step()
    assert wire.tried[-1] == COUNTY and runner.is_up
    for _ in range(TRIES_BEFORE_NEXT + 1):
        runner.step()
    assert wire.tried[-1] == COUNTY, "still busy: no ten minutes anew"
    del wire.down[TOWN]
    runner.step()
    wire.down[TOWN] = ParentBusy("503", retry_after_s=30)
    for _ in range(TRIES_BEFORE_NEXT + 1):
        runner.step()
    assert wire.tried[-1] == TOWN, "it had answered"


def test_a_parent_that_was_silent_in_between_has_not_been_busy_all_the_while(sites, runner, wire):
    """When the power comes back everybody calls at once: who turns away then crowds the county."""
    busy = ParentBusy("503", retry_after_s=30)
    for answer, wait_ms in ((busy, 0), (LineFault("cut"), BUSY_MS_MAX), *[(busy, 0)] * TRIES_BEFORE_NEXT):
        wire.down[TOWN] = answer
        runner.step()
        sites[VILLAGE].now_ms += wait_ms
    assert set(wire.tried) == {TOWN}


def test_one_false_answer_cuts_no_village_off_its_township(sites, runner, wire):
    """Whoever is left is asked first; is that one silent, what led astray gets its turn."""
    village = sites[VILLAGE]
    wire.down[COUNTY] = LineFault("no route")
    runner.step()
    acts = [village.submit(b"{}", (COUNTY,))]
    wire.down[TOWN] = WrongNode("S106")
    wire.tried.clear()
    runner.step()
    assert wire.tried == [TOWN, COUNTY], "at once"
    del wire.down[TOWN]
    for _ in range(TRIES_BEFORE_NEXT):
        runner.step()
    assert wire.tried[2:] == [COUNTY, COUNTY, TOWN] and runner.is_up
    photo = village.paper(bytes(range(256)) * 3_000)
    acts.append(village.submit(b"{}", (COUNTY,), (photo,)))
    wire.tried.clear()
    assert until_idle(runner) > 1 and set(wire.tried) == {TOWN}, "it answers, and stands where it stood"
    assert sites[TOWN].application.ids == acts


def test_where_the_next_above_leads_astray_in_its_turn_the_parent_is_asked_at_once(sites, wire):
    uplinks = (Uplink(TOWN, TOWN), Uplink(COUNTY, COUNTY))
    runner = Runner(sites[VILLAGE].engine(), wire, lambda: uplinks, Pace(60_000, 100_000), lambda: HALF)
    wire.down = {TOWN: LineFault("no route"), COUNTY: WrongNode("S106")}
    for _ in range(TRIES_BEFORE_NEXT):
        runner.step()
    del wire.down[TOWN]
    wire.tried.clear()
    runner.step()
    assert wire.tried == [COUNTY, TOWN] and runner.is_up


def test_who_answers_in_the_parents_place_was_not_busy_all_the_while(sites, wire):
    """The township's address leads to the county: patience is counted from the county's own word."""
    uplinks = (Uplink(TOWN, "net"), Uplink(COUNTY, COUNTY, True))
    runner = Runner(sites[VILLAGE].engine(), wire, lambda: uplinks, Pace(60_000, 100_000), lambda: HALF)
    wire.down = {"net": WrongNode("S106"), COUNTY: ParentBusy("503", retry_after_s=30)}
    runner.step()
    del wire.down[COUNTY]
    runner.step()
    sites[VILLAGE].now_ms += BUSY_MS_MAX
    wire.down[COUNTY] = ParentBusy("503", retry_after_s=30)
    wire.tried.clear()
    for _ in range(TRIES_BEFORE_NEXT + 1):
        runner.step()
    assert set(wire.tried) == {COUNTY}


def test_an_answer_that_is_not_believed_is_a_failure(runner, wire, sites):
    wire.answer = sites[TOWN].out(COUNTY)
    assert runner.step() > 0
    assert (runner.state.last_code, runner.state.failures) == ("S405", 1)
    wire.answer = b""
    runner.step()
    assert runner.state.failures == 2
    # Who plays back what the county once signed for the village makes no line to the township of it.
    wire.answer = sites[COUNTY].out(VILLAGE)
    runner.step()
    assert (runner.state.last_code, runner.state.failures) == ("S405", 3)


def test_without_anyone_above_there_is_nothing_to_try(sites, wire):
    runner = Runner(sites[COUNTY].engine(), wire, lambda: (), Pace(60_000, 1), lambda: 0)
    with pytest.raises(NoSuchNeighbour):
        runner.step()


class Loop:
    """A runner in its thread, with a clock the test moves."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.stop = threading.Event()
        self.stepped = threading.Semaphore(0)
        self.pauses: list[int] = []
        self.next_pause = 3_600_000
        self.fail = False
        runner.step = self._step  # type: ignore[method-assign]
        self.thread = threading.Thread(target=runner.run, args=(self.stop,))

    def _step(self) -> int:
        self.stepped.release()
        if self.fail:
            raise OSError("disk full")
        return self.next_pause

    def happened(self, seconds: float = 2.0) -> bool:
        return self.stepped.acquire(timeout=seconds)

    def __enter__(self) -> Loop:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.runner.wake()
        self.thread.join(5)
        assert not self.thread.is_alive()


def test_a_woken_line_exchanges_at_once(runner):
    with Loop(runner) as loop:
        assert loop.happened()
        assert not loop.happened(0.2)
        runner.wake()
        assert loop.happened()


def test_a_failing_line_keeps_its_pause_when_woken(runner):
    with Loop(runner) as loop:
        assert loop.happened()
        runner.state.failures = 3
        for _ in range(3):
            runner.wake()
        assert not loop.happened(0.4)


def test_stopping_does_not_wait_for_the_pause(runner):
    with Loop(runner) as loop:
        assert loop.happened()
        loop.stop.set()
        loop.thread.join(3)
        assert not loop.thread.is_alive()


def test_a_fault_of_our_own_is_logged_and_tried_again(runner, sites, caplog):
    runner.draw = lambda: 0
    with caplog.at_level(logging.CRITICAL + 1), Loop(runner) as loop:
        loop.fail = True
        runner.wake()
        assert loop.happened() and loop.happened() and loop.happened()
        assert (runner.state.last_code, runner.is_up) == ("S406", False)
        loop.fail = False
        assert loop.happened()
