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
    """Return who stands elsewhere than before, or is out of service.

    Who joins has no cases to be told of, but for one that has joined and moved since anybody looked.
    """
    found = {address for address, above in before.items() if now.get(address) != above}
    return found | {address for address in now.keys() - before.keys() if _is_moved(address, now)}


def _is_moved(address: str, now: Mapping[str, str]) -> bool:
    """Say whether an address stands elsewhere than its own digits say."""
    above = now[address].split()
    by_digits = (other for other in now if other != address and address.startswith(other))
    return bool(above) and above[0] != max(by_digits, key=len, default="")
