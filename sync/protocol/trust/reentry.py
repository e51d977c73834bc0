"""The top meets an entry that it signed and does not know: put back, it entered the address anew.

Nobody who holds the one would ever take the other, and a key that one of the two has revoked would be good
again. So what both say is signed once more, above both: of what only one of two can be true that stands
which is in force here, for that a person said last.

Two copies of the top at work would drive each other on for ever: after some such steps people decide.
"""

from __future__ import annotations

from typing import Any

from sync.protocol.core import Core
from sync.protocol.entries import RETIRED, Entry, read_entry, read_key
from sync.protocol.errors import BadRoster
from sync.protocol.memos import note_down
from sync.protocol.own.republish import SIGNED_ABOVE
from sync.protocol.signed import ENTRY, Statement
from sync.protocol.signing import KeyPair
from sync.protocol.trust.entry_room import shorten
from sync.protocol.trust.lives import are_apart, is_lost
from sync.protocol.trust.lost_keys import keep_lost_keys
from sync.protocol.trust.own_entries import is_of_lost_time, note_met
from sync.protocol.trust.registrar import enter, fields_of

# So often an address is entered above two entries; a top that is put back needs it once each time.
LEAPS_MAX = 12
_LEAPS = "entry leaps"
# Of an address, the hashes of so many entries by former roster keys are remembered as noted.
_NOTED, _NOTED_MAX, _HASH_BYTES = "lost entries", 32, 32


def meet_entry(core: Core, statement: Statement) -> bool:
    """Say whether an entry comes, at the top, that is not to be taken in.

    One of its own that is no version before or after the one in force is remembered for `settle_entries`;
    one that a former roster key signed is passed over, and noted once when it says more than is known here;
    people decide on the keys that it names.
    """
    key = core.means.roster_key
    # The signature first: anybody may send what costs much to read.
    if key is None or statement.sort != ENTRY:
        return False
    is_own = statement.signed_by(key.public, core.suite)
    if not is_own and not _is_by_former_key(core, key, statement):
        return False
    try:
        other = read_entry(statement)
    except BadRoster:
        return False
    mine = core.roster.entries.get(other.address)
    if not is_own:
        if mine is None or (is_lost(other, mine) and _is_news(core, other)):
            core.note(BadRoster.code, other.address, f"entry {other.version} by a former roster key")
        if mine is not None:
            keep_lost_keys(core, other)
        return True
    if mine is None or not _are_two(core, mine, other):
        return False
    if statement.fields().get("network") != core.roster.network:
        return False
    if not mine.statement.signed_by(key.public, core.suite):
        return False
    core.found.entries.append(other)
    return True


def _is_by_former_key(core: Core, key: KeyPair, statement: Statement) -> bool:
    """Say whether a roster key before the top's own signed a statement: its thief can still sign any.

    What had been in force the top's own key has signed again, and in that form it comes back. A key that no
    appointment here names is newer than all that are: the top was put back to before it.
    """
    named = [one.fields()["key"] for one in core.roster.given]
    own = next((at for at, one in enumerate(named) if one["id"] == key.id), len(named))
    return any(statement.signed_by(read_key(one), core.suite) for one in named[:own])


def _is_news(core: Core, other: Entry) -> bool:
    """Remember that an entry is noted; False when it was: every node that has it shows it."""
    held, name = core.spool.held(_NOTED, other.address), bytes.fromhex(other.statement.hash)
    known = held.content if held is not None else b""
    if name in {known[at : at + _HASH_BYTES] for at in range(0, len(known), _HASH_BYTES)}:
        return False
    note_down(core, _NOTED, other.address, (known + name)[-_HASH_BYTES * _NOTED_MAX :])
    return True


def settle_entries(core: Core, now_ms: int) -> None:
    """Sign above the entries that were met in this unit what they and those in force say."""
    others, core.found.entries = core.found.entries, []
    for other in others:
        key, mine = core.means.roster_key, core.roster.entries[other.address]
        if key is None or not _are_two(core, mine, other):
            continue
        fields = _joined(core, mine, other, now_ms)
        if other.version + 1 < mine.version and fields == {**fields_of(mine), "version": fields["version"]}:
            # It says nothing more, and who holds it takes the one in force.
            note_met(core, mine, other)
            continue
        if not _may_leap(core, mine.address):
            continue
        # What does not fit is held back once it is met, and a person releases it.
        shorten(mine, fields)
        core.note(SIGNED_ABOVE, core.me, f"entry of {mine.address} {other.version} twice, signed above")
        note_met(core, enter(core, key, fields, now_ms), other)


def _are_two(core: Core, mine: Entry, other: Entry) -> bool:
    return are_apart(mine, other) or is_of_lost_time(core, mine, other)


def _may_leap(core: Core, address: str) -> bool:
    """Count one more entry signed above two of an address; False, and people are told, after too many."""
    held = core.spool.held(_LEAPS, address)
    count = held.rank[0] if held is not None else 0
    if count >= LEAPS_MAX:
        core.note("S122", core.me, f"entries of {address} keep coming twice, no more are signed")
        return False
    note_down(core, _LEAPS, address, rank=(count + 1, 0, 0))
    return True


def _joined(core: Core, mine: Entry, other: Entry, now_ms: int) -> dict[str, Any]:
    """Return the fields of the entry above both.

    Its number leaves one out: who holds one of the two looks whether the very next follows that one.
    """
    fields, theirs = fields_of(mine), fields_of(other)
    known = {one["id"] for one in theirs["keys"]}
    own = {one["id"]: one for one in fields["keys"]}
    keys = [own.get(one["id"], one) for one in theirs["keys"]]
    keys += [one for one in fields["keys"] if one["id"] not in known]
    fields["keys"] = [{**one, "until": one["until"] or now_ms} for one in keys[:-1]] + keys[-1:]
    gone = {one["key"] for one in fields["revoked"]}
    closed = {one["key"] for one in theirs["revoked"] if one.get("closed") == 1}
    fields["revoked"] = [{**one, "closed": 1} if one["key"] in closed else one for one in fields["revoked"]]
    fields["revoked"] += [one for one in theirs["revoked"] if one["key"] not in gone]
    # Whoever it stood below by the other entry has to hear of this one too.
    stood = {other.parent} - {"", mine.parent}
    left = sorted({*mine.left, *other.left, *stood})
    status = RETIRED if RETIRED in (mine.status, other.status) else mine.status
    return {
        **fields,
        **({"left": left} if left else {}),
        "status": status,
        "version": max(mine.version, other.version) + 2,
    }


def sign_again(core: Core, roster_key: KeyPair, now_ms: int) -> None:
    """At the top: sign again what former roster keys signed, once the appointment of its own has come back.

    Put back to before it took office, it hears of that from the nodes, who believe no former key any more.
    """
    office = core.roster.appointment
    if office is None or office.fields()["key"]["id"] != roster_key.id:
        return
    for entry in list(core.roster.entries.values()):
        if entry.statement.key_id != roster_key.id:
            enter(core, roster_key, fields_of(entry), now_ms)
