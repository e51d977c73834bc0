"""How people work through their queues: every desk looks at what waits for it and takes its step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from common.casework.rules.labels import label
from common.node.demo.browser import NoAnswer, Refused
from common.node.demo.clerk import Clerk
from common.node.demo.docket import BROUGHT, HANDED_OVER, OPINION, ORIGINALS, Docket, Entry
from common.node.demo.errands import Ending
from common.node.demo.network import Network
from common.node.demo.show import Show

PATIENCE_S = 150.0
# Whoever finds nothing to do looks again after so long, and later and later while there is nothing.
_IDLE_S, _IDLE_MOST_S, _LATER = 0.2, 0.8, 1.5


class Stuck(RuntimeError):
    """Cases did not get where they should; the message names them."""


class Desks:
    """Everybody's work on cases already filed."""

    def __init__(self, network: Network, docket: Docket, show: Show) -> None:
        self._network = network
        self._docket = docket
        self._show = show

    def work(self, sites: Iterable[str], is_over: Callable[[], bool]) -> None:
        """Let the desks of these sites work side by side until `is_over`.

        Raises:
            Stuck: it is not, for a long time.
        """
        stop = threading.Event()
        troubles: list[BaseException] = []
        threads = [
            threading.Thread(target=self._site, args=(site, stop, troubles), daemon=True) for site in sites
        ]
        for thread in threads:
            thread.start()
        limit = time.monotonic() + PATIENCE_S
        try:
            while not is_over() and not troubles:
                if time.monotonic() > limit or self._network.is_closed.is_set():
                    raise Stuck(self.what_is_open())
                time.sleep(_IDLE_S)
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
        if troubles:
            raise troubles[0]

    def clear(self, site: str) -> int:
        """Let the desks of one site work until they have nothing to do; return how many steps they took."""
        steps = 0
        while done := self._round(site):
            steps += done
        return steps

    def _site(self, site: str, stop: threading.Event, troubles: list[BaseException]) -> None:
        idle_s = _IDLE_S
        try:
            while not stop.is_set():
                if self._round(site):
                    idle_s = _IDLE_S
                    continue
                stop.wait(idle_s)
                idle_s = min(idle_s * _LATER, _IDLE_MOST_S)
        except Exception as trouble:
            troubles.append(trouble)

    def _round(self, site: str) -> int:
        try:
            return sum(self._desk(clerk) for clerk in self._network.staff(site))
        except NoAnswer:
            # The site is down; whoever works there looks again a little later.
            return 0

    def _desk(self, clerk: Clerk) -> int:
        steps = self._settle_doubts(clerk)
        for number in clerk.waiting():
            entry = self._docket.find(number)
            if entry is None or entry.is_done or entry.in_doubt:
                continue
            began = time.monotonic()
            step = next_step(entry, clerk.offered(number))
            if step:
                self._take(clerk, entry, step)
                self._docket.took(clerk.node.address, step, time.monotonic() - began)
                steps += 1
        return steps

    def _settle_doubts(self, clerk: Clerk) -> int:
        """Look whether steps that got no answer were taken; those that were not are simply due again."""
        mine = (clerk.node.address, clerk.account.login)
        doubtful = [entry for entry in self._docket.entries if entry.in_doubt[:2] == mine]
        for entry in doubtful:
            step = entry.in_doubt[2]
            if clerk.times_done(entry.number, step) > entry.steps.count(step):
                self._taken(clerk, entry, step)
            entry.in_doubt = ()
        return len(doubtful)

    def _take(self, clerk: Clerk, entry: Entry, step: str) -> None:
        try:
            if step == HANDED_OVER:
                clerk.hand_over(entry.number, entry.errand)
            elif step in (OPINION, ORIGINALS):
                clerk.tell(entry.number, step)
            elif step == BROUGHT:
                clerk.bring_papers(entry.number, entry.errand)
            else:
                clerk.act(entry.number, step, entry.errand)
        except Refused as refusal:
            raise Stuck(f"{entry.number} {step}: {refusal}") from refusal
        except NoAnswer:
            entry.in_doubt = (clerk.node.address, clerk.account.login, step)
            raise
        self._taken(clerk, entry, step)

    def _taken(self, clerk: Clerk, entry: Entry, step: str) -> None:
        if step == BROUGHT:
            entry.papers += [(key, clerk.album.hash_of(picture)) for key, picture in entry.errand.later]
        entry.steps.append(step)
        self.tell(clerk, entry, step)

    def tell(self, clerk: Clerk, entry: Entry, step: str) -> None:
        """Print one act."""
        errand = entry.errand
        words = (entry.number, errand.item_words, errand.person.name)
        self._show.act(self._network.sites[clerk.node.address].name, label(step), words)

    def what_is_open(self) -> str:
        """Say which cases have not come as far as planned."""
        still = [e for e in self._docket.entries if not e.is_done]
        return "没有走到预定的一步：" + "；".join(
            f"{e.number or e.errand.item.name} {','.join(e.steps) or '收件'}" for e in still
        )


def next_step(entry: Entry, offered: set[str]) -> str:
    """Return the step a person takes on a case, of those its page offers them; "" = leave it."""
    errand, is_whole = entry.errand, not entry.errand.later or BROUGHT in entry.steps
    if HANDED_OVER in offered and entry.is_decided:
        return HANDED_OVER if errand.ending is Ending.HANDED_OVER else ""
    if BROUGHT in offered and entry.steps[-1:] in (["send_back"], ["ask_papers"]):
        return BROUGHT
    if ORIGINALS in offered and ORIGINALS not in entry.steps and "approve" in entry.steps:
        return ORIGINALS
    if OPINION in offered and "accept" in entry.steps:
        return OPINION
    if "forward" in offered:
        if errand.decision == "return":
            return "return"
        return "send_back" if errand.asked_by == "send_back" and not is_whole else "forward"
    if "accept" in offered:
        if errand.asked_by == "ask_papers" and not is_whole:
            return "ask_papers"
        return "not_accept" if errand.decision == "not_accept" else "accept"
    if "approve" in offered:
        return "refuse" if errand.decision == "refuse" else "approve"
    return next((step for step in ("resume", "take_papers", "review", "issue") if step in offered), "")
