"""The engine: never a byte before its commit, never an exception for what the other side sent."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from sync.adapters.engine import BATCH_RECORDS, Engine, World
from sync.protocol.errors import NoSuchNeighbour
from sync.protocol.offer import Budget
from sync.protocol.roster import digest_of as roster_digest
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def pieces(data: bytes, step: int = 1000) -> Iterator[bytes]:
    for at in range(0, len(data), step):
        yield data[at : at + step]


def noise(n: int, size: int = 900) -> bytes:
    return b'"%s"' % random.Random(n).randbytes(size // 2).hex().encode()


def test_a_whole_exchange_is_reported_whole(sites):
    _, town, village = sites.values()
    for n in range(5):
        village.submit(b'{"n":%d}' % n, (COUNTY,))
    data = village.out(TOWN)
    report = town.engine().receive(pieces(data))
    assert (report.sender, report.code, report.complete) == (VILLAGE, "", True)
    assert (report.frames, report.fresh, report.refused) == (5, 5, 0)
    again = town.engine().receive([data])
    assert (again.complete, again.frames, again.fresh) == (True, 5, 0)


@pytest.mark.parametrize(
    "damage, code",
    [
        (lambda d: b"", "S104"),
        (lambda d: b"<html>", "S104"),
        (lambda d: d[:200], "S109"),
        (lambda d: b"LDX9" + d[4:], "S105"),
        (lambda d: d[:700], "S109"),
        (lambda d: d[:-3], "S109"),
        (lambda d: d + b"more", "S109"),
        (lambda d: d[:-40] + bytes(40), "S109"),
        (lambda d: d[:60] + bytes((d[60] ^ 1,)) + d[61:], "S103"),
    ],
)
def test_damage_is_reported_with_its_code_and_the_process_lives(sites, damage, code):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    data = village.out(TOWN)
    engine = town.engine()
    report = engine.receive(pieces(damage(data)))
    if code == "S103":
        # A flipped bit in the head may also break its form.
        assert report.code in ("S103", "S104", "S106", "S107") and report.sender == ""
    else:
        assert report.code == code
    assert not report.complete and report.sentence
    assert town.journal[-1].code == report.code
    assert engine.receive([data]).complete


def test_a_stick_pulled_half_way_gives_what_is_readable(sites):
    _, town, village = sites.values()
    acts = [village.submit(noise(n), (COUNTY,)) for n in range(100)]
    data = village.out(TOWN)
    report = town.engine().receive(pieces(data[: len(data) // 2]))
    got = town.application.ids
    assert report.code == "S109" and 20 < len(got) < 80
    assert got == acts[: len(got)] and report.frames == len(got)
    exchange(village, town)
    assert town.application.ids == acts


def test_for_another_foreign_and_unknown_are_refused_whole(sites):
    county, town, village = sites.values()
    stranger = make_network(seed=5)[VILLAGE]
    before = town.state()
    for data, code in (
        (village.out(COUNTY), "S106"),
        (stranger.out(TOWN), "S116"),
        (village.say(town, [b""], sender="511921109"), "S107"),
        (village.say(town, [b""], dictionary="ab" * 8), "S115"),
    ):
        report = town.engine().receive([data])
        assert report.code == code
        assert town.state() == before
    # Sealed to a key it does not have: surely the neighbour's, so an answer can tell it the right one.
    report = town.engine().receive([village.say(town, [b""], receiver_key=county.key.id)])
    assert (report.code, report.sender) == ("S108", VILLAGE)


def test_every_batch_is_committed_by_itself(sites):
    """The line breaks, and the power goes, after some batches: what they brought stays."""
    _, town, village = sites.values()
    acts = [village.submit(noise(n, 9_000), (COUNTY,)) for n in range(3 * BATCH_RECORDS)]
    data = village.out(TOWN, Budget(10**8))

    def breaks() -> Iterator[bytes]:
        yield from pieces(data[: 2 * len(data) // 3], 5_000)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        town.engine().receive(breaks())
    town.restart()
    got = len(town.application.ids)
    assert got > BATCH_RECORDS
    town.engine().receive([data])
    assert town.application.ids == acts


def test_a_slow_line_commits_what_came_after_a_moment(sites):
    _, town, village = sites.values()
    for n in range(20):
        village.submit(noise(n, 9_000), (COUNTY,))
    data = village.out(TOWN)
    seen = []

    def slowly() -> Iterator[bytes]:
        for piece in pieces(data, 4_000):
            town.now_ms += 300
            seen.append(len(town.spool.streams()) and town.upto().get((VILLAGE, COUNTY), 0))
            yield piece

    town.engine().receive(slowly())
    assert len(set(seen)) > 5


def test_bytes_leave_only_after_their_commit(sites):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    exchange(village, town)
    order: list[str] = []

    @contextmanager
    def unit() -> Iterator[None]:
        with town.unit():
            yield
        order.append("commit")

    engine = Engine(town.peer, town.application, World(unit, town.now, town.journal.extend))
    _, chunks = engine.make(VILLAGE, Budget(9_999))
    assert order == ["commit"] and chunks
    _, stream = engine.stream(VILLAGE, Budget(9_999))
    for _chunk in stream:
        order.append("bytes")
    assert order.index("commit") < order.index("bytes") and order[1] == "commit"


def test_a_failed_commit_gives_no_bytes_and_no_counter(sites):
    _, town, village = sites.values()
    village.submit(b"{}", (COUNTY,))
    exchange(village, town)

    @contextmanager
    def unit() -> Iterator[None]:
        with town.unit():
            yield
            raise OSError("disk full")

    engine = Engine(town.peer, town.application, World(unit, town.now, town.journal.extend))
    mine = town.peer.neighbour(VILLAGE).mine
    with pytest.raises(OSError):
        engine.make(VILLAGE, Budget(9_999))
    assert town.peer.neighbour(VILLAGE).mine == mine


def test_standing_shows_what_waits_and_when_the_other_moved(sites):
    _, town, village = sites.values()
    exchange(village, town)
    exchange(village, town)
    engine = village.engine()
    waits, before = engine.standing(TOWN, None)
    assert waits == 0
    village.submit(b"{}", (COUNTY,))
    assert engine.standing(TOWN, None) == (1, before)
    # Nobody looks while the other has what it had.
    assert engine.standing(TOWN, before) == (0, before)
    exchange(village, town)
    waits, after = engine.standing(TOWN, before)
    assert waits == 0 and after != before
    with pytest.raises(NoSuchNeighbour):
        engine.make("511922", Budget(1))


class Crew:
    """Works in threads at once, and the exceptions they ended with."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self.failures: list[BaseException] = []
        threads = [threading.Thread(target=self._do, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as problem:
            self.failures.append(problem)


def test_several_threads_share_one_engine(sites):
    """Receiving, sending and filing at once: the unit is the lock, nothing is lost or doubled."""
    county, town, village = sites.values()
    lock, plain_unit = threading.RLock(), town.unit

    @contextmanager
    def locked() -> Iterator[None]:
        with lock, plain_unit():
            yield

    town.unit = locked  # type: ignore[method-assign]
    engine = town.engine()
    exchange(village, town)
    acts = [village.submit(noise(n), (COUNTY,)) for n in range(60)]
    own: list[str] = []

    def file() -> None:
        own.extend(town.submit(b'{"own":%d}' % n, (COUNTY,)) for n in range(30))

    def send() -> None:
        for _ in range(6):
            assert b"".join(engine.stream(COUNTY, Budget(10**6))[1])

    takes = [partial(engine.receive, list(pieces(village.out(TOWN)))) for _ in range(6)]
    assert Crew(*takes, file, send, send).failures == []
    assert town.application.ids == acts
    exchange(town, county)
    exchange(town, county)
    assert sorted(county.application.ids) == sorted([*acts, *own])
    assert roster_digest(town.core.roster.entries) == roster_digest(county.core.roster.entries)
