"""What a frame says of itself as far as it can be read here; its author may be a thief."""

from __future__ import annotations

from common.casework.rules import number
from common.desk.frames import body_of
from common.desk.rules.kinds import called
from sync.protocol.frame import Frame


def case_in(frame: Frame) -> str:
    """Return which case an act names, "" when none can be read; whatever its author wrote there."""
    case = body_of(frame).get("case", "")
    return case if type(case) is str else ""


def act_line(frame: Frame) -> str:
    """Return what an act is and which case it is about, for the console: nothing else that stands in it."""
    words, case = [frame.header.kind, called(frame.header.kind, body_of(frame))], case_in(frame)
    if number.check(case):
        words.append(f"办件 {case}")
    return " ".join(word for word in words if word)
