"""Keys change hands and villages move while everything else goes wrong; drawn apart from all else."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts import quarantine
from sync.protocol.core import TRUST_SORTS
from sync.protocol.entries import read_entry
from sync.protocol.errors import BadRoster
from sync.protocol.own.issue import open_epoch
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair
from sync.protocol.trust import registrar, review, revocation, vouched
from sync.protocol.trust.appointments import NEWEST
from sync.protocol.trust.lost_keys import TAKEN
from sync.protocol.trust.revocation import LOST, Revocation, Said
from sync.protocol.trust.state import keep_trust
from tests.simulation.carriers import HOUR_MS
from tests.simulation.faults import PowerCut
from tests.simulation.keys_known import is_confirmed, is_gone, is_in

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County

# More acts than a thief's key has signed within its cut.
REVIEWED = 1_000
WAITS_MS = 12 * HOUR_MS


class Standing:
    """Who takes a new key, who moves, in one county."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = Random(f"{county.seed}/standing")
        # Keys made for machines that are to take the place of others.
        self.heirs: dict[str, KeyPair] = {}
        # Villages that have stood below another township, if only for a while.
        self.moved: set[str] = set()
        # The newest appointment, as the file that the root keys have signed: people keep it.
        self.paper: Statement | None = None

    def plan(self) -> None:
        """Draw what changes in this seed: nothing in most."""
        county, rng = self.county, self.rng
        county.later(HOUR_MS, self._look_through)
        if rng.random() < county.shape.trouble.no_changes:
            return
        span = int(county.shape.days * 24 * HOUR_MS)
        for _ in range(rng.randrange(1, 4)):
            county.later(rng.randrange(span), self.try_again, self._rotate, rng.choice(county.addresses))
        towns = [address for address in county.addresses if len(address) == 9]
        villages = [address for address in county.addresses if len(address) == 12]
        if len(towns) > 1 and rng.random() < 0.6:
            village, at = rng.choice(villages), rng.randrange(int(0.7 * span))
            elsewhere = [t for t in (*towns, county.addresses[0]) if not village.startswith(t)]
            away = rng.choice(elsewhere)
            county.later(at, self.try_again, self._move, village, away)
            if rng.random() < 0.5:
                county.later(at + rng.randrange(span - at), self.try_again, self._move, village, "")
        if rng.random() < 0.3:
            county.later(rng.randrange(span), self.try_again, self._appoint)
        self._plan_loss(rng, span)

    def _plan_loss(self, rng: Random, span: int) -> None:
        """In some seeds a key is lost: revoked at what the top knows of it, and another takes its place."""
        county = self.county
        if rng.random() < 0.5:
            address, at = rng.choice(county.addresses[1:]), rng.randrange(int(0.8 * span))
            county.later(at, self.try_again, self._revoke, address)
            county.later(at + HOUR_MS, self.decide_all)

    def _revoke(self, address: str) -> bool:
        top, site = self.county.sites[self.county.addresses[0]], self.county.sites[address]
        is_ready = top.alive and is_in_office(top) and site.alive and site.enrolled
        if not (is_ready and is_confirmed(site) and is_in(top, site)):
            return self.county.is_open == 0
        with top.unit():
            self.enter_newcomers(top, address)
        # Nobody knows the very moment: the cut lies some acts before what the top has.
        lines = revocation.lines_of(top.peer.core, address)
        cut = {line.stream: max(0, line.upto - self.rng.randrange(5)) for line in lines}
        self.cut_off(Revocation(address, LOST, cut=cut))
        self.county.faults.count("key_revoked")
        self.county.trace("revoked", address)
        return True

    def enter_newcomers(self, top: Site, address: str) -> None:
        """A revoked key's word for a newcomer counts no more: the top enters who it was given for."""
        core = top.peer.core
        for one in self.county.sites.values():
            is_new = one.enrolled and one.address not in core.roster.entries
            if is_new and one.address.startswith(address) and core.means.roster_key is not None:
                own = one.peer.core.own_key()
                child = {"address": one.address, "parent": "", "name": "", "key": own.public.as_fields()}
                registrar.admit_child(core, core.means.roster_key, child, top.evidence().wall)

    def cut_off(self, wanted: Revocation) -> None:
        """Revoke keys at the top, and enter another for a new machine, which is let in after that."""
        top, site = self.county.sites[self.county.addresses[0]], self.county.sites[wanted.address]
        heir = self.heirs.setdefault(wanted.address, site.suite.pair(site.rng.randbytes(64)))
        site.keys[heir.id] = heir
        child = {"address": wanted.address, "parent": "", "name": "", "key": heir.public.as_fields()}
        trust = self.county.oracle.trust
        trust.being_said = wanted.address
        try:
            with top.unit():
                core = top.peer.core
                revocation.revoke(core, top.book, wanted, top.evidence())
                registrar.admit_child(core, core.means.roster_key, child, top.evidence().wall)
        finally:
            trust.being_said = ""
            # The power may have gone after the commit as well.
            held = top.spool.held(signed.ENTRY, wanted.address)
            if held is not None and heir.id.encode() in held.statement.payload:
                del self.heirs[wanted.address]
                trust.revoked(read_entry(held.statement))
                told = [held.statement for sort in TRUST_SORTS for held in top.spool.all_held(sort)]
                self.county.later(0, self.try_again, self.replace_key, wanted.address, heir.id, told)

    def replace_key(self, address: str, key_id: str, told: list[Statement]) -> bool:
        """The new machine is let in with what the top says now; its old files are on it."""
        site = self.county.sites[address]
        if not site.alive:
            return False
        try:
            self._hand_in(site, key_id, told)
        except BadRoster:
            # The top was put back and has yet to hear of an entry of its own that this machine has.
            self.county.later(HOUR_MS, self.try_again, self._hand_in_again, address, key_id)
            return True
        self.county.wake(site)
        return True

    def _hand_in_again(self, address: str, key_id: str) -> bool:
        top = self.county.sites[self.county.addresses[0]]
        told = [held.statement for sort in TRUST_SORTS for held in top.spool.all_held(sort)]
        return top.alive and self.replace_key(address, key_id, told)

    def _hand_in(self, site: Site, key_id: str, told: list[Statement]) -> None:
        with site.unit():
            core = site.peer.core
            for statement in told:
                if statement.sort != signed.VOUCH and core.roster.offer(statement):
                    keep_trust(core, statement)
            open_epoch(core, site.keys[key_id], "replaced", site.evidence().wall)
            word = site.peer.word()
        site.attest(word)

    def let_in_again(self, address: str) -> bool:
        """A copy from before its key was revoked is heard by nobody: a person lets that machine in again."""
        top, site = self.county.sites[self.county.addresses[0]], self.county.sites[address]
        if not (top.alive and site.alive):
            return False
        entry = top.peer.core.roster.entries.get(address)
        if entry is None or not is_gone(top, site):
            # Put back too, the top may not have heard yet that the key is revoked.
            return not (self._is_behind() and self.county.is_open)
        told = [held.statement for sort in TRUST_SORTS for held in top.spool.all_held(sort)]
        return self.replace_key(address, entry.good_keys[-1].id, told)

    def decide_all(self) -> None:
        """Somebody looks at what is held back, and at what counts of a thief's: what is forged is struck."""
        county, top = self.county, self.county.sites[self.county.addresses[0]]
        county.later(3 * HOUR_MS, self.decide_all)
        if not top.alive:
            return
        trust = county.oracle.trust
        with top.unit():
            core = top.peer.core
            held = [row.id for row in quarantine.quarantined(core) if row.reason == quarantine.PAST_CUT]
            genuine = [act for act in held if act not in trust.forged]
            # Before anybody knew, the robbed node may have given what came back a place under its next key.
            counts = [review.within_cut(core, one, REVIEWED) for one in sorted(trust.stolen)]
            seen = [*held, *(row.frame.act for rows in counts for row in rows)]
            forged = [act for act in seen if act in trust.forged]
            trust.released.update(genuine)
            for kind, acts in ((quarantine.RELEASED, genuine), (quarantine.STRUCK, forged)):
                if acts:
                    revocation.decide(core, top.book, kind, Said(acts, "looked at"), top.evidence())
        county.faults.fired["act_released"] += len(genuine)
        county.faults.fired["act_struck_out"] += len(forged)

    def _look_through(self) -> None:
        """Every hour the top looks whether somebody stands elsewhere, and briefs who was passed by.

        And a person there looks at keys that a township gave its word for though the top knows another.
        """
        county, top = self.county, self.county.sites[self.county.addresses[0]]
        county.later(HOUR_MS, self._look_through)
        if top.alive:
            self._take_office_again(top)
            if self.paper is not None and top.address in county.oracle.forgetful:
                # What the former key has entered since the copy is refused: people see whom, and do it again.
                with top.unit():
                    self.enter_newcomers(top, "")
            with top.unit():
                top.book.brief_who_was_passed_by()
                words = vouched.undecided(top.peer.core) if is_in_office(top) else []
                confirmed = [self._say_whose(top, word) for word in words]
            county.faults.fired["vouched_key_confirmed"] += sum(confirmed)

    def _take_office_again(self, top: Site) -> None:
        """Put back to before its roster key was appointed it enters nobody: the paper is handed in again."""
        if self.paper is not None and top.roster_key is not None and not is_in_office(top):
            with top.unit():
                registrar.take_office(top.peer.core, self.paper, top.roster_key, top.evidence().wall)
            self.county.faults.count("office_taken_again")

    def _say_whose(self, top: Site, word: vouched.Word) -> bool:
        """Enter a key that its address has, or had, or refuse one that was revoked: somebody there knows."""
        site = self.county.sites[word.address]
        if word.key.id not in site.keys:
            return False
        name = (word.address, word.key.id)
        if word.state == TAKEN:
            # Whoever has it since: what it signed is gone through one by one.
            entry = vouched.refuse(top.peer.core, top.book, name, top.evidence())
            self.county.oracle.trust.revoked(entry)
            return False
        is_in_use = site.peer.core.own_key().id == word.key.id
        confirm = vouched.confirm_current if is_in_use else vouched.confirm_former
        confirm(top.peer.core, top.book, name, top.evidence().wall)
        return True

    def try_again(self, what, *given) -> None:  # type: ignore[no-untyped-def]
        """Do something, or later when the power is off."""
        county = self.county
        try:
            done = what(*given)
        except PowerCut:
            county.later(HOUR_MS, self.try_again, what, *given)
            raise
        if not done:
            county.later(HOUR_MS, self.try_again, what, *given)

    def _rotate(self, address: str) -> bool:
        site = self.county.sites[address]
        if not (site.alive and site.enrolled and is_confirmed(site)):
            return self.county.is_open == 0
        new = site.suite.pair(site.rng.randbytes(64))
        # The key file is written before the unit that needs it.
        site.keys[new.id] = new
        with site.unit():
            site.peer.rotate(new, site.evidence().wall)
            word = site.peer.word()
        site.attest(word)
        self.county.faults.count("key_rotated")
        self.county.trace("rotated", address)
        self.county.wake(site)
        return True

    def _move(self, village: str, parent: str) -> bool:
        top = self.county.sites[self.county.addresses[0]]
        key = top.roster_key
        known = top.peer.core.roster.entries
        ready = top.alive and is_in_office(top) and village in known and (not parent or parent in top.tree)
        if not ready or key is None:
            return self.county.is_open == 0
        with top.unit():
            registrar.change(top.peer.core, key, village, {"parent": parent}, top.evidence().wall)
        self.moved.add(village)
        self.county.faults.count("village_moved")
        self.county.trace("moved", village, parent)
        return True

    def _is_behind(self) -> bool:
        """Whoever has put the county back waits until what it has lost is back."""
        county = self.county
        return county.now < county.copies.back_at.get(county.addresses[0], -WAITS_MS) + WAITS_MS

    def _appoint(self) -> bool:
        top = self.county.sites[self.county.addresses[0]]
        if self._is_behind() or not (top.alive and is_in_office(top)):
            return False
        new = top.suite.pair(self.rng.randbytes(64))
        with top.unit():
            core = top.peer.core
            made = registrar.appoint_next(core, new.public, (self.county.root_key,))
            registrar.take_office(core, made, new, top.evidence().wall)
        self.paper = made
        top.be_registrar(new)
        self.county.faults.count("roster_key_changed")
        self.county.trace("appointed", top.address)
        return True


def is_in_office(top: Site) -> bool:
    """Say whether the top's database knows of the roster key that it has.

    Put back to before that one was appointed it can enter nobody until it hears of the appointment.
    """
    held = top.spool.held(signed.APPOINTMENT, NEWEST)
    key = top.roster_key
    return held is not None and key is not None and held.statement.fields()["key"]["id"] == key.id
