"""Drives a peer: opens units of work, feeds it exchanges, lets bytes out only after their commit.

The only place where protocol, store and carrier meet; it knows no carrier and
no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain

from sync.protocol.absorb import Incoming
from sync.protocol.acts.deliver import Application
from sync.protocol.core import Note
from sync.protocol.errors import BadExchange, BadRecord, CannotOpen, TheirFault, UnknownSender
from sync.protocol.exchange import Head, read_head
from sync.protocol.frame import Evidence
from sync.protocol.offer import Budget, Plan
from sync.protocol.peer import Peer
from sync.protocol.spool import Neighbour
from sync.protocol.trust.introduction import hear_new_place
from sync.protocol.trust.refusal import hear_refusal, why_refused
from sync.protocol.witness import Word

# What another node says of its disk, and the note it is told by.
_DISK_NOTES = {1: "S140", 2: "S141"}
BATCH_RECORDS = 8
BATCH_MS = 400
HEAD_WAIT_BYTES = 4096
INTRODUCTION_BYTES = 16_384


@dataclass(slots=True)
class Report:
    """What came of one exchange taken in.

    `sender` is "" when the head could not be believed; `code` is "" when all was read, else the reason why
    reading stopped or never began. Of the `frames` that came, `fresh` were new here; `docs` were documents
    asked for. `told` shows a sender that may not speak any more why. `receiver` is whom an exchange that was
    not for this node says it is for, on nobody's word; "" otherwise. `waits`: how many frames lie aside here
    for others or a key, `news`: what else was new, by kind: where whoever tells people has counted them.
    """

    sender: str = ""
    frames: int = 0
    fresh: int = 0
    pieces: int = 0
    docs: int = 0
    refused: int = 0
    records: int = 0
    complete: bool = False
    code: str = ""
    sentence: str = ""
    more: int = 0
    soon_ms: int = 0
    room: int = 0
    disk: int = 0
    told: bytes = b""
    receiver: str = ""
    waits: int = 0
    news: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """What an engine needs of its surroundings.

    `unit` opens the one unit of work, with the peer's `begin` and `end` inside
    it; `evidence` reads the clocks; `journal` keeps notes for the sync page,
    outside any unit; `attest` lets the witness say so much, durably, before it
    returns.
    """

    unit: Callable[[], AbstractContextManager[None]]
    evidence: Callable[[], Evidence]
    journal: Callable[[Sequence[Note]], None]
    attest: Callable[[Word], None] = lambda word: None


class Engine:
    """One node's peer at work. Safe to call from several threads: the unit of work is the lock."""

    def __init__(self, peer: Peer, application: Application, world: World) -> None:
        self.peer = peer
        self.application = application
        self.world = world
        # How full the disks of other nodes are, as they said last: 1 low, 2 critical.
        self.disks: dict[str, int] = {}

    # --- in
    def receive(self, chunks: Iterable[bytes]) -> Report:
        """Take in one exchange as its bytes come; whatever is readable is kept, whatever follows.

        Never raises for what the other side sent: the report says what was
        wrong. Records are committed in batches, each at latest about 0.4 s
        after its first record came, so a slow line loses only its tail.
        """
        report, head = Report(), None
        source = iter(chunks)
        try:
            head, rest = _read_head(source)
            try:
                incoming = self._open(head, report)
            except UnknownSender:
                rest += _some_of(source, INTRODUCTION_BYTES)
                said = self.peer.read_introduction(head, rest)
                if said:
                    with self._unit():
                        self.peer.introduce(head, said, self.world.evidence().wall)
                incoming = self._open(head, report)
            self._read_records(incoming, rest, source, report)
        except TheirFault as problem:
            report.code, report.sentence = problem.code, problem.sentence
            with self._unit():
                if head is not None and not report.sender:
                    report.told = why_refused(self.peer.core, head)
                    report.receiver = head.receiver if head.receiver != self.peer.core.me else ""
                self.peer.core.note(problem.code, report.sender or "?", problem.detail)
        self._journal()
        return report

    def hear_refusal(self, told: bytes) -> None:
        """Take in what came with a refusal: it may show why, or where this node stands now."""
        with self._unit():
            hear_refusal(self.peer.core, told)
            hear_new_place(self.peer.core, told)

    def was_known(self, said: Head) -> None:
        """A neighbour knows the key it was spoken to with, whatever it, or something between, said before."""
        refused = self.peer.core.refused
        refused[said.receiver] = [key for key in refused.get(said.receiver, []) if key != said.sender_key]

    def was_not_known(self, said: Head) -> None:
        """A neighbour does not know the key it was spoken to with: the next time it is another one's turn."""
        self.was_known(said)
        self.peer.core.refused[said.receiver].append(said.sender_key)

    def _open(self, head: Head, report: Report) -> Incoming:
        # Caught inside the unit: a refused head is no failed unit, and must not cost the peer its caches.
        refused: TheirFault | None = None
        with self._unit():
            try:
                incoming = self.peer.open_head(head)
            except TheirFault as problem:
                refused = problem
        if refused is None or isinstance(refused, CannotOpen):
            # Sealed to a key we no longer have, but surely theirs: an answer will tell them our key.
            report.sender = head.sender
        if refused is not None:
            raise refused
        return incoming

    def _read_records(self, incoming: Incoming, rest: bytes, source: Iterator[bytes], report: Report) -> None:
        waiting: list[bytes] = []
        since = self.world.evidence().mono
        try:
            for chunk in _chain(rest, source):
                waiting += incoming.opener.feed(chunk)
                now = self.world.evidence().mono
                if len(waiting) >= BATCH_RECORDS or (waiting and now - since >= BATCH_MS):
                    self._absorb(incoming, waiting)
                    waiting, since = [], now
            incoming.opener.end()
            report.complete = True
        finally:
            # What opened before the cut or the damage stands.
            self._absorb(incoming, waiting)
            report.frames, report.fresh, report.pieces = incoming.frames, incoming.fresh, incoming.pieces
            report.docs = incoming.state.fetched
            report.refused, report.records = incoming.refused, incoming.opener.records
            hello = incoming.state.hello
            if hello is not None:
                report.more, report.soon_ms = hello.more, hello.soon_ms
                report.room, report.disk = hello.room, hello.disk
                self._hear_disk(report.sender, hello.disk)

    def _hear_disk(self, sender: str, disk: int) -> None:
        if disk != self.disks.get(sender, 0) and disk in _DISK_NOTES:
            self.peer.core.note(_DISK_NOTES[disk], sender)
        self.disks[sender] = disk

    def _absorb(self, incoming: Incoming, plains: list[bytes]) -> None:
        if plains:
            with self._unit():
                self.peer.absorb(incoming, plains, self.application, self.world.evidence().wall)

    # --- out
    def make(self, address: str, budget: Budget) -> tuple[Plan, list[bytes]]:
        """Return an exchange for `address` as bytes, after the commit they depend on.

        Raises:
            NoSuchNeighbour: no exchange with that address is possible.
        """
        with self._unit():
            decided = self.peer.plan(address, budget, self.world.evidence())
            chunks = list(self.peer.emit(decided))
        self._before_leaving(decided)
        return decided, chunks

    def begin(self, address: str, budget: Budget) -> tuple[Plan, Iterable[bytes]]:
        """Return an exchange whose pieces of papers are read as the line takes them; a list where none is.

        Everything else is made at once, so no unit is open while a slow line moves.

        Raises:
            NoSuchNeighbour: no exchange with that address is possible.
        """
        with self._unit():
            decided = self.peer.plan(address, budget, self.world.evidence())
            source, made = self.peer.emit(decided), list[bytes]()
            while not decided.in_papers and (chunk := next(source, b"")):
                made.append(chunk)
        self._before_leaving(decided)
        rest = next(source, b"")
        # An iterator has no length; whoever sends must then say the length of each part.
        return decided, chain(made, [rest], source) if rest else made

    def stream(self, address: str, budget: Budget) -> tuple[Plan, Iterator[bytes]]:
        """Return a large exchange as bytes made piece by piece; the unit is held for one record at a time."""
        with self._unit():
            decided = self.peer.plan(address, budget, self.world.evidence())
        self._before_leaving(decided)
        return decided, self._piecewise(self.peer.emit(decided))

    def _piecewise(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        while True:
            with self._unit():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    # --- looking
    def got(self, address: str) -> object:
        """Return what a neighbour holds and gets: equal to what was returned before while nothing changes."""
        with self._unit():
            return self._got(self.peer.neighbour(address))

    def standing(self, address: str, before: object) -> tuple[int, object]:
        """Return whether something waits for a neighbour, and what it has; see `got`.

        As long as it has what it had `before` nobody looks what waits: 0.
        """
        with self._unit():
            neighbour = self.peer.neighbour(address)
            got = self._got(neighbour)
            if got == before:
                return 0, got
            _, (papers, docs), owed = got
            return int(bool(owed or papers or docs or self.peer.is_behind(neighbour))), got

    def _got(
        self, neighbour: Neighbour
    ) -> tuple[object, tuple[list[tuple[str, int, int]], list[str]], list[str]]:
        # Only what is here for it: what it asks for in vain may change without end.
        peer = self.peer
        return peer.core.spool.vector(neighbour.address), peer.asked_for(neighbour), peer.owed_to(neighbour)

    def _unit(self) -> AbstractContextManager[None]:
        return self.world.unit()

    def _before_leaving(self, decided: Plan) -> None:
        # After the commit it speaks of, before the first byte of it leaves.
        self.world.attest(decided.word)
        self._journal()

    def _journal(self) -> None:
        notes = self.peer.take_notes()
        if notes:
            self.world.journal(notes)


def _read_head(source: Iterator[bytes]) -> tuple[Head, bytes]:
    buffer = b""
    for chunk in source:
        buffer += chunk
        parsed = read_head(buffer)
        if parsed is not None:
            head, used = parsed
            return head, buffer[used:]
        if len(buffer) > HEAD_WAIT_BYTES:
            break
    if not buffer:
        raise BadExchange("nothing came")
    raise BadRecord("cut in the head")


def _some_of(source: Iterator[bytes], size: int) -> bytes:
    found = b""
    while len(found) < size and (chunk := next(source, b"")):
        found += chunk
    return found


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
