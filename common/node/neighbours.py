"""What casework asks of other nodes: up to when they were heard, and whether the roster relieves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from common.node.heart import Heart
from common.people.service import People
from common.places.rules import Place
from common.store.database import database
from sync.adapters.last_word import LastWord
from sync.protocol import signed
from sync.protocol.address import LENGTHS
from sync.protocol.roster import LIVE, read_entry


class Neighbours:
    """Asked by the casework of the node whose heart it is; see `casework.context.Neighbours`."""

    def __init__(self, heart: Heart, me: str, now_ms: Callable[[], int], places: Mapping[str, Place]) -> None:
        self._heart = heart
        self._places = places
        self.me = me
        self._now_ms = now_ms

    def heard_at(self, address: str) -> int:
        """Return up to when what a node has said is known here, UTC milliseconds; 0: never a word."""
        if address == self.me:
            return self._now_ms()
        return LastWord(database.obj).of(address, self.me, self._now_ms())

    def spoke_at(self, address: str) -> int:
        """Return when a node was last in touch with this one itself, UTC milliseconds; 0: never."""
        found = self._heart.spool.neighbour(address)
        return found.contact_at if found is not None else 0

    def is_relieved(self, address: str) -> bool:
        """Say whether the roster says that a node is relieved of its work or retired."""
        held = self._heart.spool.held(signed.ENTRY, address)
        return held is not None and read_entry(held.statement).status != LIVE

    def stood_above(self, address: str) -> set[str]:
        """Return who stood above a node before it moved, or before they were relieved or retired."""
        entries = self._heart.peer.core.roster.entries
        entry = entries.get(address)
        divisions = {address[:digits] for digits in LENGTHS if digits < len(address)}
        out = {one for one in divisions if one in entries and entries[one].status != LIVE}
        return out if entry is None else out | {*entry.left, entry.parent} - {""}

    def called(self, address: str) -> str:
        """Return the name of a node's place, its address where it has none here."""
        return self._places[address].name if address in self._places else address


def staffed_by(people: People) -> dict[str, frozenset[str]]:
    """Return the departments of the people in service at a node → the posts they hold."""
    found: dict[str, set[str]] = {}
    for member in people.staff():
        if member.is_active:
            found.setdefault(member.department, set()).update(role.value for role in member.roles)
    return {department: frozenset(posts) for department, posts in found.items() if department}
