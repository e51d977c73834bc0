"""What people are shown of how far an act got, beside what the judge knows of where it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from common.casework.context import Tick
from common.node.heart import in_words
from sync.protocol.stock.ticks import END_STORED, SAVED

if TYPE_CHECKING:
    from tests.simulation.clerks import Desk
    from tests.simulation.intended import Intended
    from tests.simulation.oracle import Oracle
    from tests.simulation.site import Site

NEWEST = 40


def acts_to_look_at(desk: Desk) -> Iterator[str]:
    """Yield one of the newest acts made at a desk, then one of others, drawn apart from all else."""
    acts, me = desk.site.oracle.acts, desk.site.address
    newest = (event.id for case in reversed(desk.book.cases.values()) for event in reversed(case.events))
    known = [act for act in islice(newest, NEWEST) if act in acts]
    own = [act for act in reversed(known) if acts[act].author == me]
    others = [act for act in known if acts[act].author != me]
    if own:
        yield desk.rng.choice(own)
    if others:
        yield desk.looking.choice(others)


def check_shown(oracle: Oracle, site: Site, act: str) -> None:
    """What people at a node are shown of an act must be true, of their own one and of another's."""
    intended = oracle.acts[act]
    if intended.author == site.address:
        _check_own(oracle, site, act, intended)
    else:
        _check_others(oracle, site, act, intended)


def _check_own(oracle: Oracle, site: Site, act: str, intended: Intended) -> None:
    """Complete means there, with every paper."""
    with site.unit():
        stage = site.peer.tick(act).stage
    if stage == SAVED or intended.to == (site.address,):
        return
    others = [other for other in oracle.sites.values() if other is not site]
    if not oracle.forgetful and all(other.spool.act(act) is None for other in others):
        oracle.fail(17, site, f"act {act} is shown to be elsewhere and is nowhere")
    if stage != END_STORED:
        return
    top = site.tree.top
    for target in (top,) if top in intended.to else intended.to:
        if target not in oracle.forgetful:
            _check_there(oracle, site, act, target)


def _check_others(oracle: Oracle, site: Site, act: str, intended: Intended) -> None:
    """At the county means that the top has it; put back since, that it once had it.

    Outside any unit, as a page reads it: a unit would meet faults that are not drawn without this look.
    """
    if in_words(site.peer.tick(act)) != Tick.COUNTY:
        return
    top = site.tree.top
    if top not in oracle.forgetful:
        _check_there(oracle, site, act, top)
    elif act not in oracle.at_top:
        oracle.fail(15, site, f"act {act} of {intended.author} is shown at the county, which never had it")


def _check_there(oracle: Oracle, site: Site, act: str, target: str) -> None:
    there = oracle.sites[target]
    if there.spool.act(act) is None:
        oracle.fail(15, site, f"act {act} is shown complete and {target} does not have it")
    for blob in oracle.acts[act].blobs:
        oracle.check_paper(there, blob.hash)
