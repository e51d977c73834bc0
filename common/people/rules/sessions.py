"""When a session ends by itself, and when wrong passwords pause signing in. Pure: all times are given.

Ages are counted on the machine's monotonic clock, so that setting the date forward or back neither opens an
account nor shuts one. The date only helps to end, after a restart, what was open (`least_age_ms`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

# Several people sign in from one address (a hall behind one router), so an address may err more often.
ADDRESS_FACTOR = 4
# Of an IPv6 address whoever sits at one plug chooses this half at will.
_OWN_BITS = 64


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a session lasts idle and in all, and the pause (ms) that so many wrong attempts cause."""

    idle_ms: int
    absolute_ms: int
    attempts: int
    pause_ms: int


class Stamp(NamedTuple):
    """A point of running time: which run of the machine, and milliseconds since an arbitrary start of it."""

    boot: str
    mono_ms: int


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """When a session was made and last used, and whether it was ended."""

    created: Stamp
    seen: Stamp
    is_revoked: bool


class Wrongs(NamedTuple):
    """How often a login was tried wrongly since it last went right, and when the last time was."""

    tries: int
    last: Stamp


def place_of(ip: str) -> str:
    """Return what counts as one address: under IPv6 the network of a plug, and IPv4 however it is written.

    Else one computer has as many addresses as it likes, and a new one for each few guesses.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address) >> _OWN_BITS << _OWN_BITS, 128 - _OWN_BITS)))


def age_ms(then: Stamp, now: Stamp) -> int:
    """Return how long ago `then` was by the monotonic clock, 0 when it was in another run of the machine.

    Across a restart nothing is known but the wall clock, which anybody may set: so a pause begins anew then,
    and never ends early.
    """
    return max(0, now.mono_ms - then.mono_ms) if then.boot == now.boot else 0


def least_age_ms(then: Stamp, now: Stamp, by_date_ms: int) -> int:
    """Return how long ago `then` was at least, for what must not stay open over restarts of the machine.

    In one run of it that is known. Across a restart it is as long as this run lasts, or as the date says, if
    that is more: a PC that is switched off every night would else keep for ever what is to end in a week.
    """
    if then.boot == now.boot:
        return age_ms(then, now)
    return max(now.mono_ms, by_date_ms)


def is_live(times: SessionTimes, now: Stamp, limits: SignInLimits) -> bool:
    """Say whether the session still counts at `now`.

    With a restart of the machine every session is over: how long it lay idle cannot be known.
    """
    if times.is_revoked or times.created.boot != now.boot or times.seen.boot != now.boot:
        return False
    return (
        0 <= now.mono_ms - times.seen.mono_ms < limits.idle_ms
        and 0 <= now.mono_ms - times.created.mono_ms < limits.absolute_ms
    )


def login_pause_ms(wrongs: Wrongs, now: Stamp, limits: SignInLimits) -> int:
    """Return how long a login stays paused, 0 when it is open; never more than one pause.

    The count is kept until a right sign-in, so after the first pause each further error begins another.
    """
    if wrongs.tries < limits.attempts:
        return 0
    return max(0, limits.pause_ms - age_ms(wrongs.last, now))


def address_pause_ms(wrong_at: Sequence[Stamp], now: Stamp, limits: SignInLimits) -> int:
    """Return how long an address stays paused, 0 when it is open; `wrong_at` in any order.

    Counts only what went wrong within one pause, since many people share an address.
    """
    ages = sorted(age for at in wrong_at if (age := age_ms(at, now)) < limits.pause_ms)
    return limits.pause_ms - ages[0] if len(ages) >= limits.attempts * ADDRESS_FACTOR else 0
