"""What an unknown sender shows first: by it this node may find who let that one in, itself or the roster key.

Nothing of it is believed yet, not even whose it is. It is opened outside any unit of work, and only so much
of it as a node that introduces itself needs. What comes with a refusal may show a node its new place.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sync.protocol.core import Core
from sync.protocol.errors import BadRoster, TheirFault
from sync.protocol.exchange import Head, Opener
from sync.protocol.items import decode_statement
from sync.protocol.means import Means
from sync.protocol.records import STATEMENT, unpack_record
from sync.protocol.signed import APPOINTMENT, ENTRY, VOUCH, Statement
from sync.protocol.trust.refusal import judged, said_in
from sync.protocol.trust.state import keep_trust, tree_changed

# The entry and the node's own record come before all others.
STATEMENTS_MAX = 64
# As whose what was wrong with it is told: the name in the head is anybody's to write.
NOBODY = "?"


def read_introduction(means: Means, head: Head, data: bytes) -> list[tuple[Statement, bytes]]:
    """Return the first statements, with what each carries, in the bytes that follow a head.

    It ends at the first damage, and at the first record but one that brings none. Raises nothing.
    """
    own, found = means.keys.get(head.receiver_key), list[tuple[Statement, bytes]]()
    if own is None:
        return found
    try:
        dictionary = means.dictionaries.get(head.dictionary, b"")
        for number, plain in enumerate(Opener(head, own, means.suite).feed(data)):
            before = len(found)
            for item in unpack_record(plain, dictionary):
                decoded = decode_statement(item) if item.kind == STATEMENT else None
                if decoded is not None:
                    found.append(decoded)
                if len(found) == STATEMENTS_MAX:
                    return found
            if number and len(found) == before:
                break
    except TheirFault:
        # What came before stands; that the sender is unknown is told anyway.
        pass
    return found


def meet_new_key(core: Core, head: Head, said: Sequence[Statement]) -> bool:
    """Take in what the roster key says of a sender known under other keys; return whether it did.

    A node whose computer was replaced is a stranger to those below it, who may reach nobody else. Only an
    entry by which the very key of the head is good is taken, with the appointments that it rests on. Not at
    the top: what it signed and does not know is joined to what it has said since, see `reentry`.
    """
    if core.means.roster_key is not None:
        return False
    known = core.roster.entries.get(head.sender)
    told = judged(core, [one for one in said if one.sort in (APPOINTMENT, ENTRY)])
    entry = told.entries.get(head.sender)
    if known is None or entry is None or entry is known:
        return False
    if told.good_key(head.sender, head.sender_key) is None:
        return False
    # It may be by a roster key that a later one has followed already.
    _take_in(core, (*told.given, entry.statement))
    return True


def hear_new_place(core: Core, data: bytes) -> bool:
    """Go by what a refusal says of where this node stands; return whether that is somewhere else now.

    Who moved may reach none but the former parent, which refuses it. What that shows is the roster key's own
    word, and is taken into the roster as from an exchange. A refusal for a revoked key changes nothing here.
    Raises nothing for what the other side sent.
    """
    said = said_in(data)
    told = judged(core, said)
    entry, record = told.entries.get(core.me), core.epoch(core.me, core.identity.epoch)
    if entry is None or record is None or any(one["key"] == record.key_id for one in entry.revoked):
        return False
    if told.tree.up(core.me) == core.tree.up(core.me):
        return False
    _take_in(core, said)
    return True


def _take_in(core: Core, said: Sequence[Statement]) -> None:
    """Take statements into the roster as from an exchange; those that are not believed are left out."""
    before = core.tree
    for statement in said:
        with suppress(BadRoster):
            if core.roster.offer(statement):
                keep_trust(core, statement)
    tree_changed(core, before)


def is_own_word(core: Core, statement: Statement) -> bool:
    """Say whether this node signed a statement that lets another in: nobody else's is worth a note."""
    if statement.sort == ENTRY:
        key = core.means.roster_key
        return key is not None and statement.signed_by(key.public, core.suite)
    mine = core.roster.entries.get(core.me)
    return statement.sort == VOUCH and mine is not None and mine.has_signed(statement, core.suite)
