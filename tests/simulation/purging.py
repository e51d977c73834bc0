"""Nodes purge what is done with, and one machine is replaced by another with an empty disk; drawn apart.

Things are kept for longer than any copy of a disk is old when it is put back, as the rule demands, and until
who purges has heard of it: months leave room for that, and these few hours do not. In a county that loses a
key nothing is purged: what is taken back after months is no matter of these few days.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.event import CaseEvent
from common.casework.rules.flow import ENDED
from common.casework.rules.waiting import Work, waits_for
from sync.protocol import signed
from sync.protocol.core import TRUST_SORTS
from sync.protocol.frame import Frame, StreamId
from sync.protocol.own.issue import open_epoch
from sync.protocol.signed import Statement
from sync.protocol.spool import Identity
from sync.protocol.stock import purging
from sync.protocol.streams import read_epoch
from sync.protocol.trust import registrar
from sync.protocol.trust.state import keep_trust
from tests.simulation.carriers import HOUR_MS
from tests.simulation.intended import Intended
from tests.simulation.site import BrittleBlobs, Site, WatchedSpool

if TYPE_CHECKING:
    from tests.simulation.world import County

ODDS, REPLACED_ODDS = 0.8, 0.7
# Marks are made once in such a part of all days, and ripen after so many of them.
PART, KEPT = 0.1, 4
BATCH = 40


class Purging:
    """What is purged in one county, and who was replaced."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = Random(f"{county.seed}/purging")
        self.gone: set[str] = set()
        self.replaced: dict[str, int] = {}
        self.bases: set[tuple[str, StreamId]] = set()

    def plan(self) -> None:
        """Draw who purges in this seed, and who is replaced; to be called when all else is planned."""
        county, rng = self.county, self.rng
        if rng.random() >= ODDS or self._loses_keys():
            return
        self.span = int(county.shape.days * 24 * HOUR_MS)
        self.part = max(HOUR_MS, int(PART * self.span))
        below = county.addresses[1:]
        self.purgers = set(rng.sample(below, rng.randrange(2, len(below) + 1)))
        for address in county.addresses:
            county.later(rng.randrange(self.part), self._look, address)
        if rng.random() < REPLACED_ODDS:
            at = rng.randrange(int(0.55 * self.span), int(0.9 * self.span))
            county.later(at, self._replace, rng.choice(below))

    def _loses_keys(self) -> bool:
        county = self.county
        what = [part for _, _, do, given in county._queue for part in (do, *given) if callable(part)]
        names = {f"{type(getattr(part, '__self__', None)).__name__}.{part.__name__}" for part in what}
        return any(name.startswith("Thief.") or name == "Standing._revoke" for name in names)

    # --- purging
    def _look(self, address: str) -> None:
        """Mark what the ends have signed; some nodes delete what is ripe and done with."""
        county, site = self.county, self.county.sites[address]
        if not county.is_open:
            return
        county.later(self.part // 3, self._look, address)
        if not (site.alive and site.enrolled):
            return
        acts: list[str] = []
        with site.unit():
            core = site.peer.core
            purging.mark_ends(core, county.now // self.part, KEPT)
            if address in self.purgers:
                acts = self._done_with(site, purging.to_purge(core, 0, BATCH).acts)
                purging.purge(core, acts)
        self.gone.update(acts)
        for _ in acts:
            county.faults.count("purged")
        for stream in site.spool.streams():
            if stream.base and (address, stream.id) not in self.bases:
                self.bases.add((address, stream.id))
                county.faults.count("base_used")

    def _done_with(self, site: Site, acts: Iterable[str]) -> list[str]:
        book = site.book
        ended = [
            case
            for case, known in book.cases.items()
            if known.state.state in ENDED and waits_for(known.state)[0] is Work.NOTHING
        ]
        done = {act for case in ended for act in book.acts_of(case)}
        return [act for act in acts if act in done and not self._is_unheard(site, act)]

    def _is_unheard(self, site: Site, act: str) -> bool:
        """Say whether an end of an act was put back to before it, and a node goes by its former word."""
        for stream, _ in site.spool.places_of_act(act):
            end, held = self.county.sites[stream.dst], site.spool.stream(stream)
            word = purging.newest_end(site.peer.core, held) if held is not None else None
            is_back = end.address in self.county.copies.given_back and end.spool.act(act) is None
            if word is None or not is_back:
                continue
            there = end.spool.stream(stream)
            upto = there.upto if there is not None else 0
            if word.incarnation < end.peer.core.identity.incarnation or word.upto > upto:
                return True
        return False

    # --- a new machine
    def _replace(self, address: str) -> None:
        """A machine is gone for good; another takes its place, let in by the top, with an empty disk."""
        county, site = self.county, self.county.sites[address]
        top = county.sites[county.addresses[0]]
        ready = top.alive and top.roster_key is not None and site.enrolled and not county.oracle.forgetful
        if not (county.is_open and ready):
            return
        new = site.suite.pair(self.rng.randbytes(64))
        child = {"address": address, "parent": "", "name": address, "key": new.public.as_fields()}
        with top.unit():
            core = top.peer.core
            registrar.admit_child(core, top.roster_key, child, top.evidence().wall)
            told = [held.statement for sort in TRUST_SORTS for held in core.spool.all_held(sort)]
            former = core.spool.all_held(signed.EPOCH)
            numbers = [read_epoch(held.statement).n for held in former if held.key.startswith(f"{address}|")]
        site.switch_off()
        # Nothing goes wrong while it is set up: nobody leaves before the new machine is in.
        county.faults.off()
        self.replaced[address] = county.now
        # Who lets it in may not have heard of every epoch it had.
        county.oracle.forgetful.add(address)
        self._empty(site)
        site.key, site.keys[new.id] = new, new
        site.start()
        with site.unit():
            self._enrol(site, told, max(numbers, default=0))
            word = site.peer.word()
        site.enrolled = 1
        site.attest(word)
        county.faults.count("machine_replaced")
        county.trace("replaced", address)
        county.oracle.put_back(site)
        county.desks[address].look_for_papers()
        county.line_at(site, 60_000)
        county.faults.on()

    def _empty(self, site: Site) -> None:
        was = site.spool.identity()
        assert was is not None
        site.spool, site.blobs, site.word, site.enrolled = WatchedSpool(), BrittleBlobs(site), None, 0
        site.book = type(site.book)(site)
        self.county.copies.kept.pop(site.address, None)
        self.county.copies.twins.pop(site.address, None)
        with site.spool.unit():
            site.spool.put_identity(Identity(site.address, self.rng.randbytes(8).hex(), was.fingerprint))

    def _enrol(self, site: Site, told: list[Statement], above: int) -> None:
        core = site.peer.core
        for statement in told:
            if core.roster.offer(statement):
                keep_trust(core, statement)
        open_epoch(core, site.key, "enrolled", site.evidence().wall, above)

    # --- what may be lacking at the end
    def may_be_bare(self, node: str, frame: Frame) -> bool:
        """Say whether a frame may come to a node without its body: purged, or its own of before."""
        is_own = node in self.replaced and frame.header.stream.src == node
        return not frame.body and (frame.act in self.gone or is_own)

    def may_lack(self, node: str, act: str, intended: Intended) -> bool:
        """Say whether a node need not have an act: others had purged it, or it was for a former machine."""
        is_plain = intended.kind.startswith("case.")
        return act in self.gone or (node in self.replaced and not is_plain)

    def may_lack_case(self, node: str, case: str, made: Iterable[CaseEvent]) -> bool:
        """Say whether a node need not have a case as it is: what it lacks of it others had purged."""
        lacking = {event.id for event in made} - self.county.sites[node].book.acts_of(case)
        return bool(lacking) and lacking <= self.gone
