"""What the judge knows to be gone: with an older copy of a disk, with a lying one, or with a thief.

And of what there is too much: acts of one case that nodes answer each other with, without end.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from common.casework.rules.shape import FILED
from sync.protocol import canonical
from sync.protocol.frame import StreamId
from sync.protocol.spool import PARKED
from tests.simulation.casebook import document_of
from tests.simulation.intended import Intended, Violation, event_of, fallen_with

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.trust import Trust

# The longest case of sixty seeds, thieves and upheavals among them, has 38.
CASE_ACTS_MAX = 300


class Losses:
    """The part of the judge that knows of losses."""

    sites: dict[str, Site]
    acts: dict[str, Intended]
    trust: Trust
    # Of each case who made what, act by act.
    made_in: dict[str, list[str]]
    # Nodes that were put back from a copy, acts and papers that only they had.
    forgetful: set[str]
    at_risk: set[str]
    lost_papers: set[str]
    # Documents that nobody had when a node had just been put back, by their hashes.
    lost_documents: set[str]
    documents: dict[str, bytes]
    papers: dict[str, bytes]
    applied: set[tuple[str, str]]
    _upto: dict[str, dict[StreamId, int]]
    _promised: dict[str, dict[StreamId, tuple[int, int, int]]]
    _incarnations: dict[str, int]
    _proved: dict[str, dict[StreamId, int]]

    def keep(self, site: Site, act: str, intended: Intended) -> None:
        """Remember an act that its author has committed.

        Raises:
            Violation: its case has far more acts than people and faults make, and would have ever more.
        """
        self.acts[act] = intended
        body = event_of(act, intended).body
        case = body.get("case", "")
        if not case:
            return
        what = body.get("action") or body.get("report") or ""
        made = self.made_in[case]
        made.append(f"{site.address} {intended.kind} {what}".rstrip())
        if len(made) > CASE_ACTS_MAX:
            most = "; ".join(f"{count} × {one}" for one, count in Counter(made).most_common(6))
            raise Violation(100, site.address, f"no end of acts in {case}, {len(made)} by now: {most}")

    def put_back(self, site: Site) -> None:
        """An older copy of a node's disk is in its place: what only it had is gone, all else comes back."""
        address = site.address
        self.forgetful.add(address)
        self._promised[address] = {}
        self._upto[address] = {stream.id: stream.upto for stream in site.spool.streams()}
        self._proved[address] = {}
        self.applied = {key for key in self.applied if key[0] != address}
        for act, intended in self.acts.items():
            row = site.spool.act(act)
            if row is not None and row.state != PARKED and intended.author != address:
                self.applied.add((address, act))
        # Those of the sync layer, too: a word of the top may come back and name one of them.
        self.at_risk |= {act for act in (*self.acts, *self.trust.places) if not self.is_held(act)}
        self.lost_papers |= {
            name for name, paper in self.papers.items() if not self._is_whole_anywhere(name, paper)
        }
        self.lost_documents |= {name for name in self.documents if not self._is_shelved(name)}
        self.trust.put_back(site)
        known = site.spool.identity()
        self._incarnations[address] = known.incarnation
        site.is_older_than_its_witness = int(site.word is not None and site.word.stamp > known.stamp)

    def _is_whole_anywhere(self, name: str, paper: bytes) -> bool:
        # One that has rotted where it lies is nothing to fetch it from.
        return any(site.blobs.content(name) == paper for site in self.sites.values())

    def is_held(self, act: str) -> bool:
        """Say whether any node at all has an act."""
        return any(site.spool.act(act) is not None for site in self.sites.values())

    def _is_shelved(self, name: str) -> bool:
        return any(site.spool.doc(name) is not None for site in self.sites.values())

    def lost(self) -> set[str]:
        """Return the acts that nobody has any more: only a node that was put back had them.

        With those filed under a document of which that is true: they wait for it, wherever they came.
        """
        lost = {act for act in self.at_risk if not self.is_held(act)}
        gone = {name for name in self.lost_documents if not self._is_shelved(name)}
        filed = [(act, one) for act, one in self.acts.items() if gone and one.kind == FILED]
        return lost | {act for act, one in filed if document_of(canonical.loads(one.content)) in gone}

    def fallen(self) -> set[str]:
        """Return the acts that cannot count at the end: lost or forged ones, and those that rest on them."""
        forged = self.trust.forged
        gone = self.lost() | (forged.keys() - self.trust.released)
        return fallen_with({**self.acts, **forged}, gone) if gone else set()
