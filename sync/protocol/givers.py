"""Who gave or named which shelf document: a neighbour needs nothing that it surely has."""

from __future__ import annotations

from typing import NamedTuple

from sync.protocol.spool import Held, Neighbour


class _Giver(NamedTuple):
    name: str
    instance: str
    era: int


class Givers:
    """Remembers for each slot the version a neighbour gave, or said that it holds, and who was heard at all.

    In memory alone: what is forgotten is sent once more. It counts only while
    the neighbour is the installation that gave it, in the same era, and has
    lost nothing since: one put back from a backup is told again.
    """

    def __init__(self) -> None:
        self._given: dict[str, dict[str, _Giver]] = {}
        self._heard: dict[str, int] = {}
        self._acked: dict[str, int] = {}

    def acknowledged(self, address: str, ack: int) -> None:
        """A neighbour acknowledges up to an exchange: of one before what it did, its disk is an older one.

        A disk that said it had written, or one put back whole: no era tells of that.
        """
        if ack < self._acked.get(address, 0):
            self.lost(address)
        self._acked[address] = ack

    def heard(self, address: str, full: int) -> None:
        """The newest state of a neighbour came in whole; `full` as its HELLO said."""
        self._heard[address] = full

    def knows(self, address: str) -> bool:
        """Say whether a neighbour was heard since the start, so that no more is to be learned by waiting."""
        return address in self._heard

    def offers_all(self, address: str) -> bool:
        """Say whether a neighbour, when last heard, was about to send all that it is not told is here."""
        return self._heard.get(address) == 1

    def gave(self, address: str, slot: str, giver: tuple[str, str, int]) -> None:
        """A neighbour has the document in a slot: its statement hash, the neighbour's instance and era."""
        self._given.setdefault(address, {})[slot] = _Giver(*giver)

    def has(self, neighbour: Neighbour, held: Held) -> bool:
        """Say whether the neighbour itself gave or named the document held and surely has it still."""
        giver = self._given.get(neighbour.address, {}).get(held.key)
        return giver == _Giver(held.statement.hash, neighbour.instance, neighbour.era)

    def lost(self, address: str) -> None:
        """The neighbour acknowledges less than before: what it gave it may need again."""
        self._given.pop(address, None)

    def clear(self) -> None:
        """Forget everything."""
        self._given.clear()
        self._heard.clear()
        self._acked.clear()
