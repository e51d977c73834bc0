"""Who stands above whom, as it was when somebody last looked, and who stands elsewhere now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync.protocol.address import Tree


def standing_of(tree: Tree) -> dict[str, str]:
    """Return every address in service → all above it, the nearest first, as one text."""
    return {address: " ".join(tree.up(address)[1:]) for address in tree.addresses()}


def with_those_below(tree: Tree, new: Iterable[str]) -> set[str]:
    """Return these and all below them: a case need not name everybody through whose hands it passes."""
    machines = set(new)
    return machines | {address for address in tree.addresses() if machines & {*tree.up(address)}}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    """Return who stands elsewhere than before, or is out of service; who joins has no cases to be told of."""
    return {address for address, above in before.items() if now.get(address) != above}
