"""What was asked of the departments of a joint case and what they said, line by line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from common.casework.rules import facts as said
from common.casework.rules.event import CaseState
from common.casework.rules.facts import Asked, Facts

VERDICT_WORDS: Mapping[str, str] = {
    said.AGREE: "同意",
    said.CONDITIONS: "有条件同意",
    said.DISAGREE: "不同意",
    said.LATE: "逾期未答复，按内部默许记录",
    said.ABSENT: "缺席",
    said.COMPLETE: "材料齐全",
    said.LACKING: "缺少材料",
}


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One department asked: what for, by when, what it said or that it is silent, and a light."""

    department: str
    matter: str
    due: str
    words: str
    note: str
    light: str


def opinion_lines(state: CaseState, today: date) -> list[OpinionLine]:
    """Return the departments of a joint case: before acceptance what each lacks, then each opinion."""
    facts = state.facts
    if facts.asked:
        return [_opinion(asked, today) for asked in facts.asked]
    return [_at_the_door(facts, department) for department in facts.joint if not facts.accepted_on]


def answer_lines(state: CaseState, today: date) -> list[OpinionLine]:
    """Return the same for those who see no more of a case than how far it is: who has answered, not what."""
    facts = state.facts
    if facts.asked:
        verdicts = [asked.verdict for asked in facts.asked]
    else:
        verdicts = [said.COMPLETE if department in facts.door else "" for department in facts.joint]
    lines = zip(opinion_lines(state, today), verdicts, strict=False)
    return [_without_content(line, verdict) for line, verdict in lines]


def _without_content(line: OpinionLine, verdict: str) -> OpinionLine:
    is_silence = verdict in ("", said.LATE, said.ABSENT)
    return replace(line, note="") if is_silence else replace(line, words="已答复", note="", light="")


def matter_for(state: CaseState, department: str) -> str:
    """Return on what a department is asked its opinion, "" when it is not, or on all of the case."""
    return "；".join(one.matter for one in state.facts.silent if one.department == department and one.matter)


def door_lines(state: CaseState) -> list[OpinionLine]:
    """Return what departments said of the papers before acceptance, those that said something."""
    return [_at_the_door(state.facts, department) for department in state.facts.door]


def _opinion(asked: Asked, today: date) -> OpinionLine:
    if asked.verdict:
        light = {said.AGREE: "good", said.DISAGREE: "bad"}.get(asked.verdict, "warn")
        words = VERDICT_WORDS.get(asked.verdict, asked.verdict)
        # By when it had to answer is over with its answer.
        return OpinionLine(asked.department, asked.matter, "", words, asked.note, light)
    is_late = bool(asked.due) and asked.due < today.isoformat()
    words = "逾期未答复" if is_late else "等待答复"
    words += "，已催告" if asked.urged else ""
    return OpinionLine(asked.department, asked.matter, asked.due, words, "", "bad" if is_late else "warn")


def _at_the_door(facts: Facts, department: str) -> OpinionLine:
    lacking = facts.door.get(department)
    if lacking is None:
        words = "没有在一次告知前答复" if facts.noticed else "等待答复材料是否齐全"
        return OpinionLine(department, "", "", words, "", "" if facts.noticed else "warn")
    names = "、".join(str(paper.get("name", "")) for paper in lacking)
    words = VERDICT_WORDS[said.LACKING if lacking else said.COMPLETE]
    return OpinionLine(department, "", "", words, names, "warn" if lacking else "good")
