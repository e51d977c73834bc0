"""What a decision rests on, in words: opinions, the reviewer's proposal, corrections, what is owed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from common.casework.rules.event import CaseState
from common.casework.rules.facts import CONDITIONS
from common.casework.rules.words import Action
from common.desk.rules import life
from common.desk.rules.opinions import OpinionLine, door_lines, opinion_lines
from common.desk.rules.step_words import PROPOSALS

PROPOSED = {code: words for words, code in PROPOSALS.items()}
# Pages of these steps show it.
DECIDING = (Action.REVIEW, Action.APPROVE, Action.REFUSE, Action.RECONSIDER)
_OWED = ("容缺待补", "缴费", "原件")
_ACCEPTING = (Action.ACCEPT, Action.DEEM_ACCEPT)


class Entry(Protocol):
    """One event of a case as `casework.lists` tells it."""

    @property
    def act(self) -> str: ...
    @property
    def word(self) -> str: ...
    @property
    def standing(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def actor(self) -> Mapping[str, str]: ...
    @property
    def note(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Review:
    """The review that stands: who signed it, the proposal in words ("" in older cases), the opinion."""

    who: str
    at: int
    proposal: str
    note: str


@dataclass(frozen=True, slots=True)
class Rests:
    """All of it. `corrections` are those made since acceptance; `owed` are (name, words)."""

    opinions: list[OpinionLine]
    door: list[OpinionLine]
    review: Review | None
    corrections: list[dict[str, str]]
    owed: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show beside the case itself."""
        return not (self.opinions or self.door or self.review or self.corrections or self.owed)


def rests_of(state: CaseState, timeline: Sequence[Entry], today: date, spoken: life.Spoken) -> Rests:
    """Return what the next decision on a case rests on; `timeline` is in this node's order."""
    standing = [entry for entry in timeline if entry.standing == "stands"]
    reasons = {entry.act: entry.note for entry in standing}
    return Rests(
        opinions=opinion_lines(state, today) if state.facts.asked else [],
        door=door_lines(state),
        review=_review(standing),
        corrections=[
            line
            for line, one in zip(
                life.corrections(state, reasons, spoken), state.facts.corrections, strict=True
            )
            if one.act in _since_acceptance(standing)
        ],
        owed=[(name, words) for name, words in life.other_lines(state) if name in _OWED and words],
    )


def _review(standing: Sequence[Entry]) -> Review | None:
    """Return the last review; what was sent back to be reviewed anew has none."""
    for entry in reversed(standing):
        if entry.word == Action.RECONSIDER:
            return None
        if entry.word == Action.REVIEW:
            proposal = PROPOSED.get(str(entry.data.get("proposal", "")), "")
            return Review(str(entry.actor.get("name", "")), entry.at, proposal, entry.note)
    return None


def _since_acceptance(standing: Iterable[Entry]) -> set[str]:
    found: set[str] = set()
    for entry in standing:
        found = set() if entry.word in _ACCEPTING else {*found, entry.act}
    return found


def conditions_of(state: CaseState) -> str:
    """Return the conditions of departments that agreed with some, as a decision may take them over."""
    found = [one for one in state.facts.asked if one.verdict == CONDITIONS and one.note.strip()]
    return "\n".join(f"{one.department}意见：{one.note.strip()}" for one in found)


def proposed_note(action: Action, state: CaseState) -> str:
    """Return what stands in the note of a step at first: an approval takes over the conditions."""
    return conditions_of(state) if action is Action.APPROVE else ""
