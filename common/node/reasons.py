"""The reason that whoever does something to another node has to give."""

from __future__ import annotations

from common.errors import BadInput, Problem

NOTE_MAX = 200


class NoReason(BadInput):
    """What is done to another node is done with a reason."""

    code = "E452"
    sentence = "请写明理由，最多 200 个字。"


def reason_in(why: str) -> str:
    """Return a reason without the space around it.

    Raises:
        NoReason: nothing was written, or too much.
    """
    clean = why.strip()
    if not clean or len(clean) > NOTE_MAX:
        raise NoReason(problems=[Problem("why", "理由", NoReason.code, NoReason.sentence)])
    return clean


def noted(why: str) -> dict[str, str]:
    """Return what an audit row keeps of a reason that need not be given, nothing where none was.

    Raises:
        NoReason: too much was written.
    """
    return {"note": reason_in(why)} if why.strip() else {}
