"""The tables of casework, and the values of their rows in column order.

`case_event` is the truth; the others are what lists need of it and can be made anew.
"""

from __future__ import annotations

from typing import NamedTuple

from peewee import SQL, BigIntegerField, CompositeKey, IntegerField, TextField

from common.store.database import Base


class CaseFile(Base):
    """A case as lists show it: `waits_at` and `needs` say where which work waits.

    `due` (while a procedure stops the clock the day it is expected to end) and `alarm_on` (the last day after
    which the case needs a look; of a letter that is out, the day of its posting) are YYYY-MM-DD or "",
    `green` 1 when it is urgent, `department` the one whose work it is now ("" = everybody's), `first_act`
    filed it; `updated_at` is its last change, of a result when that came. Times in UTC milliseconds.
    """

    case = TextField(primary_key=True)
    item = TextField()
    item_name = TextField()
    version = IntegerField()
    state = TextField()
    holder = TextField()
    waits_at = TextField()
    needs = TextField()
    origin = TextField()
    place = TextField()
    applicant = TextField()
    id_number = TextField(index=True)
    filed_at = BigIntegerField(index=True)
    updated_at = BigIntegerField()
    due = TextField()
    apex = TextField()
    first_act = TextField()
    last_act = TextField()
    department = TextField()
    green = IntegerField()
    alarm_on = TextField()

    class Meta:
        indexes = (
            (("holder", "alarm_on"), False),
            (("waits_at", "department", "needs", "filed_at"), False),
            (("waits_at", "needs", "filed_at", "updated_at", "due"), False),
            (("origin", "filed_at"), False),
            (("applicant", "filed_at", "item", "state", "place"), False),
            (("item", "filed_at", "state", "place"), False),
            (("place", "filed_at", "case", "state"), False),
            (("state", "place", "filed_at", "case"), False),
            (("state", "filed_at"), False),
        )


CaseFile.add_index(CaseFile.index(CaseFile.waits_at, CaseFile.filed_at, where=(CaseFile.green == 1)))
_is_open = CaseFile.state.not_in(("WITHDRAWN", "CLOSED", "ARCHIVED"))
_is_unserved = CaseFile.state.in_(("WITHDRAWN", "CLOSED", "ARCHIVED")) & (CaseFile.needs != "")
_is_watched, _is_promised = CaseFile.alarm_on > "", CaseFile.due > ""
for _key, _where in (
    (("holder", "filed_at", "case", "state"), _is_open),
    (("holder", "filed_at", "case", "state", "needs"), _is_unserved),
    (("alarm_on", "filed_at", "holder", "state", "item", "due"), _is_watched),
    (("due", "filed_at", "waits_at", "needs"), _is_promised & CaseFile.needs.in_(("examine", "approval"))),
):
    CaseFile.add_index(CaseFile.index(*(getattr(CaseFile, name) for name in _key), where=_where))


class CaseEventRow(Base):
    """One applied act; `pos` is its place in the case at this node, `blobs` JSON [[hash, size, type]…].

    `at` is its author's wall time, `here_at` when it came to this node by its own; UTC milliseconds.
    """

    act = TextField(primary_key=True)
    case = TextField()
    pos = IntegerField()
    kind = TextField()
    author = TextField()
    follows = TextField()
    at = BigIntegerField()
    body = TextField()
    blobs = TextField()
    struck = IntegerField()
    here_at = BigIntegerField()

    class Meta:
        table_name = "case_event"
        indexes = ((("case", "pos"), True),)


CaseEventRow.add_index(
    CaseEventRow.index(
        CaseEventRow.case,
        name="case_event_reminder",
        where=SQL("kind = 'case.reported' AND struck = 0 AND instr(body, '\"report\":\"remind\"') > 0"),
    )
)


class CasePaper(Base):
    """One paper of a case, by the act that brought it; the content is kept by its hash."""

    case = TextField()
    act = TextField()
    key = TextField()
    hash = TextField()
    name = TextField()
    size = BigIntegerField()
    type = TextField()
    pages = IntegerField()

    class Meta:
        primary_key = CompositeKey("case", "act", "key", "hash")
        # Asked for by content whenever somebody looks at one.
        indexes = ((("hash",), False),)
        # The papers of a case lie side by side, so that filing one writes one page of them.
        without_rowid = True


class CaseAsked(Base):
    """A department asked for its opinion on a joint case; `due` is YYYY-MM-DD, "" when no day is set."""

    department = TextField()
    case = TextField(index=True)
    due = TextField()

    class Meta:
        table_name = "case_asked"
        primary_key = CompositeKey("department", "case")
        without_rowid = True


class CaseHeap(Base):
    """How many cases wait at a node for a work of a department, by state; all of them together are all cases.

    Kept with every change, so that no page counts a hundred thousand rows.
    """

    waits_at = TextField()
    department = TextField()
    needs = TextField()
    state = TextField()
    count = IntegerField()

    class Meta:
        table_name = "case_heap"
        primary_key = CompositeKey("waits_at", "department", "needs", "state")
        without_rowid = True


class CaseTerm(Base):
    """One term by which a case is searched: letters of the name's pinyin, or the end of the ID number.

    `item` and `place` are the case's own, which never change, so that a search narrows by them here.
    """

    term = TextField()
    filed_at = BigIntegerField()
    case = TextField()
    item = TextField()
    place = TextField()

    class Meta:
        table_name = "case_term"
        primary_key = CompositeKey("term", "filed_at", "case")
        without_rowid = True


class CaseMark(Base):
    """What a job has worked through, by the job's name."""

    name = TextField(primary_key=True)
    mark = TextField()

    class Meta:
        table_name = "case_mark"


class FileRow(NamedTuple):
    """The values of one `case_file` row, in column order; `CaseFile` says what they are."""

    case: str
    item: str
    item_name: str
    version: int
    state: str
    holder: str
    waits_at: str
    needs: str
    origin: str
    place: str
    applicant: str
    id_number: str
    filed_at: int
    updated_at: int
    due: str
    apex: str
    first_act: str
    last_act: str
    department: str
    green: int
    alarm_on: str


class EventRow(NamedTuple):
    """The values of one `case_event` row, in column order."""

    act: str
    case: str
    pos: int
    kind: str
    author: str
    follows: str
    at: int
    body: str
    blobs: str
    struck: int
    here_at: int


class PaperRow(NamedTuple):
    """The values of one `case_paper` row, in column order."""

    case: str
    act: str
    key: str
    hash: str
    name: str
    size: int
    type: str
    pages: int
