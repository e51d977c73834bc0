"""Revokes seals: which are meant, from when, and the next list signed by the county's root."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from common.clock import Clock
from common.days import is_date, local_day
from common.seal import authority, crl
from common.seal.errors import AlreadyRevoked, BadDay, NoRoot, RootKeyAway, SeveralSeals, UnknownSeal
from common.seal.keys import SealKeys
from common.seal.rules.revoked import Reason, Revocation, RevocationList, with_one

if TYPE_CHECKING:
    from cryptography import x509

_SERIAL = re.compile(r"[0-9a-f]{16,40}")
_LOCAL_MS = 8 * 3_600_000
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be revoked: a seal's number (hex) or an organ's name; `since` a local day, "" for now."""

    what: str
    reason: Reason
    since: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was revoked, the number of the list that says so, and the certificates that are known here."""

    number: int
    revoked: tuple[Revocation, ...]
    certificates: tuple[x509.Certificate, ...]


def revoke(keys: SealKeys, order: Order, clock: Clock) -> Done:
    """Sign the next list with the seal of an organ on it, and keep it; with it every seal of the same key.

    Raises:
        RootKeyAway: the root's key is not in the folder.
        NoRoot: nor is the root.
        UnknownSeal, SeveralSeals: which seal is meant cannot be told.
        AlreadyRevoked: it is, from that day or an earlier one.
        BadDay: the day is none, lies ahead, or before the seal.
        ClockImplausible: the clock cannot be right.
        SealKeysDamaged: a file is. Nothing is changed by any of these.
    """
    keys.root()
    try:
        root, root_key = keys.root_pair()
    except NoRoot:
        raise RootKeyAway(folder=str(keys.folder)) from None
    with keys.register.writing():
        # Within the lock: whatever was sealed was sealed before this.
        now = -(-clock.now_ms() // 1000) * 1000
        authority.check_time(root, now)
        known = keys.register.list(root)
        serials, meant = _meant(keys.register.issued(), known, order.what)
        since = _since(order.since, meant, now)
        revoked = dict(known.revoked)
        for serial in serials:
            more = with_one(RevocationList(0, 0, revoked), Revocation(serial, order.reason, now, since))
            revoked = more if more is not None else revoked
        if revoked == known.revoked:
            before = known.revoked[serials[0]]
            raise AlreadyRevoked(serial=serials[0], day=local_day(before.since))
        number = known.number + 1
        keys.register.put_list(crl.make_list(root, root_key, RevocationList(number, now, revoked)))
    return Done(number, tuple(revoked[one] for one in serials), meant)


def _meant(
    issued: list[x509.Certificate], known: RevocationList, what: str
) -> tuple[list[str], tuple[x509.Certificate, ...]]:
    """Return the numbers of the seals meant, and what is known of them."""
    by_serial = {authority.serial_of(one): one for one in issued}
    serial = "".join(what.split()).lower().lstrip("0")
    if serial in by_serial:
        return _with_same_key(by_serial, by_serial[serial])
    named = [one for one in issued if authority.organ_of(one) == what.strip()]
    if not named and _SERIAL.fullmatch(serial):
        # Signed before numbers were kept, or by a folder that was lost: the number alone does it.
        return [serial], ()
    if not named:
        raise UnknownSeal(what=what.strip()[:64])
    counting = [one for one in named if authority.serial_of(one) not in known.revoked] or named[-1:]
    if len({authority.key_print_of(one) for one in counting}) > 1:
        serials = "、".join(authority.serial_of(one) for one in counting)
        raise SeveralSeals(organ=what.strip(), serials=serials)
    return _with_same_key(by_serial, counting[0])


def _with_same_key(
    by_serial: dict[str, x509.Certificate], one: x509.Certificate
) -> tuple[list[str], tuple[x509.Certificate, ...]]:
    """Return it with all that were signed for its key: an answer that got lost was signed twice."""
    key = one.public_key()
    found = {serial: other for serial, other in by_serial.items() if other.public_key() == key}
    return list(found), tuple(found.values())


def _since(day: str, meant: tuple[x509.Certificate, ...], now: int) -> int:
    if not day:
        return now
    if not is_date(day):
        raise BadDay(day=day[:20], why="请写成 2026-01-31 的样子")
    if day > local_day(now):
        raise BadDay(day=day, why="还没有到")
    if meant and day < min(one.not_valid_before_utc for one in meant).date().isoformat():
        raise BadDay(day=day, why="早于制发印章的日期")
    # From its first moment on, in China.
    return (date.fromisoformat(day) - _EPOCH).days * _DAY_MS - _LOCAL_MS
