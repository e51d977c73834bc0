"""What seldom comes, all at once: townships relieved, cases taken over, ways put back, lines cut below.

Only where a county is asked for it (`--upheaval`): nothing here is drawn in others, whose traces stay.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from common.casework.rules.flow import ENDED, Cause, take_over_rule
from common.casework.rules.shape import TAKEN_OVER
from common.casework.rules.taking_over import SILENT_DAYS
from common.casework.rules.words import Role
from common.days import local_date
from sync.protocol.roster import LIVE, RELIEVED
from sync.protocol.trust import registrar
from tests.simulation.carriers import HOUR_MS, MINUTE_MS
from tests.simulation.clerks import DAY_MS, actor
from tests.simulation.faults import PowerCut
from tests.simulation.outages import Outage
from tests.simulation.standing import is_in_office

if TYPE_CHECKING:
    from common.casework.rules.event import CaseState
    from tests.simulation.site import Site
    from tests.simulation.world import County

# Counted, and by plan of such counties alone.
UPHEAVALS = (
    "township_relieved",
    "township_at_work_again",
    "case_taken_over",
    "way_put_back",
    "subtree_cut_off",
    "roster_key_changed_meanwhile",
    "villages_moved_meanwhile",
    "replaced_after_a_copy",
)
TAKEN_ODDS, LOOKED_MS = 0.35, 3 * HOUR_MS


class Upheavals:
    """The upheavals of one county; drawn apart from all else."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = Random(f"{county.seed}/upheavals")
        # Whether a case was ever taken over: then two acts may follow one though nobody was put back.
        self.has_taken = 0
        self.is_on = int(county.shape.trouble.upheavals > 0)

    def plan(self) -> None:
        """Draw what comes in this seed, if the county is one of those; before anybody plans to purge."""
        county, rng = self.county, self.rng
        if rng.random() >= county.shape.trouble.upheavals:
            return
        span = int(county.shape.days * DAY_MS)
        towns = [address for address in county.addresses if len(address) == 9]
        for _ in range(rng.randrange(1, 5)):
            county.later(rng.randrange(span), self._try, self._take_over, "")
        if rng.random() < 0.6:
            self._plan_relief(rng.choice(towns), span)
        if rng.random() < 0.6:
            self._plan_way_back(span)
        if rng.random() < 0.7:
            self._plan_cut(rng.choice(towns), span)
        if rng.random() < 0.5:
            at = rng.randrange(span // 4, int(0.9 * span))
            county.later(at, self._replace, rng.choice(county.addresses[1:]))

    def _try(self, what: Any, *given: Any) -> None:
        """Do something at the top, in its office; an hour later when that cannot be."""
        county, top = self.county, self.county.sites[self.county.addresses[0]]
        if not county.is_open:
            return
        try:
            if top.alive and is_in_office(top):
                what(top, *given)
                return
        except PowerCut:
            county.later(HOUR_MS, self._try, what, *given)
            raise
        county.later(HOUR_MS, self._try, what, *given)

    # --- relief, and cases taken over
    def _plan_relief(self, town: str, span: int) -> None:
        county, rng = self.county, self.rng
        at = rng.randrange(span // 8, int(0.8 * span))
        county.later(at, self._try, self._relieve, town, RELIEVED)
        for _ in range(rng.randrange(1, 3)):
            county.later(at + rng.randrange(span // 3), self._try, self._take_over, town)
        if rng.random() < 0.6:
            county.later(at + rng.randrange(HOUR_MS, span // 2), self._try, self._relieve, town, LIVE)

    def _relieve(self, top: Any, town: str, status: str) -> None:
        if town not in top.peer.core.roster.entries:
            return
        with top.unit():
            registrar.change(top.peer.core, top.roster_key, town, {"status": status}, top.evidence().wall)
        self.county.faults.count("township_relieved" if status == RELIEVED else "township_at_work_again")
        self.county.trace(status, town)
        if status == RELIEVED:
            self.county.later(LOOKED_MS, self._look_after, town)

    def _look_after(self, town: str) -> None:
        """Whom a township let in before it heard that it is relieved nobody knows: people enter them."""
        county, top = self.county, self.county.sites[self.county.addresses[0]]
        county.later(LOOKED_MS, self._look_after, town)
        if top.alive and is_in_office(top) and top.tree.is_relieved(town):
            with top.unit():
                county.standing.enter_newcomers(top, town)

    def _take_over(self, top: Any, holder: str) -> None:
        """The county takes cases from whoever holds them, silent or relieved, as far as it knows."""
        book = top.book
        for case in list(book.cases):
            state = book.cases[case].state
            is_his = state.holder != top.address and holder in ("", state.holder)
            if is_his and state.state not in ENDED and self.rng.random() < TAKEN_ODDS:
                with top.unit():
                    self._take(top, state)
        self.county.wake(top)

    def _take(self, top: Any, state: CaseState) -> None:
        is_relieved = top.tree.is_relieved(state.holder)
        cause, at = Cause.RELIEVED if is_relieved else Cause.SILENT, top.dated()
        rule, since = take_over_rule(cause), at - (SILENT_DAYS + 1) * DAY_MS
        if state.state not in rule.states or state.holding not in rule.parts or since < 0:
            return
        parties = {*state.parties.values(), state.holder}
        body = {
            "case": state.case,
            "data": {
                "actor": actor(Role.APPROVER),
                "at": at,
                "cause": cause.value,
                "department": "",
                "note": "由县级接着办理。",
                "since": "" if is_relieved else local_date(since).isoformat(),
            },
            "follows": state.last,
            "holder": top.address,
            "to": list(top.tree.cover(top.address, parties)),
        }
        self.has_taken = 1
        top.book.announce(TAKEN_OVER, body, ())
        top.book.do_duties(state.case)
        self.county.faults.count("case_taken_over")

    # --- a whole way put back
    def _plan_way_back(self, span: int) -> None:
        """Everybody from a village up is put back within the hour, each to a moment of its own."""
        county, rng, copies = self.county, self.rng, self.county.copies
        village = rng.choice([a for a in county.addresses if len(a) == 12] or county.addresses[1:])
        way = [village, *county.sites[village].ancestors]
        back = rng.randrange(span // 3, int(0.9 * span))
        for address in way if rng.random() < 0.5 else rng.sample(way, 2):
            copies._planned.add(address)
            made = back - rng.randrange(HOUR_MS, max(2 * HOUR_MS, span // 3))
            county.later(made, copies.make, address)
            wait, whole = rng.randrange(HOUR_MS), int(rng.random() < 0.5)
            county.later(back + wait, copies.give_back, address, whole)
        county.faults.count("way_put_back")

    def check_evicted(self, site: Site, blob: str) -> None:
        """4: a paper has left a node; somebody has it though the top was put back, or it rotted."""
        oracle = self.county.oracle
        is_known = blob in oracle.lost_papers or any(name == blob for _, name in oracle.rotted)
        others = (other.blobs.content(blob) == oracle.papers[blob] for other in oracle.sites.values())
        if self.is_on and not is_known and not any(others):
            oracle.fail(4, site, f"deletes {blob[:12]}, which nobody else has")

    # --- a subtree without any line upward
    def _plan_cut(self, town: str, span: int) -> None:
        """A township and all below it reach nobody above for long; meanwhile much changes up there."""
        county, rng = self.county, self.rng
        start = rng.randrange(int(0.6 * span))
        end = start + rng.randrange(span // 8, span // 2)
        below = [address for address in county.addresses if address.startswith(town)]
        for address in below:
            for above in county.sites[address].ancestors:
                if not above.startswith(town):
                    county.outages.all.append(Outage(address, above, start, end))
        county.faults.count("subtree_cut_off")
        times = sorted(rng.randrange(start, end) for _ in range(4))
        if rng.random() < 0.6:
            for at in times[:2]:
                county.later(at, self._change_roster_key)
        villages = [address for address in below if len(address) == 12]
        if villages and rng.random() < 0.6:
            towns = [a for a in county.addresses if len(a) == 9 and a != town]
            away, village = rng.choice([county.addresses[0], *towns]), rng.choice(villages)
            county.later(times[2], county.standing.try_again, county.standing._move, village, away)
            if rng.random() < 0.6:
                county.later(times[3], county.standing.try_again, county.standing._move, village, "")
            county.faults.count("villages_moved_meanwhile")
        # Sticks past the cut, of both directions, some on their way when it ends.
        for low in below:
            pair = (low, county.addresses[0])
            for way in (pair, pair[::-1]) if rng.random() < 0.6 else ():
                county.later(rng.randrange(start, end + MINUTE_MS), county.sticks.trip, *way, 0)

    def _change_roster_key(self) -> None:
        if self.county.standing._appoint():
            self.county.faults.count("roster_key_changed_meanwhile")

    # --- another machine, though disks had been put back
    def _replace(self, address: str) -> None:
        """As `Purging` does where nobody was ever put back; here somebody may have been."""
        county, purging = self.county, self.county.purging
        oracle = county.oracle
        site = county.sites[address]
        if oracle.trust.stolen or address in purging.replaced or not (site.alive and county.is_open):
            return
        was, oracle.forgetful = oracle.forgetful, set()
        # Put back itself, the top may say less of the roster than the former machine knew.
        oracle.trust.put_back(site)
        try:
            purging._replace(address)
        finally:
            oracle.forgetful |= was
        if address in purging.replaced:
            county.faults.fired["replaced_after_a_copy"] += bool(was)
            county.later(LOOKED_MS, self._let_in_again, address)

    def _let_in_again(self, address: str) -> None:
        """Put back to before it let the new machine in, the top hears it no more: people enrol it again."""
        county, site, top = (
            self.county,
            self.county.sites[address],
            self.county.sites[self.county.addresses[0]],
        )
        county.later(LOOKED_MS, self._let_in_again, address)
        entry, key = top.peer.core.roster.entries.get(address), site.peer.core.own_key()
        is_lost = entry is not None and all(known.id != key.id for known in entry.keys)
        if is_lost and top.alive and is_in_office(top) and not county.standing._is_behind():
            child = {"address": address, "parent": "", "name": address, "key": key.public.as_fields()}
            with top.unit():
                registrar.admit_child(top.peer.core, top.roster_key, child, top.evidence().wall)
