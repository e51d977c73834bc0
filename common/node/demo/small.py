"""A small county that was really founded and really worked in: one county, one township, one village.

For whoever wants to look at pages with something on them: the browser tests and the pictures. It is there
within half a minute.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from common.node.demo.desks import Desks
from common.node.demo.docket import Docket
from common.node.demo.errands import Ending, Errand, plan
from common.node.demo.intake import Intake
from common.node.demo.network import Network
from common.node.demo.show import Show
from common.node.demo_data.sites import COUNTY, SITES

TOWNSHIP, VILLAGE = "511921126", "511921126200"
# Which of the village's errands, in the order people come, are left at some desk for others to look at.
_LEFT = {
    1: Ending.TO_CHECK,
    3: Ending.TO_APPROVE,
    5: Ending.TO_ACCEPT,
    6: Ending.TO_APPROVE,
    7: Ending.TO_HAND_OVER,
}


class SmallCounty:
    """Three sites and their lines. Whoever made it ends it with `stop`."""

    def __init__(self, folder: Path, show: Show) -> None:
        sites = [site for site in SITES if site.address in (COUNTY, TOWNSHIP, VILLAGE)]
        self.network = Network(folder, sites)
        self.docket = Docket(_errands())
        self._show = show

    def found(self) -> None:
        """Make the sites, let each join the one above, and return once all may work."""
        network = self.network
        pictures = [p for e in self.docket.entries for _, p in (*e.errand.given, *e.errand.later)]
        network.album.begin(pictures)
        network.found()
        network.start([COUNTY])
        for parent in (COUNTY, TOWNSHIP):
            network.enrol([parent])
        for address in (VILLAGE, TOWNSHIP):
            network.await_catalogue(address)
        network.await_roster()

    def play(self) -> None:
        """Take cases in and work on them until each is where it is meant to wait or end."""
        Intake(self.network, self.docket, self._show).everywhere([VILLAGE, TOWNSHIP], "")
        desks = Desks(self.network, self.docket, self._show)
        desks.work(self.network.sites, lambda: all(entry.is_done for entry in self.docket.entries))

    def url(self, address: str) -> str:
        """Return where a site answers."""
        return self.network.nodes[address].url

    def stop(self) -> None:
        """End everything that runs."""
        self.network.stop()


def _errands() -> list[Errand]:
    found = plan([VILLAGE], [TOWNSHIP])
    mine = [errand for errand in found if errand.site == VILLAGE]
    left = {mine[place].no: ending for place, ending in _LEFT.items()}
    return [replace(errand, ending=left.get(errand.no, errand.ending)) for errand in found]
