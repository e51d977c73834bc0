"""Stories whose filing says more than usual, and stories that lead to an end and beyond it."""

from __future__ import annotations

from typing import Any

from common.casework.rules.case import begin
from common.casework.rules.words import Action, Report
from tests.casework.build import COUNTY, NOON
from tests.casework.story import Story

A = Action
OPEN = (A.FORWARD, A.ACCEPT)
REVIEWED = (*OPEN, A.REVIEW)
NOTICED = (A.FORWARD, A.ASK_PAPERS)


def filed_with(route: str = "checked", data: dict[str, Any] | None = None, **body: Any) -> Story:
    """Return a story whose filing carries these parts of the body and of its data."""
    story = Story(route)
    story.filed.body.update(body)
    story.filed.body["data"].update(data or {})
    story.state = begin(story.filed, apex=COUNTY)
    return story


def facts_set() -> dict[str, Any]:
    """Return the data of a filing whose photo and map may follow."""
    papers = [{"key": "photo", "name": "照片"}, {"key": "map", "name": "图"}]
    return {"tolerance": {"papers": papers, "due": "2026-03-09", "promise": "补交"}}


def lapsed(at: int) -> Story:
    """A case that has lapsed, and papers for it that were brought at this time."""
    story = Story().go_to(*NOTICED, A.LAPSE)
    story.report(Report.PAPERS_BROUGHT, at=at)
    return story


def handed_over() -> Story:
    """The same where a result was handed over meanwhile."""
    story = lapsed(NOON)
    story.report(Report.HANDED_OVER)
    return story


def tried(why: str) -> Story:
    """A refusal with which somebody stood at a door in vain."""
    story = Story().go_to(*REVIEWED, A.REFUSE)
    report = story.report(Report.NOT_SERVED, tried={"how": "上门送达", "why": why, "on": "2026-03-02"})
    story.move(A.RECORD, answers=[report.id])
    return story


def came() -> Story:
    """A case whose result was posted on the first, and came on the second."""
    story = Story().go_to(*REVIEWED, A.APPROVE, A.ISSUE)
    receiver = {"name": "某", "how": "邮寄", "tracking": "EMS1"}
    story.report(Report.HANDED_OVER, receiver=receiver, served_on="2026-03-01", delivered_on="2026-03-02")
    return story.go_to(A.CLOSE)


def ended(*last: Action) -> Story:
    """A case whose result was handed over, and somebody saying so once more after all else."""
    story = Story().go_to(*REVIEWED, A.APPROVE, A.ISSUE)
    story.report(Report.HANDED_OVER)
    story.go_to(A.CLOSE, *last)
    story.report(Report.HANDED_OVER)
    return story
