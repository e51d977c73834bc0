"""What a neighbour tells and this node cannot believe, however often it comes.

An exchange with such a statement is not acknowledged: what it rests on may be on its way, and then it is
believed when it comes again. But one that is never believed, for a fault of whoever told it or of a program
of before, would keep all that is told beside it from being acknowledged: what is shown once, in parts, would
never come to an end. So what was refused a few times in a row is waited for no more. Once trust has changed
here, whoever told it is asked for everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.signed import Statement
    from sync.protocol.trust.state_in import StateIn

TRIES = 3
# Who tells more than this of what cannot be believed is not acknowledged.
REFUSED_MAX = 64
_NOT_BELIEVED = "not believed"
_NAME_BYTES = 16
_JUDGING = (signed.ROOT, signed.APPOINTMENT, signed.ENTRY, signed.HEAD, signed.VOUCH, signed.EPOCH)


def given_up(core: Core, state: StateIn) -> int:
    """Return how many of what an exchange told and was refused are waited for no more: all of them, or none.

    To be asked when all that may be refused has come, also behind the end of its state. Each refusal counts
    once, in an exchange that was learned from, unless trust has just changed: it may be believed by now.
    """
    if state.is_learned and not core.trust_is_new:
        refused, state.refused = state.refused, []
        state.given_up += _weigh(core, state.head.sender, refused)
    return state.given_up


def _weigh(core: Core, sender: str, refused: Sequence[Statement]) -> int:
    names = {bytes.fromhex(one.hash)[:_NAME_BYTES] for one in refused}
    if not names or len(names) > REFUSED_MAX or any(_is_own(one, sender) for one in refused):
        return 0
    held = core.spool.held(_NOT_BELIEVED, sender)
    tries, has_given_up = (held.rank[0], held.rank[1]) if held is not None else (0, 0)
    known = _names(held.content) if held is not None else set()
    if not names <= known:
        known, tries = known | names if len(known | names) <= REFUSED_MAX else names, 0
    if tries < TRIES:
        rank = (tries + 1, max(has_given_up, int(tries + 1 == TRIES)), 0)
        note_down(core, _NOT_BELIEVED, sender, b"".join(sorted(known)), rank)
    return len(refused) if tries + 1 >= TRIES else 0


def ask_for_all(core: Core) -> None:
    """Trust has changed: what was refused may be believed by now, and is asked for with everything else."""
    for held in core.spool.all_held(_NOT_BELIEVED):
        if not any(core.spool.all_held(sort, held.stamp) for sort in _JUDGING):
            # Only this process knows nothing of it.
            continue
        core.spool.drop_held(_NOT_BELIEVED, held.key)
        if held.rank[1]:
            neighbour = core.neighbour(held.key)
            neighbour.ask_full = 1
            core.spool.put_neighbour(neighbour)


def _names(content: bytes) -> set[bytes]:
    return {content[at : at + _NAME_BYTES] for at in range(0, len(content), _NAME_BYTES)}


def _is_own(statement: Statement, sender: str) -> bool:
    """Say whether it is the sender's own entry: acknowledged, it lets the sender speak with its new key."""
    return statement.sort == signed.ENTRY and b'"address":"%s"' % sender.encode() in statement.payload
