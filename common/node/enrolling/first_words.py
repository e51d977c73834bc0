"""What a node that was let in is told first: all it needs to believe who stands above it, and no more."""

from __future__ import annotations

from collections.abc import Collection

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.enrolment import Request
from sync.protocol.signed import Statement
from sync.protocol.spool import Held

# Of each node so many records, those that came last; the first exchange brings the others.
_EPOCHS_TOLD = 8


def first_words(core: Core, request: Request) -> list[Statement]:
    """Return what a new node needs: root, appointments, the entries above it, its entry or vouch, head.

    And some records of epochs, its own among them. It believes all of it in this order: once it has a head by
    a new roster key, what the former one signed counts no more.
    """
    address = request.address
    # Who lets it in need not stand right above it.
    chain = {*core.tree.up(address), *core.tree.up(core.me)}
    spool = core.spool
    found = [h for h in spool.all_held(signed.ENTRY) if h.key in chain]
    found += [h for h in spool.all_held(signed.VOUCH) if h.key.split("|")[0] == address]
    found += [h for h in (spool.held(signed.HEAD, "newest"),) if h is not None]
    found += _last_epochs(core, chain, request.epoch)
    root = [] if core.roster.root is None else [core.roster.root]
    return [*root, *core.roster.appointments, *(held.statement for held in found)]


def _last_epochs(core: Core, chain: Collection[str], own: Statement) -> list[Held]:
    """Return the last few records of each node, and the one that this node was let in with.

    By a stolen key anybody begins epochs without end, and an answer has a greatest length.
    """
    found: dict[str, list[Held]] = {address: [] for address in chain}
    for held in core.spool.all_held(signed.EPOCH):
        if (src := held.key.split("|")[0]) in found:
            found[src].append(held)
    last = [held for kept in found.values() for held in kept[-_EPOCHS_TOLD:]]
    mine = [held for kept in found.values() for held in kept if held.statement.hash == own.hash]
    return last + [held for held in mine if held not in last]
