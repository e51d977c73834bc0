"""The check list of a case: what a checker found of each paper and answer, before a step says it. Pure.

A list is one person's own draft. What it finds wrong becomes the one list of a notice: papers by their names,
answers of the form together in one line, since a notice asks for everything at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

OK, MISSING, WRONG = "ok", "missing", "wrong"
PAPER_MARKS = ((OK, "合格"), (MISSING, "缺"), (WRONG, "不合格"))
ANSWER_MARKS = ((OK, "对"), (WRONG, "不对"))
HOW_MAX = 300
# The lines of a notice under which wrong answers stand: the first, and more where one is too short for all.
ANSWERS_LINES, ANSWERS_NAME = ("other-1", "other-2", "other-3"), "填报内容更正"

# What was found of one line: its mark ("" = not looked at yet) and what to do about it.
Mark = tuple[str, str]
Marks = Mapping[str, Mark]


# Kept among the marks, under no line's key: the copies that lay there when the list was kept.
SEEN = "seen"


def seen_of(hashes: Iterable[str]) -> Mark:
    """Return what a list keeps of the copies it was made of: another copy of a paper changes it.

    Days and times would not tell: a copy bears the time of the clock where it was brought.
    """
    return (sha256(" ".join(sorted(set(hashes))).encode()).hexdigest(), "")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list; `key` is `paper.KEY` or `answer.KEY`, `is_needed`: it must be there."""

    key: str
    name: str
    is_needed: bool

    @property
    def is_paper(self) -> bool:
        """Whether it is a paper."""
        return self.key.startswith("paper.")

    @property
    def plain_key(self) -> str:
        """The key in the item."""
        return self.key.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a list is: lines in order, wrong or missing, and not looked at yet."""

    ok: int
    bad: int
    open: int


def read_marks(lines: Iterable[Line], typed: Mapping[str, str]) -> dict[str, Mark]:
    """Return what a form says of each line; a mark that does not exist is none."""
    found: dict[str, Mark] = {}
    for line in lines:
        known = {mark for mark, _words in (PAPER_MARKS if line.is_paper else ANSWER_MARKS)}
        mark = typed.get(f"mark-{line.key}", "")
        how = typed.get(f"how-{line.key}", "").replace("\r\n", "\n").strip()[:HOW_MAX]
        if mark in known or how:
            found[line.key] = (mark if mark in known else "", how)
    return found


def standing_of(lines: Sequence[Line], marks: Marks) -> Standing:
    """Count the lines by what was found of them; what is not needed and not marked is not open."""
    found = [(line, marks.get(line.key, ("", ""))[0]) for line in lines]
    ok = sum(mark == OK for _line, mark in found)
    bad = sum(mark in (MISSING, WRONG) for _line, mark in found)
    return Standing(ok, bad, sum(not mark and line.is_needed for line, mark in found))


def as_lacking(lines: Iterable[Line], marks: Marks) -> dict[str, str]:
    """Return the fields of a notice's form (`parts/lacking.html`) that say what was found wrong."""
    typed: dict[str, str] = {}
    answers: list[str] = []
    for line in lines:
        mark, how = marks.get(line.key, ("", ""))
        if mark not in (MISSING, WRONG):
            continue
        if line.is_paper:
            typed[f"lack-{line.plain_key}"] = "1"
            typed[f"how-{line.plain_key}"] = how or ("请补交" if mark == MISSING else "不合格，请重新提交")
        else:
            answers.append(f"{line.name}：{how}" if how else line.name)
    return typed | _answer_lines(answers)


def gathered(typed: Mapping[str, str], missed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return those fields with all that departments miss ticked, too, and behind the rest what each asks."""
    found = dict(typed)
    for paper in missed:
        key, how = str(paper["key"]), str(paper.get("how", ""))
        before = found.get(f"how-{key}", "")
        said = before if how in before else f"{before}；{how}" if before else how
        found |= {f"lack-{key}": "1", f"how-{key}": said[:HOW_MAX]}
    return found


def _answer_lines(answers: Iterable[str]) -> dict[str, str]:
    """Return the lines that name wrong answers: what is left out of the one notice is never asked for again.

    No line has more than a form takes, except the last.
    """
    lines: list[str] = []
    for answer in answers:
        longer = f"{lines[-1]}；{answer}" if lines else answer
        if lines and (len(longer) <= HOW_MAX or len(lines) == len(ANSWERS_LINES)):
            lines[-1] = longer
        else:
            lines.append(answer)
    typed: dict[str, str] = {}
    for number, (line, how) in enumerate(zip(ANSWERS_LINES, lines, strict=False), 1):
        typed[f"{line}-name"] = ANSWERS_NAME if number == 1 else f"{ANSWERS_NAME}（{number}）"
        typed[f"{line}-how"] = how
    return typed
