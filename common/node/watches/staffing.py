"""Puts together what a node knows and tells of people, and of when it was off or cut off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.authority.service import Letters
from common.journal import messages as view_messages
from common.journal.service import ViewLog
from common.outages import messages as outage_messages
from common.outages.service import Outages
from common.outages.silences import Silences
from common.people import messages as people_messages
from common.people.below import Ports, StaffBelow
from common.people.resets import Resets
from common.people.service import People
from common.people.standins import StandIns
from common.store.outbox import Outbox
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.errors import BadRoster
from sync.protocol.frame import Act
from sync.protocol.own.issue import next_version
from sync.protocol.shelf import Draft, ShelfDoc, read_doc

if TYPE_CHECKING:
    from common.node.heart import Heart


class Shelf:
    """The shelf: puts signed documents of this node on it, for all below or for one of them, finds any."""

    def __init__(self, heart: Heart, audience: str) -> None:
        self._heart = heart
        self._audience = audience

    def publish(self, kind: str, key: str, content: bytes) -> ShelfDoc:
        """Publish `content` for this node and all below it; the shelf gives the version."""
        return self.publish_for(self._audience, kind, key, content)

    def publish_for(self, audience: str, kind: str, key: str, content: bytes) -> ShelfDoc:
        """Publish `content` for `audience` and all below it; the shelf gives the version."""
        draft = Draft(kind, key, 0, "", audience, content, self._heart.clocks.clock.now_ms())
        return self._heart.peer.publish(draft)

    def next_version(self, kind: str, key: str) -> int:
        """Return the version that the next document published under a key gets."""
        return next_version(self._heart.peer.core, kind, key)

    def names(self) -> list[str]:
        """Return the hashes of the statements of all documents here."""
        return self._heart.spool.doc_names()

    def document(self, name: str) -> ShelfDoc | None:
        """Return a document by the hash of its statement, whoever published it; None when it is not here."""
        found = self._heart.spool.doc(name)
        try:
            return read_doc(*found) if found else None
        except BadRoster:
            # The disk has damaged it; `verify` names it.
            return None


class Hand:
    """The node's signature under what is no act: answers to a challenge."""

    def __init__(self, heart: Heart) -> None:
        self._heart = heart

    def sign(self, kind: str, payload: bytes) -> bytes:
        """Sign with the key of the current epoch; call it inside the unit of work."""
        core = self._heart.peer.core
        return core.suite.sign(core.own_key(), kind, payload)

    def is_by(self, address: str, kind: str, payload: bytes, signature: bytes) -> bool:
        """Say whether a key the roster confirms for the address, and has not revoked, made the signature."""
        core = self._heart.peer.core
        entry = core.roster.entries.get(address)
        if entry is None:
            return False
        gone = {revoked.get("key") for revoked in entry.revoked}
        keys = [key for key in entry.keys if key.id not in gone]
        return any(core.suite.verify(key, kind, payload, signature) for key in keys)


@dataclass(frozen=True, slots=True)
class Staffing:
    """All about people at one node, and what other nodes tell of theirs; outages go the same way."""

    people: People
    stand_ins: StandIns
    below: StaffBelow
    resets: Resets
    views: ViewLog
    letters: Letters
    outages: Outages
    silences: Silences
    hears: Mapping[str, Callable[[Sequence[Act]], Applied]]
    now_ms: Callable[[], int]

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts of the kinds in `hears` in order; all others wait for a newer program."""
        result = Applied()
        for act in acts:
            hear = self.hears.get(act.kind)
            if hear is None or act.enc:
                result.parked[act.id] = Parked("S125", "version")
            else:
                result.parked.update(hear([act]).parked)
        return result

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        """Take lists of barred logins into force."""
        return self.below.adopt(docs, self.now_ms())

    def disown(self, docs: Sequence[ShelfDoc]) -> None:
        """Take lists of barred logins out of force."""
        self.below.disown(docs, self.now_ms())

    def report(self) -> int:
        """Tell the nodes above what is new here, in the open unit; return how many acts it took."""
        now = self.now_ms()
        self.below.settle_bars(now)
        return sum(len(told.report(now)) for told in (self.below, self.views, self.outages, self.silences))


def make_staffing(heart: Heart, me: str, people: People, random: Callable[[int], bytes]) -> Staffing:
    """Return the services about people of the node `me`."""
    outbox, note = Outbox(heart), heart.peer.core.note
    ports = Ports(me, heart.tree, outbox, Shelf(heart, me), note)
    stand_ins = StandIns(me, heart.tree, random)
    below = StaffBelow(ports, people, stand_ins)
    resets = Resets(ports, people, Hand(heart), random)
    views = ViewLog(me, heart.tree, outbox)
    of_people = people_messages.Desk(me, heart.tree, below, stand_ins, resets)
    of_views = view_messages.Desk(me, heart.tree, views)
    hears = dict.fromkeys(people_messages.KINDS, of_people.apply)
    hears.update(dict.fromkeys(view_messages.KINDS, of_views.apply))
    now_ms = heart.clocks.clock.now_ms

    def behind(address: str) -> set[str]:
        return heart.peer.core.roster.formerly_below(address)

    outages, silences = Outages(me, heart.tree, outbox), Silences(me, heart.tree, outbox)
    of_outages = outage_messages.Desk(me, heart.tree, (outages, silences), now_ms, behind)
    hears.update(dict.fromkeys(outage_messages.KINDS, of_outages.apply))
    letters = Letters(people, random)
    return Staffing(people, stand_ins, below, resets, views, letters, outages, silences, hears, now_ms)
