"""Where the nodes above answer: the parent first, then its ancestors, by settings and by the roster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.config import NodeConfig
from sync.adapters.ways import Uplink
from sync.protocol.address import Tree, arithmetic_parent


def uplinks_of(
    config: NodeConfig, tree: Callable[[], Tree], url_of: Callable[[str], str]
) -> Callable[[], Sequence[Uplink]]:
    """Return a function that names the ancestors with their addresses on the net, the parent first.

    The settings name, in order, the nodes that arithmetic puts above this one;
    whoever the roster has put there since is found by what the roster says.
    Of a township that joined later than this node nobody can tell whether the
    settings mean it or the county that stood there before: the other reading is
    a spare, tried only where the first leads to another node.

    Args:
        url_of: what the roster says of where an address answers, "" for nothing.
    """
    urls = [config.parent_url, *[u.strip() for u in config.ancestor_urls.split(",") if u.strip()]]

    def uplinks() -> Sequence[Uplink]:
        known = tree()
        given = dict(zip(_by_arithmetic(config.address, known), urls, strict=False))
        found = list[Uplink]()
        for address in known.up(config.address)[1:]:
            told = url_of(address)
            first = given.get(address) or told
            spares = dict.fromkeys([told, *urls])
            found += [Uplink(address, first)] if first else []
            found += [Uplink(address, url, True) for url in spares if url and url != first]
        return found if any(not one.is_spare for one in found) else []

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
