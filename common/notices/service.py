"""Finds a notice of a case at this node. It only reads; no unit of work is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from common.casework import ledger
from common.casework.rules import letters
from common.casework.rules.event import CaseState
from common.casework.rules.facts import RESTORED, REVOKED, SUSPENDED, Service
from common.casework.rules.handed import served_at
from common.casework.rules.words import Report
from common.catalogue.rules.item import ServiceItem
from common.notices.rules.kinds import DECISIONS, Kind, kind_of
from common.notices.rules.moment import Moment, moment_of
from common.notices.rules.naming import Place
from common.notices.rules.notice import Notice
from common.notices.rules.scene import Scene
from common.notices.rules.writing import OUT, STRUCK, write
from common.notices.shelf import PdfShelf

_NOT_IN_FORCE = {REVOKED: "已被撤销", SUSPENDED: "已中止执行"}


class Items(Protocol):
    """The versions of items that are here."""

    def version(self, code: str, version: int, doc: str = "") -> ServiceItem | None:
        """Return an item in the version a case was filed under, by document; None when it is not here."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A notice and what a page has to know beside it.

    `state` is the case as the act left it, `now` as it stands; `is_disputed` says that another step rivals
    this one and the county has not ruled yet, `has_item` whether the item's version is here, `at` the moment
    the paper speaks of (UTC milliseconds): of a hand-over when that was.
    """

    notice: Notice
    state: CaseState
    now: CaseState
    is_disputed: bool
    has_item: bool
    at: int

    @property
    def standing(self) -> str:
        """By which document the decision was suspended or revoked since, "" while it is good."""
        standing = self.now.facts.standing
        return "" if standing.get("word", RESTORED) == RESTORED else str(standing.get("document", ""))

    @property
    def is_put_right(self) -> bool:
        """Whether the decision on this paper was corrected since, so that another paper belongs to it."""
        since = self.now.chain[self.now.chain.index(self.notice.act) :] if self._counts() else ()
        is_decision = self.notice.kind in (Kind.APPROVAL, Kind.REFUSAL, Kind.NOT_ACCEPTED)
        return is_decision and any(one.act in since for one in self.now.facts.corrections)

    @property
    def came_on(self) -> str:
        """Of the receipt of a hand-over by post the day (YYYY-MM-DD) on which the letter came, as it counts,
        where that was told or put right after the paper; else "".
        """
        return next((one.on for one in self._dated_since()), "")

    @property
    def is_day_void(self) -> bool:
        """Whether the day on which the letter came was one of another letter, and made void."""
        return any(not one.on for one in self._dated_since())

    @property
    def is_back(self) -> bool:
        """Whether the letter came back of which the receipt of a hand-over tells, whatever day it bears."""
        report = self.now.reports.get(self.notice.act)
        return report is not None and letters.is_back(self.now, report)

    def _dated_since(self) -> list[Service]:
        served = self.now.facts.served if self.notice.kind is Kind.HANDOVER else ()
        found = (one for one in served if one.told_by == self.notice.act)
        return [one for one in found if one.dated_by not in ("", self.notice.act)]

    def _counts(self) -> bool:
        return self.notice.act in self.now.chain


def find_notice(case: str, act: str, items: Items, place: Place) -> Found:
    """Return the notice that an act of a case gives.

    Args:
        place: full name of a division by its address.

    Raises:
        CaseNotFound: this node has no such case.
        NoSuchNotice: the act gives none, or is not here.
    """
    found = ledger.load(case)
    moment = moment_of(found.events, act)
    named = moment.state
    item = items.version(named.item, named.item_version, named.item_doc)
    rivals = {one for fork in found.state.forks for one in (fork.winner, *fork.losers)}
    return Found(
        write(Scene(moment, item, place), _mark(moment, found.state) or _standing_mark(moment, found.state)),
        moment.state,
        found.state,
        not rivals.isdisjoint(_acts(moment)),
        item is not None,
        _spoken_at(moment),
    )


def _spoken_at(moment: Moment) -> int:
    return served_at(moment.data) if moment.word == Report.HANDED_OVER else moment.state.changed_at


def kept_notices(case: str, shelf: PdfShelf) -> dict[str, bytes]:
    """Return the papers of a case that were sealed here, as parts of its package.

    Raises:
        CaseNotFound: this node has no such case.
    """
    found: dict[str, bytes] = {}
    for event in ledger.load(case).events:
        found |= {f"notices/{name}.pdf": pdf for name, pdf in shelf.sealed_of(event.id).items()}
    return found


def _mark(moment: Moment, now: CaseState) -> str:
    acts = _acts(moment)
    if not now.struck.isdisjoint(acts):
        return STRUCK
    return "" if acts[-1] in now.chain or acts[-1] in now.reports else OUT


def _standing_mark(moment: Moment, now: CaseState) -> str:
    """Return what became of a decision since: nobody is to rest on a print of one that is not in force."""
    is_decision = kind_of(moment.word, moment.filing) in (*DECISIONS, Kind.NOT_ACCEPTED)
    return _NOT_IN_FORCE.get(str(now.facts.standing.get("word", "")), "") if is_decision else ""


def _acts(moment: Moment) -> tuple[str, ...]:
    """Return the act and, for a step, all it continues; a report stands by itself."""
    steps: Iterable[str] = (step.id for step in moment.path) if moment.event is moment.path[-1] else ()
    return tuple(dict.fromkeys((*steps, moment.event.id)))
