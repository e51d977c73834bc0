"""Letting nodes in: codes given out on paper, requests answered once, and the new node's own side."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from common.node import records
from common.node.enrolling.enrolment_refusals import (
    AddressRetired,
    JoinFirst,
    NotBelowHere,
    NumberedTooHigh,
    SheetsJustMade,
    may_let_in,
)
from common.node.enrolling.fallen import ENROLLED, fallen
from common.node.enrolling.first_words import first_words
from common.store import audit
from common.store.database import require_unit
from sync.protocol import enrolment, signed
from sync.protocol.core import Core
from sync.protocol.errors import BadEnrolment, CodeUsedTwice, NotCanonical, SyncError
from sync.protocol.own.issue import EPOCHS_BELIEVED
from sync.protocol.practice import keyed_for
from sync.protocol.roster import RETIRED, read_key
from sync.protocol.rotation import has_fallen
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.streams import Epoch, read_epoch
from sync.protocol.trust import registrar
from sync.protocol.trust.refusal import is_revoked
from sync.protocol.trust.revocation import NOT_OURS

VALID_MS = 14 * 86_400_000


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code given out: for whom, when, and when it was used (0: not yet)."""

    address: str
    name: str
    issued_at: int
    expires_at: int
    used_at: int

    def is_good(self, now_ms: int) -> bool:
        """Say whether a computer may still join by it; another code for the address makes it void."""
        return not self.used_at and now_ms <= self.expires_at


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A key of a site directly below, of which the top has said that it is none of that site's, and when.

    `joined_at`: when a computer with this key joined here by a code; 0: never, so somebody else gave the word
    for it with this node's key. Both UTC milliseconds, `since` by the top's clock.
    """

    address: str
    since: int
    joined_at: int


class EnrolmentDesk:
    """The office that lets nodes in below this one.

    Args:
        roster_key: the key that signs the roster at the top; None elsewhere,
            where this node only vouches until the top confirms.
    """

    def __init__(self, core: Core, roster_key: KeyPair | None, random: Callable[[int], bytes]) -> None:
        self._core = core
        self._roster_key = roster_key
        self._random = random

    def issue(self, address: str, name: str, now_ms: int, login: str = "") -> str:
        """Return a new code for an address below this one; it is shown once and replaces the one before.

        For an address that has joined already it lets a new computer take its place.

        Args:
            login: who gives it out, "" on the console.

        Raises:
            JoinFirst: this node has not joined.
            NotBelowHere, AddressRetired: the address is not below this node; nobody joins there any more.
            NumberedTooHigh: somebody has numbered its epochs so high that no code can be above them.
        """
        require_unit()
        return self._give(address, name, self._epochs_known().get(address, 0), (login, now_ms))

    def _epochs_known(self) -> dict[str, int]:
        """Return the number of the newest epoch of each address that ever joined."""
        known: dict[str, int] = {}
        for held in self._core.spool.all_held(signed.EPOCH):
            address, epoch = held.key.split("|")
            if self._counts(address, epoch, held.statement):
                known[address] = max(known.get(address, 0), held.rank[0])
        return known

    def _counts(self, address: str, epoch: str, record: Statement) -> bool:
        """Say whether a new epoch must be above this one: not when a thief may have numbered it."""
        revoked = self._core.roster.revoked(address)
        if not revoked:
            return True
        made = read_epoch(record)
        cut = revoked.get(made.key_id)
        if cut is None:
            return not has_fallen(self._core, made)
        return made.n <= EPOCHS_BELIEVED and any(stream.split("|")[1] == epoch for stream in cut.cut)

    def _give(self, address: str, name: str, epoch_known: int, by: tuple[str, int]) -> str:
        login, now_ms = by
        self.check_joined()
        if not may_let_in(self._core.tree, self._core.me, address):
            raise NotBelowHere
        if (entry := self._core.roster.entries.get(address)) is not None and entry.status == RETIRED:
            raise AddressRetired
        if epoch_known >= enrolment.NUMBER_MAX:
            raise NumberedTooHigh(address=address)
        code = enrolment.make_code(epoch_known + 1, self._random(enrolment.CODE_RANDOM_BYTES))
        epoch_n, secret = enrolment.read_code(code, keyed_for(self._core.roster.network))
        records.EnrolmentCode.replace(
            address=address,
            name=name,
            secret=secret.hex(),
            epoch_n=epoch_n,
            issued_at=now_ms,
            expires_at=now_ms + VALID_MS,
            used_at=0,
            request="",
        ).execute()
        audit.record(login, "node.code", address, {"epoch": epoch_n}, now_ms)
        return code

    def check_joined(self) -> None:
        """Look whether this node may let anybody in: a sheet without a fingerprint shows nobody the network.

        Raises:
            JoinFirst: it has not joined a network itself.
        """
        identity = self._core.spool.identity()
        if identity is None or not identity.fingerprint:
            raise JoinFirst

    def issue_sheets(
        self, names: Mapping[str, str], login: str, now_ms: int, seen: str = ""
    ) -> dict[str, str]:
        """Return a new code for each of these addresses, for sheets printed in one go, which is logged.

        Args:
            names: address → name of the site.
            seen: the `mark` that whoever asks has seen, "" asks nothing. Sheets printed meanwhile would be
                void without anybody having meant it.

        Raises:
            JoinFirst, NotBelowHere: this node has not joined; an address is not below it.
            SheetsJustMade: codes were given out since; nothing was changed.
        """
        require_unit()
        self.check_seen(seen)
        known, by = self._epochs_known(), (login, now_ms)
        codes = {
            address: self._give(address, name, known.get(address, 0), by) for address, name in names.items()
        }
        audit.record(login, "node.sheets", self._core.me, {"count": len(codes)}, now_ms)
        return codes

    def check_seen(self, seen: str) -> None:
        """Look whether no code was given out since somebody saw this `mark`; "" asks nothing.

        Raises:
            SheetsJustMade: one was.
        """
        if seen and seen != self.mark():
            raise SheetsJustMade

    def mark(self) -> str:
        """Return what changes whenever a code is given out, whatever the clock says; it tells nothing."""
        return hashlib.sha256("\n".join(records.code_secrets()).encode()).hexdigest()[:32]

    def issued(self) -> list[CodeRow]:
        """Return every code given out, newest first."""
        rows = records.EnrolmentCode.select().order_by(records.EnrolmentCode.issued_at.desc())
        return [CodeRow(r.address, r.name, r.issued_at, r.expires_at, r.used_at) for r in rows]

    def turned_down(self) -> list[TurnedDown]:
        """Return the keys below this node that the top has refused, newest first; none at the top."""
        core, found = self._core, list[TurnedDown]()
        for address in core.tree.children(core.me) if core.me != core.tree.top else ():
            for one in core.roster.entries[address].revoked:
                since = one.get("since")
                if one.get("reason") == NOT_OURS and type(since) is int:
                    found.append(TurnedDown(address, since, self._joined_at(address, one["key"])))
        return sorted(found, key=lambda turned: -turned.since)

    def fallen(self) -> list[tuple[str, int]]:
        """Return the sites let in here that are not heard any more, and when each joined; see `fallen`."""
        return fallen(self._core, [row.address for row in self.issued()])

    def _used(self, request: enrolment.Request) -> BadEnrolment:
        """Return why a used code is refused: the computer that it let in, once more, is no second one."""
        self._check(request)
        joined = [row for row in audit.rows(request.address) if row.action == ENROLLED]
        is_same = bool(joined) and json.loads(joined[-1].detail)["key"] == request.key["id"]
        return BadEnrolment("joined already") if is_same else CodeUsedTwice(request.address)

    @staticmethod
    def _joined_at(address: str, key: str) -> int:
        joined = [row for row in audit.rows(address) if row.action == ENROLLED]
        return max((row.at for row in joined if json.loads(row.detail)["key"] == key), default=0)

    def read(self, data: bytes) -> tuple[records.EnrolmentCode, enrolment.Request]:
        """Return the code given out for a request and what the request says; only reads, and needs no unit.

        Raises:
            BadEnrolment: no such code, or the request was made with another one.
        """
        row = records.EnrolmentCode.get_or_none(records.EnrolmentCode.address == enrolment.address_in(data))
        if row is None:
            raise BadEnrolment("no code for this address")
        return row, enrolment.read_request(data, bytes.fromhex(row.secret))

    def answer(self, data: bytes, now_ms: int) -> bytes:
        """Answer a request: enter the new key, or vouch for it, and hand over what the new node must know.

        The same request again gets an answer again (the first may have been
        lost on the line); another request with a used code is refused. One with a key that is revoked is
        answered and nothing else: a computer may not have heard of that.

        Raises:
            BadEnrolment: no such code, used by this very key, expired, or the request was made with
                another one.
            CodeUsedTwice: another computer came with it before.
        """
        require_unit()
        row, request = self.read(data)
        secret = bytes.fromhex(row.secret)
        if row.used_at and row.request != request.epoch.hash:
            raise self._used(request)
        if now_ms > row.expires_at and not row.used_at:
            raise BadEnrolment("code expired")
        if not row.used_at:
            epoch = self._check(request)
            if epoch.n != row.epoch_n:
                raise BadEnrolment("another epoch than the code says")
            if is_revoked(self._core, request.address, epoch.key_id):
                # No code makes it count again: the answer tells that, and the code lets in the next key.
                return enrolment.write_answer(first_words(self._core, request), request.nonce, secret)
            self._admit(request, epoch, row.name, now_ms)
            row.used_at, row.request = now_ms, request.epoch.hash
            row.save()
            audit.record("", ENROLLED, request.address, {"key": request.key["id"]}, now_ms)
        return enrolment.write_answer(first_words(self._core, request), request.nonce, secret)

    def _check(self, request: enrolment.Request) -> Epoch:
        try:
            epoch = read_epoch(request.epoch)
            key = read_key(request.key)
        except (SyncError, NotCanonical):
            raise BadEnrolment("key or epoch") from None
        if (
            epoch.src != request.address
            or epoch.key_id != key.id
            or not request.epoch.signed_by(key, self._core.suite)
        ):
            raise BadEnrolment("epoch does not fit the key")
        return epoch

    def _admit(self, request: enrolment.Request, epoch: Epoch, name: str, now_ms: int) -> None:
        # No parent is named: the nearest division above that is in service is the parent, today and after
        # a township joins late.
        child = {"address": request.address, "parent": "", "name": name, "key": request.key}
        if self._roster_key is not None:
            registrar.admit_child(self._core, self._roster_key, child, now_ms)
        else:
            registrar.vouch(self._core, child, request.epoch.hash, now_ms)
        self._core.keep(request.epoch, f"{request.address}|{epoch.id}", (epoch.n, 0, 0))
