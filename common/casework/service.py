"""The public face of casework: one method per thing a person may ask. Each needs an open unit of work.

Nothing here opens or commits. A method that raises has announced and stored nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.casework import briefing, ledger, lists, taking_over
from common.casework.context import Actor, CaseContext, Filing, Tick
from common.casework.duties import do_duties, do_held_off, do_timed_duties, recompute_dues, settle_duties
from common.casework.early import is_origin_heard, too_early
from common.casework.errors import ItemNotAvailable, NotInstant
from common.casework.filing import file_case
from common.casework.filling import has_version_question, item_of
from common.casework.lacking import lacking_papers
from common.casework.lists import CasePage, is_decided
from common.casework.records import passing
from common.casework.rules import offered
from common.casework.rules.event import CaseState
from common.casework.rules.fitting import may_have_a_say
from common.casework.rules.words import Action, Cause, Report, Role, read_action, read_report
from common.casework.senders import may_report
from common.casework.steps import MoveDraft, ReportDraft, send_report, take_step
from common.catalogue.rules.item import PaperSpec
from common.store.database import require_unit


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a case has got: its filing's tick, and whether there is an answer."""

    tick: Tick
    is_decided: bool


class Casework:
    """The cases of one node."""

    def __init__(self, ctx: CaseContext) -> None:
        self.ctx = ctx

    def file_case(self, filing: Filing, actor: Actor, now_ms: int) -> str:
        """Take a new case in (收件) and return its number.

        The papers of `filing` are stored already. The case goes to the checker of its route, or to the
        acceptor; it is not accepted (受理) by this.

        Args:
            now_ms: time of receipt, UTC milliseconds.

        Raises:
            ItemNotAvailable: no such item is in force here.
            LevelNotAllowed: the item is not taken in at this level.
            OutOfService: the county has relieved this node of its work, or retired it.
            FilingIncomplete: something entered cannot be filed; all problems are listed.
            TooManyPapers: more papers than one act carries.
            NotYourStep: the actor's role takes no cases in.
            UnitMisuse: no unit of work is open.
        """
        require_unit()
        return file_case(self.ctx, filing, actor, now_ms).case

    def settle(self, filing: Filing, actor: Actor, data: Mapping[str, Any], now_ms: int) -> str:
        """Take a case in and decide it on the spot (即办) in the same unit; return its number.

        Args:
            data: as for `move_case`; `result` without a name gets the item's.

        Raises:
            NotInstant: the item is not one that is settled on the spot.
            LiandongError: as `file_case` and `move_case`.
        """
        require_unit()
        item = self.ctx.catalogue.item(filing.item)
        if item is None:
            raise ItemNotAvailable(item=filing.item)
        if not item.is_instant:
            raise NotInstant(item=filing.item)
        case = file_case(self.ctx, filing, actor, now_ms).case
        self.move_case(case, Action.SETTLE, actor, data, now_ms)
        return case

    def move_case(self, case: str, action: str, actor: Actor, data: Mapping[str, Any], now_ms: int) -> str:
        """Take one step on a case this node holds, and announce it to all parties; return the act's id.

        The step answers every open report it is there to answer. What the node then owes (see `do_duties`)
        is done in the same unit.

        Args:
            data: what the step carries, strings and integers: `note` (the reason or opinion, read by the
                applicant), `lacking` [{key, name, how}], `result` {name, number, valid_until}, `due`
                (YYYY-MM-DD; only where the item is not here, else worked out from it), `parties_added`
                {part: address}, and `papers`, a sequence of `Paper` whose content is stored already. Other
                keys are signed too.

        Raises:
            CaseNotFound: this node has no such case.
            NotHolder: another node holds it.
            StepNotAllowed: nobody may take this step from the state it is in.
            NotYourStep: the step belongs to another party or role.
            SamePerson: the reviewer would approve.
            ReasonMissing, LackingMissing, DueMissing, ResultMissing: the step must carry it.
            AnswerMissing: the step answers a report, and none is open.
            NotInstant: settled on the spot, but filed, accepted and decided at different nodes.
            BadShape: a part has the wrong form, or cannot be signed.
            PartyChanged, TooManyPapers, UnknownWord, and whatever `casework.refusals` holds: as they say.
        """
        require_unit()
        found = ledger.load(case)
        act = take_step(self.ctx, found, MoveDraft(read_action(action), actor, data), now_ms)
        settle_duties(self.ctx, found, now_ms)
        return act

    def report(self, case: str, what: str, actor: Actor, data: Mapping[str, Any], now_ms: int) -> str:
        """Tell the holder of a case something, and return the act's id; the case itself does not move.

        If this node is the holder, what follows by rule is done in the same unit.

        Args:
            what: papers_brought, withdraw, handed_over or remind.
            data: `note`, `papers` (a sequence of `Paper`), for handed_over `receiver` {name, id_number, how},
                `served_on` and `served_time`: the local day and time of it, where that is not now.

        Raises:
            CaseNotFound: this node has no such case.
            ReportNotAllowed: it makes no sense in the state the case is in, or this node has no part in it.
            NotYourStep: not for this role.
            AlreadyThere: the same is reported already and not yet answered.
            FilingIncomplete: something is missing; all problems are listed.
        """
        require_unit()
        found = ledger.load(case)
        act = send_report(self.ctx, found, ReportDraft(read_report(what), actor, data), now_ms)
        settle_duties(self.ctx, found, now_ms)
        return act

    def take_over(self, cases: Iterable[str], actor: Actor, note: str, now_ms: int) -> taking_over.Taken:
        """Take cases over from the nodes that hold them; this node must be the top.

        The case stays where it stands; this node takes every part in which its former holder judged it, and
        does at once what is owed by rule, as the deemed acceptance with its legal date. What the former
        holder did meanwhile and sends later is struck out, and its author told why.

        Args:
            note: why, in words; all parties read it.

        Returns:
            Which cases this node now holds, and for each of the others the error that says why not: no
            cause, closed, held here already, not the top, no reason, the wrong post, or not here at all.
        """
        require_unit()
        return taking_over.take_over_all(self.ctx, cases, actor, note, now_ms)

    def causes_to_take_over(self, case: str, now_ms: int) -> dict[Cause, str]:
        """Return for which causes this node may take a case over now, each with its day ("": none counts).

        Raises:
            CaseNotFound: this node has no such case.
        """
        found = ledger.load(case)
        return taking_over.causes_now(self.ctx, found, now_ms) if found.state.apex == self.ctx.me else {}

    def do_duties(self, cases: Iterable[str], now_ms: int) -> None:
        """Do what this node owes these cases: automatic answers, strikes, briefings. Safe to repeat."""
        require_unit()
        do_duties(self.ctx, cases, now_ms)

    def do_timed_duties(
        self, after: tuple[str, str], now_ms: int, limit: int = 100
    ) -> tuple[str, str] | None:
        """Do what is owed because a day has passed, for at most `limit` cases held here.

        Deemed acceptance at the acceptor's node, deemed opinions and words to silent departments at the
        lead's. Safe to repeat; called by the hourly job and at the start of a node.

        Args:
            after: what the last call returned, ("", "") at first.

        Returns:
            Where to go on, None when all whose day has passed have been looked at.
        """
        require_unit()
        return do_timed_duties(self.ctx, after, now_ms, limit)

    def do_held_off(self, after: str, now_ms: int, limit: int) -> str:
        """Do what was put off for some cases; see `duties.do_held_off`."""
        require_unit()
        return do_held_off(self.ctx, after, now_ms, limit)

    def recompute_dues(self, after: str, now_ms: int, limit: int = 200) -> str:
        """Sign the due dates that the calendar now in force has moved, for at most `limit` cases held here.

        Args:
            after: the number that the last call returned, "" at first.

        Returns:
            The number to go on after, "" when all cases have been looked at.
        """
        require_unit()
        return recompute_dues(self.ctx, after, now_ms, limit)

    def begin_pass(self) -> bool:
        """At the top, note whose cases have to be looked through; see `briefing.begin_pass`."""
        return briefing.begin_pass(self.ctx)

    def brief_some(self, since_ms: int, now_ms: int, limit: int) -> bool:
        """Look through some cases of that pass; see `briefing.brief_some`."""
        return briefing.brief_some(self.ctx, since_ms, now_ms, limit)

    def ended_before(self, acts: Sequence[str], before_ms: int) -> list[str]:
        """Return those of these acts whose case has ended and has not changed since (UTC milliseconds)."""
        return passing.ended_before(acts, before_ms)

    def case(self, case: str) -> CaseState:
        """Return a case as its events make it.

        Raises:
            CaseNotFound: this node has no such case.
        """
        return ledger.load(case).state

    def page(self, case: str) -> CasePage:
        """Return all a page shows of a case; see `lists.case_page`."""
        return lists.case_page(case, self.ctx.sync)

    def actions_for(
        self, state: CaseState, roles: Iterable[str], department: str = "", today: str = ""
    ) -> tuple[Action, ...]:
        """Return what a person of these roles and this department may do to the case at this node now.

        Args:
            today: local, YYYY-MM-DD; "" leaves out no step for which it is too early.
        """
        if state.holder != self.ctx.me:
            return ()
        item = self.ctx.catalogue.version(state.item, state.item_version, state.item_doc)
        found = offered.actions_for(state, item, _known(roles), department, today)
        early = too_early(self.ctx, state, today) if today else ()
        return tuple(action for action in found if action not in early)

    def waits_for_origin(self, case: str) -> bool:
        """Say whether a case whose applicant's time has passed may not lapse yet, for nothing was heard since
        from where it was filed; see `early.is_origin_heard`.

        Raises:
            CaseNotFound: this node has no such case.
        """
        return not is_origin_heard(self.ctx, self.case(case))

    def reports_for(self, state: CaseState, roles: Iterable[str], department: str = "") -> tuple[Report, ...]:
        """Return what a person of these roles and this department may report about the case from here now.

        Who writes a payment into the case here does not report it beside.
        """
        if not may_report(self.ctx, state, self.ctx.me):
            return ()
        posts = _known(roles)
        found = offered.reports_for(state, posts, department)
        left_out = set() if may_have_a_say(state, self.ctx.me) else {Report.OPINION}
        if Action.TAKE_FEE in self.actions_for(state, posts, department):
            left_out.add(Report.PAID)
        return tuple(what for what in found if what not in left_out)

    def has_version_question(self, case: str) -> bool:
        """Say whether somebody has to say that the case may stay under the version it was filed under."""
        return has_version_question(self.ctx, ledger.load(case))

    def lacking_papers(self, case: str) -> list[PaperSpec]:
        """Return the required papers nobody has brought and which may not follow; see `casework.lacking`."""
        found = ledger.load(case)
        return lacking_papers(found, item_of(self.ctx, found.state))

    def deemed_since(self, case: str, now_ms: int) -> date | None:
        """Return since when a case counts as accepted, its acceptor silent; None when it does not.

        At the acceptor's node this is the law's date; another node reckons from when the case passed it.

        Raises:
            CaseNotFound: this node has no such case.
        """
        return taking_over.deemed_now(self.ctx, ledger.load(case), now_ms)

    def progress(self, case: str) -> Progress:
        """Return how far a case has got, for the ticks on it.

        Raises:
            CaseNotFound: this node has no such case.
        """
        state = self.case(case)
        return Progress(self.ctx.sync.place_of(state.chain[0]), is_decided(state.state))


def _known(roles: Iterable[str]) -> list[Role]:
    held = set(roles)
    return [role for role in Role if role.value in held]
