"""What a case knows beside its state: the notice, limits and pauses, opinions, fees, corrections, and so on.

Pure. Each step adds what its signed data say; `after_step` is a table from action to the facts it changes, so
the fold stays the same when a step is added. What a *report* says becomes a fact only when a step of the
holder answers it: then every node that has the step has the report too, and all agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from common.casework.rules.words import Action, Party, Report

# An opinion is agree, disagree, or agree with conditions; late and absent are what silence makes of one.
AGREE, DISAGREE, CONDITIONS, LATE, ABSENT = "agree", "disagree", "conditions", "late", "absent"
VERDICTS = (AGREE, DISAGREE, CONDITIONS)
# What a joint department says before acceptance: its papers are complete, or what is missing.
COMPLETE, LACKING = "complete", "lacking"
DOOR_VERDICTS = (COMPLETE, LACKING)
AFTER_REVIEW = "after_review"
SUSPENDED, REVOKED, RESTORED = "suspended", "revoked", "restored"
STANDINGS = (SUSPENDED, REVOKED, RESTORED)
GROUNDS = ("death", "dissolution", "moot", "gap", "other")
# 满意度 as GB/T 39046 counts it: 1 is the best.
RATINGS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count: local dates, both YYYY-MM-DD; `until` is "" while it lasts."""

    kind: str
    name: str
    since: str
    expected: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A department asked for its opinion, and what came of it.

    `due` is the local date by which it has to answer, `deemed` 1 if silence counts as an internal agreement.
    `verdict` is one of the words above, "" while nothing came; `act` what wrote it down; `urged` 1 once told.
    """

    department: str
    matter: str
    due: str
    deemed: int
    verdict: str = ""
    note: str = ""
    act: str = ""
    urged: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """One field put right: `act` did it, the reason stands in its note."""

    field: str
    label: str
    old: str
    new: str
    act: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Dates are local, YYYY-MM-DD, "" when not yet; amounts in fen; acts by id.

    `checker_on` and `acceptor_on` are the days on which checker and acceptor had the papers (the third
    receipt time is the filing's own). `noticed` are the keys of the one full notice, `answer_by` its last
    day. `legal_due` is the last day the law allows, `due` of the case the promised one. `provisional` 1 while
    a year in between has no official calendar. `tolerated` are papers that may follow until `tolerance_due`
    (key → name). `door` holds what joint departments lack before acceptance (department → list).
    """

    department: str = ""
    window: str = ""
    joint: tuple[str, ...] = ()
    checker_on: str = ""
    acceptor_on: str = ""
    noticed: tuple[str, ...] = ()
    notice_act: str = ""
    answer_by: str = ""
    accepted_on: str = ""
    deemed_on: str = ""
    legal_due: str = ""
    provisional: int = 0
    extended: str = ""
    extension_days: int = 0
    pauses: tuple[Pause, ...] = ()
    door: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    fee: Mapping[str, Any] = field(default_factory=dict)
    receipt: Mapping[str, Any] = field(default_factory=dict)
    tolerated: Mapping[str, str] = field(default_factory=dict)
    tolerance_due: str = ""
    originals: str = ""
    originals_act: str = ""
    green: str = ""
    authority: Mapping[str, Any] = field(default_factory=dict)
    linked: Mapping[str, Any] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    standing: Mapping[str, Any] = field(default_factory=dict)
    ground: str = ""
    collect_at: str = ""
    rating: int = 0
    called_back: str = ""

    @property
    def pause(self) -> Pause | None:
        """The pause that lasts, None while the clock runs."""
        return self.pauses[-1] if self.pauses and not self.pauses[-1].until else None

    @property
    def owes_fee(self) -> bool:
        """Whether a fee was asked for and not yet paid."""
        return bool(self.fee) and not self.receipt

    @property
    def silent(self) -> tuple[Asked, ...]:
        """Departments asked that have given no opinion and do not count as having given one."""
        return tuple(asked for asked in self.asked if not asked.verdict)

    @property
    def objections(self) -> tuple[Asked, ...]:
        """Departments that are against it."""
        return tuple(asked for asked in self.asked if asked.verdict == DISAGREE)


