"""What the roster's pages say of acts: what each says of itself, and which nodes have receipted it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.casework.rules.labels import label
from common.desk.pages import shown
from common.node.trust import HeldBack
from common.web.ports import current_node
from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import PLAIN, Frame
from sync.protocol.revocation import Mark

# Which of the acts held back are shown: all, those that somebody above had already receipted, the others.
ALL, RECEIPTED, OTHERS = "", "1", "0"


def said(frame: Frame) -> dict[str, Any]:
    """Return what an act says of itself, as far as it can be read here."""
    src, _epoch, dst = frame.header.stream
    row = {
        "author": shown.place_words(src),
        "to": shown.place_words(dst),
        "seq": frame.header.seq,
        "wall": frame.header.clock.wall,
        "what": frame.header.kind,
        "case": "",
    }
    try:
        body = canonical.loads(frame.content) if frame.header.enc == PLAIN and frame.body else {}
    except NotCanonical:
        return row
    if type(body) is dict and type(body.get("case")) is str:
        row["case"] = body["case"]
        word = body.get("action") or body.get("report")
        row["what"] = label(word) if type(word) is str else frame.header.kind
    return row


def held_rows(held: Iterable[HeldBack], receipts: str) -> list[dict[str, Any]]:
    """Return the acts held back with the receipts that cover them; needs an open reading.

    Args:
        receipts: which of them, ALL, RECEIPTED or OTHERS.
    """
    marks: dict[str, dict[str, tuple[Mark, ...]]] = {}
    rows = []
    for one in held:
        src = one.frame.header.stream.src
        if src not in marks:
            marks[src] = {str(line.stream): line.marks for line in current_node().trust.lines(src)}
        covering = _covering(one, marks[src])
        if receipts in (ALL, RECEIPTED if covering else OTHERS):
            rows.append(
                {
                    **said(one.frame),
                    "act": one.row.id,
                    "is_struck": one.is_struck,
                    "is_placed": one.place is not None,
                    "receipts": covering,
                }
            )
    return rows


def _covering(one: HeldBack, marks: dict[str, tuple[Mark, ...]]) -> list[tuple[str, int]]:
    """Return who has receipted the place of an act, by a key that is still good, and when by its clock."""
    if one.place is None:
        return []
    stream, seq = one.place
    found = [mark for mark in marks.get(str(stream), ()) if mark.upto >= seq and not mark.is_off]
    return [(shown.place_words(mark.signer), mark.at) for mark in sorted(found, key=lambda m: m.at)]
