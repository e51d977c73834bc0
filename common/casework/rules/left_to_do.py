"""What of a closed case its holder may still have to do. Pure.

Terms against a decision run from its service (行政复议法 20; 行政诉讼法 46), so a case that has ended is not
over while a paper of it is not served, a letter is on its way, or a day of service may have to be put right;
and what is decided may be suspended or revoked as long as there is a remedy. All that is done by the holder
alone: where that is relieved of its work, whoever goes on with it takes its place (行政诉讼法 26 (6)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from common.casework.rules.event import CaseState
from common.casework.rules.letter_days import receipts_of, relied_on
from common.casework.rules.letters import letters_out
from common.casework.rules.services import collectable
from common.casework.rules.table import ENDED, FLOW_VERSION
from common.casework.rules.words import Report


class Left(StrEnum):
    """What is left to do of a closed case: mostly of its service."""

    UNSERVED = "unserved"  # something made after the end, or that came back, is to be handed over
    TOLD = "told"  # somebody has told of a hand-over, a receipt or a try, and nobody has answered
    LETTER = "letter"  # a letter is out, of which the post has told nothing
    KEPT = "kept"  # nobody came for it, and somebody still may
    DAY = "day"  # a letter came; the day on record may turn out to be wrong
    FORCE = "force"  # something was decided, which a review or a court may suspend or revoke


@dataclass(frozen=True, slots=True)
class LeftRule:
    """One thing that may be left: `since` which table such a case may be taken over for it, and the words in
    which whoever may take it over is told.
    """

    left: Left
    since: int
    is_left: Callable[[CaseState], bool]
    note: str


# What is told of a service; whoever holds the case answers all of it.
OF_SERVICE = (Report.HANDED_OVER, Report.LETTER_CAME, Report.NOT_SERVED)


def _is_told(state: CaseState) -> bool:
    return any(report.what in OF_SERVICE for report in state.open_reports)


def _may_be_wrong(state: CaseState) -> bool:
    return any(not relied_on(state, one) for one in receipts_of(state))


# In the order in which it is told.
# fmt: off
LEFT = (
    LeftRule(Left.UNSERVED, 1, lambda state: bool(state.facts.unserved), "办结后的文书还要送达"),
    LeftRule(Left.TOLD,     9, _is_told,                                 "报来的送达情况还没有登记"),
    LeftRule(Left.LETTER,   9, lambda state: bool(letters_out(state)),   "寄出的邮件还没有回执"),
    # What was posted is among what may be fetched: so tables 7 and 8 know most letters that are out.
    LeftRule(Left.KEPT,     7, lambda state: bool(collectable(state)),   "无人领取的，还可能有人来领"),
    LeftRule(Left.DAY,      9, _may_be_wrong,                            "登记的回执日期如有错，无人能更正"),
    LeftRule(Left.FORCE,   10, lambda state: bool(state.concluded),      "决定的效力如有变化，无人能标注"),
)
# fmt: on
assert [rule.left for rule in LEFT] == list(Left), "one row for each, in order"
NOTES = {rule.left: rule.note for rule in LEFT}
# What may have to be done one day, and nobody knows of a need: it is offered, and no list or warning tells.
ON_DEMAND = (Left.DAY, Left.FORCE)


def left_to_do(state: CaseState, flow: int = FLOW_VERSION) -> tuple[Left, ...]:
    """Return what is left to do of a case that has ended; nothing of one that has not.

    Args:
        flow: the table by which it is asked; an older one knows less of it.
    """
    if state.state not in ENDED:
        return ()
    return tuple(rule.left for rule in LEFT if flow >= rule.since and rule.is_left(state))
