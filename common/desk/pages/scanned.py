"""What a scanner types when it reads the code on a slip or notice: the address of a claim about a case."""

from __future__ import annotations

from common.proofs.errors import UnreadableClaim
from common.proofs.rules.text import from_text
from common.proofs.wire import from_bytes


def number_on(text: str) -> str:
    """Return the number of the case that a scanned code speaks of, "" for any other text.

    Whether the paper is genuine is another question, which /v answers: here somebody looks for a case.
    """
    # An input method makes full-width signs of what a scanner types.
    if "#" not in text and "＃" not in text:
        return ""
    try:
        return from_bytes(from_text(text)).claim.number
    except UnreadableClaim:
        return ""
