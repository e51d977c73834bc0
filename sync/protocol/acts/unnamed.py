"""Keys that only a former roster key has named: once a later one leaves them out, what they signed waits.

Its thief names any key as anybody's to a node that has not yet heard of the next roster key, as one that was
switched off for months. The top signs again every key that it knows. So one that the entry of the later key
leaves out is a forger's, or of a time that the top has lost; which of the two, people say there (see
`lost_keys`). Until then what it signed is kept and waits for the key, here as at the top, and its word on
what its node holds and has heard is forgotten, and what it has published is set aside, see `disowned`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts import asked
from sync.protocol.acts.cuts import NO_KEY, is_confirmed, loose_of, waits_for_key
from sync.protocol.acts.forgotten import forget_keys
from sync.protocol.disowned import disown, is_by_lost_key, own_again
from sync.protocol.entries import Entry, read_entry
from sync.protocol.frame import Frame
from sync.protocol.memos import note_down
from sync.protocol.paging import pages_after
from sync.protocol.rotation import learn_rotation
from sync.protocol.shelf import ShelfDoc
from sync.protocol.signed import Statement
from sync.protocol.spool import APPLIED, OWN, PARKED, Held

if TYPE_CHECKING:
    from sync.protocol.acts.deliver import Application
    from sync.protocol.core import Core

_UNNAMED = "unnamed key"
# Something by such a key counted here until now.
TAKEN_BACK = "S137"


def note_unnamed(core: Core, former: Statement) -> None:
    """An entry has come in place of a former one: remember keys that nobody speaks for any more.

    Those that it had named, and what was gone over to from these.
    """
    # The top takes no entry by a former key, and of its own acts a node knows which they are.
    if former.sort != signed.ENTRY or core.me == core.tree.top:
        return
    entry = read_entry(former)
    mine = core.roster.entries.get(entry.address)
    if entry.address == core.me or mine is None or mine.statement.key_id == former.key_id:
        return
    note_keys(core, entry)


def note_keys(core: Core, entry: Entry) -> None:
    """Remember of the keys that an entry names, and of those gone over to, which nobody speaks for."""
    # While the roster named a key, nobody had to remember that it was gone over to.
    for held in core.spool.all_held(signed.EPOCH):
        if held.key.startswith(f"{entry.address}|"):
            learn_rotation(core.roster, held.statement)
    gone_over = [name.split("|") for name in core.roster.rotations]
    named = [key.id for key in entry.keys] + [key_id for of, key_id in gone_over if of == entry.address]
    for key_id in named:
        if core.roster.any_key(entry.address, key_id) is None:
            note_down(core, _UNNAMED, f"{entry.address}|{key_id}")


def note_lost(core: Core, but: Collection[str]) -> None:
    """The program starts: one of before may have left in force here what keys published that are lost.

    Args:
        but: addresses of which the roster key in force has named more than it does now, see `lives`: of keys
            that a top put back has lost under one roster key nothing is taken back.
    """
    for held in core.spool.all_held(signed.SHELF) if core.me != core.tree.top else ():
        author = held.key.split("|")[0]
        if author not in (core.me, *but) and is_by_lost_key(core, held):
            note_down(core, _UNNAMED, f"{author}|{held.statement.key_id}")


def is_to_be_disowned(core: Core, held: Held) -> bool:
    """Say whether a document in force is by a key that is noted as lost: any other may take its place."""
    author, key_id = held.key.split("|")[0], held.statement.key_id
    return core.spool.held(_UNNAMED, f"{author}|{key_id}") is not None and is_by_lost_key(core, held)


def settle_unnamed(core: Core, application: Application) -> list[ShelfDoc]:
    """Trust has changed: take back what keys have signed that the roster has lost, and forget their word.

    Where a key of the address is revoked, what such a key has signed lies past a cut, see `cuts.cut_of`.

    Returns:
        Documents that are in force again, for the application to take into use.
    """
    docs = own_again(core)
    for address, keys in _lost(core).items():
        forget_keys(core, address, keys)
        acts = 0 if core.roster.revoked(address) else _take_back(core, address, keys, application)
        gone, again = disown(core, address, keys, application)
        docs += again
        if acts or gone:
            core.note(TAKEN_BACK, address, f"{acts} acts, {gone} documents")
    return docs


def _lost(core: Core) -> dict[str, set[str]]:
    """Return by address the keys noted that the roster has lost; nothing is noted any more then."""
    noted = [held.key for held in core.spool.all_held(_UNNAMED)]
    gone: dict[str, set[str]] = {}
    for name in noted:
        address, key_id = name.split("|")
        core.spool.drop_held(_UNNAMED, name)
        if core.roster.any_key(address, key_id) is None:
            gone.setdefault(address, set()).add(key_id)
    return gone


def _take_back(core: Core, address: str, keys: set[str], application: Application) -> int:
    undo, over, count = list[str](), list[str](), 0
    for frame in _signed_by(core, address, keys):
        row = core.spool.act(frame.act)
        # One whose body is gone by rule could not be given back; what counts by another key stands.
        if row is None or not frame.body or row.reason == NO_KEY or is_confirmed(core, frame.act):
            continue
        undo += [row.id] if row.state in (APPLIED, OWN) else []
        over += asked.waited_for(row)
        count += 1
        core.spool.set_act(row._replace(state=PARKED, reason=NO_KEY, waits_for=waits_for_key(row.author)))
    asked.end_wants(core, over)
    retract(core, undo, application)
    return count


def _signed_by(core: Core, address: str, keys: set[str]) -> Iterator[Frame]:
    """Yield the frames here of an author that one of these keys has signed."""

    def is_theirs(epoch: str) -> bool:
        record = core.epoch(address, epoch)
        return record is not None and record.key_id in keys

    yield from [frame for frame in loose_of(core, address) if is_theirs(frame.header.stream.epoch)]
    starts = {one.id: one.base for one in core.streams() if one.id.src == address and is_theirs(one.id.epoch)}
    core.flush_streams()
    for page in pages_after(core.spool, starts):
        yield from [one.frame for one in page]


def retract(core: Core, undo: Sequence[str], application: Application) -> None:
    """Take acts back out of the application, and park what rests on them."""
    fallen = application.retract(undo) if undo else {}
    for act, parked in fallen.items():
        row = core.spool.act(act)
        if row is not None and row.state in (APPLIED, OWN):
            core.spool.set_act(row._replace(state=PARKED, reason=parked.reason, waits_for=parked.waits_for))
