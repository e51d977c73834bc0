"""At the top: keys that somebody names though the roster has others of that address; a person decides.

A township lets a machine in while it has no line to the county. An address that was never in the roster is
entered as soon as the top hears of it; for one that is, the word of the township alone changes nothing, for
its own key may be stolen. Either the computer was replaced there, and the key is the one in use now; or the
top has let a newer computer in meanwhile, without knowing of this one, and the key is a former one. Or it
is neither: whoever has the township's key, or a code that was not meant for them, has let themselves in.

As uncertain are the keys that the roster had in a time which the top has lost, see `lost_keys`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sync.protocol.acts import quarantine
from sync.protocol.acts.deliver import Application, deliver
from sync.protocol.entries import Entry, Vouch
from sync.protocol.errors import BadRoster, EntryFull
from sync.protocol.frame import Evidence
from sync.protocol.incoming.intake import retry_unknown
from sync.protocol.signing import PublicKey
from sync.protocol.trust import registrar, revocation
from sync.protocol.trust.entry_room import fits, shorten
from sync.protocol.trust.lost_keys import GIVEN, lost_keys, waiting_for
from sync.protocol.trust.revocation import NOT_OURS, Said, roster_key_of

if TYPE_CHECKING:
    from sync.protocol.core import Core

# What became of a key, beside NOT_OURS.
CURRENT, FORMER, REVOKED = "current", "former", "revoked"


class Word(NamedTuple):
    """A key that nobody has decided on, and how many acts or frames wait here for it.

    `by`: whose word it is, the parent's address; "" where a lost entry names it, and `state` is what those
    say of it: `lost_keys.GIVEN` or TAKEN. `at`: since when, by that clock, UTC ms; it proves nothing.
    """

    address: str
    key: PublicKey
    by: str
    at: int
    waiting: int
    state: int = GIVEN


def undecided(core: Core) -> list[Word]:
    """Return the keys of addresses that have others in the roster: the vouched ones, then the lost ones."""
    found = [vouch for vouch in core.roster.vouches.values() if vouch.child in core.roster.entries]
    found.sort(key=lambda vouch: (vouch.child, vouch.key.id))
    words = [Word(one.child, one.key, one.parent, _given_at(one), _waiting(core, one)) for one in found]
    return words + [
        Word(lost.address, lost.key, "", lost.at, waiting_for(core, lost.address), lost.state)
        for lost in lost_keys(core)
    ]


def may_be_current(core: Core, name: tuple[str, str]) -> bool:
    """Say whether a key can be the one in use now: the top's own can be no other than one that is here."""
    # What is for the top would be sealed to a key that it has not got: nobody but it knows better.
    return name[0] != core.me or name[1] in core.means.keys


def confirm_current(core: Core, application: Application, name: tuple[str, str], now_ms: int) -> Entry:
    """Enter a key as the one its address uses now; what waited for it counts at once. Return the entry.

    Args:
        name: the address, and the id of the key.
        now_ms: UTC, by the clock of the top.

    Raises:
        BadRoster: nobody names it, it was decided on already, the address is retired, or this node is not the
            top, or is that address itself and has not got the key; nothing changed.
    """
    if not may_be_current(core, name):
        raise BadRoster(f"key {name[1]} is not here")
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


def refuse(core: Core, application: Application, name: tuple[str, str], now: Evidence) -> Entry:
    """Enter a key as one that never was the address's: a former one, revoked whole. Return the entry.

    Both stand in one version of the entry, so nowhere does anything it signed count for a moment. What waited
    for the key is held back, as is what is still to come, and by and by wherever it counted on the parent's
    word; people may release it by id. The key is never good again, and its place among those vouched for is
    free.

    Raises:
        EntryFull: the entry has no room for it; nothing changed.
        BadRoster: as `confirm_current`, but a retired address may be told so too; nothing changed.
    """
    roster_key, child = roster_key_of(core), _child(core, name)
    entry = core.roster.entries[child["address"]]
    fields = registrar.fields_of(entry)
    fields["keys"] = [{**child["key"], "from": now.wall, "until": now.wall}, *fields["keys"]]
    whole = {"key": child["key"]["id"], "cut": {}, "ids": [], "reason": NOT_OURS, "since": now.wall}
    fields["revoked"] = [*fields["revoked"], whole]
    # The ids of an earlier theft make room; what no longer stands in the entry counts by acts of the top.
    older = shorten(entry, fields)
    if not fits(entry, fields):
        raise EntryFull(entry.address)
    made = registrar.enter(core, roster_key, fields, now.wall)
    # First what waits for the key is held back; only then is anything that waits for the roster tried again.
    deliver(core, quarantine.settle_cuts(core, application), application)
    deliver(core, retry_unknown(core, now.wall), application)
    if older:
        revocation.decide(core, application, quarantine.RELEASED, Said(older, quarantine.WITHIN), now)
    return made


def became_of(core: Core, name: tuple[str, str]) -> str:
    """Return what the roster says of a key by now: CURRENT, FORMER, NOT_OURS or REVOKED; "" for nothing."""
    address, key_id = name
    entry = core.roster.entries.get(address)
    if entry is None or core.roster.key(address, key_id) is None:
        return ""
    reasons = {one["key"]: one.get("reason") for one in entry.revoked}
    if key_id in reasons:
        return NOT_OURS if reasons[key_id] == NOT_OURS else REVOKED
    return CURRENT if entry.good_keys[-1].id == key_id else FORMER


def _child(core: Core, name: tuple[str, str]) -> dict[str, Any]:
    address, key_id = name
    vouch = core.roster.vouches.get(f"{address}|{key_id}")
    named = [vouch.key] if vouch is not None else []
    named += [lost.key for lost in lost_keys(core) if (lost.address, lost.key.id) == name]
    if not named or address not in core.roster.entries:
        raise BadRoster(f"nobody asks for key {key_id} of {address}")
    return {"address": address, "parent": "", "name": "", "key": named[0].as_fields()}


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
