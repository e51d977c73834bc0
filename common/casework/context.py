"""What casework needs from outside, and what a person hands to it. Values and ports only, no decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any, Protocol

from common.casework.rules.deadlines import Calendar, read_calendar
from common.casework.rules.words import Role
from common.catalogue.rules.item import ServiceItem
from common.people.rules.roles import Actor
from sync.protocol.address import Tree
from sync.protocol.frame import BlobRef

__all__ = (
    "NODE_ACTOR",
    "Actor",
    "Announcer",
    "Applicant",
    "CaseContext",
    "Catalogue",
    "Filing",
    "Neighbours",
    "Paper",
    "SyncView",
    "Tick",
    "load_calendar",
)

# Who acts when the node follows a rule by itself.
NODE_ACTOR = Actor(login="", name="系统", role=Role.NODE.value, department="")


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper handed in: key in the item's list, its name, the stored content, pages."""

    key: str
    name: str
    blob: BlobRef
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies. `id_type` is a code of `catalogue.rules.applicant.ID_TYPES` (111 = identity card).

    `representative` is who represents a unit at law (法定代表人), "" for a person.
    """

    name: str
    id_type: str
    id_number: str
    phone: str = ""
    address: str = ""
    representative: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A new case as it was entered.

    `form` holds checked values (integers and strings) by field key, `place` is the address of the division
    served, `hand_over` where the result is fetched ("" = here). `green` is why it is urgent (绿色通道),
    `follow` the keys of papers that may come later against the written `promise` (容缺), `overrule` why a
    case that looks like one already open is filed all the same, `authority` the letter under which an agent
    files, `linked` the case this one comes after and why, `reuse` which papers and facts of earlier cases are
    used again with the applicant's consent ({} = none).
    """

    item: str
    place: str
    applicant: Applicant
    form: Mapping[str, str | int]
    papers: Sequence[Paper] = ()
    remark: str = ""
    hand_over: str = ""
    green: str = ""
    follow: Sequence[str] = ()
    promise: str = ""
    overrule: str = ""
    authority: Mapping[str, str | int] = field(default_factory=dict)
    linked: Mapping[str, str | int] = field(default_factory=dict)
    reuse: Mapping[str, Any] = field(default_factory=dict)


class Tick(IntEnum):
    """How far an act has got: saved here, stored at the township, stored at the county with its papers."""

    SAVED = 1
    TOWNSHIP = 2
    COUNTY = 3


class SyncView(Protocol):
    """What the sync layer can tell about an act."""

    def place_of(self, act: str) -> Tick:
        """Return how far the act has got, by receipts this node holds."""
        ...

    def places_of(self, acts: Iterable[str]) -> dict[str, Tick]:
        """Return the same of many acts, asked at once."""
        ...

    def note_anew(self) -> list[str]:
        """Remember which nodes came back with an empty disk; return those not known of before. In a unit."""
        ...

    def lost_by(self, acts: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return nodes that came back with an empty disk → which of these acts were here before that."""
        ...


class Announcer(Protocol):
    """The outbox, as `common.store.outbox.Outbox` is one."""

    def announce(
        self, kind: str, body: Mapping[str, Any], to: Sequence[str], blobs: Sequence[BlobRef] = ()
    ) -> str:
        """Sign the act, queue it for every address in `to`, and return its id."""
        ...


class Catalogue(Protocol):
    """The items in force at this node."""

    def item(self, code: str) -> ServiceItem | None:
        """Return the version in force, None when there is none; it must be cheap, every filing asks."""
        ...

    def version(self, code: str, version: int, doc: str = "") -> ServiceItem | None:
        """Return an item in the version a case was filed under, None when it is not here.

        `doc` is the hash of the signed document the case names: another of the same number is not returned.
        """
        ...

    def was_in_force(self, code: str, version: int, day: date, doc: str = "") -> bool:
        """Say whether this version was the one in force on a local date; `doc` as in `version`."""
        ...

    def statement_of(self, code: str, version: int) -> str:
        """Return the hash of the signed document this version came in, "" when it is not known."""
        ...

    def departments(self) -> frozenset[str]:
        """Return every department that any version of any item here has named."""
        ...


class Neighbours(Protocol):
    """What this node knows of how other nodes are."""

    def heard_at(self, address: str) -> int:
        """Return up to when what a node has said is known here, UTC milliseconds; 0: never a word."""
        ...

    def spoke_at(self, address: str) -> int:
        """Return when a node was last in touch with this one itself, UTC milliseconds; 0: never."""
        ...

    def is_relieved(self, address: str) -> bool:
        """Say whether the roster says that a node is relieved of its work or retired."""
        ...

    def stood_above(self, address: str) -> Collection[str]:
        """Return who stood above a node before it moved, or before they were relieved of their work."""
        ...

    def called(self, address: str) -> str:
        """Return what people call a node, its address where no name is known."""
        ...


class _NoView:
    def place_of(self, act: str) -> Tick:
        return Tick.SAVED

    def places_of(self, acts: Iterable[str]) -> dict[str, Tick]:
        return dict.fromkeys(acts, Tick.SAVED)

    def note_anew(self) -> list[str]:
        return []

    def lost_by(self, acts: Iterable[str]) -> Mapping[str, frozenset[str]]:
        return {}


class _AllHeard:
    """Of somebody who knows of no line that could be down."""

    def heard_at(self, address: str) -> int:
        return 2**53

    def spoke_at(self, address: str) -> int:
        return 2**53

    def is_relieved(self, address: str) -> bool:
        return False

    def stood_above(self, address: str) -> Collection[str]:
        return ()

    def called(self, address: str) -> str:
        return address


def _never() -> int:
    return 0


def _nobody() -> Mapping[str, frozenset[str]]:
    return {}


def _all_sure() -> frozenset[str]:
    return frozenset()


def _nobody_away(login: str, node: str, now_ms: int) -> Sequence[str]:
    return ()


@cache
def load_calendar() -> Calendar:
    """Return the calendar that comes with the program."""
    text = resources.files("common.casework").joinpath("data/calendar.json").read_text(encoding="utf-8")
    return read_calendar(json.loads(text))


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What `Casework` works with.

    `me` is this node's address, `random` gives so many unforeseeable bytes, `epoch_n` the number of this
    node's epoch, `last_contact` when it last heard from above (UTC milliseconds, 0: never). The tree is asked
    for each time, since the roster changes it. `absent_agents(login, node, now_ms)` says in whose stead a
    person here works for a site today. `staffed` are the departments of this node's own
    staff → their posts. `unsure` are the nodes from which own acts may still come back that a node has lost
    which was put back from an older copy, `put_back_at` is when it was (UTC milliseconds, 0: never); ask
    `casework.unsure`, which knows who is waited for no longer.
    """

    me: str
    tree: Callable[[], Tree]
    outbox: Announcer
    catalogue: Catalogue
    random: Callable[[int], bytes]
    epoch_n: Callable[[], int]
    sync: SyncView = field(default_factory=_NoView)
    calendar: Callable[[], Calendar] = load_calendar
    last_contact: Callable[[], int] = _never
    neighbours: Neighbours = field(default_factory=_AllHeard)
    staffed: Callable[[], Mapping[str, frozenset[str]]] = _nobody
    absent_agents: Callable[[str, str, int], Sequence[str]] = _nobody_away
    unsure: Callable[[], frozenset[str]] = _all_sure
    put_back_at: Callable[[], int] = _never
