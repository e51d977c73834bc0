"""Taking cases in at every site side by side, and what a person does when the power goes meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from common.node.demo.browser import NoAnswer
from common.node.demo.clerk import BEFORE, CHECK, PAPERS, Clerk, Cut
from common.node.demo.desks import Desks
from common.node.demo.docket import HANDED_OVER, Docket, Entry
from common.node.demo.errands import Ending
from common.node.demo.network import Network
from common.node.demo.show import Show
from common.people.rules.roles import Role

FILED = "file"
# At the unlucky site: which of the cases loses power, at which moment, and after how long a wait.
CUTS = {
    2: (BEFORE + PAPERS, 0.0),
    4: (PAPERS, 0.0),
    6: (CHECK, 0.0),
    # Long enough for the case to be on the disk, while its answer is still on the way.
    8: (CHECK, 0.1),
}


class Intake:
    """Everybody who takes cases in."""

    def __init__(self, network: Network, docket: Docket, show: Show) -> None:
        self._network = network
        self._docket = docket
        self._show = show
        self._desks = Desks(network, docket, show)
        self.kills = 0

    def everywhere(self, sites: Sequence[str], unlucky: str) -> None:
        """Take in every errand of these sites; at `unlucky` the power goes again and again."""
        troubles: list[BaseException] = []
        threads = [
            threading.Thread(target=self._site, args=(site, site == unlucky, troubles), daemon=True)
            for site in sites
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            # A short wait again and again: a signal is heard only between two of them.
            while thread.is_alive():
                thread.join(0.2)
        if troubles:
            raise troubles[0]

    def _site(self, site: str, is_unlucky: int, troubles: list[BaseException]) -> None:
        try:
            clerk = self._network.clerk(site, Role.AGENT if len(site) == 12 else Role.CLERK)
            for place, entry in enumerate(self._docket.of(site)):
                self._one(clerk, entry, self._cuts(site, place) if is_unlucky else {})
        except Exception as trouble:
            troubles.append(trouble)

    def _cuts(self, site: str, place: int) -> Mapping[str, Cut]:
        if place not in CUTS:
            return {}
        moment, wait_s = CUTS[place]

        def power_cut() -> None:
            time.sleep(wait_s)
            self._kill(site)

        return {moment: power_cut}

    def _kill(self, site: str) -> None:
        self.kills += 1
        self._show.warn(
            f"{self._network.sites[site].name} 停电：进程被强行结束（SIGKILL，第 {self.kills} 次）"
        )
        self._network.nodes[site].kill()

    def _one(self, clerk: Clerk, entry: Entry, cuts: Mapping[str, Cut]) -> None:
        began = time.monotonic()
        try:
            number = clerk.take_in(entry.errand, cuts)
        except NoAnswer:
            number = self._after_the_cut(clerk, entry)
        seconds = time.monotonic() - began
        entry.number = number
        self._docket.took(clerk.node.address, FILED, seconds)
        errand = entry.errand
        given = [(key, clerk.album.hash_of(picture)) for key, picture in errand.given]
        entry.papers += given
        words = (number, errand.item_words, errand.person.name, f"材料 {len(given)} 份")
        self._show.act(self._network.sites[clerk.node.address].name, "收件", words)
        if errand.decision == "settle":
            self._settled(clerk, entry)
        self._docket.filed(entry)

    def _settled(self, clerk: Clerk, entry: Entry) -> None:
        """What is settled on the spot is in the resident's hands at once."""
        entry.steps.append("settle")
        if entry.errand.ending is Ending.HANDED_OVER:
            clerk.hand_over(entry.number, entry.errand)
            entry.steps.append(HANDED_OVER)
            self._desks.tell(clerk, entry, HANDED_OVER)

    def _after_the_cut(self, clerk: Clerk, entry: Entry) -> str:
        """Power is back: look whether the case is there, and go on with it only if it is not."""
        node = clerk.node
        began = time.monotonic()
        node.start()
        name = self._network.sites[node.address].name
        self._show.good(f"{name} 来电，站点重新启动，用时 {time.monotonic() - began:.1f} 秒")
        number = clerk.look_up(entry.errand)
        if number:
            self._show.say(f"  代办员查到 {number} 已经收件，不再重复录入")
            return number
        self._show.say("  代办员没有查到这一件，从保存的草稿接着办")
        return clerk.go_on(entry.errand)
