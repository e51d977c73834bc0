"""What a node owes a case without being asked: answers that follow from a rule, strikes, briefings.

Pure. Each duty makes one event, after which it is no longer owed; so doing all duties again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from common.casework.rules.event import CaseEvent, CaseState, ReportState
from common.casework.rules.fitting import report_fits
from common.casework.rules.flow import BEFORE_DECISION, ENDED, RECORDED, TO_HAND_OVER
from common.casework.rules.paper_demands import is_before_notice, is_in_time
from common.casework.rules.rivals import is_ahead, may_be_answered
from common.casework.rules.services import collected_by
from common.casework.rules.serving import known_at, served_by
from common.casework.rules.shape import BRIEF, FILED, KINDS, MOVED, TAKEN_OVER
from common.casework.rules.waiting import is_about_the_result, is_handed_over
from common.casework.rules.words import Action, Report, State
from sync.protocol.address import Tree

_TWICE = "同一步之后有两个相互矛盾的办理，保留先到达县级的一个。"
_SUPERSEDED = "本件已由县级接管，接管之后原站点在同一步上的办理不再生效；如有不同意见，请与县级联系。"
_REVIVED = "材料是在补正期限内交到收件站点的，送到这里时已按逾期处理；现予恢复办理，请受理窗口决定是否受理。"
_REFUSAL = "本件已有结论，不能再撤回；如对结论不服，可依法申请行政复议或者提起行政诉讼。"
# Papers may have been in time where they were brought, and late here: that is for people to put right.
_TOO_LATE = "材料送到时本件已有结论，没有收取；在补正期限内交来的，请与受理窗口联系，另收新件优先办理。"
_OVER = "本件已经结束，已知悉。"
_NOT_THIS = "所报送达的不是现在的结果，已知悉。"
_SERVED = "办结以后作出的文书已送达申请人，已登记。"
_COLLECTED = "办结以后来领取的，已登记；已经视为送达的文书，送达日期不变。"
_MADE_SINCE = "所报送达时还不知道办结以后作出的文书，已知悉；请把这些文书送达申请人。"
_PUT_RIGHT = "所报送达以后（或送达时还不知道），决定作了更正，已知悉；请把更正决定书一并送达申请人。"

# When they were brought nobody can tell by that day: somebody has to ask there.
_WRONG_CLOCK = (
    "补来材料登记的日期早于补正告知，收件站点的时钟可能不准，没有自动恢复办理；"
    "请受理窗口核对是哪天交来的，在补正期限内的，另收新件优先办理。"
)

_OF_LETTERS = (Report.LETTER_CAME, Report.NOT_SERVED)
NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A step the node takes by itself, as holder, to answer one report."""

    action: Action
    report: str
    note: str


@dataclass(frozen=True, slots=True)
class Strike:
    """Acts the apex strikes out, as others that continue the same one stand; their author reads why."""

    ids: tuple[str, ...]
    reason: str = _TWICE
    stands: tuple[str, ...] = ()

    def body(self, case: str, at_ms: int, to: Sequence[str]) -> dict[str, Any]:
        """Return what the apex signs: whoever lacks what stands learns what to wait for (see `rivals`)."""
        said: dict[str, Any] = {"case": case, "data": {"at": at_ms}, "ids": list(self.ids)}
        return {**said, "reason": self.reason, "stands": list(self.stands), "to": list(to)}


def duty_of(state: CaseState, me: str, events: Sequence[CaseEvent] = ()) -> Answer | Strike | None:
    """Return the next thing this node owes the case, None when there is nothing.

    Args:
        events: all of the case that are here, in this node's order: they tell what fell with a step that was
            struck out, and what was reported since.
    """
    if me == state.apex and state.forks:
        over = set(state.facts.taken_over)
        # One reason at a time; what is left over is struck by the next look.
        forks = [fork for fork in state.forks if fork.winner in over] or state.forks
        ids = tuple(sorted(act for fork in forks for act in fork.losers))
        stands = tuple(sorted({fork.winner for fork in forks}))
        return Strike(ids, _SUPERSEDED if forks[0].winner in over else _TWICE, stands)
    if me != state.holder:
        return None
    # What a hand-over gave to the post is on record before it is asked what became of that.
    mine = may_be_answered(state, me, events)
    for report in sorted(state.open_reports, key=lambda one: one.what in _OF_LETTERS):
        # It is about a move that is not here, or the apex has struck the answer: something else stands.
        is_waiting = report.id not in mine or is_ahead(state, report.seen, events)
        answer = None if is_waiting else _answer(state, report)
        if answer is not None:
            return answer
    return None


