"""Tables in memory whose writes can be taken back."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class PlaceTaken(Exception):
    """A second frame was put at one place of a stream, or an act added twice: the unit must fail."""


class Undoing:
    """Tables whose writes can be taken back: the log holds, for each write, what would undo it."""

    def __init__(self) -> None:
        self._log: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
        self._open = False

    def _later(self, inverse: Callable[..., Any], *given: Any) -> None:
        if not self._open:
            raise RuntimeError("a spool is written inside a unit only")
        self._log.append((inverse, given))

    def _set(self, table: MutableMapping[_K, _V], key: _K, value: _V) -> None:
        if key in table:
            self._later(table.__setitem__, key, table[key])
        else:
            self._later(table.pop, key)
        table[key] = value

    def _drop(self, table: MutableMapping[_K, _V], key: _K) -> None:
        if key in table:
            self._later(table.__setitem__, key, table[key])
            del table[key]

    def _undo_to(self, mark: int) -> None:
        while len(self._log) > mark:
            inverse, given = self._log.pop()
            inverse(*given)
