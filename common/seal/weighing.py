"""What this node's own records say of a sealed file: the decision it names, and the log of sealings.

The node's database must be open; nothing is written.
"""

from __future__ import annotations

from common.casework import ledger
from common.casework.errors import CaseNotFound
from common.seal.rules.deed import decision_of
from common.seal.rules.revoked import Known, Span


def known_of(case: str, act: str, organ: str, logged: Span | None, claimed: int) -> Known:
    """Return what is known here of a file that bears an organ's seal.

    Args:
        case, act: the decision that the file names.
        logged: where this node's log has the file.
        claimed: the time the file states, UTC milliseconds.
    """
    try:
        opened = ledger.load(case)
    except CaseNotFound:
        return Known(logged, claimed, 0, 0)
    deed = decision_of(opened.state, opened.events, act, organ)
    if deed is None:
        return Known(logged, claimed, 0, 0)
    return Known(logged, claimed, deed.at, max(deed.at, opened.here.get(act, deed.at)))
