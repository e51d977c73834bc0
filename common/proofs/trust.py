"""The roster as it is stored here, read without the unit of work: looking stops nobody's writing."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

from sync.protocol import signed
from sync.protocol.core import TRUST_SORTS
from sync.protocol.errors import SyncError
from sync.protocol.roster import Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import Suite
from sync.protocol.spool import Held, Identity
from sync.protocol.streams import Epoch, read_epoch


class TrustStore(Protocol):
    """The part of the spool in which trust is kept."""

    def identity(self) -> Identity | None:
        """Return the node's identity."""
        ...

    def held(self, sort: str, key: str) -> Held | None:
        """Return the statement kept under (sort, key)."""
        ...

    def all_held(self, sort: str, after_stamp: int = 0) -> list[Held]:
        """Return the statements of a sort whose stamp is above `after_stamp`, by stamp."""
        ...


class Trust:
    """What this node knows of keys, brought up to date at every look; safe to ask from several threads."""

    def __init__(self, store: TrustStore, suite: Suite) -> None:
        self._store = store
        self._suite = suite
        self._lock = threading.Lock()
        self._roster = Roster("", suite)
        self._stamp = 0

    def identity(self) -> Identity | None:
        """Return the node's identity, None before it has one."""
        return self._store.identity()

    def roster(self) -> Roster:
        """Return the roster as it now stands: a copy, the caller's own."""
        with self._lock:
            self._refresh()
            return self._roster.copy()

    def _refresh(self) -> None:
        identity = self._store.identity()
        fingerprint = identity.fingerprint if identity else ""
        if self._roster.fingerprint != fingerprint:
            self._roster, self._stamp = Roster(fingerprint, self._suite), 0
        newest = self._stamp
        for sort in TRUST_SORTS:
            for held in self._store.all_held(sort, self._stamp):
                newest = max(newest, held.stamp)
                offer(self._roster, [held.statement])
        self._stamp = newest

    def epoch(self, src: str, epoch: str) -> Epoch | None:
        """Return the record of an epoch, None when it is not here."""
        held = self._store.held(signed.EPOCH, f"{src}|{epoch}")
        return read_epoch(held.statement) if held else None


def offer(roster: Roster, statements: Iterable[Statement]) -> None:
    """Let a roster take in what it believes of these; the rest is passed over."""
    for statement in statements:
        try:
            roster.offer(statement)
        except SyncError:
            # Of another network, of a former roster key, or forged: it adds nothing to what is known.
            continue
