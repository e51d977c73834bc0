"""Founds a simulated county, and lets in those who come late, by a township's word or the county's own."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.roster import entry_fields
from sync.protocol.signed import Statement
from sync.protocol.streams import read_epoch
from sync.protocol.trust import registrar
from sync.protocol.trust.state import keep_trust
from tests.simulation.faults import PowerCut
from tests.simulation.site import START_MS, Site
from tests.simulation.standing import is_in_office
from tests.simulation.suite import ToySuite

if TYPE_CHECKING:
    from tests.simulation.world import County

TOP = "511921"
VILLAGES_A_TOWNSHIP = 3
HOUR_MS = 3_600_000
LATE_AT_MOST = 2


def addresses_of(nodes: int) -> tuple[str, ...]:
    """Return the addresses of a county of so many nodes: the county, then townships, each with its villages.

    Raises:
        ValueError: fewer than a county, a township and a village.
    """
    if nodes < 3:
        raise ValueError("a county has at least three nodes")
    found = [TOP]
    while len(found) < nodes:
        at = (len(found) - 1) // (VILLAGES_A_TOWNSHIP + 1)
        town = f"{TOP}{100 + at:03d}"
        found += [town, *(f"{town}{201 + i}" for i in range(VILLAGES_A_TOWNSHIP))]
    return tuple(found[:nodes])


def found_county(county: County) -> None:
    """Make all sites; enter all but those who come late in one roster, and open the first epoch of each."""
    rng, suite = county.rng, ToySuite()
    root_key, roster_key = suite.pair(rng.randbytes(64)), suite.pair(rng.randbytes(64))
    county.root_key = root_key
    root = registrar.make_root(rng.randbytes(8).hex(), "模拟县", (root_key,), suite)
    appointment = registrar.appoint(root, TOP, roster_key.public, (root_key,), suite)
    for address in county.addresses:
        county.sites[address] = Site(address, county, root.hash, suite)
    top = county.sites[TOP]
    top.be_registrar(roster_key)
    late = _late_ones(county)
    with top.unit():
        core = top.peer.core
        registrar.found(core, root, appointment)
        for address in county.addresses:
            if address not in late:
                key = county.sites[address].key.public
                registrar.enter(core, roster_key, entry_fields(address, "", address, (key,)), START_MS)
        trust = [core.spool.held(s, "newest") for s in (signed.ROOT, signed.APPOINTMENT, signed.HEAD)]
        statements = [held.statement for held in (*trust, *core.spool.all_held(signed.ENTRY))]
    for address, site in county.sites.items():
        if address not in late:
            with site.unit():
                _adopt(site.peer.core, county.known_at(address, statements))
                site.peer.open_epoch(site.key, "enrolled", START_MS)
                word = site.peer.word()
            site.attest(word)
            _be_let_in(site)


def _late_ones(county: County) -> dict[str, int]:
    """Draw who comes late and when; a township that does leaves its villages to the county until then."""
    rng = Random(f"{county.seed}/late")
    late = {}
    for address in rng.sample(county.addresses[1:], rng.randrange(LATE_AT_MOST + 1)):
        late[address] = rng.randrange(int(county.shape.days * 14 * HOUR_MS))
        county.later(late[address], enrol, county, address)
        county.faults.count("enrolled_late_town" if len(address) == 9 else "enrolled_late_village")
    return late


def enrol(county: County, address: str) -> None:
    """Let a node in at the one above it; after a power cut, or while somebody is off, try again later."""
    site = county.sites[address]
    if site.enrolled:
        return
    # A relieved township gives its word for nobody, once it knows.
    desks = [county.sites[a] for a in site.ancestors if county.sites[a].enrolled]
    desk = next(one for one in desks if not one.tree.is_relieved(one.address))
    top = county.sites[TOP].peer.core.roster
    # The word of a key that is revoked lets nobody in: the desk gets its new one first.
    is_ready = desk.alive and (desk.roster_key is None or is_in_office(desk))
    gone = top.revoked(desk.address).keys() - desk.peer.core.roster.revoked(desk.address).keys()
    if not (site.alive and is_ready) or gone or desk.peer.core.own_key().id in top.revoked(desk.address):
        county.later(HOUR_MS, enrol, county, address)
        return
    try:
        _let_in(site, desk)
    except PowerCut:
        county.later(HOUR_MS, enrol, county, address)
        raise
    county.trace("enrolled", address, desk.address)
    county.line_at(site, 60_000)


def _let_in(site: Site, desk: Site) -> None:
    """Do what the code on paper does: the desk hears of key and epoch, the new node of its network."""
    with site.unit():
        core = site.peer.core
        held = core.spool.all_held(signed.EPOCH)
        epoch = (
            read_epoch(held[0].statement) if held else site.peer.open_epoch(site.key, "enrolled", START_MS)
        )
    child = {"address": site.address, "parent": "", "name": site.address, "key": site.key.public.as_fields()}
    with desk.unit():
        core = desk.peer.core
        if desk.roster_key is not None:
            registrar.admit_child(core, desk.roster_key, child, START_MS)
        else:
            registrar.vouch(core, child, epoch.statement.hash, START_MS)
        core.keep(epoch.statement, f"{site.address}|{epoch.id}", (epoch.n, 0, 0))
        chain = {site.address, *core.tree.up(desk.address)}
        root, head = [core.spool.held(sort, "newest") for sort in (signed.ROOT, signed.HEAD)]
        found = [
            held
            for sort in (signed.ENTRY, signed.VOUCH, signed.EPOCH)
            for held in core.spool.all_held(sort)
            if held.key.split("|")[0] in chain
        ]
        # As a real answer has it: what a former roster key signed is believed before a head by the new one.
        known = [held.statement for held in (root, *found, head) if held is not None]
        answer = [known[0], *core.roster.appointments, *known[1:]]
    with site.unit():
        _adopt(site.peer.core, answer)
        word = site.peer.word()
    site.attest(word)
    _be_let_in(site)


def _be_let_in(site: Site) -> None:
    """From now on it is a node; it is not lost with a lying disk that it is one.

    Without its epoch it could sign nothing, and people, who see that at once, would let it in again.
    """
    site.enrolled = 1
    site.unsynced.clear()


def _adopt(core: Core, statements: list[Statement]) -> None:
    for statement in statements:
        if statement.sort == signed.EPOCH:
            record = read_epoch(statement)
            core.keep(statement, f"{record.src}|{record.id}", (record.n, 0, 0))
        elif core.roster.offer(statement):
            keep_trust(core, statement)
