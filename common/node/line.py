"""Where the nodes above answer: the parent first, then its ancestors, by settings and by the roster."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from common.config import NodeConfig, read_config
from common.errors import LiandongError
from common.node.upward import line_up
from sync.adapters.runner import Pace, Runner
from sync.adapters.ways import Uplink
from sync.protocol.address import Tree, arithmetic_parent
from sync.protocol.retry import slot_ms

if TYPE_CHECKING:
    from common.node.node import Node


def runner_of(node: Node) -> Runner | None:
    """Return what exchanges with the nodes above, None where no address of any of them is known."""
    config = node.config
    uplinks = uplinks_of(config, node.tree, node.url_of)
    if not config.parent_url and not uplinks():
        return None
    pace = Pace(
        config.sync_interval_s * 1000,
        config.sync_exchange_bytes,
        config.sync_retry_base_ms,
        config.sync_retry_cap_s * 1000,
        slot_ms(node.me, config.sync_interval_s * 1000),
    )
    return Runner(node.engine, line_up(config), uplinks, pace, lambda: secrets.randbits(32))


def look_for_a_way(node: Node, environment: Mapping[str, str]) -> None:
    """Give a running node that knew no way up a line, once the roster or its settings name one.

    Of the settings only the addresses of those above are read anew. A file that cannot be read changes
    nothing: what is wrong with it the next start says.
    """
    if node.runner is not None:
        return
    try:
        now = read_config(node.config.data_dir, environment)
    except (LiandongError, OSError):
        now = node.config
    node.config = replace(node.config, parent_url=now.parent_url, ancestor_urls=now.ancestor_urls)
    node.runner = runner_of(node)


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
