"""The roster as it is stored here, read without the unit of work: looking stops nobody's writing."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

from sync.protocol import signed
from sync.protocol.core import TRUST_SORTS
from sync.protocol.errors import SyncError
from sync.protocol.roster import Roster
from sync.protocol.rotation import learn_rotation
from sync.protocol.signed import Statement
from sync.protocol.signing import Suite
from sync.protocol.spool import Held, Identity
from sync.protocol.streams import Epoch, read_epoch

_SORTS = (*TRUST_SORTS, signed.EPOCH)


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
        # Up to where each sort was read: one for all would pass over what is written between two reads.
        self._stamps: dict[str, int] = {}

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
            self._roster, self._stamps = Roster(fingerprint, self._suite), {}
        new = self._new()
        for sort in TRUST_SORTS:
            found = [held.statement for held in new[sort]]
            if sort == signed.APPOINTMENT:
                # As in `Core`: one that new root keys gave is believed after the one that names them.
                found.sort(key=lambda one: int(one.fields()["version"]))
            offer(self._roster, found)
        for held in new[signed.EPOCH]:
            learn_rotation(self._roster, held.statement)
        self._stamps |= {sort: found[-1].stamp for sort, found in new.items() if found}

    def _new(self) -> dict[str, list[Held]]:
        """Return what was kept since the last look, by sort.

        It is read until a round brings no more: nobody's writing is held up for it, and an entry read without
        the appointment or the head that was written with it would be passed over, a revocation with it.
        """
        found: dict[str, list[Held]] = {sort: [] for sort in _SORTS}
        is_more = True
        while is_more:
            is_more = False
            for sort, known in found.items():
                after = known[-1].stamp if known else self._stamps.get(sort, 0)
                fresh = self._store.all_held(sort, after)
                known += fresh
                is_more = is_more or bool(fresh)
        return found

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
