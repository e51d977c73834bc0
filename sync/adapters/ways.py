"""Which addresses on the net lead to which node above, as far as asking has shown. It never asks itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# So long whoever else is left is asked before where another node answered: a proxy may have led astray.
ASTRAY_MS = 3_600_000


class Uplink(NamedTuple):
    """An ancestor and where it answers; a spare is a guess, tried only where another address led astray."""

    address: str
    url: str
    is_spare: bool = False


class Ways:
    """Keeps what led to another node than the one that was meant.

    Args:
        uplinks: the parent first, then the next ancestors; may change between calls.
        mono: the monotonic clock, milliseconds.
    """

    def __init__(self, uplinks: Callable[[], Sequence[Uplink]], mono: Callable[[], int]) -> None:
        self._uplinks = uplinks
        self._mono = mono
        self._until: dict[Uplink, int] = {}

    def open(self) -> Sequence[Uplink]:
        """Return whom to ask, in order: what led astray last, for one false answer must cut nobody off."""
        uplinks = self._uplinks()
        astray = self._astray(uplinks)
        has_led = any(not one.is_spare for one in astray)
        asked = [one for one in uplinks if has_led or not one.is_spare]
        return sorted(asked, key=lambda one: one in astray)

    def went_astray(self, uplink: Uplink) -> bool:
        """Another node answered there; return whether that is news and one is left that led nowhere wrong."""
        is_news = uplink not in self._astray(self._uplinks())
        self._until[uplink] = self._mono() + ASTRAY_MS
        order = self.open()
        return is_news and bool(set(order) - self._astray(order))

    def came_right(self, uplink: Uplink) -> int:
        """The node that was meant answered there; return its place in the order from now on."""
        self._until.pop(uplink, None)
        order = self.open()
        return order.index(uplink) if uplink in order else 0

    def astray(self) -> list[Uplink]:
        """Return what led to another node, spares left out: where the settings or the roster are wrong."""
        uplinks = self._uplinks()
        return [one for one in uplinks if one in self._astray(uplinks) and not one.is_spare]

    def _astray(self, uplinks: Sequence[Uplink]) -> set[Uplink]:
        now = self._mono()
        return {one for one in uplinks if self._until.get(one, now) > now}
