"""A small network of trust for tests: root keys, a roster key, entries, vouches."""

from __future__ import annotations

from typing import Any

from sync.protocol import signed
from sync.protocol.roster import Roster, entry_fields
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair, make_statement

NETWORK = "tongjiang"
ROOT_KEYS = [key_pair(f"root {n}") for n in range(3)]
ROSTER_KEY = key_pair("roster")


def say(sort: str, *keys: KeyPair, **fields: Any) -> Statement:
    """Return a statement of this network signed by these keys."""
    return signed.make(sort, {"network": NETWORK, **fields}, keys, SUITE)


def root_of(threshold: int = 2) -> Statement:
    """Return the root statement that names three root keys."""
    keys = [key.public.as_fields() for key in ROOT_KEYS]
    return say(signed.ROOT, ROOT_KEYS[0], keys=keys, threshold=threshold)


def appointment(*keys: KeyPair, of: KeyPair = ROSTER_KEY, **fields: Any) -> Statement:
    """Return the appointment of a roster key signed by these root keys."""
    named = {"key": of.public.as_fields(), "root": root_of().hash, "top": COUNTY, "version": 1, **fields}
    return say(signed.APPOINTMENT, *keys, **named)


def entry(
    address: str, version: int = 1, prev: str = "", by: KeyPair = ROSTER_KEY, **changes: Any
) -> Statement:
    """Return an address's entry."""
    parent = {COUNTY: "", TOWN: COUNTY, VILLAGE: TOWN}[address]
    fields = entry_fields(address, parent, f"站点{address}", (key_pair(address).public,))
    return say(signed.ENTRY, by, **{**fields, "version": version, "prev": prev, "roster": 1, **changes})


def head(version: int, by: KeyPair = ROSTER_KEY) -> Statement:
    """Return a roster head."""
    return say(signed.HEAD, by, version=version)


def vouch(child: str = VILLAGE, by: str = TOWN, **changes: Any) -> Statement:
    """Return a parent's word for a child's new key."""
    key = key_pair("new").public.as_fields()
    fields = {"parent": by, "child": child, "epoch": "ab" * 32, "name": "新站", "key": key, **changes}
    return make_statement(signed.VOUCH, by, **fields)


def make_roster() -> Roster:
    """A roster with a root, a roster key, a county and a township."""
    found = Roster(root_of().hash, SUITE)
    for statement in (root_of(), appointment(*ROOT_KEYS[:2]), entry(COUNTY), entry(TOWN), head(1)):
        assert found.offer(statement)
    return found
