"""Completes what a step signs: due dates, the name of the result, the day of receipt, as its row demands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from common.casework import records
from common.casework.context import CaseContext
from common.casework.early import check_gap_over, check_lapsable, check_serving, check_waited
from common.casework.errors import (
    DeemedAccepted,
    DepartmentUnknown,
    ExtensionTooLate,
    ExtensionTooLong,
    NotInstant,
    VersionQuestion,
)
from common.casework.lacking import check_gathered, settle_lacking
from common.casework.ledger import OpenCase
from common.casework.rules.clocks.course import Course
from common.casework.rules.corrected import check_lines
from common.casework.rules.deadlines import due_date, next_working_day
from common.casework.rules.dues import ANSWER_DAYS, asked_of, course_of, dues_of, extendable_until
from common.casework.rules.event import CaseState
from common.casework.rules.facts import GAP
from common.casework.rules.flow import BEFORE_ACCEPTANCE, MAKING, Demand, Party, Step
from common.casework.rules.letter_days import check_day, check_void
from common.casework.rules.provided import check_provided
from common.casework.rules.result_demands import is_held_up
from common.casework.rules.timed import deemed_since, is_doubtful
from common.casework.rules.tried import check_announced_so
from common.casework.rules.words import Action, Role
from common.catalogue.rules.item import ServiceItem
from common.days import is_date, local_date, local_day
from common.errors import Problem
from common.people.rules.departments import CENTRES

_NOT_CARRIED = frozenset({"actor", "papers", "parties_added"})
# What the node works out; nobody at a desk writes it.
_OF_THE_NODE = frozenset({"accepted_on", "legal_date", "received_on"})
# What the acceptor may no longer say once five working days have passed (行政许可法 32).
_TOO_LATE = (Action.ASK_PAPERS, Action.RETURN, Action.NOT_ACCEPT, Action.TERMINATE)
# The longest extension that is worked out without the item.
_EXTENSION_MAX = 90
_RECEIVERS = (Party.CHECKER, Party.ACCEPTOR)


@dataclass(frozen=True, slots=True)
class Draft:
    """A step about to be signed, as the fillers see it: the item is None when its version is not here."""

    ctx: CaseContext
    case: OpenCase
    step: Step
    item: ServiceItem | None
    today: date
    now_ms: int

    @property
    def state(self) -> CaseState:
        """The case before the step."""
        return self.case.state


def filled(
    ctx: CaseContext, case: OpenCase, step: Step, given: Mapping[str, Any], now_ms: int
) -> dict[str, Any]:
    """Return the data of a step: what was given, and what its row demands and the program knows.

    Raises:
        PapersLacking: required papers are missing, and nobody has said why they are not needed.
        NotGathered: the one notice leaves out what a joint department misses.
        VersionQuestion: the case was filed under a replaced version, and nobody has said that it is good.
        ExtensionTooLong, ExtensionTooLate: the item does not allow so many more days, or the limit is over.
        DeemedAccepted: the acceptor's five days have passed, and the step would say something else.
        PapersWaiting, NotYetOverdue, GapNotOver, OriginSilent: it would end for papers that never came, and
            they may still come, or have; see `early`.
        DepartmentUnknown: it would be given to a department that no item names.
        FilingIncomplete: a correction writes what could not have been filed, or no day on which a letter
            can have come, or an announcement does not say what was done before it.
        NotUncollectedYet, NotGivenUpYet, SiteNotHeard: nobody has fetched the result, or paid, and they still
            have time, or may have done so where nothing was heard from since.
        NoFeeInItem, NoProcedureInItem: it charges, or stops the clock, and the item does not provide for it.
        NotInstant: one person would settle what takes a review and an approval.
    """
    left_out = _NOT_CARRIED if step.role is Role.NODE else _NOT_CARRIED | _OF_THE_NODE
    data = {key: value for key, value in given.items() if key not in left_out}
    data["at"] = now_ms
    data["note"] = str(given.get("note", "")).strip()
    draft = Draft(ctx, case, step, item_of(ctx, case.state), local_date(now_ms), now_ms)
    _check_first(draft, data)
    for demand in step.demands:
        filler = _FILLERS.get(demand)
        if filler is not None:
            filler(draft, data)
    received = received_on(case, step, now_ms)
    if received:
        data["received_on"] = received
    return data


def _check_first(draft: Draft, data: dict[str, Any]) -> None:
    """Refuse what this node can tell before it looks at the demands; what is waived goes into the data."""
    action, state = draft.step.action, draft.state
    # Another version may provide for something else; where the case's own is not here, nobody here can tell.
    own = draft.ctx.catalogue.version(state.item, state.item_version, state.item_doc)
    check_provided(own, action, data)
    if action is Action.ACCEPT:
        _check_version(draft, data)
    if action in (Action.ACCEPT, Action.SETTLE):
        settle_lacking(draft.case, draft.item, data)
    if action is Action.ASK_PAPERS:
        check_gathered(state, data.get("lacking"))
    if action in _TOO_LATE and _deemed_since(draft) is not None:
        raise DeemedAccepted()
    check_serving(draft.ctx, state, action, draft.today)
    if action is Action.TERMINATE and state.state in MAKING and is_held_up(state):
        check_waited(draft.ctx, draft.case, draft.today)
    if action is Action.TERMINATE and data.get("ground") == GAP:
        check_gap_over(draft.ctx, state, draft.today)
    if action is Action.SETTLE and not (draft.item and draft.item.is_instant):
        raise NotInstant(item=state.item)


def item_of(ctx: CaseContext, state: CaseState) -> ServiceItem | None:
    """Return the item in the version the case was filed under, else the one in force."""
    named = state.item, state.item_version, state.item_doc
    return ctx.catalogue.version(*named) or ctx.catalogue.item(state.item)


def received_on(case: OpenCase, step: Step, now_ms: int) -> str:
    """Return the local day on which this node had the papers, where the step is the first to say so; else "".

    It is this node's own word on its own clock: the law counts from the receipt of the acceptor, and a
    message that was late has been received late.
    """
    facts = case.state.facts
    if step.by not in _RECEIVERS or step.state not in BEFORE_ACCEPTANCE or step.role is Role.NODE:
        return ""
    if facts.checker_on if step.by is Party.CHECKER else facts.acceptor_on:
        return ""
    return local_day(min(case.arrived_at(now_ms), now_ms))


def has_version_question(ctx: CaseContext, case: OpenCase) -> bool:
    """Say whether a case was filed under a version that its village could have known to be replaced.

    The version in force now is good whatever a clock says. A former one is good if it was in force on the day
    of filing or of the village's last contact before it; otherwise a person is asked.
    """
    state, filing = case.state, case.filing().body["data"]
    now = ctx.catalogue.item(state.item)
    filed = ctx.catalogue.version(state.item, state.item_version, state.item_doc)
    # The number alone does not tell: one may stand on two texts, and one text under two numbers.
    if now is not None and filed is not None and replace(filed, version=now.version) == now:
        return False
    days = {local_date(state.filed_at), local_date(filing.get("contact") or state.filed_at)}
    named = state.item, state.item_version
    return not any(ctx.catalogue.was_in_force(*named, day, state.item_doc) for day in days)


def _check_version(draft: Draft, data: Mapping[str, Any]) -> None:
    if data.get("version_confirmed") == 1 or not has_version_question(draft.ctx, draft.case):
        return
    sentence = VersionQuestion.sentence
    raise VersionQuestion(problems=[Problem("version_confirmed", "事项版本", "question", sentence)])


def _due(draft: Draft, data: dict[str, Any]) -> None:
    # The node's own steps bring the days they were worked out for.
    if draft.item is None or (draft.step.role is Role.NODE and data.get("due")):
        return
    _forget_days(data)
    data.pop("asked", None)
    calendar = draft.ctx.calendar()
    if draft.step.state in BEFORE_ACCEPTANCE:
        since = _deemed_since(draft)
        if since is not None:
            # The law counts from the receipt, whenever somebody says so.
            data["accepted_on"] = data["legal_date"] = since.isoformat()
        data |= dues_of(draft.item, Course(since or draft.today), calendar).as_data()
        asked = asked_of(draft.item, draft.state.facts.department, draft.today, calendar)
        if asked:
            data["asked"] = asked
        return
    course = course_of(draft.state.facts)
    pauses = tuple(replace(p, until=p.until or draft.today) for p in course.pauses)
    data |= dues_of(draft.item, replace(course, pauses=pauses), calendar).as_data()


def _deemed_since(draft: Draft) -> date | None:
    """Return since when the case counts as accepted because nobody has answered in time."""
    if draft.item is None or draft.item.is_instant or draft.step.role is Role.NODE:
        return None
    last = records.mark(records.DAY)
    if is_doubtful(draft.today, date.fromisoformat(last) if last else None):
        # A clock that leapt says nothing of five days.
        return None
    arrived = local_date(draft.case.arrived_at(draft.now_ms))
    return deemed_since(draft.state, arrived, draft.today, draft.ctx.calendar())


def _later_due(draft: Draft, data: dict[str, Any]) -> None:
    facts = draft.state.facts
    if not facts.accepted_on:
        return
    if not facts.extended and draft.today.isoformat() > extendable_until(draft.state):
        raise ExtensionTooLate(last=extendable_until(draft.state))
    if draft.item is None:
        _later_without_item(draft, data)
        return
    _forget_days(data)
    days = data.setdefault("extension_days", draft.item.extension_days)
    # A number of days that is none is refused with all other parts of a wrong form.
    if type(days) is int:
        if not 0 < days <= draft.item.extension_days:
            raise ExtensionTooLong(draft.item.extension_days)
        course = replace(course_of(facts), extensions=(days,))
        data |= dues_of(draft.item, course, draft.ctx.calendar()).as_data()


def _later_without_item(draft: Draft, data: dict[str, Any]) -> None:
    """Count the days on from the days that were signed last: nobody here knows what the item says.

    They are working days, as the law has it where it does not say otherwise (行政许可法 82). The days go with
    the event, so that whoever has the item works out the same.
    """
    days = data.get("extension_days", 0)
    if type(days) is not int or not 0 < days <= _EXTENSION_MAX:
        return
    _forget_days(data)
    state, calendar = draft.state, draft.ctx.calendar()
    data["due"] = due_date(date.fromisoformat(state.due), days, calendar).isoformat()
    if state.facts.legal_due:
        legal = date.fromisoformat(state.facts.legal_due)
        data["legal_due"] = due_date(legal, days, calendar).isoformat()


def _forget_days(data: dict[str, Any]) -> None:
    """Leave out days that were given: where the item is here they are worked out, at one node, from it."""
    for key in ("due", "legal_due", "provisional"):
        data.pop(key, None)


def _overdue(draft: Draft, data: dict[str, Any]) -> None:
    check_lapsable(draft.ctx, draft.state, draft.today)


def _unasked(draft: Draft, data: dict[str, Any]) -> None:
    department = data.get("department")
    if type(department) is str and department.strip() and not is_department(draft.ctx, department):
        raise DepartmentUnknown(department=department)


def is_department(ctx: CaseContext, name: str) -> bool:
    """Say whether a case may be given to a department of this name: an item names it, or it is a hall."""
    return name in CENTRES or name in ctx.catalogue.departments()


def _answer_by(draft: Draft, data: dict[str, Any]) -> None:
    calendar, named = draft.ctx.calendar(), data.get("answer_by")
    if not named:
        data["answer_by"] = due_date(draft.today, ANSWER_DAYS, calendar).isoformat()
    elif is_date(named) and named >= draft.today.isoformat():
        # On a day off nobody is there to take the papers: the next working day is the last (民法典 203).
        data["answer_by"] = next_working_day(date.fromisoformat(named), calendar).isoformat()


def _result(draft: Draft, data: dict[str, Any]) -> None:
    given = data.get("result") or {}
    if not isinstance(given, Mapping):
        return
    result = dict(given)
    if not str(result.get("name", "")).strip() and draft.item is not None:
        result["name"] = draft.item.result_name
    data["result"] = result


_FILLERS: Mapping[Demand, Callable[[Draft, dict[str, Any]], None]] = {
    Demand.DUE: _due,
    Demand.LATER_DUE: _later_due,
    Demand.OVERDUE: _overdue,
    Demand.ANSWER_BY: _answer_by,
    Demand.RESULT: _result,
    Demand.CORRECTION: lambda draft, data: check_lines(data, draft.item, draft.state.applicant["id_type"]),
    Demand.WAYS: lambda draft, data: check_announced_so(draft.state, data),
    Demand.LETTER_DAY: lambda draft, data: check_day(draft.state, data, draft.now_ms),
    Demand.LETTER_VOID: lambda draft, data: check_void(draft.state, data),
    Demand.UNASKED: _unasked,
}
