"""Where the nodes above answer: the parent first, then its ancestors, by settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.config import NodeConfig
from sync.adapters.runner import Uplink
from sync.protocol.address import Tree


def uplinks_of(config: NodeConfig, tree: Callable[[], Tree]) -> Callable[[], Sequence[Uplink]]:
    """Return a function that names the ancestors with their addresses on the net, the parent first."""
    urls = [config.parent_url, *[u.strip() for u in config.ancestor_urls.split(",") if u.strip()]]

    def uplinks() -> Sequence[Uplink]:
        above = tree().up(config.address)[1:]
        return [Uplink(address, url) for address, url in zip(above, urls, strict=False) if url]

    return uplinks
