"""Where the nodes above answer: the parent first, then its ancestors, by settings and by the roster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.config import NodeConfig
from sync.adapters.runner import Uplink
from sync.protocol.address import Tree, arithmetic_parent


def uplinks_of(
    config: NodeConfig, tree: Callable[[], Tree], url_of: Callable[[str], str]
) -> Callable[[], Sequence[Uplink]]:
    """Return a function that names the ancestors with their addresses on the net, the parent first.

    The settings name, in order, the nodes that arithmetic puts above this one;
    whoever the roster has put there since is found by what the roster says.

    Args:
        url_of: what the roster says of where an address answers, "" for nothing.
    """
    urls = [config.parent_url, *[u.strip() for u in config.ancestor_urls.split(",") if u.strip()]]

    def uplinks() -> Sequence[Uplink]:
        known = tree()
        given = dict(zip(_by_arithmetic(config.address, known), urls, strict=False))
        found = [(address, given.get(address) or url_of(address)) for address in known.up(config.address)[1:]]
        return [Uplink(address, url) for address, url in found if url]

    return uplinks


def _by_arithmetic(address: str, tree: Tree) -> list[str]:
    """Return the nodes that stood above an address at its enrolment, before anybody was moved or relieved."""
    found: list[str] = []
    above = arithmetic_parent(address)
    while above:
        if above in tree:
            found.append(above)
        above = arithmetic_parent(above)
    return found if tree.top in (*found, "", address) else [*found, tree.top]
