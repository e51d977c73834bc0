"""Places in the tree: a node's address is its statistical division code. Arithmetic only, never the world.

Codes have groups of 2-2-2-3-3 digits (province, prefecture, county, township,
village: GB/T 2260, GB/T 10114 and the statistical division codes); trailing
zero groups are trimmed, so `511921000000` is `511921`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

LENGTHS = (2, 4, 6, 9, 12)
# More than there are levels: a climb ends here where entries name each other in a ring.
TREE_DEPTH_MAX = 8
# Strangers' frames must not fill the memory; a county's own ways are some hundreds.
_PATHS_KEPT = 4096


def parse(text: str) -> str:
    """Return the trimmed address of a division code.

    Raises:
        ValueError: not digits, or not 2, 4, 6, 9 or 12 of them, or all zero.
    """
    if not (text.isascii() and text.isdigit()) or len(text) not in LENGTHS:
        raise ValueError(f"not a division code: {text[:20]!r}")
    for shorter, longer in zip(reversed((0, *LENGTHS[:-1])), reversed(LENGTHS), strict=True):
        if len(text) == longer and set(text[shorter:]) == {"0"}:
            text = text[:shorter]
    if not text:
        raise ValueError("a division code of zeros only")
    return text


def is_address(text: object) -> bool:
    """Say whether `text` is a trimmed address."""
    return type(text) is str and _is_address(text)


# Asked several times for every frame, of the few hundred addresses of a county.
@lru_cache(maxsize=16_384)
def _is_address(text: str) -> bool:
    if len(text) not in LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    return set(text) != {"0"} and parse(text) == text


def level(address: str) -> int:
    """Return 1 for a province … 3 county, 4 township, 5 village."""
    return LENGTHS.index(len(address)) + 1


def arithmetic_parent(address: str) -> str | None:
    """Return the division above by arithmetic alone, or None above a province."""
    place = LENGTHS.index(len(address))
    return address[: LENGTHS[place - 1]] if place else None


class Moved(NamedTuple):
    """Addresses of other codes that stand below a node by the roster, and those of its codes that do not."""

    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Tree:
    """Who is above whom, as the roster says; built once per roster version and never changed.

    Args:
        parents: every address in service and the parent the roster names, ""
            where arithmetic decides. A parent that is not in service is
            replaced by its own nearest ancestor in service.
        top: the address above all others; the shortest one when not given.
        relieved: addresses in service that stand above nobody any more: who
            was below them stands below the next one above.
        gone: addresses out of service for ever and the parent the roster
            named last: what is left of them is that one's, and their streams
            go the way they went.
    """

    __slots__ = ("_gone", "_parents", "_paths", "_relieved", "_up", "top")

    def __init__(
        self,
        parents: Mapping[str, str],
        top: str = "",
        relieved: Iterable[str] = (),
        gone: Mapping[str, str] | None = None,
    ) -> None:
        self._parents, self._gone = dict(parents), dict(gone or {})
        self._relieved = frozenset(relieved)
        self._up: dict[str, tuple[str, ...]] = {}
        self._paths: dict[tuple[str, str], tuple[str, ...]] = {}
        self.top = top or min(self._parents, key=lambda a: (len(a), a), default="")

    def __contains__(self, address: str) -> bool:
        return address in self._parents

    def is_relieved(self, address: str) -> bool:
        """Say whether an address in service stands above nobody any more, and begins nothing new."""
        return address in self._relieved

    def addresses(self) -> tuple[str, ...]:
        """Return every address in service, sorted."""
        return tuple(sorted(self._parents))

    def says_the_same(self, other: Tree) -> bool:
        """Say whether by another tree everybody stands where by this one."""
        mine, theirs = (self._parents, self._gone, self.top), (other._parents, other._gone, other.top)
        return mine == theirs and self._relieved == other._relieved

    def parent(self, address: str) -> str:
        """Return the node above, or "" for the top."""
        chain = self.up(address)
        return chain[1] if len(chain) > 1 else ""

    def children(self, address: str) -> tuple[str, ...]:
        """Return the nodes directly below, sorted."""
        return tuple(sorted(a for a in self._parents if a != address and self.parent(a) == address))

    def up(self, address: str) -> tuple[str, ...]:
        """Return `address` and everyone above it, top last."""
        known = self._up.get(address)
        if known is None:
            known = self._climb(address)
            # Only what is in service is remembered: others are named by whoever sends us something.
            if address in self._parents:
                self._up[address] = known
        return known

    def _climb(self, address: str) -> tuple[str, ...]:
        chain = [address]
        here = self._above(address)
        while here and here not in chain and len(chain) < TREE_DEPTH_MAX:
            chain.append(here)
            here = self._above(here)
        return tuple(chain)

    def _above(self, address: str) -> str:
        if address == self.top:
            return ""
        return next((one for one in self._named_above(address) if one not in self._relieved), self.top)

    def _named_above(self, address: str) -> Iterator[str]:
        """Yield who would stand above an address if nobody were relieved, the nearest first."""
        named = self._parents.get(address) or self._gone.get(address)
        parent = named or arithmetic_parent(address) or ""
        while parent:
            if parent in self._parents:
                yield parent
            parent = arithmetic_parent(parent) or ""

    def passed_over(self, address: str) -> tuple[str, ...]:
        """Return the relieved nodes that stood between an address and its parent, the nearest first."""
        is_out = self._relieved.__contains__
        return tuple(takewhile(is_out, self._named_above(address))) if address != self.top else ()

    def is_below(self, lower: str, upper: str) -> bool:
        """Say whether `upper` is strictly above `lower`."""
        return lower != upper and upper in self.up(lower)

    def moved(self, upper: str) -> Moved:
        """Return who stands below `upper` now, or does not, other than the codes say."""
        others = [one for one in self.addresses() if one.startswith(upper) != self.is_below(one, upper)]
        came = [one for one in others if not one.startswith(upper)]
        return Moved(tuple(came), tuple(one for one in others if one != upper and one not in came))

    def path(self, source: str, target: str) -> tuple[str, ...]:
        """Return the nodes a frame passes from `source` to `target`, both included."""
        known = self._paths.get((source, target))
        if known is None:
            known = self._find_path(source, target)
            if source in self._parents and target in self._parents and len(self._paths) < _PATHS_KEPT:
                self._paths[(source, target)] = known
        return known

    def _find_path(self, source: str, target: str) -> tuple[str, ...]:
        rising, falling = self.up(source), self.up(target)
        meeting = next((a for a in rising if a in falling), "")
        if not meeting:
            return (source, target) if source != target else (source,)
        return rising[: rising.index(meeting) + 1] + tuple(reversed(falling[: falling.index(meeting)]))

    def holds(self, source: str, target: str, address: str) -> bool:
        """Say whether `address` lies on the path from `source` to `target`."""
        return address in (self._paths.get((source, target)) or self.path(source, target))

    def cover(self, author: str, parties: Iterable[str]) -> tuple[str, ...]:
        """Return the destinations that bring an act of `author` to all `parties`.

        One is the top of the tree, the others the deepest parties below the
        author: every node between them keeps a copy. `(author,)` when nobody
        else takes part.
        """
        below = [p for p in set(parties) if self.is_below(p, author)]
        deepest = {p for p in below if not any(self.is_below(q, p) for q in below)}
        if self.top and self.top != author:
            deepest.add(self.top)
        return tuple(sorted(deepest)) or (author,)
