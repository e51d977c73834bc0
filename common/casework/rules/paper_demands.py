"""What rows demand of papers: that they are named, in time, of the one notice, and none is owed any more.

Pure. `demands.py` asks these together with all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.casework import errors
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import content_of
from common.casework.rules.waiting import is_handed_over
from common.casework.rules.words import Report
from common.days import is_date, local_day


def check_lacking(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that the step names what is missing.

    Raises:
        LackingMissing: it names nothing.
    """
    if not data.get("lacking"):
        raise errors.LackingMissing()


def check_answer_by(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that the notice leaves the applicant time.

    Raises:
        AnswerByMissing: no last day, or one that is over.
    """
    if not is_date(data.get("answer_by")):
        raise errors.AnswerByMissing()
    if data["answer_by"] < local_day(data["at"]):
        raise errors.AnswerByMissing(f"补正期限 {data['answer_by']} 已经过了，申请人来不及补交。")


def check_within_notice(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that only papers of the one full notice are asked for again.

    Raises:
        BeyondNotice: it names one that the notice did not.
    """
    beyond = [paper["key"] for paper in data["lacking"] if paper["key"] not in state.facts.noticed]
    if beyond:
        raise errors.BeyondNotice(papers="、".join(beyond))


def check_overdue(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that the applicant's time has passed.

    Raises:
        NotYetOverdue: it has not.
    """
    if local_day(data["at"]) <= state.facts.answer_by:
        raise errors.NotYetOverdue(answer_by=state.facts.answer_by)


def check_no_gap(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that no paper is still to follow (容缺).

    Raises:
        GapOpen: one is.
    """
    if state.facts.tolerated:
        raise errors.GapOpen(papers=list(state.facts.tolerated.values()))


def check_same_content(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check that what is asked for again is what the notice asked for, not something new under an old key.

    The law wants all that is to be put right told once and in full (行政许可法 32): each paper by its name,
    each field of the form. How the one that was brought still falls short may be said in other words, for
    nobody could tell that before.

    Raises:
        BeyondNotice: a paper of another name, or another field of the form.
    """
    if not state.facts.notice_content:
        return
    beyond = [one["name"] for one in data["lacking"] if content_of(one) not in state.facts.notice_content]
    if beyond:
        raise errors.BeyondNotice(papers="、".join(beyond))


def check_in_time(state: CaseState, answered: Sequence[ReportState]) -> None:
    """Check that a lapsed case goes on for papers that were brought in time.

    What counts is the day in the signed report, whenever it arrived and whatever the clocks of other nodes
    say: the applicant has done their part where they were told to (行政许可法 32).

    Raises:
        NotInTime: no report of papers is of a day in time, or the applicant has the answer already.
    """
    if is_handed_over(state) or not any(is_in_time(state, report) for report in answered):
        raise errors.NotInTime()


def is_in_time(state: CaseState, report: ReportState) -> bool:
    """Say whether a report brings papers within the time that the notice left.

    One of a day before the notice is of a clock that is wrong, which says nothing of when they were brought.
    """
    if report.what is not Report.PAPERS_BROUGHT or is_before_notice(state, report):
        return False
    return local_day(report.at) <= state.facts.answer_by


def is_before_notice(state: CaseState, report: ReportState) -> bool:
    """Say whether a report bears a day before the first notice of what is lacking."""
    return local_day(report.at) < state.facts.noticed_on