def _answer(state: CaseState, report: ReportState) -> Answer | None:
    if report.what in RECORDED:
        if report_fits(state, report):
            return Answer(Action.RECORD, report.id, "已记入办件。")
        return Answer(Action.NOTE, report.id, "与本件现在的情况不符，已知悉，未记入。")
    if report.what is Report.WITHDRAW:
        if state.state in BEFORE_DECISION:
            return Answer(Action.GRANT_WITHDRAWAL, report.id, "按申请人要求撤回。")
        return Answer(Action.REFUSE_WITHDRAWAL, report.id, _REFUSAL)
    if report.what is Report.HANDED_OVER:
        return _of_hand_over(state, report)
    if state.state in ENDED:
        return Answer(Action.NOTE, report.id, _OVER)
    if state.state is State.LAPSED and is_in_time(state, report) and not is_handed_over(state):
        return Answer(Action.REVIVE, report.id, _REVIVED)
    if report.what is Report.PAPERS_BROUGHT and state.state in TO_HAND_OVER:
        is_odd = state.state is State.LAPSED and is_before_notice(state, report)
        return Answer(Action.NOTE, report.id, _WRONG_CLOCK if is_odd else _TOO_LATE)
    return None


def _of_hand_over(state: CaseState, report: ReportState) -> Answer:
    if served_by(state, report):
        return Answer(Action.RECORD_SERVICE, report.id, _SERVED)
    if state.state in ENDED and known_at(state, report.seen):
        if collected_by(state, report):
            return Answer(Action.NOTE, report.id, _COLLECTED)
        # Two sites may have said so, or one of them twice.
        return Answer(Action.NOTE, report.id, _MADE_SINCE if state.facts.unserved else _OVER)
    if is_about_the_result(state, report) and state.state in TO_HAND_OVER:
        return Answer(Action.CLOSE, report.id, "结果已送达申请人。")
    since = state.chain[state.chain.index(state.concluded) :] if state.concluded else ()
    is_put_right = any(one.act in since for one in state.facts.corrections)
    return Answer(Action.NOTE, report.id, _PUT_RIGHT if is_put_right else _NOT_THIS)


def told_by_strike(state: CaseState, events: Iterable[CaseEvent]) -> frozenset[str]:
    """Return who must hear of a strike: the parties, and whoever an act off the chain named."""
    addresses = set(state.parties.values())
    for event in events:
        if event.kind in (MOVED, FILED, TAKEN_OVER) and event.id not in state.chain:
            addresses.add(event.body["holder"])
            addresses.update(event.body.get("parties_added", {}).values())
            addresses.update(event.body.get("parties", {}).values())
    return frozenset(addresses)


def uncovered(tree: Tree, author: str, to: Iterable[str], parties: Iterable[str]) -> frozenset[str]:
    """Return the nodes on the parties' lines that an act of `author`, sent to these streams, may never pass.

    What was sent to a node that stood below its author and does no more waits at the author, which may have
    been relieved or retired for it is gone: nobody above has a copy in that stream.
    """
    needed = {above for party in parties for above in tree.up(party) if above in tree}
    reached = {author}
    for target in to:
        if target in tree.up(author) or tree.is_below(target, author):
            reached.update(tree.path(author, target))
    return frozenset(needed - reached)


def line_of(state: CaseState, tree: Tree) -> set[str]:
    """Return everybody through whose hands a case passes: its parties and all above them."""
    return {above for party in state.parties.values() for above in tree.up(party)}


def briefs(
    state: CaseState, events: Iterable[CaseEvent], tree: Tree, lost: Mapping[str, frozenset[str]] = NOTHING
) -> dict[str, tuple[str, ...]]:
    """Return what the apex has to point out: address → acts of the case that its line was not sent.

    An act is sent to parties its author knew; one added later, or on another line, learns of it here.

    Args:
        lost: nodes that came back with an empty disk → the acts, briefings too, from before that; what is
            told anew is told by a briefing made since.
    """
    missing: dict[str, list[str]] = {}
    told = _told(events)
    parties = state.parties.values()
    line = line_of(state, tree)
    for event in events:
        if event.kind not in KINDS:
            continue
        again = {address for address, acts in lost.items() if address in line and event.id in acts}
        lacking = uncovered(tree, event.author, event.body.get("to", ()), parties) | again
        for act, targets in told.get(event.id, ()):
            heard = {at for target in targets for at in tree.path(state.apex, target)}
            lacking -= {at for at in heard if act not in lost.get(at, ())}
        lacking |= _told_past(told.get(event.id, ()), lacking, lost, (tree, state.apex))
        for address in tree.cover(state.apex, lacking):
            if address != state.apex:
                missing.setdefault(address, []).append(event.id)
    return {address: tuple(ids) for address, ids in sorted(missing.items())}


def _told_past(
    told: Iterable[tuple[str, tuple[str, ...]]],
    lacking: Iterable[str],
    lost: Mapping[str, frozenset[str]],
    where: tuple[Tree, str],
) -> set[str]:
    """Return whom briefings had gone to past a node that lost them and is told anew: these go there again.

    Or it would not know who below it may have an act of which nothing else leads past it, and its papers.
    """
    tree, apex = where
    again: set[str] = set()
    for act, targets in told:
        fresh = {at for at in lacking if act in lost.get(at, ())}
        again.update(target for target in targets if target in tree and fresh & {*tree.path(apex, target)})
    return again


def _told(events: Iterable[CaseEvent]) -> Mapping[str, list[tuple[str, tuple[str, ...]]]]:
    """Return act → the briefings that name it, each with where it went."""
    told: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for event in events:
        if event.kind == BRIEF:
            for act in event.body["ids"]:
                told.setdefault(act, []).append((event.id, tuple(event.body["to"])))
    return told
