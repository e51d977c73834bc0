"""What only the top does: found a network, enter addresses, confirm what a parent vouched for.

Root keys stay offline; the roster key signs entries one by one and a head over all of them.
"""

from __future__ import annotations

from typing import Any

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import BadRoster, EntryFull
from sync.protocol.roster import RETIRED, Entry, digest_of, entry_fields, read_key
from sync.protocol.rotation import vouching_keys
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey, Suite
from sync.protocol.trust.entry_room import check_room
from sync.protocol.trust.own_entries import note_signed
from sync.protocol.trust.state import keep_trust, tree_changed, trust_key

# Where an address has so many keys only people enter another: a thief goes over to any number, and an entry
# that does not fit one record never leaves the top, nor does what it revokes.
KEYS_UNASKED_MAX = 32


def make_root(
    network: str, name: str, keys: tuple[KeyPair, ...], suite: Suite, threshold: int = 0
) -> Statement:
    """Return the first root statement; its hash is the fingerprint printed on every enrolment sheet.

    Args:
        network: 16 random hex digits, different for every network, practice ones included.
        keys: root keys, one in the demo.
        threshold: how many of them must sign an appointment, 0 for all.

    Raises:
        ValueError: more than there are.
    """
    if not 0 <= threshold <= len(keys):
        raise ValueError("threshold")
    fields: dict[str, Any] = {
        "network": network,
        "name": name,
        "version": 1,
        "prev": "",
        "threshold": threshold or len(keys),
        "keys": [key.public.as_fields() for key in keys],
    }
    return signed.make(signed.ROOT, fields, keys, suite)


def appoint(
    root: Statement, top: str, roster_key: PublicKey, signers: tuple[KeyPair, ...], suite: Suite
) -> Statement:
    """Return the appointment of the key that signs the roster of the network under `top`."""
    fields = {
        "network": root.fields()["network"],
        "root": root.hash,
        "version": 1,
        "prev": "",
        "top": top,
        "key": roster_key.as_fields(),
    }
    return signed.make(signed.APPOINTMENT, fields, signers, suite)


def found(core: Core, root: Statement, appointment: Statement) -> None:
    """Begin a network at its top: adopt root and appointment."""
    for statement in (root, appointment):
        core.roster.offer(statement)
        core.keep(statement, trust_key(statement), (1, 0, 0))


def enter(core: Core, roster_key: KeyPair, fields: dict[str, Any], now_ms: int) -> Entry:
    """Sign the next version of an address's entry and a new head; return the entry.

    Args:
        fields: what `entry_fields` gives, and `version`, if it is among them, the least the entry gets.
    """
    _sign_entry(core, roster_key, fields, now_ms)
    _sign_head(core, roster_key, now_ms)
    return core.roster.entries[fields["address"]]


def _sign_entry(core: Core, roster_key: KeyPair, fields: dict[str, Any], now_ms: int) -> None:
    old = core.roster.entries.get(fields["address"])
    whole = {
        **fields,
        "network": core.roster.network,
        "version": max(old.version + 1 if old else 1, fields.get("version", 0)),
        "prev": old.statement.hash if old else "",
        "roster": core.roster.version + 1,
        "since": now_ms,
    }
    _adopt(core, signed.make(signed.ENTRY, whole, (roster_key,), core.suite))
    note_signed(core, core.roster.entries[fields["address"]], old)


def _sign_head(core: Core, roster_key: KeyPair, now_ms: int) -> None:
    entries = core.roster.entries
    head = {
        "network": core.roster.network,
        "version": core.roster.version + 1,
        "digest": digest_of(entries),
        "count": len(entries),
        "at": now_ms,
    }
    _adopt(core, signed.make(signed.HEAD, head, (roster_key,), core.suite))


def _adopt(core: Core, statement: Statement) -> None:
    before = core.tree
    if not core.roster.offer(statement):
        raise BadRoster(f"own {statement.sort} refused")
    keep_trust(core, statement)
    if statement.sort == signed.ENTRY and before.top and core.tree is not before:
        tree_changed(core, before)


def admit_child(core: Core, roster_key: KeyPair, child: dict[str, Any], now_ms: int) -> Entry:
    """Enter an address with one more key; former keys stay, for what they signed stays valid.

    Args:
        child: address, parent, name, key (public fields).

    Raises:
        BadRoster: the address is retired; nothing changed.
        EntryFull: the entry has no room for it; nothing changed.
    """
    key = read_key(child["key"])
    old = core.roster.entries.get(child["address"])
    if old is None:
        fields = entry_fields(child["address"], child["parent"], child["name"], (key,))
    else:
        _check_in_service(old)
        fields = fields_of(old)
        if key not in old.keys:
            former = [{**one, "until": one["until"] or now_ms} for one in fields["keys"]]
            fields["keys"] = [*former, {**key.as_fields(), "from": now_ms, "until": 0}]
            check_room(old, fields)
    return enter(core, roster_key, fields, now_ms)


def admit_former(core: Core, roster_key: KeyPair, child: dict[str, Any], now_ms: int) -> Entry:
    """Enter a key that an address had before the one it uses, which stays in use; what it signed is valid.

    Args:
        child: address, key (public fields).

    Raises:
        BadRoster: the address is unknown or retired, or has no key in use; nothing changed.
        EntryFull: as `admit_child`.
    """
    key = read_key(child["key"])
    old = core.roster.entries.get(child["address"])
    if old is None or not old.good_keys:
        raise BadRoster(f"{child['address']} has no key in use")
    _check_in_service(old)
    fields = fields_of(old)
    if key not in old.keys:
        fields["keys"] = [{**key.as_fields(), "from": 0, "until": now_ms}, *fields["keys"]]
        check_room(old, fields)
    return enter(core, roster_key, fields, now_ms)


