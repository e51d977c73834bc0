"""Who gave which shelf document: a neighbour needs nothing back that it gave itself."""

from __future__ import annotations

from typing import NamedTuple

from sync.protocol.spool import Held, Neighbour


class _Giver(NamedTuple):
    name: str
    instance: str
    era: int


class Givers:
    """Remembers for each slot the version a neighbour gave, in memory alone: forgotten, it is sent back once.

    It counts only while the neighbour is the installation that gave it, in the
    same era, and has lost nothing since: one put back from a backup is told again.
    """

    def __init__(self) -> None:
        self._given: dict[str, dict[str, _Giver]] = {}

    def gave(self, address: str, slot: str, giver: tuple[str, str, int]) -> None:
        """A neighbour gave the document in a slot: its statement hash, the neighbour's instance and era."""
        self._given.setdefault(address, {})[slot] = _Giver(*giver)

    def has(self, neighbour: Neighbour, held: Held) -> bool:
        """Say whether the neighbour itself gave the document held and surely has it still."""
        giver = self._given.get(neighbour.address, {}).get(held.key)
        return giver == _Giver(held.statement.hash, neighbour.instance, neighbour.incarnation)

    def lost(self, address: str) -> None:
        """The neighbour acknowledges less than before: what it gave it may need again."""
        self._given.pop(address, None)

    def clear(self) -> None:
        """Forget everything."""
        self._given.clear()
