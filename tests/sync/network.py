"""A small network of peers in memory, for tests: real protocol code, real or toy cryptography, no sockets."""

from __future__ import annotations

import hashlib
import random as random_module
from collections.abc import Sequence

from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.protocol import registrar
from sync.protocol.core import Means
from sync.protocol.deliver import Applied
from sync.protocol.errors import BadRecord
from sync.protocol.exchange import read_head
from sync.protocol.frame import Act, Evidence
from sync.protocol.offer import Budget
from sync.protocol.peer import Incoming, Peer
from sync.protocol.roster import entry_fields
from sync.protocol.shelf import ShelfDoc
from sync.protocol.signing import KeyPair, RealSuite, Suite
from sync.protocol.spool import Identity

COUNTY = "511921"
TOWN = "511921108"
VILLAGE = "511921108203"
START_MS = 1_790_000_000_000


class Recorder:
    """An application that applies everything and remembers the order."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.docs: list[ShelfDoc] = []

    def apply(self, acts: Sequence[Act]) -> Applied:
        self.acts += acts
        return Applied()

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        self.docs += docs
        return {f"doc:{doc.kind}/{doc.key}/{doc.version}" for doc in docs}


class Site:
    """One node: a peer over memory, with units of work as the runner opens them."""

    def __init__(self, address: str, fingerprint: str, suite: Suite, rng: random_module.Random) -> None:
        self.address = address
        self.rng = rng
        self.key: KeyPair = suite.pair(rng.randbytes(64))
        self.spool = MemorySpool()
        self.blobs = MemoryBlobs()
        self.application = Recorder()
        self.now_ms = START_MS
        self.means = Means(self.spool, self.blobs, suite, rng.randbytes, {self.key.id: self.key})
        self.peer = Peer(self.means)
        with self.spool.unit():
            self.spool.put_identity(Identity(address, rng.randbytes(8).hex(), fingerprint))

    def unit(self):
        return _Unit(self)

    def now(self) -> Evidence:
        return Evidence(self.now_ms, "0badc0de", self.now_ms - START_MS)

    def submit(self, content: bytes, to: Sequence[str], blobs=(), kind: str = "case.filed") -> str:
        with self.unit():
            return self.peer.submit((kind, content), to, blobs, self.now())

    def out(self, address: str, budget: Budget | None = None) -> bytes:
        with self.unit():
            plan = self.peer.plan(address, budget or Budget(1_000_000), self.now())
        return b"".join(self.peer.emit(plan))

    def take(self, data: bytes) -> Incoming:
        """Take in an exchange whole, or up to where it is cut or altered."""
        parsed = read_head(data)
        assert parsed is not None
        head, used = parsed
        with self.unit():
            incoming = self.peer.open_head(head)
        try:
            plains = incoming.opener.feed(data[used:])
        except BadRecord:
            return incoming
        with self.unit():
            self.peer.absorb(incoming, plains, self.application, self.now_ms)
        return incoming


class _Unit:
    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> None:
        self.inner = self.site.spool.unit()
        self.inner.__enter__()
        self.site.peer.begin()

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            self.site.peer.end()
        else:
            self.site.peer.forget()
        self.inner.__exit__(kind, error, trace)


def make_network(addresses: Sequence[str] = (COUNTY, TOWN, VILLAGE), seed: int = 1, suite: Suite | None = None):
    """Return sites by address, all entered in one roster and each in its first epoch."""
    suite = suite or RealSuite()
    rng = random_module.Random(seed)
    root_key, roster_key = suite.pair(rng.randbytes(64)), suite.pair(rng.randbytes(64))
    top = min(addresses, key=len)
    root = registrar.make_root(rng.randbytes(8).hex(), "试验网", (root_key,), suite)
    appointment = registrar.appoint(root, top, roster_key.public, (root_key,), suite)
    sites = {a: Site(a, root.hash, suite, random_module.Random(f"{seed}/{a}")) for a in addresses}
    county = sites[top]
    with county.unit():
        registrar.found(county.peer.core, root, appointment)
        for address in sorted(addresses, key=len):
            parent = "" if address == top else county.peer.core.tree.up(address)[1] if address in county.peer.core.tree else ""
            parent = parent or max((a for a in addresses if address.startswith(a) and a != address), key=len, default="")
            fields = entry_fields(address, parent, address, (sites[address].key.public,))
            registrar.enter(county.peer.core, roster_key, fields, START_MS)
        statements = [county.spool.held(s, k) for s, k in (("root", "newest"), ("appointment", "newest"), ("head", "newest"))]
        statements += county.spool.all_held("entry")
    for address, site in sites.items():
        with site.unit():
            core = site.peer.core
            if site is not county:
                for held in statements:
                    core.roster.offer(held.statement)
                    core.keep(held.statement, held.key, held.rank)
            site.peer.open_epoch(site.key, "enrolled", START_MS)
    return sites


def exchange(child: Site, parent: Site) -> tuple[Incoming, Incoming]:
    """One exchange as over HTTP: the child's, then the parent's answer."""
    up = parent.take(child.out(parent.address))
    down = child.take(parent.out(child.address))
    return up, down


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
