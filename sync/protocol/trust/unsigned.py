"""Addresses that only a former roster key has entered: they leave once the top has told all that it knows.

A thief of that key enters a node that never was, below whoever hears of it, and no entry of the next key ever
takes the place of that one. The top has signed again all that it knows, and its full state tells all that is
near. So what it leaves out is a forger's, or of a time that the top has lost: then that node joins again, for
the top does not hear it. The entry is kept beside, as evidence for the top and for checks (see `lives`).

A top put back to before that key took office has signed nothing again: it tells entries by the former one,
and puts nobody out by leaving out any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts.unnamed import note_keys, settle_unnamed
from sync.protocol.entries import Entry
from sync.protocol.signed import Statement
from sync.protocol.trust.lives import keep_beside
from sync.protocol.trust.state import tree_changed
from sync.protocol.trust.state_in import StateIn

if TYPE_CHECKING:
    from sync.protocol.acts.deliver import Application
    from sync.protocol.core import Core


def ask_top(core: Core) -> None:
    """Trust has changed: ask the top for everything where it has not signed somebody near again."""
    neighbour = core.spool.neighbour(core.tree.top) if _unsigned(core) else None
    if neighbour is not None and not neighbour.ask_full:
        neighbour.ask_full = 1
        core.spool.put_neighbour(neighbour)


def drop_unsigned(core: Core, state: StateIn, application: Application) -> None:
    """The state of an exchange is here: if the top told everything, whoever it does not know is nobody."""
    is_all = state.is_learned and state.hello is not None and state.hello.full
    found = _unsigned(core) if is_all and state.head.sender == core.tree.top else []
    if not found:
        return
    before = core.tree
    for entry in found:
        core.spool.drop_held(signed.ENTRY, entry.address)
        keep_beside(core, entry)
    core.reread_trust()
    for entry in found:
        note_keys(core, entry)
    tree_changed(core, before)
    state.docs += settle_unnamed(core, application)


def is_by_former_key(core: Core, statement: Statement) -> bool:
    """Say whether a statement is an entry that the roster key in force, as known here, has not signed."""
    return statement.sort == signed.ENTRY and statement.key_id != _in_office(core)


def _in_office(core: Core) -> str:
    office = core.roster.appointment
    return str(office.fields()["key"]["id"]) if office is not None else ""


def _unsigned(core: Core) -> list[Entry]:
    """Return the entries of nodes on a line with this one that the roster key in force has not signed."""
    key_id, head, me = _in_office(core), core.roster.head, core.me
    if head is None or head.key_id != key_id or me == core.tree.top:
        return []
    former = [entry for entry in core.roster.entries.values() if entry.statement.key_id != key_id]
    return [entry for entry in former if entry.address != me and core.are_near(entry.address, me)]
