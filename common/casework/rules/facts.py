"""What a case knows beside its state: the notice, limits and pauses, opinions, fees, corrections, and so on.

Pure. What each step adds stands in `changes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.casework.rules.words import Party, Report

# An opinion is agree, disagree, or agree with conditions; late and absent are what silence makes of one.
AGREE, DISAGREE, CONDITIONS, LATE, ABSENT = "agree", "disagree", "conditions", "late", "absent"
VERDICTS = (AGREE, DISAGREE, CONDITIONS)
# What a joint department says before acceptance: its papers are complete, or what is missing.
COMPLETE, LACKING = "complete", "lacking"
DOOR_VERDICTS = (COMPLETE, LACKING)
AFTER_REVIEW = "after_review"
SUSPENDED, REVOKED, RESTORED = "suspended", "revoked", "restored"
STANDINGS = (SUSPENDED, REVOKED, RESTORED)
# Keys of lines that stand for a field of the form.
FORM = "form."
# Why a case ends without a decision; for papers that were to follow and never came.
GAP = "gap"
GROUNDS = ("death", "dissolution", "moot", GAP, "other")
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
    """One field put right: `act` did it on this local date, the reason stands in its note."""

    field: str
    label: str
    old: str
    new: str
    act: str
    on: str = ""


# Why a paper is announced: nobody knows where the applicant is, or it was tried in every other way.
MISSING, FAILED = "missing", "failed"
ANNOUNCED_FOR = (MISSING, FAILED)


@dataclass(frozen=True, slots=True)
class Announced:
    """A paper was announced in public: by which act, on which local date, where, and why so."""

    act: str
    on: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Unserved:
    """A paper to be handed over after the case had ended, which nobody has done yet: its act, its local date.

    `since` is the act by which that became known of one made before, and the date its day; "" for all others.
    """

    act: str
    on: str
    since: str = ""


# How papers reached the applicant: handed over, posted (the post's own receipt tells the day), or by
# announcement.
HANDED, POSTED, DEEMED = "handed", "posted", "deemed"


@dataclass(frozen=True, slots=True)
class Service:
    """Papers that were served: their acts, how, and on which local day; "" where that cannot be told here.

    `told_by` is the report that told of it, "" where none did, `dated_by` the act that told the day on which
    a letter came: neither is a part of what was served.
    """

    acts: tuple[str, ...]
    how: str
    on: str
    told_by: str = field(default="", compare=False)
    dated_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """A try to serve papers that failed: the step that wrote it down, the acts, of these what came back in a
    letter, which way it was tried, why it failed, and on which local day.
    """

    act: str
    acts: tuple[str, ...]
    back: tuple[str, ...]
    how: str
    why: str
    on: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Dates are local, YYYY-MM-DD, "" when not yet; amounts in fen; acts by id.

    `checker_on` and `acceptor_on` are the days on which checker and acceptor had the papers (the third
    receipt time is the filing's own). `noticed` are the keys of the one full notice, `answer_by` its last
    day, `noticed_on` its own, `notice_content` what it asked for (see `content_of`). `legal_due` is the last
    day the law allows, `due` of the case the promised one. `provisional` 1 while a year in between has no
    official calendar.
    `tolerated` are papers that may follow until `tolerance_due` (key → name). `door` holds what joint
    departments lack before acceptance (department → list). `taken_over` are the acts by which the top took
    the case over, `former` the nodes from which it did so, `gone` those of them that no longer answered.
    `standing` is what the decision's force is by the last of `marks` (act → what it made of it).
    `unserved` are the papers made after the end that still have to reach the applicant, oldest first,
    `announced` the last announcement of a paper. `served` is each service, in the order in which it became
    known, `uncollected` the acts whose papers nobody had fetched when the waiting for that ended, or which
    were posted, and may come back, `tries` what was tried and failed, oldest first.
    """

    department: str = ""
    window: str = ""
    joint: tuple[str, ...] = ()
    checker_on: str = ""
    acceptor_on: str = ""
    noticed: tuple[str, ...] = ()
    notice_content: tuple[tuple[str, str], ...] = ()
    notice_act: str = ""
    noticed_on: str = ""
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
    marks: Mapping[str, str] = field(default_factory=dict)
    ground: str = ""
    taken_over: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    collect_at: str = ""
    rating: int = 0
    called_back: str = ""
    unserved: tuple[Unserved, ...] = ()
    announced: Announced | None = None
    served: tuple[Service, ...] = ()
    uncollected: tuple[str, ...] = ()
    tries: tuple[Tried, ...] = ()

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


def content_of(asked: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a line of a notice asks for: a field of the form by its key, a paper by key and name.

    How a thing is to be put right is no part of it, and spaces in a name say nothing.
    """
    key = str(asked["key"])
    return (key, "") if key.startswith(FORM) else (key, "".join(str(asked["name"]).split()))


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
