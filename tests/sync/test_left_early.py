"""Where somebody has left, what was named is settled before the rest of it is named: it counts all the same.

Method: one case in five acts that the county points out in two briefs, in every order of these, the leaving
and another change of the roster, with contact after each, only at the end, or to and fro. Every node parks
what it cannot use.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from sync.protocol.acts.deliver import Parked
from sync.protocol.frame import Act
from sync.protocol.incoming.left import LEFT
from sync.protocol.roster import RELIEVED, RETIRED
from sync.protocol.trust import registrar
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_papers import brief

# Who leaves, by what, and whether something is settled early by that: what is left of a retired site stays
# with the township above it.
WAYS = {
    "a village moves": (VILLAGE, {"parent": OTHER_TOWN}, True),
    "the township is relieved": (TOWN, {"status": RELIEVED}, True),
    "a village is retired": (VILLAGE, {"status": RETIRED}, False),
}
ORDERS = ["".join(order) for order in permutations("ABLN")]
CONTACTS = {"at the end": 0, "after each": 1, "to and fro": 3}


class Case:
    """A case of five acts, each of which follows the one before; the last is about the case as a whole."""

    def __init__(self, sites: dict[str, Site]) -> None:
        self.acts = [sites[COUNTY].submit(b"%d" % n, (OTHER_TOWN,)) for n in range(5)]
        for address in (TOWN, OTHER_TOWN):
            self._judged_at(sites[address])

    def _judged_at(self, site: Site) -> None:
        application = site.application

        def judge(act: Act) -> Parked | None:
            n = self.acts.index(act.id)
            waits = "case:A" if n == 4 else f"act:{self.acts[n - 1]}" if n else ""
            before = self.acts[0 if n == 4 else n - 1]
            return Parked("E108", waits) if waits and before not in application.ids else None

        application.judge, application.woke = judge, {"case:A"}

    def is_whole_at(self, site: Site) -> bool:
        """Say whether all of it was applied there once, nothing before what it follows."""
        ids = site.application.ids
        return (
            sorted(ids) == sorted(self.acts) and [act for act in ids if act != self.acts[4]] == self.acts[:4]
        )


def _go(case: Case, sites: dict[str, Site], event: str, way: str) -> None:
    county = sites[COUNTY]
    if event in "AB":
        brief(county, TOWN, *(case.acts[2:] if event == "A" else case.acts[:2]))
        return
    address, changed = WAYS[way][:2] if event == "L" else (OTHER_TOWN, {"name": "改名"})
    with county.unit():
        registrar.change(county.core, county.roster_key, address, changed, START_MS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("contact", CONTACTS)
def test_in_whatever_order_it_is_named_each_node_applies_all_of_it_once_and_in_order(way: str, contact: str):
    """The county names the end of the case and its beginning in two briefs, and somebody leaves meanwhile."""
    told_early = set()
    for order in ORDERS:
        sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
        settle(sites, 2)
        case, town = Case(sites), sites[TOWN]
        for event in order:
            _go(case, sites, event, way)
            for _ in range(CONTACTS[contact]):
                exchange(town, sites[COUNTY])
                if any(row.reason == LEFT for row in town.spool.parked()):
                    told_early.add(order)
                    town.restart()
        settle({at: sites[at] for at in (COUNTY, TOWN, OTHER_TOWN)}, 6)
        assert case.is_whole_at(town) and case.is_whole_at(sites[OTHER_TOWN]), order
        assert town.spool.parked() == [] == town.spool.wants(9), order
    # It was settled wherever the end of it had come, and the leaving, before the beginning was named.
    early = {order for order in ORDERS if order.index("B") > max(order.index("A"), order.index("L"))}
    is_settled = WAYS[way][2] and contact == "to and fro"
    assert told_early >= early if is_settled else WAYS[way][2] or not told_early
