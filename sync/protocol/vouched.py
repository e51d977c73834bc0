"""At the top: keys a parent gave its word for though the roster has one of that address; a person decides.

A township lets a machine in while it has no line to the county. An address that was never in the roster is
entered as soon as the top hears of it; for one that is, the word of the township alone changes nothing, for
its own key may be stolen. Either the computer was replaced there, and the key is the one in use now; or the
top has let a newer computer in meanwhile, without knowing of this one, and the key is a former one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sync.protocol import registrar
from sync.protocol.deliver import Application, deliver
from sync.protocol.entries import Entry, Vouch
from sync.protocol.errors import BadRoster
from sync.protocol.intake import retry_unknown
from sync.protocol.revocation import roster_key_of

if TYPE_CHECKING:
    from sync.protocol.core import Core


class Word(NamedTuple):
    """A parent's word for a key that nobody has decided on, and how many acts by that key wait for it here.

    `at`: when it was given by the parent's clock, UTC milliseconds; it proves nothing.
    """

    vouch: Vouch
    at: int
    waiting: int


def undecided(core: Core) -> list[Word]:
    """Return the words for keys of addresses that have others in the roster, by address."""
    found = [vouch for vouch in core.roster.vouches.values() if vouch.child in core.roster.entries]
    found.sort(key=lambda vouch: (vouch.child, vouch.key.id))
    return [Word(vouch, _given_at(vouch), _waiting(core, vouch)) for vouch in found]


def confirm_current(core: Core, application: Application, name: tuple[str, str], now_ms: int) -> Entry:
    """Enter a key as the one its address uses now; what waited for it counts at once. Return the entry.

    Args:
        name: the address, and the id of the key.
        now_ms: UTC, by the clock of the top.

    Raises:
        BadRoster: no parent has given its word for it, it was decided on already, the address is retired, or
            this node is not the top; nothing changed.
    """
    entry = registrar.admit_child(core, roster_key_of(core), _child(core, name), now_ms)
    deliver(core, retry_unknown(core, now_ms), application)
    return entry


def confirm_former(core: Core, application: Application, name: tuple[str, str], now_ms: int) -> Entry:
    """Enter a key as one its address had before the one in use; else as `confirm_current`.

    What it signed counts; what is for that address is still sealed to the key in use.
    """
    entry = registrar.admit_former(core, roster_key_of(core), _child(core, name), now_ms)
    deliver(core, retry_unknown(core, now_ms), application)
    return entry


def _child(core: Core, name: tuple[str, str]) -> dict[str, Any]:
    address, key_id = name
    vouch = core.roster.vouches.get(f"{address}|{key_id}")
    if vouch is None or address not in core.roster.entries:
        raise BadRoster(f"nobody asks for key {key_id} of {address}")
    return {"address": address, "parent": "", "name": "", "key": vouch.key.as_fields()}


def _given_at(vouch: Vouch) -> int:
    at = vouch.statement.fields().get("at", 0)
    return at if type(at) is int and at >= 0 else 0


def _waiting(core: Core, vouch: Vouch) -> int:
    count = 0
    for row in core.spool.parked([f"roster:{vouch.child}"]):
        frame = core.spool.frame_of_act(row.id)
        record = core.epoch(vouch.child, frame.header.stream.epoch) if frame is not None else None
        count += int(record is not None and record.key_id == vouch.key.id)
    return count
