"""A small network of peers in memory: real protocol code and cryptography, no sockets, chance or clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

from sync.adapters.engine import Engine, World
from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.core import Core, Means, Note
from sync.protocol.errors import BadRecord
from sync.protocol.exchange import Head, read_head, write
from sync.protocol.frame import Act, BlobRef, Evidence, StreamId
from sync.protocol.items import Hello, digest_of, encode_hello
from sync.protocol.offer import Budget
from sync.protocol.peer import Incoming, Peer
from sync.protocol.records import STATE_END, Item, pack_record
from sync.protocol.roster import entry_fields
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, RealSuite
from sync.protocol.spool import Held, Identity, Part
from sync.protocol.streams import Stream
from sync.protocol.trust import registrar
from sync.protocol.witness import Word, joined

COUNTY = "511921"
TOWN = "511921108"
VILLAGE = "511921108203"
OTHER_TOWN = "511921110"
OTHER_VILLAGE = "511921110201"
START_MS = 1_790_000_000_000
SUITE = RealSuite()


class Recorder:
    """An application that remembers what it was given, in order; `judge` may park."""

    def __init__(self) -> None:
        self.acts, self.docs = list[Act](), list[ShelfDoc]()
        self.calls = 0
        self.judge: Callable[[Act], Parked | None] = lambda act: None
        self.woke: set[str] = set()

    def apply(self, acts: Sequence[Act]) -> Applied:
        self.calls += 1
        result = Applied(woke=set(self.woke))
        for act in acts:
            if (parked := self.judge(act)) is None:
                self.acts.append(act)
            else:
                result.parked[act.id] = parked
        return result

    def retract(self, acts: Sequence[str]) -> dict[str, Parked]:
        self.acts = [act for act in self.acts if act.id not in acts]
        return {}

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        self.docs += docs
        return {key for d in docs for key in (f"doc:{d.kind}/{d.key}/{d.version}", f"doc:{d.statement.hash}")}

    def disown(self, docs: Sequence[ShelfDoc]) -> None:
        self.docs = [doc for doc in self.docs if doc not in docs]

    @property
    def ids(self) -> list[str]:
        return [act.id for act in self.acts]


class Site:
    """One node: a peer over memory, with units of work as the engine opens them."""

    def __init__(self, address: str, fingerprint: str, seed: object, spool: Any = MemorySpool) -> None:
        self.address = address
        self.rng = Random(f"{seed}/{address}")
        self.key: KeyPair = SUITE.pair(self.rng.randbytes(64))
        self.spool = spool()
        self.blobs, self.application, self.now_ms = MemoryBlobs(), Recorder(), START_MS
        self.roster_key: KeyPair | None = None
        self.dictionaries: dict[str, bytes] = {}
        self.dictionary, self.journal = "", list[Note]()
        self.word: Word | None = None
        self.restart()
        with self.spool.unit():
            self.spool.put_identity(Identity(address, self.rng.randbytes(8).hex(), fingerprint))

    def restart(self) -> None:
        """Start the program again over what was committed."""
        keys = {self.key.id: self.key}
        means = Means(self.spool, self.blobs, SUITE, self.rng.randbytes, keys, self.roster_key)
        self.means = replace(means, dictionaries=self.dictionaries, dictionary=self.dictionary)
        self.peer = Peer(self.means)

    @property
    def core(self) -> Core:
        return self.peer.core

    @contextmanager
    def unit(self) -> Iterator[None]:
        try:
            with self.spool.unit():
                self.peer.begin()
                yield
                self.peer.end()
        except BaseException:
            self.peer.forget()
            raise

    def engine(self) -> Engine:
        return Engine(self.peer, self.application, World(self.unit, self.now, self.journal.extend))

    def now(self) -> Evidence:
        return Evidence(self.now_ms, "0badc0de", self.now_ms - START_MS)

    def codes(self) -> list[str]:
        """Return the codes noted since the last call."""
        return [note.code for note in self.peer.take_notes()]

    # --- doing
    def submit(
        self, content: bytes, to: Sequence[str], blobs: Sequence[BlobRef] = (), kind: str = "case.filed"
    ) -> str:
        with self.unit():
            return self.peer.submit((kind, content), to, blobs, self.now())

    def paper(self, content: bytes) -> BlobRef:
        ref = self.blobs.put(iter((content,)), "image/jpeg")
        with self.unit():
            self.peer.hold_blob(ref)
        return ref

    def publish(self, key: str, content: bytes, audience: str, kind: str = "item") -> ShelfDoc:
        with self.unit():
            return self.peer.publish(Draft(kind, key, 0, "", audience, content, START_MS))

    def out(self, address: str, budget: Budget | None = None) -> bytes:
        with self.unit():
            plan = self.peer.plan(address, budget or Budget(1_000_000), self.now())
        self.word = joined(self.word, plan.word)
        with self.unit():
            return b"".join(self.peer.emit(plan))

    def take(self, data: bytes, step: int = 1 << 20) -> Incoming:
        """Take in an exchange whole, or up to where it is cut or altered."""
        head, used = read_head(data)
        with self.unit():
            incoming = self.peer.open_head(head)
        try:
            for at in range(used, len(data), step):
                self.absorb(incoming, incoming.opener.feed(data[at : at + step]))
            incoming.opener.end()
        except BadRecord:
            incoming.refused += 1
        return incoming

    def absorb(self, incoming: Incoming, plains: Sequence[bytes]) -> None:
        with self.unit():
            self.peer.absorb(incoming, plains, self.application, self.now_ms)

    # --- looking
    def upto(self) -> dict[tuple[str, str], int]:
        """Return the last place of every stream held, by author and destination."""
        return {(s.id.src, s.id.dst): s.upto for s in self.spool.streams()}

    def stream(self, src: str, dst: str) -> Stream:
        return next(s for s in self.spool.streams() if (s.id.src, s.id.dst) == (src, dst))

    def frames(self) -> list[bytes]:
        starts = {s.id: s.base for s in self.spool.streams()}
        return [p.frame.header_bytes + p.frame.body for p in self.spool.frames_after(starts, 0, 10_000)]

    def state(self) -> object:
        """Return all that an exchange may change, but for the account of exchanges itself."""
        spool, sorts = self.spool, (*signed.SORTS, "base")
        return (
            self.frames(),
            [(s.id, s.base, s.upto, s.head, s.papers) for s in spool.streams()],
            {sort: sorted(h[:4] for h in spool.all_held(sort)) for sort in sorts},
            (spool.parked(), spool.wants(1000), spool.count_aside(), spool.gap_streams()),
            (self.application.ids, len(self.application.docs)),
            (spool.doc_names(), spool.loose_gaps(1000)),
        )

    # --- forging
    def say(self, receiver: Site, plains: Sequence[bytes], **head: object) -> bytes:
        """Return an exchange of this node with any records at all, as a hostile neighbour may."""
        with self.unit():
            neighbour = self.peer.neighbour(receiver.address)
            neighbour.mine += 1
            self.spool.put_neighbour(neighbour)
            identity, network = self.core.identity, self.core.roster.network
        fields = Head(
            network=network,
            sender=self.address,
            receiver=receiver.address,
            sender_key=self.key.id,
            receiver_key=receiver.key.id,
            instance=identity.instance,
            incarnation=identity.incarnation,
            epoch=identity.epoch,
            counter=neighbour.mine,
            dictionary="",
            sealed=b"",
        )
        keys = (self.key, receiver.key.public)
        return b"".join(write(fields._replace(**head), keys, self.rng.randbytes(32), plains, SUITE))

    def say_items(self, receiver: Site, *items: Item, **head: object) -> bytes:
        return self.say(receiver, [pack_record([item], b"") for item in items], **head)


def hello(vector: dict[StreamId, Part] | None = None, **fields: object) -> Item:
    """Return a well-formed HELLO that says next to nothing."""
    plain = Hello(1, 0, 1, digest_of(vector or {}), 0, 0, 0, START_MS, ())
    return encode_hello(plain._replace(**fields))


STATE_ENDS = Item(STATE_END, b"")


def make_network(
    addresses: Sequence[str] = (COUNTY, TOWN, VILLAGE), seed: int = 1, spool: Any = MemorySpool
) -> dict[str, Site]:
    """Return sites by address, all entered in one roster and each in its first epoch."""
    rng = Random(seed)
    root_key, roster_key = SUITE.pair(rng.randbytes(64)), SUITE.pair(rng.randbytes(64))
    top = min(addresses, key=len)
    root = registrar.make_root(rng.randbytes(8).hex(), "试验网", (root_key,), SUITE)
    appointment = registrar.appoint(root, top, roster_key.public, (root_key,), SUITE)
    sites = {address: Site(address, root.hash, seed, spool) for address in addresses}
    county = sites[top]
    county.roster_key = roster_key
    county.restart()
    with county.unit():
        registrar.found(county.core, root, appointment)
        for address in sorted(addresses, key=len):
            enter(county, sites[address].key, address)
    for site in sites.values():
        if site is not county:
            trust(site, county)
        with site.unit():
            site.peer.open_epoch(site.key, "enrolled", START_MS)
    return sites


def enter(county: Site, key: KeyPair, address: str) -> None:
    """Enter an address in the roster, in the unit that is open."""
    assert county.roster_key is not None
    fields = entry_fields(address, "", f"站点{address}", (key.public,))
    registrar.enter(county.core, county.roster_key, fields, START_MS)


def trust(site: Site, county: Site) -> None:
    """Let a site know all that the county knows of trust, as an enrolment answer does."""
    with site.unit():
        for sort in (signed.ROOT, signed.APPOINTMENT, signed.HEAD, signed.ENTRY):
            for held in county.spool.all_held(sort):
                site.core.roster.offer(held.statement)
                site.core.keep(held.statement, held.key, held.rank)


def new_site(county: Site, address: str, seed: int = 1) -> Site:
    """Return a site that knows the root and nobody in the roster knows; it has an epoch."""
    root = county.spool.all_held(signed.ROOT)[0].statement
    site = Site(address, root.hash, seed)
    trust(site, county)
    with site.unit():
        site.peer.open_epoch(site.key, "enrolled", START_MS)
    return site


def exchange(child: Site, parent: Site) -> tuple[Incoming, Incoming]:
    """One exchange as over HTTP: the child's, then the parent's answer."""
    return parent.take(child.out(parent.address)), child.take(parent.out(child.address))


def settle(sites: dict[str, Site], rounds: int = 12) -> None:
    """Let every child exchange with its parent some times."""
    tree = sites[min(sites, key=len)].core.tree
    for _ in range(rounds):
        for address in sorted(sites, key=len, reverse=True):
            parent = tree.parent(address)
            if parent in sites:
                exchange(sites[address], sites[parent])


def receipt_held(site: Site, stream: StreamId, signer: str) -> Held | None:
    return site.spool.held(signed.RECEIPT, f"{stream}|{signer}|{'end' if signer == stream.dst else 'hop'}")


def statement_of(site: Site, sort: str, fields: dict[str, object]) -> Statement:
    """Return a statement with any fields at all, truly signed by a site."""
    return signed.make(sort, fields, (site.key,), SUITE)
