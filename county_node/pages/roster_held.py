"""What the roster's pages say of acts: what each says of itself, and which nodes have receipted it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from common.casework import queues
from common.casework.rules import number
from common.casework.rules.labels import label
from common.desk.frames import body_of
from common.desk.pages import shown
from common.desk.rules.kinds import KINDS
from common.errors import BadInput, Problem
from common.node.keyring.held_acts import HeldBack, Place
from common.web.ports import current_node
from sync.protocol.frame import Frame
from sync.protocol.trust.revocation import Mark

# Which of the acts held back are shown: all, those that somebody above had already receipted, the others.
ALL, RECEIPTED, OTHERS = "", "1", "0"
_WORDS_MAX = 60


def said(frame: Frame) -> dict[str, Any]:
    """Return what an act says of itself, as far as it can be read here."""
    src, _epoch, dst = frame.header.stream
    row: dict[str, Any] = {
        "author": shown.place_words(src),
        "to": shown.place_words(dst),
        "seq": frame.header.seq,
        "wall": frame.header.clock.wall,
        "what": KINDS.get(frame.header.kind, frame.header.kind),
        "case": "",
        "is_open": False,
        "item": "",
        "applicant": "",
    }
    body = body_of(frame)
    # Its author may be a thief: of a case nothing but a number is shown.
    if type(body.get("case")) is str and number.check(body["case"]):
        row["case"] = body["case"]
        word = body.get("action") or body.get("report")
        if type(word) is str:
            row["what"] = label(word)[:_WORDS_MAX]
        # Taken back, a case that was only filed has no page; whoever has to ask about it needs to know whose.
        row["is_open"] = any(line.case == row["case"] for line in queues.find(row["case"], 1))
        row |= _filed(body)
    return row


def _filed(body: Mapping[str, Any]) -> dict[str, str]:
    """Return which item a filing is for and who applies, as far as it says so; its author may be a thief."""
    data = body.get("data")
    applicant = data.get("applicant") if type(data) is dict else None
    name = applicant.get("name") if type(applicant) is dict else None
    code = body.get("item")
    item = current_node().catalogue.item(code) if type(code) is str else None
    return {"item": item.name if item else "", "applicant": name[:_WORDS_MAX] if type(name) is str else ""}


class Receipts:
    """The receipts on the streams of acts held back; needs an open reading."""

    def __init__(self) -> None:
        self._marks: dict[str, dict[str, tuple[Mark, ...]]] = {}
        self._before: dict[str, tuple[Mark, ...] | None] = {}

    def on(self, place: Place | None) -> list[Mark]:
        """Return the receipts that covered a place when the key was revoked, the oldest first.

        Where that was not kept: those of today, by keys still good.
        """
        if place is None:
            return []
        stream, seq = place
        if str(stream) not in self._before:
            self._before[str(stream)] = current_node().trust.marks_before(stream)
        before = self._before[str(stream)]
        if before is None:
            return self.today(place)
        return sorted((mark for mark in before if mark.upto >= seq), key=lambda m: m.at)

    def today(self, place: Place | None) -> list[Mark]:
        """Return the receipts by keys still good that cover a place now, the oldest first."""
        if place is None:
            return []
        stream, seq = place
        if stream.src not in self._marks:
            lines = current_node().trust.lines(stream.src)
            self._marks[stream.src] = {str(line.stream): line.marks for line in lines}
        marks = self._marks[stream.src].get(str(stream), ())
        return sorted((mark for mark in marks if mark.upto >= seq and not mark.is_off), key=lambda m: m.at)

    def fits(self, wanted: str) -> Callable[[Place | None], bool] | None:
        """Return what says of a place whether an act there is shown; `wanted` is ALL, RECEIPTED or OTHERS."""
        if wanted not in (RECEIPTED, OTHERS):
            return None
        return lambda place: bool(self.on(place)) == (wanted == RECEIPTED)


def held_rows(held: Iterable[HeldBack], receipts: Receipts) -> list[dict[str, Any]]:
    """Return acts held back with the receipts that cover them; needs an open reading."""
    return [
        {
            **said(one.frame),
            "act": one.row.id,
            "is_struck": one.is_struck,
            "is_placed": one.place is not None,
            "is_late": bool(receipts.today(one.place)),
            "receipts": [(shown.place_words(mark.signer), mark.at) for mark in receipts.on(one.place)],
        }
        for one in held
    ]


def decided_words(word: str, count: int, before: int) -> str:
    """Return what was done: so many let through or struck out, so many that had been struck out before."""
    if word == "strike":
        done = _("已剔除 %(n)s 份，各级站点将自动照办。", n=count)
        left = _("有 %(n)s 份原先已经剔除，没有再办。", n=before)
    else:
        done = _("已放行 %(n)s 份，各级站点将自动照办。", n=count)
        left = _("有 %(n)s 份已经有人剔除，没有放行；确要放行的，请在“已剔除”里勾选。", n=before)
    return f"{done if count else ''}{left if before else ''}"


def sure_of_all(form: MultiDict[str, str]) -> None:
    """See to it that all acts of a page are meant where all are asked for.

    Raises:
        BadInput: some are ticked besides, or all are to be struck out and their number was not confirmed.
    """
    count, ticked = len(set(form.getlist("shown"))), len(set(form.getlist("act")))
    if not form.get("all"):
        return
    if ticked:
        words = {"ticked": ticked, "n": count}
        told = _("勾选了 %(ticked)s 份，又选了处理本页全部 %(n)s 份：请去掉一样。", **words)
        raise BadInput(problems=[Problem("all", str(_("处理全部")), "both", str(told))])
    if form.get("do") == "strike" and form.get("sure") != str(count):
        told = _("将剔除本页全部 %(n)s 份：确定的请勾选确认，再点剔除。", n=count)
        raise BadInput(problems=[Problem("sure", str(_("确认")), "required", str(told))])