def first_facts(body: Mapping[str, Any]) -> Facts:
    """Return the facts of a filing; its body has passed `shape.check_filed`."""
    data = body["data"]
    tolerance = data.get("tolerance", {})
    return Facts(
        department=body.get("department", ""),
        window=body.get("window", ""),
        joint=tuple(body.get("joint", ())),
        tolerated={paper["key"]: paper["name"] for paper in tolerance.get("papers", ())},
        tolerance_due=tolerance.get("due", ""),
        originals=data.get("originals", ""),
        green=data.get("green", ""),
        authority=data.get("authority", {}),
        linked=data.get("linked", {}),
        collect_at=body["parties"]["hand_over"],
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What one step says: its act, its data, its local date, the reports it answers (kind, data).

    `by` is the part in which its author held the case.
    """

    act: str
    data: Mapping[str, Any]
    on: str
    by: Party
    answered: tuple[tuple[Report, Mapping[str, Any]], ...] = ()


def after_step(facts: Facts, action: Action, said: Said) -> Facts:
    """Return the facts after a step that passed every check."""
    change = _CHANGES.get(action)
    if change is not None:
        facts = change(facts, said)
    if facts.tolerated and action is not Action.NOTE:
        facts = _papers_taken(facts, said)
    received = said.data.get("received_on")
    return _received(facts, said.by, str(received)) if received else facts


def _received(facts: Facts, by: Party, on: str) -> Facts:
    """Each of the two keeps its first word on the day; nobody else has one."""
    if by is Party.CHECKER and not facts.checker_on:
        return replace(facts, checker_on=on)
    if by is Party.ACCEPTOR and not facts.acceptor_on:
        return replace(facts, acceptor_on=on)
    return facts


def _noticed(facts: Facts, said: Said) -> Facts:
    keys = facts.noticed or tuple(paper["key"] for paper in said.data["lacking"])
    act = facts.notice_act or said.act
    return replace(facts, noticed=keys, notice_act=act, answer_by=said.data["answer_by"])


def _accepted(facts: Facts, said: Said) -> Facts:
    asked = tuple(
        Asked(one["department"], one["matter"], one["due"], one["deemed"])
        for one in said.data.get("asked", ())
    )
    return replace(
        facts,
        accepted_on=said.data.get("accepted_on") or said.on,
        deemed_on=said.data.get("legal_date", ""),
        legal_due=said.data.get("legal_due", ""),
        provisional=said.data.get("provisional", 0),
        asked=asked,
    )


def _dues(facts: Facts, said: Said) -> Facts:
    return replace(
        facts,
        legal_due=said.data.get("legal_due", facts.legal_due),
        provisional=said.data.get("provisional", 0),
    )


def _extended(facts: Facts, said: Said) -> Facts:
    return replace(_dues(facts, said), extended=said.act, extension_days=said.data.get("extension_days", 0))


def _paused(facts: Facts, said: Said) -> Facts:
    special = said.data["special"]
    pause = Pause(special["kind"], special["name"], said.on, special["expected"])
    return replace(facts, pauses=(*facts.pauses, pause))


def _resumed(facts: Facts, said: Said) -> Facts:
    if facts.pause is None:
        return facts
    ended = replace(facts.pause, until=said.on)
    return _dues(replace(facts, pauses=(*facts.pauses[:-1], ended)), said)


def _transferred(facts: Facts, said: Said) -> Facts:
    return replace(facts, department=said.data["department"])


def _absent(facts: Facts, said: Said) -> Facts:
    """缺席: counts as agreed where the item says so; else it is on record and the answer still owed."""
    return _with_verdict(facts, [said.data["department"]], ABSENT, said)


def _deemed(facts: Facts, said: Said) -> Facts:
    return _with_verdict(facts, said.data.get("departments", ()), LATE, said)


def _with_verdict(facts: Facts, departments: Sequence[str], verdict: str, said: Said) -> Facts:
    asked = tuple(
        replace(one, verdict=verdict, note=said.data.get("note", ""), act=said.act)
        if one.department in departments and one.deemed and not one.verdict
        else one
        for one in facts.asked
    )
    return replace(facts, asked=asked)


def _urged(facts: Facts, said: Said) -> Facts:
    named = said.data.get("departments", ())
    asked = tuple(replace(one, urged=1) if one.department in named else one for one in facts.asked)
    return replace(facts, asked=asked)


def _papers_taken(facts: Facts, said: Said) -> Facts:
    """Take from the gap what the answered reports brought, unless the step says that it still lacks.

    Whatever step answers papers that were brought takes them: acceptance does, too.
    """
    lacking = {paper["key"] for paper in said.data.get("lacking", ())}
    brought = {
        paper["key"]
        for what, data in said.answered
        if what is Report.PAPERS_BROUGHT
        for paper in data.get("papers", ())
    }
    if not brought:
        return facts
    left = {key: name for key, name in facts.tolerated.items() if key not in brought or key in lacking}
    return replace(facts, tolerated=left)


def _fee_asked(facts: Facts, said: Said) -> Facts:
    return replace(facts, fee=said.data["fee"], receipt={})


def _fee_taken(facts: Facts, said: Said) -> Facts:
    return replace(facts, receipt=said.data["receipt"])


def _corrected(facts: Facts, said: Said) -> Facts:
    new = tuple(
        Correction(one["field"], one["label"], one["old"], one["new"], said.act)
        for one in said.data["correction"]
    )
    return replace(facts, corrections=(*facts.corrections, *new))


def _marked(facts: Facts, said: Said) -> Facts:
    standing = said.data["standing"]
    return replace(facts, standing={} if standing["word"] == RESTORED else standing)


def _terminated(facts: Facts, said: Said) -> Facts:
    return replace(facts, ground=said.data["ground"])


def _expedited(facts: Facts, said: Said) -> Facts:
    return replace(facts, green=said.data["note"])


def _recorded(facts: Facts, said: Said) -> Facts:
    for what, data in said.answered:
        facts = _FROM_REPORTS.get(what, _unchanged)(facts, Said(said.act, data, said.on, said.by))
    return facts


def _unchanged(facts: Facts, said: Said) -> Facts:
    return facts


def _opinion(facts: Facts, said: Said) -> Facts:
    department, verdict = said.data["actor"].get("department", ""), said.data["verdict"]
    if verdict in DOOR_VERDICTS:
        if facts.accepted_on or facts.noticed or department not in facts.joint:
            return facts
        return replace(facts, door={**facts.door, department: tuple(said.data.get("lacking", ()))})
    if verdict not in VERDICTS:
        return facts
    note = said.data.get("note", "")
    asked = tuple(
        replace(one, verdict=verdict, note=note, act=said.act)
        if one.department == department and not one.verdict
        else one
        for one in facts.asked
    )
    return replace(facts, asked=asked)


def _paid(facts: Facts, said: Said) -> Facts:
    receipt = said.data["receipt"]
    fits = facts.owes_fee and receipt["fen"] == facts.fee["fen"]
    return replace(facts, receipt=receipt) if fits else facts


def _originals(facts: Facts, said: Said) -> Facts:
    return replace(facts, originals_act=said.act)


def _collected(facts: Facts, said: Said) -> Facts:
    return replace(facts, collect_at=said.data["place"])


def _rated(facts: Facts, said: Said) -> Facts:
    rating = said.data["rating"]
    return facts if facts.rating or rating not in RATINGS else replace(facts, rating=rating)


def _called_back(facts: Facts, said: Said) -> Facts:
    return replace(facts, called_back=said.act)


_CHANGES: Mapping[Action, Callable[[Facts, Said], Facts]] = {
    Action.ASK_PAPERS: _noticed,
    Action.STILL_LACKING: _noticed,
    Action.ACCEPT: _accepted,
    Action.DEEM_ACCEPT: _accepted,
    Action.TRANSFER: _transferred,
    Action.BEGIN_SPECIAL: _paused,
    Action.END_SPECIAL: _resumed,
    Action.EXTEND: _extended,
    Action.DUE_CHANGED: _dues,
    Action.RECORD_ABSENCE: _absent,
    Action.DEEM_OPINION: _deemed,
    Action.URGE: _urged,
    Action.ASK_FEE: _fee_asked,
    Action.TAKE_FEE: _fee_taken,
    Action.CORRECT: _corrected,
    Action.CORRECT_DECISION: _corrected,
    Action.MARK_DECISION: _marked,
    Action.TERMINATE: _terminated,
    Action.EXPEDITE: _expedited,
    Action.RECORD: _recorded,
}
_FROM_REPORTS: Mapping[Report, Callable[[Facts, Said], Facts]] = {
    Report.OPINION: _opinion,
    Report.PAID: _paid,
    Report.ORIGINALS_SEEN: _originals,
    Report.COLLECT_AT: _collected,
    Report.RATED: _rated,
    Report.CALLED_BACK: _called_back,
}
