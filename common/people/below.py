"""The staff of nodes below as they said it, what this node tells those above, and logins barred from above.

A node's accounts are its own; from above only one thing may be done to them: a login may be put out of
service, by a signed document that ends sessions and refuses sign-in, and back by the next version of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from common.days import later, local_day
from common.people.accounts import Accounts
from common.people.errors import NOT_ITS_TO_SAY, UNREADABLE, ListTooLong, NotBelow, NotOnRoster
from common.people.records import wider as records
from common.people.rules.below import (
    ARRANGED_MAX,
    LOGINS_MAX,
    STAFF_AT_ONCE,
    STAFF_MAX,
    Listed,
    as_roster_row,
    barred_fields,
    is_agent,
    read_barred,
    read_rows,
    roster_fields,
)
from common.people.rules.standing import as_fields
from common.people.standins import StandIns
from common.store import audit
from common.store.database import require_unit
from common.store.outbox import Outbox, TreeSource
from sync.protocol import canonical
from sync.protocol.address import is_address
from sync.protocol.errors import NotCanonical
from sync.protocol.shelf import ShelfDoc

ROSTER = "people.roster"
STAND_IN = "people.stand_in"
DISABLED = "people.disabled"
# How long an arrangement that has ended is still told to those above.
_TOLD_DAYS = 31
# In place of the hash of what was last told: no content has it.
_CAME_BACK = "came back"

log = logging.getLogger(__name__)


class Shelf(Protocol):
    """Where signed documents are published for one node below."""

    def publish_for(self, audience: str, kind: str, key: str, content: bytes) -> ShelfDoc:
        """Sign a document, with the next version of its key, for `audience` and all below; return it."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What these services need of their node: its address, the tree, ways out, and where to note faults.

    `note` is told `(code, address, detail)` for the line page.
    """

    me: str
    tree: TreeSource
    outbox: Outbox
    shelf: Shelf
    note: Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Roster:
    """The staff of a node below: when it last said so by its clock (0: never), and who is barred by whom."""

    told_at: int
    staff: tuple[Listed, ...]
    barred: dict[str, tuple[str, ...]]


class StaffBelow:
    """What one node knows and tells of staff elsewhere."""

    def __init__(self, ports: Ports, accounts: Accounts, stand_ins: StandIns) -> None:
        self._ports = ports
        self._accounts = accounts
        self._stand_ins = stand_ins

    # --- upward
    def report(self, now_ms: int) -> list[str]:
        """Tell the nodes above of this node's staff and stand-ins when they have changed; return the act ids.

        Nothing is told by the top, nor before the node has joined a network.
        """
        require_unit()
        tree = self._ports.tree()
        if self._ports.me not in tree or tree.top in ("", self._ports.me):
            return []
        since = later(local_day(now_ms), -_TOLD_DAYS)
        arranged = [as_fields(one) for one in self._stand_ins.made_here(since)][:ARRANGED_MAX]
        staff = roster_fields(self._accounts.staff())
        parts = [staff[at : at + STAFF_AT_ONCE] for at in range(0, len(staff), STAFF_AT_ONCE)]
        bodies: dict[str, list[dict[str, Any]]] = {
            ROSTER: [{"part": number, "staff": rows} for number, rows in enumerate(parts, 1)],
            STAND_IN: [{"arranged": arranged}] if arranged or records.sent(STAND_IN) else [],
        }
        acts = []
        for kind, told in bodies.items():
            digest = sha256(canonical.dumps(told)).hexdigest()
            if told and digest != records.sent(kind):
                at = max(0, now_ms)
                acts += [self._ports.outbox.announce(kind, {**body, "at": at}, [tree.top]) for body in told]
                records.set_sent(kind, digest)
        return acts

    def tell_again(self, kind: str) -> None:
        """Let the next report tell staff or stand-ins whatever was told before.

        What this node told came back to it after a loss: it may be later than what is so here now, as where a
        copy was put back, and those above go by it.
        """
        require_unit()
        if kind in (ROSTER, STAND_IN):
            records.set_sent(kind, _CAME_BACK)

    def take_roster(self, node: str, part: int, staff: Collection[Listed], at: int) -> None:
        """Store what a node below says of its staff; the first part takes the place of all it said before.

        Nobody here stands in any more for who it says is no agent.

        Raises:
            ValueError: it says it has more people than any node has; nothing is stored.
        """
        require_unit()
        before = records.roster_of(node) if part > 1 else None
        rows = before[1] if before else []
        known = {row["login"]: row for row in rows}
        known.update({person.login: as_roster_row(person) for person in staff})
        if len(known) > STAFF_MAX:
            raise ValueError("a roster")
        records.put_roster(node, at, list(known.values()))
        for person in staff:
            ended = [] if is_agent(person) else records.end_of_agent(node, person.login, max(1, at))
            if ended:
                audit.record("node", "people.stand_in_off", person.login, {"ids": ended, "node": node}, at)

    def roster(self, node: str) -> Roster:
        """Return the staff of a node below, and by whom each login was put out of service.

        Raises:
            NotBelow: the node is not below this one.
        """
        self._check_below(node)
        found = records.roster_of(node)
        barred: dict[str, tuple[str, ...]] = {}
        above = self._ports.tree().up(node)
        for author, logins in sorted(records.barred_lists(node).items()):
            # Where it stands above no more, its word has lapsed there.
            for login in logins if author in above else ():
                barred[login] = (*barred.get(login, ()), author)
        told_at, rows = found if found else (0, [])
        return Roster(told_at, tuple(read_rows(rows)), barred)

    # --- downward
    def bar(self, node: str, login: str, by: str, now_ms: int) -> None:
        """Put a login of a node below out of service; the node learns of it with its next contact.

        Of a node that has not told of its staff yet any login may be named. Again changes nothing.

        Raises:
            NotBelow: the node is not below this one.
            NotOnRoster: the node has told of its staff, and nobody there has this login.
            ListTooLong: too many logins of that node are out of service by this node's word.
        """
        own = self._own_list(node)
        told = self.roster(node)
        if told.told_at and login not in own | {person.login for person in told.staff}:
            raise NotOnRoster(login=login)
        if login not in own:
            self._publish(node, {*own, login})
            audit.record(by, "people.bar", f"{node}/{login}", {}, now_ms)

    def unbar(self, node: str, login: str, by: str, now_ms: int) -> None:
        """Take this node's word back; another node's above or between stands. Again changes nothing.

        Raises:
            NotBelow: the node is not below this one.
        """
        own = self._own_list(node)
        if login in own:
            self._publish(node, own - {login})
            audit.record(by, "people.unbar", f"{node}/{login}", {}, now_ms)

    def adopt(self, docs: Iterable[ShelfDoc], now_ms: int) -> set[str]:
        """Take lists of barred logins into force; documents of other kinds are passed over.

        A list for this node must come from above it; on the way to a node below it is only remembered. What
        cannot be used is noted and changes nothing, nor does an older version. Nothing waits for these.
        """
        require_unit()
        for doc in docs:
            if doc.kind == DISABLED:
                self._adopt(doc, now_ms)
        return set()

    def disown(self, docs: Iterable[ShelfDoc], now_ms: int) -> None:
        """Lift the lists in these documents as far as they are in force; another one comes by `adopt`."""
        require_unit()
        for doc in docs:
            node, author = doc.key, doc.author
            if doc.kind == DISABLED and doc.version == records.barred_version(node, author):
                records.put_barred(node, author, 0, ())
                if node == self._ports.me:
                    self._accounts.bar(author, (), now_ms)

    def settle_bars(self, now_ms: int) -> None:
        """Lift what nodes said that are no longer above this one: nobody could take their word back.

        Of one that stands above it again the word counts again: as its list has not changed, nothing comes
        that would say it anew.
        """
        require_unit()
        tree = self._ports.tree()
        if self._ports.me not in tree:
            return
        above, in_force = set(tree.up(self._ports.me)[1:]), self._accounts.barring()
        for author in sorted(in_force - above):
            self._accounts.bar(author, (), now_ms)
        for author, logins in sorted(records.barred_lists(self._ports.me).items()):
            if logins and author in above - in_force:
                self._accounts.bar(author, logins, now_ms)

    def _adopt(self, doc: ShelfDoc, now_ms: int) -> None:
        node, author = doc.key, doc.author
        tree = self._ports.tree()
        is_meant = doc.audience == node and is_address(node) and self._ports.me in tree.up(node)
        if not is_meant or not tree.is_below(node, author):
            self._ports.note(NOT_ITS_TO_SAY, author, f"{doc.kind} for {node}")
            return
        try:
            logins = read_barred(canonical.loads(doc.content), node)
        except (ValueError, NotCanonical):
            self._ports.note(UNREADABLE, author, f"{doc.kind} for {node}")
            return
        if doc.version <= records.barred_version(node, author):
            return
        records.put_barred(node, author, doc.version, logins)
        if node == self._ports.me:
            self._accounts.bar(author, logins, now_ms)

    def _own_list(self, node: str) -> set[str]:
        require_unit()
        self._check_below(node)
        return set(records.barred_lists(node).get(self._ports.me, ()))

    def _publish(self, node: str, logins: set[str]) -> None:
        if len(logins) > LOGINS_MAX:
            raise ListTooLong()
        content = canonical.dumps(barred_fields(node, logins))
        doc = self._ports.shelf.publish_for(node, DISABLED, node, content)
        records.put_barred(node, self._ports.me, doc.version, tuple(sorted(logins)))

    def _check_below(self, node: str) -> None:
        if not is_address(node) or not self._ports.tree().is_below(node, self._ports.me):
            raise NotBelow(node=node[:12])
