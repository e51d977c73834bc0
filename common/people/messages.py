"""What nodes below tell of their people, applied at every node on the way up.

An act speaks of its own author alone; stand-ins may be for people of nodes below it, too. What cannot be
read, or was not its author's to say, waits for a person and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from common.people.below import ROSTER, STAND_IN, StaffBelow
from common.people.errors import NOT_ITS_TO_SAY, UNREADABLE
from common.people.resets import RESET, Resets
from common.people.rules.below import read_arranged, read_reset, read_roster
from common.people.standins import StandIns
from sync.protocol import canonical
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.address import Tree
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act

KINDS = (ROSTER, STAND_IN, RESET)
_PERSON = "person"
# Beyond it no calendar writes a date.
_YEAR_9999_MS = 250_000_000_000_000


class _NotTheirs(Exception):
    """Inside this module only: an act speaks of people that are not its author's."""


class Desk:
    """Applies acts about people at one node."""

    def __init__(
        self, me: str, tree: Callable[[], Tree], below: StaffBelow, stand_ins: StandIns, resets: Resets
    ) -> None:
        self._me = me
        self._tree = tree
        self._below = below
        self._stand_ins = stand_ins
        self._resets = resets
        self._apply: Mapping[str, Callable[[Act, Any, int], None]] = {
            ROSTER: self._roster,
            STAND_IN: self._arranged,
            RESET: self._reset,
        }

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, in the open unit; kinds other than `KINDS` must not be given."""
        result = Applied()
        for act in acts:
            if act.author == self._me:
                self._take_back(act)
                continue
            if not self._tree().is_below(act.author, self._me):
                result.parked[act.id] = Parked(NOT_ITS_TO_SAY, _PERSON)
                continue
            try:
                body = canonical.loads(act.content)
                self._apply[act.kind](act, body, _at(body))
            except (ValueError, NotCanonical):
                result.parked[act.id] = Parked(UNREADABLE, _PERSON)
            except _NotTheirs:
                result.parked[act.id] = Parked(NOT_ITS_TO_SAY, _PERSON)
        return result

    def _take_back(self, act: Act) -> None:
        """Meet what this node told and has lost since: it is for those above, and may be so no more."""
        self._below.tell_again(act.kind)
        if act.kind == RESET:
            # By a newer program it may be of another form; nothing here waits for it.
            with suppress(ValueError, NotCanonical):
                body = canonical.loads(act.content)
                self._resets.meet_own(read_reset(body), _at(body))

    def _roster(self, act: Act, body: Any, at: int) -> None:
        part, staff = read_roster(body)
        self._below.take_roster(act.author, part, staff, at)

    def _arranged(self, act: Act, body: Any, at: int) -> None:
        arranged, tree = read_arranged(body, act.author), self._tree()
        # Else one village could say who is away at another, and keep its real stand-ins out.
        if any(one.node != act.author and not tree.is_below(one.node, act.author) for one in arranged):
            raise _NotTheirs
        self._stand_ins.take_over(act.author, arranged, at)

    def _reset(self, act: Act, body: Any, at: int) -> None:
        self._resets.take_report(act.id, act.author, read_reset(body), at)


def _at(body: Any) -> int:
    at = body.get("at") if type(body) is dict else None
    if type(at) is not int or not 0 <= at < _YEAR_9999_MS:
        raise ValueError("a time")
    return at
