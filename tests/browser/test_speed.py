"""How soon something can be read on a slow computer, and how fast a site answers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from common.people.rules.roles import Role
from tests.browser.conftest import Sit
from tests.browser.desk import Desk

SLOWER, PAINT_MS, QUEUE_MS = 6, 1_000.0, 50.0
# Other work on the machine spoils a round; what is really slow spoils all of them.
_ROUNDS, _OF_A_ROUND = 6, 3
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def best_round(measure: Callable[[], float]) -> float:
    """Return the median of the best round; no further round is needed once one is good."""
    best = float("inf")
    for _ in range(_ROUNDS):
        best = min(best, statistics.median(measure() for _ in range(_OF_A_ROUND)))
        if best <= PAINT_MS:
            break
    return best


def painted_ms(desk: Desk, path: str) -> float:
    """Open a page and return when something could first be read, ms after it was asked for."""
    page = desk.go(path)
    found = float(page.evaluate(_PAINT))
    limit = time.monotonic() + 5
    while not found and time.monotonic() < limit:
        time.sleep(0.02)
        found = float(page.evaluate(_PAINT))
    assert found, "nothing was ever painted"
    return found


def test_a_slow_computer_shows_something_within_a_second(sit: Sit) -> None:
    """Method: Chromium's own throttling, six times slower; first contentful paint, median of three."""
    agent = sit(VILLAGE, "agent")
    slowed = agent.context.new_cdp_session(agent.page)
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    for path in ("/", "/file", "/queue?view=all", "/line"):
        assert best_round(lambda path=path: painted_ms(agent, path)) <= PAINT_MS, path


def test_the_measure_of_paint_notices_a_slow_page(sit: Sit) -> None:
    """A page held up by a script of one second does not pass for a quick one."""
    agent = sit(VILLAGE, "agent")
    agent.context.add_init_script(
        "{ const end = performance.now() + 1200; while (performance.now() < end); }"
    )
    assert painted_ms(agent, "/line") > PAINT_MS


def test_a_queue_is_answered_at_once(county: SmallCounty) -> None:
    """Method: the whole way of a request over loopback; of twenty at most one may take longer."""
    clerk = county.network.clerk(TOWNSHIP, Role.CHECKER)

    def slowest_but_one() -> float:
        taken = []
        for _ in range(20):
            began = time.perf_counter()
            clerk.browser.get("/queue?view=all")
            taken.append((time.perf_counter() - began) * 1_000)
        return sorted(taken)[-2]

    best = float("inf")
    for _ in range(_ROUNDS):
        best = min(best, slowest_but_one())
        if best <= QUEUE_MS:
            break
    assert best <= QUEUE_MS
