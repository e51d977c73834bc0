"""The words of casework events: states, actions, reports, parties, roles. Their values are what is signed.

Pure. A word this program does not know is no error of its sender: a newer program may have sent it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from common.casework.errors import UnknownWord

_Word = TypeVar("_Word", bound=StrEnum)


class State(StrEnum):
    """Where a case stands. What each means to the resident is in `labels.MEANINGS`."""

    START = "START"
    RECEIVED = "RECEIVED"
    SENT_BACK = "SENT_BACK"
    CHECKED = "CHECKED"
    SUPPLEMENT = "SUPPLEMENT"
    SUPPLEMENTED = "SUPPLEMENTED"
    ACCEPTED = "ACCEPTED"
    SPECIAL = "SPECIAL"
    REVIEWED = "REVIEWED"
    APPROVED = "APPROVED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    RETURNED = "RETURNED"
    LAPSED = "LAPSED"
    TERMINATED = "TERMINATED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"


class Action(StrEnum):
    """What is done to a case by the node that holds it."""

    FILE = "file"
    FORWARD = "forward"
    SEND_BACK = "send_back"
    RESUME = "resume"
    RETURN = "return"
    ASK_PAPERS = "ask_papers"
    TAKE_PAPERS = "take_papers"
    STILL_LACKING = "still_lacking"
    LAPSE = "lapse"
    ACCEPT = "accept"
    NOT_ACCEPT = "not_accept"
    TRANSFER = "transfer"
    REVIEW = "review"
    RECONSIDER = "reconsider"
    BEGIN_SPECIAL = "begin_special"
    END_SPECIAL = "end_special"
    EXTEND = "extend"
    RECORD_ABSENCE = "record_absence"
    APPROVE = "approve"
    REFUSE = "refuse"
    ASK_FEE = "ask_fee"
    TAKE_FEE = "take_fee"
    ISSUE = "issue"
    SETTLE = "settle"
    EXPEDITE = "expedite"
    CORRECT = "correct"
    CORRECT_DECISION = "correct_decision"
    MARK_DECISION = "mark_decision"
    TERMINATE = "terminate"
    CLOSE_UNCOLLECTED = "close_uncollected"
    KEEP_UNSERVED = "keep_unserved"
    ANNOUNCE = "announce"
    CORRECT_LETTER_DAY = "correct_letter_day"
    VOID_RECEIPT = "void_receipt"
    ARCHIVE = "archive"
    GRANT_WITHDRAWAL = "grant_withdrawal"
    REFUSE_WITHDRAWAL = "refuse_withdrawal"
    CLOSE = "close"
    RECORD_SERVICE = "record_service"
    DEEM_SERVED = "deem_served"
    RECORD = "record"
    NOTE = "note"
    DEEM_ACCEPT = "deem_accept"
    DEEM_OPINION = "deem_opinion"
    URGE = "urge"
    DUE_CHANGED = "due_changed"
    REVIVE = "revive"


class Report(StrEnum):
    """What a node that does not hold the case tells its holder; a report never moves a case."""

    PAPERS_BROUGHT = "papers_brought"
    WITHDRAW = "withdraw"
    HANDED_OVER = "handed_over"
    LETTER_CAME = "letter_came"
    NOT_SERVED = "not_served"
    REMIND = "remind"
    OPINION = "opinion"
    PAID = "paid"
    ORIGINALS_SEEN = "originals_seen"
    COLLECT_AT = "collect_at"
    RATED = "rated"
    CALLED_BACK = "called_back"


class Party(StrEnum):
    """A part that a node has in a case; the values are the keys of `parties` in the first body.

    The last two are stand-ins used by the table alone: HOLDER is whoever holds the case, FIRST the checker if
    the route has one, else the acceptor.
    """

    ORIGIN = "origin"
    CHECKER = "checker"
    ACCEPTOR = "acceptor"
    COMPETENT = "competent"
    HAND_OVER = "hand_over"
    HOLDER = "holder"
    FIRST = "first"


class Role(StrEnum):
    """The staff role in which a person acts; NODE is the node itself, acting on a rule."""

    AGENT = "AGENT"
    CLERK = "CLERK"
    CHECKER = "CHECKER"
    REVIEWER = "REVIEWER"
    APPROVER = "APPROVER"
    LEAD = "LEAD"
    SUPERVISOR = "SUPERVISOR"
    ADMIN = "ADMIN"
    NODE = "NODE"


class Desk(StrEnum):
    """Which staff of the node a row is for, beside their role.

    DEPARTMENT is the department in charge of the case. WINDOW is that department, or the centre's own window
    where the item says that it takes papers in for the department (接办件). ANY is whoever has the role.
    """

    ANY = "any"
    WINDOW = "window"
    DEPARTMENT = "department"


class Demand(StrEnum):
    """What a step must carry, or how the case must stand for it, beside being in the table."""

    REASON = "reason"  # `note`: the written reason the applicant will read
    LACKING = "lacking"  # a non-empty list of what is missing
    ANSWER_BY = "answer_by"  # the date by which the applicant has to bring it
    WITHIN_NOTICE = "within_notice"  # nothing that the one full notice did not name
    SAME_CONTENT = "same_content"  # under the keys of the notice the same papers and fields, not new ones
    OVERDUE = "overdue"  # the applicant's date has passed
    IN_TIME = "in_time"  # papers were brought by the applicant's date, and no result was handed over
    DUE = "due"  # the signed date by which the case must be decided
    LATER_DUE = "later_due"  # the same, later than the present one, and for the first time
    DAYS = "days"  # by how many days the limit is extended, so that every node works with the same
    LEGAL_DATE = "legal_date"  # the date on which the law takes the case for accepted
    RESULT = "result"  # what was decided: at least its name
    ANOTHER_PERSON = "another_person"  # not the reviewer: 一审一核 takes two people
    ONE_PLACE = "one_place"  # filed, accepted and decided at the same node
    SPECIAL = "special"  # a special procedure: kind, name, the date until which it is expected to last
    SILENT = "silent"  # the departments named have let their day pass without a word
    OPINIONS = "opinions"  # every department asked has answered, or counts as having answered
    PROPOSAL = "proposal"  # what the review proposes to whoever decides
    DEPARTMENT = "department"  # the department concerned
    UNASKED = "unasked"  # that department owes no opinion in this case
    NO_GAP = "no_gap"  # no paper that was allowed to follow is still to come
    FEE = "fee"  # what is to be paid, in fen, and on which basis
    RECEIPT = "receipt"  # amount paid in fen and the number of the receipt
    IN_FORCE = "in_force"  # the decision is neither suspended nor revoked
    NO_DEBT = "no_debt"  # a fee that was asked for is paid
    HELD_UP = "held_up"  # what was approved cannot be made out: revoked, not paid, originals not shown
    ORIGINALS = "originals"  # originals were compared, where the item asks for them after the review
    CORRECTION = "correction"  # field, old value, new value
    STANDING = "standing"  # suspended, revoked or restored, and by which document
    UNSERVED = "unserved"  # something made after the end of the case is still to be handed over
    SERVED = "served"  # the hand-over that was reported is one of such a paper
    ANNOUNCED = "announced"  # where a paper was announced that reaches nobody, on which day and why
    TRIED = "tried"  # where other ways are said to have failed, such a try is on record
    WAYS = "ways"  # who is missing was sought; else each other way failed, or it is said why it was not open
    LETTER_DAY = "letter_day"  # which record of a letter that came is wrong, and the right day
    LETTER_VOID = "letter_void"  # which record tells of a letter that came and did not: no receipt is there
    UNRELIED = "unrelied"  # nobody has spoken on the decision since that record, who may have gone by it
    PASSED = "passed"  # thirty days have passed since, and the day that counts is signed
    GROUND = "ground"  # why the case ends without a decision: death, dissolution, moot


class Cause(StrEnum):
    """Why the top takes a case over from the node that holds it."""

    DEEMED = "deemed"  # the acceptor let five working days pass, and its node has not written what follows
    SILENT = "silent"  # nothing has been heard of the node for days
    RELIEVED = "relieved"  # the roster says that the node is relieved of its work
    UNSERVED = "unserved"  # so it is, and something of a case that has ended is left to do


def read_cause(word: str) -> Cause:
    """Return the cause of a take-over named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Cause, word)


def read_action(word: str) -> Action:
    """Return the action named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Action, word)


def read_report(word: str) -> Report:
    """Return the report named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Report, word)


def read_role(word: str) -> Role:
    """Return the role named by a word of a signed body.

    Raises:
        UnknownWord: this program does not know it; a newer one may.
    """
    return _read(Role, word)


def _read(kind: type[_Word], word: str) -> _Word:
    try:
        return kind(word)
    except ValueError:
        raise UnknownWord(str(word)) from None
