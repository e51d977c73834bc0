"""Compares what pages show of cases with what was signed: the rows that pages are drawn from nobody has."""

from __future__ import annotations

import json
from collections.abc import Iterable

from common.casework import records
from common.casework.records import EventRow
from common.casework.records.shown import every_event, rowless
from common.casework.rules.shape import KINDS
from sync.protocol.core import Core
from sync.protocol.endings import was_signed
from sync.protocol.errors import BadFrame
from sync.protocol.frame import PLAIN, Frame, act_id, check_body
from sync.protocol.paging import UNREADABLE
from sync.protocol.spool import EVIDENCE, PARKED

_UNLIKE, _UNSIGNED, _LACKING = "case differs", "case step unsigned", "case step missing"


class Shown:
    """The acts of cases as they are stored, against the frames that carry them; `problems`, one line each.

    `cases` are those with an act that is not as it was signed. One whose body has left by rule cannot be
    compared.
    """

    def __init__(self, core: Core) -> None:
        self._core, self._spool = core, core.spool
        self._lacking: dict[str, str] = {}
        self.problems: list[str] = []
        self.cases: set[str] = set()

    def look(self, frame: Frame) -> None:
        """See whether the act of a frame is stored, if it is one of a case that counts here."""
        header = frame.header
        # What is sealed is a step at no node: it is passed on, and parked where it can be opened.
        if header.kind not in KINDS or header.enc != PLAIN or frame.act in self._lacking:
            return
        if records.is_known(frame.act):
            return
        row = self._spool.act(frame.act)
        if row is not None and row.state != PARKED:
            self._lacking[frame.act] = f"{_LACKING}: {header.stream} {header.seq}"

    def compare(self) -> list[str]:
        """Go through every stored act; return all that was found."""
        self.problems += self._lacking.values()
        self._compare(every_event())
        return self.problems

    def of_case(self, case: str) -> list[str]:
        """Go through the stored acts of one case alone; return those that are not as they were signed.

        And those that were taken out of it: the rest of a case is whole without its last step.
        """
        found = self._compare(records.events_of(case))
        return found + [act for act in rowless(KINDS) if self._is_about(act, case)]

    def _is_about(self, act: str, case: str) -> bool:
        try:
            frame = self._spool.frame_of_act(act)
            return frame is not None and bool(json.loads(frame.content).get("case") == case)
        except (AttributeError, *UNREADABLE):
            # What is sealed has no text here, and what has rotted none any more.
            return False

    def _compare(self, rows: Iterable[EventRow]) -> list[str]:
        found = []
        for row in rows:
            # Whatever kind the row says: by another one pages would leave a step out.
            if problem := self._fault_of(row):
                found.append(row.act)
                self.cases.add(row.case)
                self.problems.append(f"{problem}: {row.case} {row.act}")
        return found

    def _fault_of(self, row: EventRow) -> str:
        try:
            frame = self._spool.frame_of_act(row.act) or self._displaced(row.act)
        except UNREADABLE:
            return ""  # It is told of as a frame.
        if frame is None or not self._is_signed(frame):
            return _UNSIGNED
        header, author = frame.header, frame.header.stream.src
        # The id is worked out anew: nothing else has it but what its author signed.
        act = act_id(author, header.kind, header.enc, header.body_hash, header.blobs)
        is_same = (row.act, row.kind, row.author) == (act, header.kind, author)
        is_same = is_same and row.blobs == records.write_blobs(header.blobs)
        return "" if is_same and (not frame.body or _is_body(row, frame)) else _UNLIKE

    def _displaced(self, act: str) -> Frame | None:
        """Return the frame of an act that lost its place to another one, and its body before."""
        return next((one.frame for one in self._spool.asides(EVIDENCE) if one.frame.act == act), None)

    def _is_signed(self, frame: Frame) -> bool:
        """Say whether somebody signed it; what has a place is looked at with its stream."""
        return bool(self._spool.places_of_act(frame.act)) or was_signed(self._core, frame)


def _is_body(row: EventRow, frame: Frame) -> bool:
    try:
        check_body(frame.header, frame.body)
    except BadFrame:
        return False
    try:
        is_of_case = frame.header.kind not in KINDS or json.loads(row.body).get("case") == row.case
        return row.body.encode() == frame.content and is_of_case
    except (AttributeError, TypeError, ValueError):
        # What was written over may be no text, or no text of an act.
        return False
