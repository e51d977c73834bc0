"""What every part of a peer shares: identity, keys, roster, streams, counters. No I/O of its own."""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.errors import BadRoster, NotEnrolled
from sync.protocol.found import Found
from sync.protocol.frame import StreamId
from sync.protocol.givers import Givers
from sync.protocol.means import Means as Means
from sync.protocol.means import Note as Note
from sync.protocol.roster import Roster
from sync.protocol.rotation import fallen_key, learn_rotation
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey
from sync.protocol.spool import Held, Identity, Neighbour
from sync.protocol.streams import Epoch, Stream, read_epoch
from sync.protocol.witness import OwnHeads, Word

NOTES_MAX = 500
# In this order, appointments by number: a former roster key is believed until the first head of the next one.
TRUST_SORTS = (signed.ROOT, signed.APPOINTMENT, signed.ENTRY, signed.HEAD, signed.VOUCH)


class Core:
    """Shared state of a peer. Its caches never outlive a unit that failed or another writer's commit."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.spool = means.spool
        self.suite = means.suite
        self.notes: list[Note] = []
        self.givers = Givers()
        # How many exchanges with a neighbour were made since it was last heard, in memory alone.
        self.unheard: dict[str, int] = {}
        self._found: Found | None = None
        self.heads = OwnHeads()
        # With which key each neighbour was last heard to speak, in memory alone.
        self.spoken: dict[str, str] = {}
        # Which of its keys each neighbour has said that it does not know, the last one last; so too.
        self.refused: dict[str, list[str]] = {}
        # What the witness has to say before anybody is told of the unit that just ended; None: nothing new.
        self.word: Word | None = None
        self._identity: Identity | None = None
        self._roster: Roster | None = None
        self._trust_stamp = 0
        self._epochs: dict[tuple[str, str], Epoch] = {}
        self._streams: dict[StreamId, Stream] = {}
        self._dirty: dict[StreamId, Stream] = {}
        self._seen_stamp = -1
        # As whoever runs the peer says: 1 low, 2 critical; told to neighbours, then no papers are asked for.
        # Leap: above what the numbers of exchanges begin with whom none is known, see `rollback.number_next`.
        self.disk = self.leap = 0
        self.is_open = self._suspect = False
        # Whether somebody should look again at what waited for a key; also after a start, for who knows.
        self.trust_is_new = True

    # --- units of work
    def begin(self) -> None:
        """Start a unit: forget whatever a failed unit or another process may have made stale."""
        if self.is_open or self._suspect:
            self.forget()
        self.is_open = True
        self._streams.clear()
        self._dirty.clear()
        self._found = self.word = None
        self._identity = self.spool.identity()
        stamp = self._identity.stamp if self._identity else 0
        if stamp != self._seen_stamp:
            before = self._trust_stamp
            self._refresh_trust()
            # What another process has changed: it may have ended before it drew what follows.
            self.trust_is_new = self.trust_is_new or self._trust_stamp > before

    def end(self) -> None:
        """Write what the unit changed; the spool's own end and the commit follow."""
        self.word = self.heads.settle(self)
        self.flush_streams()
        if self._identity is not None:
            self.spool.put_identity(self._identity)
            self._seen_stamp = self._identity.stamp
        self.is_open = False

    def forget(self) -> None:
        """Drop every cache (a unit failed, or the store was replaced)."""
        self._roster, self._trust_stamp, self._seen_stamp = None, 0, -1
        self._epochs.clear()
        self._streams.clear()
        self._dirty.clear()
        self.givers.clear()
        self.heads.clear()
        self._identity = None
        self.is_open = self._suspect = False
        self.trust_is_new = True

    def reread_trust(self) -> None:
        """Make the roster anew of what is kept: something was put away that it believed."""
        self._roster, self._trust_stamp, self.trust_is_new = None, 0, True

    def suspect(self) -> None:
        """A commit failed: the next unit starts without caches. Any thread may call it, outside a unit."""
        self._suspect = True

    @property
    def found(self) -> Found:
        """What the open unit has found out so far; in most it is nothing."""
        self._found = self._found or Found()
        return self._found

    # --- identity and counters
    @property
    def identity(self) -> Identity:
        """This node's identity.

        Raises:
            NotEnrolled: there is none yet.
        """
        self._identity = self._identity or self.spool.identity()
        if self._identity is None:
            raise NotEnrolled
        return self._identity

    @property
    def me(self) -> str:
        """This node's address."""
        return (self._identity or self.identity).address

    def next_stamp(self) -> int:
        """Return the next value of the change counter."""
        identity = self._identity or self.identity
        identity.stamp += 1
        return identity.stamp

    def next_position(self) -> int:
        """Return the next place in this node's order of acceptance."""
        identity = self._identity or self.identity
        identity.position += 1
        return identity.position

    def note(self, code: str, address: str, detail: str = "") -> None:
        """Remember what is worth telling, for whoever runs the peer; what a flood would add is told once."""
        if len(self.notes) < NOTES_MAX:
            self.notes.append(Note(code, address, detail))
        elif len(self.notes) == NOTES_MAX:
            self.notes.append(Note("S124", address, "more notes than are kept"))

    # --- trust
    @property
    def roster(self) -> Roster:
        """The roster as this node knows it."""
        return self._roster or self._refresh_trust()

    @property
    def tree(self) -> Tree:
        """Who is above whom."""
        return (self._roster or self.roster).tree

    def _refresh_trust(self) -> Roster:
        # Also right outside a unit, at the start and after a failure: an empty tree would send acts nowhere.
        identity = self._identity or self.spool.identity()
        fingerprint = identity.fingerprint if identity else ""
        if self._roster is None or self._roster.fingerprint != fingerprint:
            self._roster, self._trust_stamp = Roster(fingerprint, self.suite), 0
            self._epochs.clear()
        newest = self._trust_stamp
        for sort in TRUST_SORTS:
            found = self.spool.all_held(sort, self._trust_stamp)
            if sort == signed.APPOINTMENT:
                found = sorted(found, key=lambda one: int(one.statement.fields()["version"]))
            for held in found:
                newest = max(newest, held.stamp)
                try:
                    self._roster.offer(held.statement)
                except BadRoster as problem:
                    # It was good when it was kept; the roster has moved on since. No reason to stop the node.
                    self.note(problem.code, "", problem.detail)
        for held in self.spool.all_held(signed.EPOCH, self._trust_stamp):
            learn_rotation(self._roster, held.statement)
        self._trust_stamp = newest
        return self._roster

    def keep(self, statement: Statement, key: str, rank: tuple[int, int, int], content: bytes = b"") -> Held:
        """Keep a statement with a new stamp, so that neighbours will be told of it."""
        held = Held(statement.sort, key, rank, statement, content, self.next_stamp())
        self.spool.put_held(held)
        if statement.sort in TRUST_SORTS:
            self._trust_stamp = held.stamp
        if statement.sort in (*TRUST_SORTS, signed.EPOCH):
            self.trust_is_new = True
        return held

    def epoch(self, src: str, epoch: str) -> Epoch | None:
        """Return the record of an epoch, or None when this node does not have it."""
        known = self._epochs.get((src, epoch))
        if known is None and (held := self.spool.held(signed.EPOCH, f"{src}|{epoch}")) is not None:
            known = self._epochs[(src, epoch)] = read_epoch(held.statement)
        return known

    def believed_key(self, address: str, key_id: str) -> PublicKey | None:
        """Return a key that speaks for an address now: confirmed, or vouched for while nothing else is known.

        One that is revoked speaks no more. A key vouched for beside a confirmed one counts at the voucher
        alone, so that a stolen township key cannot sign receipts in a village's name.
        """
        confirmed, is_known = self.roster.good_key(address, key_id), address in self.roster.entries
        if confirmed is not None or (is_known and self.tree.parent(address) != self.me):
            return confirmed
        return self.roster.vouched_key(address, key_id, self.me if is_known else "")

    def key_of_epoch(self, src: str, epoch: str) -> PublicKey | None:
        """Return the key that signs everything of an epoch, confirmed, vouched, or fallen: see `rotation`."""
        record = self.epoch(src, epoch)
        return (self.roster.any_key(src, record.key_id) or fallen_key(self, record)) if record else None

    def own_key(self) -> KeyPair:
        """Return the key of this node's current epoch.

        Raises:
            NotEnrolled: there is no epoch yet.
        """
        record = self.epoch(self.me, self.identity.epoch)
        if record is None or record.key_id not in self.means.keys:
            raise NotEnrolled("no epoch")
        return self.means.keys[record.key_id]

    # --- streams
    def stream(self, stream: StreamId) -> Stream | None:
        """Return this node's copy of a stream, cached for the unit."""
        known = self._streams.get(stream)
        if known is None:
            known = self.spool.stream(stream)
            if known is not None:
                self._streams[stream] = known
        return known

    def open_stream(self, stream: StreamId, root: bytes) -> Stream:
        """Return this node's copy, made at place 0 when there is none."""
        known = self.stream(stream)
        if known is None:
            known = Stream(stream, 0, root, 0, root)
            self.spool.put_stream(known)
            self._streams[stream] = known
        return known

    def touch(self, stream: Stream) -> None:
        """Mark a stream changed; it is written once at the end of the unit or at `flush_streams`."""
        stream.stamp = self.next_stamp()
        self._dirty[stream.id] = stream

    def reread(self, stream: StreamId) -> Stream | None:
        """Return this node's copy as the spool has it at this moment.

        What is remembered of own acts in a part of a unit that is undone would leave a hole in the stream.
        """
        changed = self._dirty.pop(stream, None)
        if changed is not None:
            self.spool.put_stream(changed)
        self._streams.pop(stream, None)
        return self.stream(stream)

    def write_now(self, stream: Stream) -> None:
        """Write a changed stream at once and remember nothing of it; the counterpart of `reread`."""
        stream.stamp = self.next_stamp()
        self.spool.put_stream(stream)
        self._streams.pop(stream.id, None)

    def flush_streams(self) -> None:
        """Write every changed stream now."""
        if self._dirty:
            for stream in self._dirty.values():
                self.spool.put_stream(stream)
            self._dirty.clear()

    def streams(self) -> list[Stream]:
        """Return all streams as they stand in this unit."""
        found, known = self.spool.streams(), self._streams
        if known:
            return [known.setdefault(s.id, s) for s in found]
        known.update({s.id: s for s in found})
        return found

    def streams_left(self, neighbour: str) -> list[Stream]:
        """Return the streams the neighbour was on the way of once: it is told of them, and given no more."""
        left = self.roster.formerly_below(neighbour)
        streams = [s for s in self.streams() if left & {s.id.src, s.id.dst}] if left else []
        return [s for s in streams if not self.tree.holds(s.id.src, s.id.dst, neighbour)]

    # --- neighbours
    def neighbour(self, address: str) -> Neighbour:
        """Return what is known of a neighbour, new if nothing is."""
        return self.spool.neighbour(address) or Neighbour(address)

    def may_exchange(self, address: str) -> bool:
        """Say whether this node and `address` stand on one path."""
        return address != self.me and self.are_near(address, self.me)

    def are_near(self, one: str, other: str) -> bool:
        """Say whether one of the two stands above the other, or they are the same."""
        return one in self.tree.up(other) or other in self.tree.up(one)
