"""Kills sites at any moment while people work, again and again, and then looks for what was lost."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from common.node.demo.county import NodeProcess
from common.node.demo.desks import Desks
from common.node.demo.docket import Docket
from common.node.demo.network import Network
from common.node.demo.proof import Proof, prove
from common.node.demo.show import Show
from common.node.demo_data.sites import SITES
from common.people.rules.roles import Role
from tests.soak.residents import Counter, QuickAlbum, errands

VILLAGE, TOWNSHIP, COUNTY = "511921108209", "511921108", "511921"
TIERS = {VILLAGE: "village", TOWNSHIP: "township", COUNTY: "county"}
# Between two kills of one site it lives so long (seconds); one time in eight it dies while it starts.
LIVES_S = (0.5, 10.0)
DIES_STARTING = 0.12
STARTS_S = (0.05, 1.5)
TELL_EVERY_S = 30.0


@contextmanager
def three_sites(folder: Path) -> Iterator[Network]:
    """Yield a county, a township and a village as processes, enrolled and at work."""
    network = Network(folder, [site for site in SITES if site.address in TIERS])
    network.album = QuickAlbum(folder / "album")
    try:
        network.found()
        network.start([COUNTY])
        network.enrol([COUNTY])
        network.enrol([TOWNSHIP])
        network.await_catalogue(VILLAGE)
        network.await_roster()
        yield network
    finally:
        network.stop()


class Killer(threading.Thread):
    """Takes the power from one site so many times, at moments of its own draw; it is on again at the end."""

    def __init__(self, node: NodeProcess, kills: int, rng: Random) -> None:
        super().__init__(daemon=True)
        self.kills = 0
        self.trouble: BaseException | None = None
        self._node, self._wanted, self._rng = node, kills, rng
        self._is_closing = threading.Event()

    def close(self) -> None:
        """Kill no more."""
        self._is_closing.set()

    def run(self) -> None:
        """Kill."""
        try:
            while self.kills < self._wanted and not self._is_closing.is_set():
                self._is_closing.wait(self._rng.uniform(*LIVES_S))
                self._kill()
                if self.kills < self._wanted and self._rng.random() < DIES_STARTING:
                    self._node.launch()
                    time.sleep(self._rng.uniform(*STARTS_S))
                    self._kill()
                self._node.start()
        except Exception as trouble:
            self.trouble = trouble

    def _kill(self) -> None:
        self._node.kill()
        self.kills += 1


def work_under_kills(network: Network, docket: Docket, kills: int, seed: int) -> dict[str, int]:
    """Let residents come and desks work while every site is killed so many times; return kills by tier.

    When it returns all sites are on and every case taken in has been brought to its end.
    """
    desks = Desks(network, docket, Show(io.StringIO()))
    counter = Counter(network.clerk(VILLAGE, Role.AGENT), docket, errands(VILLAGE))
    # Signed in before anything dies.
    for site in TIERS:
        network.staff(site)
    killers = {site: Killer(network.nodes[site], kills, Random(f"{seed}/{site}")) for site in TIERS}
    threads = (counter, *killers.values())
    for thread in threads:
        thread.start()
    try:
        _work(desks, threads, lambda: not any(k.is_alive() for k in killers.values()), killers)
        counter.close()
        _work(desks, threads, lambda: not counter.is_alive() and all(e.is_done for e in docket.entries), {})
    finally:
        for thread in threads:
            thread.close()
    return {TIERS[site]: killer.kills for site, killer in killers.items()}


def _work(desks: Desks, threads: Any, is_over: Any, told: dict[str, Killer]) -> None:
    """Let the desks work until it is over, in spans that are shorter than their patience."""
    while not is_over():
        until = time.monotonic() + TELL_EVERY_S

        def rest(until: float = until) -> bool:
            return is_over() or time.monotonic() > until or any(t.trouble for t in threads)

        desks.work(TIERS, rest)
        for thread in threads:
            if thread.trouble is not None:
                raise thread.trouble
        if told:
            _say(" ".join(f"{TIERS[site]} {killer.kills}" for site, killer in told.items()))


def soak(folder: Path, kills: int, seed: int) -> tuple[dict[str, Any], int]:
    """Run it; return the figures, and 1 when anything was wrong."""
    began = time.monotonic()
    docket = Docket(())
    with three_sites(folder) as network:
        died = work_under_kills(network, docket, kills, seed)
        proof = prove(network, docket, Show(io.StringIO()))
    return figures(died, proof, time.monotonic() - began), int(not proof.is_sound)


def figures(died: dict[str, int], proof: Proof, seconds: float) -> dict[str, Any]:
    """Return the result as one row; what was found wrong is told on standard error."""
    wrong = [line for finding in proof.findings for line in finding.wrong]
    for line in wrong:
        _say(line)
    tally = proof.tally
    names = ("filed", "at_county", "lost", "applied_twice", "parked", "papers", "papers_intact")
    return {
        "kills": died,
        **{name: getattr(tally, name) for name in names},
        "wrong": len(wrong),
        "seconds": round(seconds, 1),
    }


def _say(text: str) -> None:
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def told(row: dict[str, Any]) -> str:
    """Return a row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False)
