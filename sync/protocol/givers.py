"""Who gave or named which shelf document: a neighbour needs nothing that it surely has."""

from __future__ import annotations

from typing import NamedTuple

from sync.protocol.spool import Held, Neighbour


class _Giver(NamedTuple):
    name: str
    instance: str
    era: int


class _Coming(NamedTuple):
    """A document that came in an exchange of this number, of which the end of the state has not come."""

    name: str
    number: int


class Givers:
    """Remembers for each slot the version a neighbour gave, or said that it holds, and who was heard at all.

    In memory alone: what is forgotten is sent once more. It counts only while
    the neighbour is the installation that gave it, in the same era, and has
    lost nothing since: one put back from a backup is told again.

    A disk that said it had written, or one put back whole: no era tells of
    that. But who gave something gives it again until it has heard one of our
    exchanges made since, and remembers that one from then on.

    Nor does memory know what another process has heard, such as a command that takes in a stick: then nothing
    counts that was given here.
    """

    def __init__(self) -> None:
        self._given: dict[str, dict[str, _Giver]] = {}
        # Of what a neighbour gave and of which it has heard no answer, by slot: the last of ours by then.
        self._unanswered: dict[str, dict[str, int]] = {}
        self._coming: dict[str, dict[str, _Coming]] = {}
        self._heard: dict[str, int] = {}
        self._acked: dict[str, tuple[int, int]] = {}
        # By its era and number the newest exchange of each neighbour that was heard here.
        self._newest: dict[str, tuple[int, int]] = {}

    def hears(self, neighbour: Neighbour, rank: tuple[int, int]) -> None:
        """An exchange of this era and number is heard, newer than what was heard last, here or not."""
        if self._newest.get(neighbour.address) != (neighbour.era, neighbour.counter):
            self.lost(neighbour.address)
        self._newest[neighbour.address] = rank

    def acknowledged(self, address: str, ack: int, newest: int) -> None:
        """A neighbour says which of our exchanges it acknowledges, and which is the newest it heard.

        When less than it said before, its disk is an older one. When none that was made since it gave
        something, that may be from before it did: what it gives in this exchange comes after this.
        """
        former_ack, former_newest = self._acked.get(address, (0, 0))
        if ack < former_ack or newest < former_newest:
            self.lost(address)
        self._acked[address] = (ack, newest)
        for slot, ours in self._unanswered.pop(address, {}).items():
            if newest <= ours:
                del self._given[address][slot]

    def heard(self, address: str, full: int) -> None:
        """The newest state of a neighbour came in whole; `full` as its HELLO said."""
        self._heard[address] = full

    def knows(self, address: str) -> bool:
        """Say whether a neighbour was heard since the start, so that no more is to be learned by waiting."""
        return address in self._heard

    def offers_all(self, address: str) -> bool:
        """Say whether a neighbour, when last heard, was about to send all that it is not told is here."""
        return self._heard.get(address) == 1

    def comes(self, address: str, slot: str, name: str, number: int) -> None:
        """A document comes in an exchange that is not heard to its end yet: it counts once that is."""
        self._coming.setdefault(address, {})[slot] = _Coming(name, number)

    def came(self, neighbour: Neighbour) -> None:
        """The exchange is heard: the neighbour has what came in it, and of those cut before none counts."""
        for slot, coming in self._coming.pop(neighbour.address, {}).items():
            if coming.number == neighbour.counter:
                self.gave(neighbour, slot, coming.name)

    def is_giving(self, address: str) -> bool:
        """Say whether documents came from a neighbour in an exchange that was not heard to its end.

        They are not sent back. But put back since it could not tell, for nothing is said of that exchange:
        so what leaves them out covers nothing new.
        """
        return address in self._coming

    def gave(self, neighbour: Neighbour, slot: str, name: str) -> None:
        """A neighbour, as it was heard last, has the document in a slot of this statement hash."""
        address = neighbour.address
        self._given.setdefault(address, {})[slot] = _Giver(name, neighbour.instance, neighbour.era)
        self._unanswered.setdefault(address, {})[slot] = neighbour.mine

    def has(self, neighbour: Neighbour, held: Held) -> bool:
        """Say whether the neighbour itself gave or named the document held and has it still."""
        coming = self._coming.get(neighbour.address, {}).get(held.key)
        if coming is not None and coming.name == held.statement.hash:
            return True
        if self._newest.get(neighbour.address) != (neighbour.era, neighbour.counter):
            return False
        giver = self._given.get(neighbour.address, {}).get(held.key)
        return giver == _Giver(held.statement.hash, neighbour.instance, neighbour.era)

    def lost(self, address: str) -> None:
        """The neighbour acknowledges less than before: what it gave it may need again."""
        self._given.pop(address, None)
        self._unanswered.pop(address, None)

    def clear(self) -> None:
        """Forget everything."""
        self._given.clear()
        self._unanswered.clear()
        self._coming.clear()
        self._heard.clear()
        self._acked.clear()
        self._newest.clear()
