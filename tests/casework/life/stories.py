"""Stories whose filing says more than usual: departments, papers that follow, originals."""

from __future__ import annotations

from typing import Any

from common.casework.rules.case import begin
from tests.casework.build import COUNTY
from tests.casework.story import Story


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
