"""The one rule for cases that a node put back from an older copy may have taken further, and has lost that.

What it signs on one before its own acts are back stands here before those, and one of the two is struck out.
So what it does by itself waits (`duties`), and a person is asked first, each time: by `check_asked`, through
which every step, report and take-over goes, from whatever page. A site that never speaks again would keep its
cases waiting for ever: after SILENT_DAYS an administrator may say that it is waited for no longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.casework import days, ledger, records
from common.casework.back_refusals import MayHaveGoneOn, NotWaitedFor
from common.casework.context import Actor, CaseContext
from common.casework.errors import ClockDoubtful, ReasonMissing
from common.casework.rules.event import CaseState
from common.casework.rules.number import epoch_letters, letters_of, origin_of
from common.casework.rules.taking_over import SILENT_DAYS
from common.casework.rules.words import Role
from common.errors import Problem
from common.store import audit
from common.store.database import require_unit

# What a person says who goes on all the same: what the page told them was not back.
GO_ON = "go_on_unsure"
_PASSED, _COUNTED = "unsure_passed", "unsure_counted"
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Passed:
    """A site that is waited for no longer: who said so, why, when (UTC ms)."""

    address: str
    by: str
    why: str
    at: int


def waited_for(ctx: CaseContext) -> frozenset[str]:
    """Return from whom own acts may still come back, but for those that are waited for no longer."""
    unsure = ctx.unsure()
    return unsure - {one.address for one in passed(ctx)} if unsure else unsure


def unsure_of(ctx: CaseContext, state: CaseState) -> frozenset[str]:
    """Return who may still have steps that this node took on a case and has lost; nobody at most times.

    A case taken in here since the node began anew has no such steps: its number says so.
    """
    unsure = waited_for(ctx)
    if not unsure or _is_newer(ctx, state.case):
        return frozenset()
    tree = ctx.tree()
    places = {above for party in state.parties.values() for above in tree.up(party)}
    return unsure & (places | {ctx.me, tree.parent(ctx.me)})


def may_have_gone_on(ctx: CaseContext, state: CaseState) -> bool:
    """Say whether this node may have taken steps on the case that it has lost and that others have.

    What it signed now would stand here before those when they are back, and they would be struck out: a
    notice that the applicant holds, by an acceptance for the lack of it.
    """
    return bool(unsure_of(ctx, state))


def unsure_among(ctx: CaseContext, cases: Iterable[str]) -> set[str]:
    """Return those of these cases of which that is so; one that cannot be read now is among them."""
    return {case for case in cases if _is_unsure(ctx, case)} if waited_for(ctx) else set()


def _is_unsure(ctx: CaseContext, case: str) -> bool:
    try:
        return may_have_gone_on(ctx, ledger.load(case).state)
    except Exception as fault:
        if records.is_fault_of_disk(fault):
            raise
        return True


def question(ctx: CaseContext, state: CaseState) -> str:
    """Return what somebody has to say who goes on with a case, "" where nothing is asked.

    It names since when and who is waited for, so that it is asked anew after another older copy was put back
    or when somebody else is waited for, too.
    """
    unsure = unsure_of(ctx, state)
    return ",".join([str(ctx.put_back_at()), *sorted(unsure)]) if unsure else ""


def check_asked(
    ctx: CaseContext, state: CaseState, actor: Actor, data: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """See that a person who acts on a case knows what is not back; what the node does by itself has waited.

    Returns:
        The data without that answer, which is signed by nobody, and what the audit row of the act says of it.

    Raises:
        MayHaveGoneOn: own acts may still come back, and nobody has said that they go on all the same.
    """
    said = str(data.get(GO_ON, "")).split(",")
    rest = {key: value for key, value in data.items() if key != GO_ON}
    unsure = unsure_of(ctx, state) if actor.role != Role.NODE else frozenset()
    if not unsure:
        return rest, {}
    since = ctx.put_back_at()
    if said[0] != str(since) or not unsure <= set(said[1:]):
        sentence = MayHaveGoneOn.sentence
        raise MayHaveGoneOn(problems=[Problem(GO_ON, "还没有取回的步骤", "question", sentence)])
    return rest, {"not_back": {"since": since, "waits": sorted(unsure)}}


def passed(ctx: CaseContext) -> list[Passed]:
    """Return who is waited for no longer since the node was last put back.

    A site that was silent and has spoken since is waited for again: it is giving back what it holds.
    """
    said = json.loads(records.mark(_PASSED) or "{}")
    if said.get("since") != ctx.put_back_at():
        return []
    rows = said["sites"].items()
    return [
        Passed(address, row["by"], row["why"], row["at"])
        for address, row in sorted(rows)
        if row["spoke_at"] in (-1, ctx.neighbours.spoke_at(address))
    ]


def count_days(ctx: CaseContext, now_ms: int) -> None:
    """Note, in the open unit, from when the days of waiting count; for a time that is not in doubt.

    When it was put back the clock of the machine may have shown any day: 2010, and the days were over
    at once, or 2036, and they never were.
    """
    since = ctx.put_back_at()
    if waited_for(ctx) and _counted().get("since") != since:
        records.set_mark(_COUNTED, json.dumps({"since": since, "at": now_ms}))


def counted_since(since: int) -> int:
    """Return from when the days of waiting count since the node was found put back at that time (UTC ms).

    Until a day is believed it is that time itself, whatever the clock showed then.
    """
    counted = _counted()
    return counted["at"] if counted.get("since") == since else since


def _counted() -> dict[str, int]:
    return dict(json.loads(records.mark(_COUNTED) or "{}"))


def may_pass_over(ctx: CaseContext, now_ms: int) -> bool:
    """Say whether the node has waited so long that somebody may say that it need not any more."""
    counted = _counted()
    is_counted = counted.get("since") == ctx.put_back_at() and days.doubt(now_ms) is None
    return is_counted and now_ms - counted["at"] >= SILENT_DAYS * _DAY_MS


def pass_over(ctx: CaseContext, address: str, actor: Actor, why: str, now_ms: int) -> None:
    """Wait no longer for what a site may hold of this node's acts; its cases go on as if all were back.

    It ends when that site speaks after all, or when an older copy is put back once more.

    Raises:
        NotWaitedFor: it is not waited for, or not long enough yet.
        ClockDoubtful: the date here is in doubt, so nobody knows how long it was.
        ReasonMissing: nothing says why.
        UnitMisuse: no unit of work is open.
    """
    require_unit()
    if (doubt := days.doubt(now_ms)) is not None:
        raise ClockDoubtful(last=doubt.last, today=doubt.today)
    if address not in waited_for(ctx) or not may_pass_over(ctx, now_ms):
        raise NotWaitedFor(days=SILENT_DAYS)
    if not why.strip():
        raise ReasonMissing(problems=[Problem("why", "理由", "required", ReasonMissing.sentence)])
    since, spoke_at = ctx.put_back_at(), ctx.neighbours.spoke_at(address)
    said = json.loads(records.mark(_PASSED) or "{}")
    sites = said["sites"] if said.get("since") == since else {}
    # One in touch all the while that still does not give all back would end it with its next word.
    until = -1 if spoke_at > _counted()["at"] else spoke_at
    row = {"by": actor.login, "why": why.strip(), "at": now_ms, "spoke_at": until}
    records.set_mark(_PASSED, json.dumps({"since": since, "sites": {**sites, address: row}}))
    told = {"since": since, "spoke_at": spoke_at, "why": why.strip()}
    audit.record(actor.login, "case.wait_no_longer", address, told, now_ms)


def _is_newer(ctx: CaseContext, case: str) -> bool:
    return origin_of(case) == ctx.me and letters_of(case) == epoch_letters(ctx.epoch_n())
