"""Two computers that speak for one node: who was seen so, and who at the top has looked after it since."""

from __future__ import annotations

import json
from dataclasses import dataclass

from common.node import records
from common.store import audit
from sync.protocol import signed
from sync.protocol.entries import read_entry
from sync.protocol.spool import Spool

# The note that says so; how long ago it may have been made last to be told of at the top.
TWINS, TWINS_MS = "S122", 7 * 86_400_000
SETTLED = "twins.settled"


@dataclass(frozen=True, slots=True)
class Settled:
    """Somebody has looked after it: who, when, and up to which alarm (UTC ms)."""

    login: str
    at: int
    upto: int


def seen(now_ms: int) -> list[tuple[str, int]]:
    """Return of whom there is an alarm that nobody has looked after, each with when last (UTC ms)."""
    found = records.told_between(TWINS, now_ms - TWINS_MS, now_ms)
    return [(address, at) for address, at in found if at > _upto(settled(address, now_ms))]


def alarms(spool: Spool, now_ms: int) -> list[tuple[str, int]]:
    """Return those seen whose twin may still have a key that counts, each with when last (UTC ms)."""
    return [(address, at) for address, at in seen(now_ms) if not at < _none_older(spool, address) <= now_ms]


def settled(address: str, now_ms: int) -> Settled | None:
    """Return who looked after the alarm of a node last; what was said while the clock was ahead is none."""
    rows = [row for row in audit.rows(address) if row.action == SETTLED and row.at <= now_ms]
    return Settled(rows[-1].actor, rows[-1].at, int(json.loads(rows[-1].detail)["upto"])) if rows else None


def settle(address: str, upto_ms: int, login: str, now_ms: int) -> None:
    """Write down that somebody has looked after the alarms up to this one; a later one is told again.

    Needs an open unit of work. Without such an alarm nothing is written.
    """
    if upto_ms > 0 and address in dict(seen(now_ms)):
        audit.record(login, SETTLED, address, {"upto": min(upto_ms, now_ms)}, now_ms)


def _none_older(spool: Spool, address: str) -> int:
    """Return since when all keys of a site are newer that still count (UTC ms): its twin is a stranger then.

    A key that it went over to by itself, be it the twin, ends nothing as long as the former one counts.
    """
    held = spool.held(signed.ENTRY, address)
    if held is None:
        return 0
    good = {key.id for key in read_entry(held.statement).good_keys}
    return min((int(key["from"]) for key in held.statement.fields()["keys"] if key["id"] in good), default=0)


def _upto(found: Settled | None) -> int:
    return found.upto if found is not None else 0
