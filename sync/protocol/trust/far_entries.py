"""Entries of nodes off this one's line that a former roster key signed: asked for anew, by an act of theirs.

What the next roster key has signed again goes to who stands on a line with it (see `state_out`). Of others a
node knows those whose acts it was pointed to, for they came with what it takes to believe them. It may have
to pass these acts on, and who hears of their authors only then believes no entry by a former key: it would
ask without end, and acknowledge nothing. So who stands above somebody asks once more for an act of each: with
that comes the entry as it is by now.
"""

from __future__ import annotations

from sync.protocol.core import Core

_LOOSE_READ = 5_000


def ask_anew(core: Core) -> None:
    """Trust has changed: ask for the newest act held loose of every such node, until its entry has come."""
    office, head, me = core.roster.appointment, core.roster.head, core.me
    key_id = office.fields()["key"]["id"] if office is not None else ""
    if head is None or head.key_id != key_id or me == core.tree.top:
        return
    former = [address for address, entry in core.roster.entries.items() if entry.statement.key_id != key_id]
    far = {address for address in former if not core.are_near(address, me)}
    for frame in core.spool.loose_frames(_LOOSE_READ) if far and core.tree.children(me) else ():
        if not far:
            break
        # What has no body here is passed on to nobody.
        if frame.header.stream.src in far and frame.body:
            far.remove(frame.header.stream.src)
            core.spool.want(frame.act)
