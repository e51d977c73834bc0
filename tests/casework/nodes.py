"""Nodes for the tests: a fake outbox that keeps what was announced, and a small network of real databases."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from common.casework import records
from common.casework.context import Actor, CaseContext
from common.casework.messages import apply
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import BRIEF
from common.casework.rules.words import Action
from common.casework.service import Casework
from common.store.database import database, open_database, unit_of_work
from sync.protocol import canonical
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.frame import Act, BlobRef
from tests.casework.build import COUNTY, NOON, Shop, act_id, as_act, small_tree
from tests.casework.story import Story
from tests.tables import lay_tables


class FakeOutbox:
    """Held to the same promise as the real one: canonical bytes, an id that depends on all of them."""

    def __init__(self, me: str) -> None:
        self.me = me
        self.acts: list[Act] = []
        self.to: list[tuple[str, ...]] = []

    def announce(
        self, kind: str, body: Mapping[str, Any], to: Sequence[str], blobs: Sequence[BlobRef] = ()
    ) -> str:
        content = canonical.dumps({**body, "to": list(to)})
        own_id = act_id(self.me, kind, content, len(self.acts))
        act = Act(own_id, kind, self.me, content, tuple(blobs), "", NOON)
        self.acts.append(act)
        self.to.append(tuple(to))
        return act.id

    def bodies(self) -> list[tuple[str, dict[str, Any]]]:
        """Return kind and body of everything announced."""
        return [(act.kind, canonical.loads(act.content)) for act in self.acts]

    def events(self) -> list[CaseEvent]:
        """Return everything announced as the fold takes it."""
        return [
            CaseEvent(a.id, a.kind, a.author, canonical.loads(a.content), tuple(b.hash for b in a.blobs))
            for a in self.acts
        ]


class Site:
    """One node with a database of its own; `at` makes it the node of this process."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.now = NOON
        self.outbox = FakeOutbox(address)
        self.parked: dict[str, tuple[Act, Parked]] = {}
        self._db = make_tables(folder / f"{address}.sqlite")
        self.casework = Casework(make_context(address, self.outbox))

    def at(self) -> Casework:
        """Make this the node of the process and return its casework."""
        database.initialize(self._db)
        return self.casework

    def receive(self, acts: Sequence[Act]) -> None:
        """Apply acts, and again whatever was waiting for them, as the sync layer does."""
        self.at()
        while acts:
            with unit_of_work():
                result = apply(self.casework.ctx, acts, self.now)
            for act in acts:
                self.parked.pop(act.id, None)
                if act.id in result.parked:
                    self.parked[act.id] = (act, result.parked[act.id])
            keys = {f"act:{act.id}" for act in acts if act.id not in result.parked} | result.woke
            acts = [act for act, why in self.parked.values() if why.waits_for in keys] if keys else []

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class Network:
    """Sites joined by lines; every act travels along its paths, in streams that keep their order."""

    def __init__(self, folder: Path) -> None:
        self.tree = small_tree()
        self.sites = {address: Site(address, folder) for address in self.tree.addresses()}
        self._taken = dict.fromkeys(self.sites, 0)
        self.waiting: dict[tuple[str, str, str], list[Act]] = {}

    def collect(self) -> None:
        """Put what was announced into the streams to every node on its paths."""
        for author, site in self.sites.items():
            start, self._taken[author] = self._taken[author], len(site.outbox.acts)
            for act, to in list(zip(site.outbox.acts, site.outbox.to, strict=True))[start:]:
                self._spread(author, act, to)

    def _spread(self, author: str, act: Act, to: Sequence[str]) -> None:
        if act.kind == BRIEF:
            self._brief(author, act)
            return
        for target in to:
            for reader in self.tree.path(author, target):
                if reader != author:
                    self.waiting.setdefault((author, target, reader), []).append(act)

    def _brief(self, author: str, act: Act) -> None:
        """Give each reader of a briefing the acts it names, as the sync layer fetches them by id."""
        body = canonical.loads(act.content)
        named = [a for site in self.sites.values() for a in site.outbox.acts if a.id in body["ids"]]
        for reader in self.tree.path(author, body["to"][0]):
            if reader != author:
                fresh = [a for a in named if a.author != reader]
                self.waiting.setdefault((author, "brief", reader), []).extend(fresh)

    def run(self, rng: random.Random | None = None) -> None:
        """Deliver until nothing is under way: stream by stream, in an order drawn from `rng`."""
        self.collect()
        while self.waiting:
            streams = sorted(self.waiting)
            key = rng.choice(streams) if rng else streams[0]
            acts = self.waiting.pop(key)
            cut = rng.randint(1, len(acts)) if rng else len(acts)
            if acts[cut:]:
                self.waiting[key] = acts[cut:]
            self.sites[key[2]].receive(acts[:cut])
            self.collect()

    def states(self, case: str) -> dict[str, CaseState]:
        """Return the case at every node that has it."""
        found = {}
        for address, site in self.sites.items():
            casework = site.at()
            if records.events_of(case):
                found[address] = casework.case(case)
        return found

    def parked(self) -> dict[str, Parked]:
        """Return everything that waits at any node."""
        return {act: why for site in self.sites.values() for act, (_, why) in site.parked.items()}

    def close(self) -> None:
        """Close all files."""
        for site in self.sites.values():
            site.close()


