"""Whoever is put back with its witness, whatever is lost, cut or late: all have every document at last."""

from __future__ import annotations

from random import Random

import pytest

from sync.protocol import signed
from sync.protocol.offer import Budget
from sync.protocol.shelf import read_doc
from tests.sync.copies import copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_twins import CITY, NEIGHBOUR


class Lines:
    """What goes between the nodes: some is lost, some is cut, some comes late or once more."""

    def __init__(self, rng: Random, sites: dict[str, Site]) -> None:
        self._rng, self._sites = rng, sites
        self._late: list[tuple[str, bytes]] = []

    def some_late(self) -> None:
        if self._late:
            receiver, data = self._late.pop(self._rng.randrange(len(self._late)))
            self._sites[receiver].take(data)

    def stick(self, sender: str, receiver: str) -> None:
        data = self._sites[sender].out(receiver, Budget(1_000_000, is_answered=0))
        self._late.append((receiver, data))

    def exchange(self, child: str, parent: str) -> None:
        if self._goes(child, parent):
            self._goes(parent, child)

    def _goes(self, sender: str, receiver: str) -> bool:
        """Say whether it comes."""
        data, fate = self._sites[sender].out(receiver), self._rng.random()
        if fate < 0.3:
            self._late += [(receiver, data)] if fate < 0.15 else []
            return False
        if fate < 0.4:
            data = data[: -self._rng.randrange(1, 60)]
        elif fate < 0.5:
            self._late.append((receiver, data))
        self._sites[receiver].take(data)
        return True


def not_everywhere(sites: dict[str, Site]) -> list[tuple[str, str]]:
    """Return who has not the newest version of which document that is for it."""
    held = sorted(
        (h for s in sites.values() for h in s.spool.all_held(signed.SHELF)), key=lambda h: h.rank[0]
    )
    newest = {one.key: one for one in held}
    lacking = []
    for slot, one in newest.items():
        doc = read_doc(one.statement, one.content)
        for address, site in sites.items():
            here = site.spool.held(signed.SHELF, slot)
            if doc.may_go_to(address, site.core.tree) and (here is None or here.rank[0] < doc.version):
                lacking.append((address, slot))
    return lacking


# In each of these a document once stayed behind for good: it was taken for known to who had lost it.
@pytest.mark.parametrize("seed", [7, 25, 29, 50, 58, 160, 186, 215, 222, 226, 517, 698])
def test_all_have_every_document_at_last(seed):
    """Method: disks of every tier are copied and put back while documents go about in all ways."""
    rng = Random(seed)
    sites = make_network((CITY, COUNTY, TOWN, VILLAGE, NEIGHBOUR))
    settle(sites, 6 if rng.random() < 0.7 else 0)
    lines, kept = Lines(rng, sites), {address: copy_of(site) for address, site in sites.items()}
    for step in range(rng.randrange(10, 40)):
        address, what = rng.choice(list(sites)), rng.random()
        above = sites[address].core.tree.up(address)[1:]
        if what < 0.2:
            sites[address].publish(f"item {step}", b"text", address)
        elif what < 0.6 and above:
            lines.exchange(address, above[0] if rng.random() < 0.6 else rng.choice(above))
        elif what < 0.66 and above:
            lines.stick(*rng.sample((address, rng.choice(above)), 2))
        elif what < 0.74:
            lines.some_late()
        elif what < 0.82:
            kept[address] = copy_of(sites[address])
        elif what < 0.93:
            put_back(sites[address], kept[address], with_witness=1)
        else:
            sites[address].restart()
    settle(sites, 8)
    assert not_everywhere(sites) == []
