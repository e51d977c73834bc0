"""What is known of the key that a simulated node uses: at that node, and at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol.rotation import keys_to

if TYPE_CHECKING:
    from tests.simulation.site import Site


def is_gone(top: Site, site: Site) -> bool:
    """Say whether the key in use at a node is revoked at the top, or was gone over to from one that is."""
    core, roster = site.peer.core, top.peer.core.roster
    keys = keys_to(core, core.epoch(site.address, core.identity.epoch))
    known = [key for key in keys if roster.key(site.address, key) is not None]
    return bool(known) and known[0] in roster.revoked(site.address)


def is_in(top: Site, site: Site) -> bool:
    """Say whether the top knows the key in use at a node, as one that counts."""
    return top.peer.core.roster.good_key(site.address, site.peer.core.own_key().id) is not None


def is_confirmed(site: Site) -> bool:
    """Say whether a node knows that the top has entered the key it uses."""
    core = site.peer.core
    return core.roster.good_key(site.address, core.own_key().id) is not None