TABLES = (
    "0002_store", "0006_casework", "0014_casework_life", "0016_case_marks",
    "0024_case_terms", "0025_case_ways", "0036_few_of_many",
)  # fmt: skip


def make_tables(path: Path) -> SqliteDatabase:
    """Open a database with the tables of the store and of casework (the spool is not needed here)."""
    lay_tables(path, *TABLES)
    db = open_database(path, busy_timeout_ms=200)
    # These tests cut no power; that a commit is on the disk is the store's own promise and test.
    db.execute_sql("PRAGMA synchronous = OFF")
    return db


def make_context(address: str, outbox: FakeOutbox) -> CaseContext:
    """Return what casework at an address works with."""
    chance = random.Random(address)
    return CaseContext(
        me=address,
        tree=small_tree,
        outbox=outbox,
        catalogue=Shop(),
        random=chance.randbytes,
        epoch_n=lambda: 1,
    )


def take(casework: Casework, *acts: Act) -> Applied:
    """Let a node apply acts in a unit of its own."""
    with unit_of_work():
        return apply(casework.ctx, acts, NOON)


def acts_of(story: Story) -> list[Act]:
    """Return the events of a story as they arrive."""
    return [as_act(event) for event in story.events]


def changed(act: Act, **changes: Any) -> Act:
    """Return the act with another body, signed anew by the same author."""
    body = {**canonical.loads(act.content), **changes}
    return act._replace(id=act_id(changes), content=canonical.dumps(body))


NodeMaker = Callable[[str], Casework]


def with_case(casework: Casework, story: Story) -> str:
    """Let the node have a case as it came from elsewhere."""
    with unit_of_work():
        result = apply(casework.ctx, [as_act(event) for event in story.events], NOON)
    assert result.parked == {}
    return story.case


def at_county(node: NodeMaker, *steps: Action, route: str = "checked") -> tuple[Casework, str]:
    """Return the county with a case that has come so far."""
    county = node(COUNTY)
    return county, with_case(county, Story(route).go_to(*steps))


def move(casework: Casework, case: str, action: str, who: Actor, **data: Any) -> str:
    """Take one step in a unit of its own."""
    said = {"proposal": "approve", **data} if action == "review" else data
    with unit_of_work():
        return casework.move_case(case, action, who, said, NOON)


def report(casework: Casework, case: str, what: str, who: Actor, **data: Any) -> str:
    """Send one report in a unit of its own."""
    with unit_of_work():
        return casework.report(case, what, who, data, NOON)