def fields_of(entry: Entry) -> dict[str, Any]:
    """Return what an entry says, for `enter` to sign its next version."""
    return {k: v for k, v in entry.statement.fields().items() if k not in ("v", "prev", "version")}


def _check_in_service(entry: Entry) -> None:
    if entry.status == RETIRED:
        raise BadRoster(f"{entry.address} is retired for ever")


def change(core: Core, roster_key: KeyPair, address: str, changed: dict[str, Any], now_ms: int) -> Entry:
    """Sign the next version of an entry with some fields changed: parent, name, services or status.

    Raises:
        BadRoster: no such address, it is retired, it is the top, or its parent would be no greater
            division or not in service; nothing changed.
    """
    entry = core.roster.entries.get(address)
    if entry is None:
        raise BadRoster(f"{address} is not in the roster")
    _check_in_service(entry)
    parent = changed.get("parent", "")
    # Only a greater division stands above: so no change of a third one can ever close a ring.
    is_wrong = parent and (parent not in core.tree or len(parent) >= len(address))
    if is_wrong or (address == core.tree.top and set(changed) - {"name", "services"}):
        raise BadRoster(f"{address} cannot be changed so")
    fields = {**fields_of(entry), **changed}
    former = core.tree.parent(address)
    if "parent" in changed and former:
        # Who it leaves must hear of it too, though on no common path any more; one relieved may work again.
        fields["left"] = sorted({*fields.get("left", ()), former, *core.tree.passed_over(address)})
    return enter(core, roster_key, fields, now_ms)


def appoint_next(
    core: Core, roster_key: PublicKey, signers: tuple[KeyPair, ...], ahead: int = 0, number: int = 0
) -> Statement:
    """Return the appointment of another roster key in place of the one in force.

    What the former key signed up to the roster version reached, and up to `ahead` more of them, is good until
    it is signed again. It is the next appointment, or that of a higher `number`, if one was signed and lost.
    """
    root, former = core.roster.root, core.roster.appointment
    if root is None or former is None:
        raise BadRoster("no network yet")
    fields = {
        "network": core.roster.network,
        "root": root.hash,
        "version": max(former.fields()["version"] + 1, number),
        "prev": former.hash,
        "top": former.fields()["top"],
        "key": roster_key.as_fields(),
        "until": core.roster.version + ahead,
    }
    return signed.make(signed.APPOINTMENT, fields, signers, core.suite)


def take_office(core: Core, appointment: Statement, roster_key: KeyPair, now_ms: int) -> None:
    """Go over to another roster key: adopt its appointment, sign every entry again and then a new head.

    Raises:
        BadRoster: not signed by enough root keys, older than the one in force, or of another key.
    """
    if appointment.fields()["key"] != roster_key.public.as_fields():
        raise BadRoster("appointment of another key")
    _adopt(core, appointment)
    if core.roster.appointment is not appointment:
        raise BadRoster("a newer appointment is in force")
    for entry in list(core.roster.entries.values()):
        _sign_entry(core, roster_key, fields_of(entry), now_ms)
    _sign_head(core, roster_key, now_ms)


def confirm_rotated(core: Core, roster_key: KeyPair, now_ms: int) -> list[str]:
    """Enter the keys that nodes went over to by themselves; return their addresses."""
    confirmed = []
    for name in list(core.roster.rotations):
        address, key_id = name.split("|")
        key = core.roster.rotated_key(address, key_id)
        if key is None:
            continue
        child = {"address": address, "parent": "", "name": "", "key": key.as_fields()}
        try:
            if len(core.roster.entries[address].keys) >= KEYS_UNASKED_MAX:
                raise EntryFull(address)
            admit_child(core, roster_key, child, now_ms)
        except BadRoster as problem:
            core.note(problem.code, address, problem.detail)
            continue
        confirmed.append(address)
    return confirmed


def vouch(core: Core, child: dict[str, Any], epoch_hash: str, now_ms: int) -> Statement:
    """Give this node's word for a child's new key, until the roster confirms it.

    Args:
        child: address, name, key (public fields).

    Raises:
        BadRoster: the address is not directly below this node.
    """
    fields = {
        "parent": core.me,
        "child": child["address"],
        "name": child["name"],
        "epoch": epoch_hash,
        "key": child["key"],
        "at": now_ms,
    }
    statement = signed.make(signed.VOUCH, fields, vouching_keys(core), core.suite)
    core.roster.offer(statement)
    core.keep(statement, trust_key(statement), (1, 0, 0))
    return statement


def confirm_vouched(core: Core, roster_key: KeyPair, now_ms: int) -> list[str]:
    """Enter every vouched-for address that was never in the roster; return them.

    An address that has an entry already is a replacement: that is for a
    person to confirm, so a stolen township key cannot quietly swap a village; see `vouched`.
    """
    confirmed = []
    for item in list(core.roster.vouches.values()):
        if item.child in core.roster.entries:
            continue
        fields = item.statement.fields()
        child = {"address": item.child, "parent": "", "name": fields["name"], "key": fields["key"]}
        try:
            admit_child(core, roster_key, child, now_ms)
        except BadRoster as problem:
            core.note(problem.code, item.child, problem.detail)
            continue
        confirmed.append(item.child)
    return confirmed
