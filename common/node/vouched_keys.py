"""Keys a township gave its word for beside those in the roster: a person at the top says whose they are.

To look needs an open reading, to confirm an open unit of work, in which the audit row is put too.
"""

from __future__ import annotations

from collections.abc import Callable

from common.node.heart import Heart
from common.node.reasons import reason_in
from common.node.roster_office import NotAllowedInRoster
from common.store import audit
from common.store.database import require_unit
from sync.protocol import vouched
from sync.protocol.deliver import Application
from sync.protocol.entries import Entry
from sync.protocol.errors import BadRoster
from sync.protocol.vouched import Word

# The address, and the id of its key.
Name = tuple[str, str]
_Confirm = Callable[..., Entry]


class VouchedKeys:
    """What the top does with such keys.

    Args:
        application: what the acts are for that waited for a key.
    """

    def __init__(self, heart: Heart, application: Application) -> None:
        self._heart = heart
        self._application = application

    def undecided(self) -> list[Word]:
        """Return the words that nobody has decided on, by address; none but at the top."""
        core = self._heart.peer.core
        return vouched.undecided(core) if core.means.roster_key is not None else []

    def confirm_current(self, name: Name, why: str, login: str) -> None:
        """Enter a key as the one of the machine that is there now; what waited for it counts at once.

        Raises:
            NoReason, NotAllowedInRoster: no such word, or the address is retired; nothing was changed.
        """
        self._confirm(vouched.confirm_current, "current", name, (why, login))

    def confirm_former(self, name: Name, why: str, login: str) -> None:
        """Enter a key as one of a machine that was there before the one in use; else as `confirm_current`."""
        self._confirm(vouched.confirm_former, "former", name, (why, login))

    def _confirm(self, confirm: _Confirm, whose: str, name: Name, by: tuple[str, str]) -> None:
        require_unit()
        (address, key), (why, login) = name, by
        reason, now_ms = reason_in(why), self._heart.clocks.evidence().wall
        try:
            confirm(self._heart.peer.core, self._application, name, now_ms)
        except BadRoster as problem:
            raise NotAllowedInRoster from problem
        audit.record(login, "node.key_confirmed", address, {"key": key, "as": whose, "why": reason}, now_ms)
