"""What a node that was let in is told first: all it needs to believe who stands above it, and no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.enrolment import Request
from sync.protocol.errors import BadRoster
from sync.protocol.roster import Roster
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
    root = [] if core.roster.root is None else [core.roster.root]
    begun = [*root, *core.roster.appointments]
    entries = [h for h in spool.all_held(signed.ENTRY) if h.key in chain]
    vouches = [h for h in spool.all_held(signed.VOUCH) if h.key.split("|")[0] == address]
    head = [h for h in (spool.held(signed.HEAD, "newest"),) if h is not None]
    ended = _ended(core, begun, (*entries, *head))
    found = [*entries, *vouches, *head, *_last_epochs(core, chain, request.epoch)]
    return [*begun, *(held.statement for held in found if held not in ended)]


def _ended(core: Core, begun: Iterable[Statement], found: Iterable[Held]) -> list[Held]:
    """Return what stands here until the next roster key's word comes, and nobody new believes: a former key
    has signed it above the number with which that one's word ends.

    Who joins refuses an answer with anything it cannot believe. But without the entry of who lets it in there
    is nobody to go on with: that one is told in any case.
    """
    roster, ended = Roster(core.roster.fingerprint, core.suite), list[Held]()
    for statement in begun:
        roster.offer(statement)
    for held in found:
        try:
            roster.offer(held.statement)
        except BadRoster:
            ended += [held] if held.key != core.me else []
    return ended


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
