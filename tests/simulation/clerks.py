"""The people at every node: they take cases in, move them on, bring papers, hand results over."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from common.casework.rules import number
from common.casework.rules.event import CaseState
from common.casework.rules.flow import BEFORE_DECISION, ENDED, FLOW
from common.casework.rules.judge import holder_after
from common.casework.rules.offered import actions_for
from common.casework.rules.shape import FILED, REPORTED
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Action, Demand, Party, Report, Role
from common.days import local_date
from sync.protocol.frame import BlobRef
from sync.protocol.witness import number_of
from tests.simulation.afterwards import Afterwards
from tests.simulation.carriers import HOUR_MS, MINUTE_MS
from tests.simulation.faults import PowerCut
from tests.simulation.shown import acts_to_look_at

if TYPE_CHECKING:
    from tests.simulation.casebook import CaseBook
    from tests.simulation.site import Site
    from tests.simulation.world import County

ACTS_A_VISIT, CRITICAL = 8, 2
DAY_MS = 24 * HOUR_MS
LIKING = {
    Action.FORWARD: 10,
    Action.ACCEPT: 10,
    Action.REVIEW: 10,
    Action.APPROVE: 10,
    Action.ISSUE: 10,
    Action.BEGIN_SPECIAL: 1,
    Action.END_SPECIAL: 10,
    Action.EXTEND: 1,
    Action.STILL_LACKING: 1,
    Action.RESUME: 10,
    Action.TAKE_PAPERS: 10,
    Action.SEND_BACK: 2,
    Action.ASK_PAPERS: 2,
    Action.REFUSE: 1,
    Action.RETURN: 1,
    Action.NOT_ACCEPT: 1,
}
TOLD = {Work.WAIT_PAPERS: Report.PAPERS_BROUGHT, Work.HAND_OUT: Report.HANDED_OVER}
NAMES = {role: f"{name}某" for role, name in zip(Role, "张王李赵钱孙周吴郑", strict=True)}


def actor(role: Role) -> dict[str, str]:
    """Return who acts in a role; two roles are two people."""
    return {
        "department": "便民服务中心",
        "login": role.value.lower(),
        "name": NAMES[role],
        "role": role.value,
    }


class Desk:
    """Everybody who works at one node."""

    def __init__(self, site: Site, county: County) -> None:
        self.site = site
        self.county = county
        self.rng = Random(f"{county.seed}/desk/{site.address}")
        self.reading = Random(f"{county.seed}/reading/{site.address}")
        self.looking = Random(f"{county.seed}/looking/{site.address}")
        self.scanned: list[BlobRef] = []
        self.afterwards = Afterwards(self)

    @property
    def book(self) -> CaseBook:
        """The cases of this node."""
        return self.site.book

    # --- taking cases in
    def file(self, number_typed: str = "") -> None:
        """Take a new case in; when the power goes off before it is saved, do it again later."""
        if number_typed in self.site.book.cases:
            return
        if not (self.site.alive and self.site.enrolled):
            self.county.later(self.rng.randrange(10, 60) * MINUTE_MS, self.file, number_typed)
            return
        if self.site.disk == CRITICAL:
            # The door says so, and gives out a form on paper, to be typed in later.
            self.county.faults.count("door_closed")
            self.county.later(self.rng.randrange(60, 240) * MINUTE_MS, self.file, number_typed)
            return
        case = ""
        try:
            refs = self._papers(self.rng.choice((0, 1, 1, 1, 2, 3)))
            with self.site.unit():
                body = self._filing(refs)
                case = body["case"]
                for ref in refs:
                    self.site.spool.put_blob(ref)
                self.book.announce(FILED, body, refs)
                parties = body["parties"]
                if parties["origin"] == parties["competent"]:
                    self.move(self.book.cases[case].state, Action.SETTLE, Role.CLERK)
        except PowerCut:
            # The clerk looks for the case after the restart, and types it in again when it is not there.
            self.county.later(self.rng.randrange(10, 60) * MINUTE_MS, self.file, case)
            raise
        self.county.trace("filed", self.site.address, case)
        self.county.wake(self.site)

    def _filing(self, refs: list[BlobRef]) -> dict[str, Any]:
        me, tree = self.site.address, self.site.tree
        parties = self._parties()
        step = next(s for s in FLOW if s.action is Action.FILE and s.role is Role.CLERK)
        epoch = number_of(self.site.peer.core.identity.epoch)
        case = number.make(me, epoch, self.book.next_number(), self.rng.getrandbits(number.RANDOM_BITS))
        return {
            "action": Action.FILE.value,
            "answers": [],
            "apex": tree.top,
            "case": case,
            "data": {
                "actor": actor(Role.CLERK),
                "applicant": {k: "略" for k in ("address", "id_number", "id_type", "name", "phone")},
                "at": self.site.dated(),
                "form": {
                    "note": "申请人说明" * self.rng.randrange(1, 20),
                    "persons": self.rng.randrange(1, 6),
                    **self._document(),
                },
                "papers": papers_of(refs),
            },
            "follows": "",
            "holder": holder_after(step, Party.ORIGIN, me, parties)[1],
            "item": "511921-000001",
            "item_version": 1,
            "parties": parties,
            "place": me,
            "state": step.next_state.value,
            "to": list(tree.cover(me, parties.values())),
        }

    def _document(self) -> dict[str, str]:
        """Name a document for everybody that is or was in force here: some cases took long to type."""
        top = self.site.tree.top
        found = [doc for doc in self.book.shelf.values() if doc.author == doc.audience == top]
        former = [doc for doc in found if doc.version < self.book.documents[doc.slot]]
        if not found or self.reading.random() < 0.4:
            return {}
        return {"document": self.reading.choice(former or found).statement.hash}

    def _parties(self) -> dict[str, str]:
        me, tree = self.site.address, self.site.tree
        line = tree.up(me)
        parties = {"origin": me, "hand_over": me}
        route = self.rng.random()
        if route < 0.12:
            parties |= {"acceptor": me, "competent": me}
        elif route < 0.45 or len(line) < 3:
            parties |= {
                "acceptor": line[-1] if len(line) < 3 else line[1],
                "competent": line[min(1, len(line) - 1)],
            }
        else:
            parties |= {"checker": line[1], "acceptor": line[-1], "competent": line[-1]}
        if self.rng.random() < 0.2:
            # As often as not to a neighbouring village: then the township sees one act in two streams.
            around = me[:9] if self.rng.random() < 0.5 else tree.top
            elsewhere = [a for a in tree.addresses() if len(a) > 6 and a.startswith(around)]
            parties["hand_over"] = self.rng.choice(elsewhere or [me])
        return parties

    def _papers(self, count: int) -> list[BlobRef]:
        found: dict[BlobRef, None] = {}
        for _ in range(count):
            if self.scanned and self.rng.random() < 0.2:
                ref = self.rng.choice(self.scanned)
                if self.site.blobs.has(ref.hash):
                    found[ref] = None
                continue
            size = self.rng.choice((900, 3_000, 9_000, 21_000, 48_000))
            ref = self.site.keep_paper(self.rng.randbytes(size + self.rng.randrange(800)))
            self.scanned.append(ref)
            found[ref] = None
        return list(found)

    def look_for_papers(self) -> None:
        """The disk was put back: what is not on it any more cannot be handed in again."""
        self.scanned = [ref for ref in self.scanned if self.site.blobs.has(ref.hash)]

    # --- working on cases
    def visit(self) -> None:
        """Come to the desk, do what waits, look at two ticks, come again later."""
        if not self.county.is_open:
            return
        self.county.later(self.rng.randrange(80, 240) * MINUTE_MS, self.visit)
        if not (self.site.alive and self.site.enrolled):
            return
        done = 0
        for case in list(self.book.cases):
            if done < ACTS_A_VISIT and self._work_on(self.book.cases[case].state):
                done += 1
        for act in acts_to_look_at(self):
            self.site.oracle.check_tick(self.site, act)
        if done:
            self.county.wake(self.site)

    def _work_on(self, state: CaseState) -> bool:
        if state.state in ENDED:
            return self.afterwards.look(state)
        work, where = waits_for(state)
        me = self.site.address
        if where != me:
            return self._speak_up(state)
        if work in TOLD:
            return self.report(state, TOLD[work])
        if state.holder != me:
            return False
        offered = actions_for(state, None, [role for role in Role if role is not Role.NODE], "")
        actions = [a for a in offered if a in LIKING]
        if work is Work.BROUGHT:
            actions = [a for a in actions if a in (Action.RESUME, Action.TAKE_PAPERS)]
        if not actions:
            return False
        action = self.rng.choices(actions, [LIKING[a] for a in actions])[0]
        role = next(s.role for s in FLOW if (s.state, s.action, s.by) == (state.state, action, state.holding))
        with self.site.unit():
            self.move(state, action, role)
        return True

    def move(self, state: CaseState, action: Action, role: Role, **said: Any) -> None:
        """Take a step, with what its row demands."""
        step = next(s for s in FLOW if (s.state, s.action, s.role) == (state.state, action, role))
        data: dict[str, Any] = {"actor": actor(role), "at": self.site.dated(), "note": "已核对。", **said}
        if Demand.LACKING in step.demands:
            data["lacking"] = [{"how": "补一份复印件", "key": "id_card", "name": "身份证"}]
        if Demand.ANSWER_BY in step.demands:
            data["answer_by"] = local_date(data["at"] + 20 * DAY_MS).isoformat()
        if Demand.DUE in step.demands:
            data["due"] = "2026-12-31"
        if Demand.LATER_DUE in step.demands:
            data |= {"due": "2027-01-15", "extension_days": 10}
        if Demand.SPECIAL in step.demands:
            data["special"] = {"expected": "2030-01-01", "kind": "inspection", "name": "现场检验"}
        if Demand.RESULT in step.demands:
            data["result"] = {"name": "准予决定书", "number": "1", "valid_until": ""}
        self.book.move(state.case, action, data)
        self.book.do_duties(state.case)

    def _speak_up(self, state: CaseState) -> bool:
        if state.parties["origin"] != self.site.address or self.rng.random() > 0.01:
            return False
        what = (
            Report.WITHDRAW if self.rng.random() < 0.5 and state.state in BEFORE_DECISION else Report.REMIND
        )
        return self.report(state, what)

    def report(self, state: CaseState, what: Report) -> bool:
        """Tell the holder of a case something, once; say whether there was anything to tell."""
        if any(r.what is what and r.author == self.site.address for r in state.open_reports):
            return False
        refs = self._papers(1) if what is Report.PAPERS_BROUGHT else []
        with self.site.unit():
            for ref in refs:
                self.site.spool.put_blob(ref)
            self.book.announce(REPORTED, self._said(state, what, refs), refs)
            self.book.do_duties(state.case)
        return True

    def _said(self, state: CaseState, what: Report, refs: list[BlobRef]) -> dict[str, Any]:
        data = {
            "actor": actor(Role.AGENT),
            "at": self.site.dated(),
            "note": "已办。",
            "papers": papers_of(refs),
            "seen": state.last,
        }
        to = self.site.tree.cover(self.site.address, state.parties.values())
        return {"case": state.case, "data": data, "report": what.value, "to": list(to)}


def papers_of(refs: list[BlobRef]) -> list[dict[str, Any]]:
    """Return a body's list of papers for the contents its act carries."""
    return [{"blob": i, "key": f"paper{i}", "name": "材料", "pages": 1} for i, _ in enumerate(refs)]


def opening_hours(county: County) -> None:
    """Give every desk its first visit and the county its cases, spread over the first part of the run."""
    rng = Random(f"{county.seed}/cases")
    desks = list(county.desks.values())
    for desk in desks:
        county.later(rng.randrange(30 * MINUTE_MS, 3 * HOUR_MS), desk.visit)
    villages = [desk for desk in desks if len(desk.site.address) == 12]
    for _ in range(county.shape.cases):
        desk = rng.choice(villages) if rng.random() < 0.85 else rng.choice(desks[1:])
        county.later(rng.randrange(int(county.shape.days * 0.65 * 24 * HOUR_MS)), desk.file)
