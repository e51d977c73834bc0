"""The form of an item as pages, a topic each: which are asked, which comes next, whose problems. Pure.

Where an item has many small topics, neighbours share a page: each page more is one to wait for and to leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.catalogue.rules.form import Value, is_asked
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.errors import Problem

# So many pages need no sharing; where there are more, so many fields stand on one that is shared.
ALONE_MOST, SHARED_FIELDS_MOST = 2, 8
Part = tuple[str, tuple[FieldSpec, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of a form: its number among all pages of the item, counted from 1, headings with fields."""

    number: int
    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """All its fields in order."""
        return tuple(spec for _name, fields in self.parts for spec in fields)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its fields."""
        return tuple(spec.key for spec in self.fields)


def pages_of(item: ServiceItem) -> list[tuple[Part, ...]]:
    """Return the topics that stand on each page of an item's form, whatever is answered."""
    topics = item.topics()
    pages: list[tuple[Part, ...]] = []
    for topic in topics:
        count = len(topic[1]) + sum(len(fields) for _name, fields in (pages[-1] if pages else ()))
        if pages and len(topics) > ALONE_MOST and count <= SHARED_FIELDS_MOST:
            pages[-1] = (*pages[-1], topic)
        else:
            pages.append((topic,))
    return pages


def topics_of(item: ServiceItem, values: Mapping[str, Value]) -> list[Topic]:
    """Return the pages of the form that are asked, given the checked values so far.

    A field whose condition lies on another page is left out while the condition does not hold; a topic and a
    page on which nothing is left are left out.
    """
    found = []
    for number, page in enumerate(pages_of(item), 1):
        own = {spec.key for _name, fields in page for spec in fields}
        parts = ((name, tuple(spec for spec in fields if _stays(spec, own, values))) for name, fields in page)
        asked = tuple(part for part in parts if part[1])
        if asked:
            found.append(Topic(number, asked))
    return found


def _stays(spec: FieldSpec, own: set[str], values: Mapping[str, Value]) -> bool:
    is_on_page = spec.show_if is None or spec.show_if.field in own
    return is_on_page or is_asked(spec, values)


def topic_of(topics: Sequence[Topic], wanted: str) -> Topic | None:
    """Return the page with this number, the first when none is named, None when there is no such page."""
    if not wanted:
        return topics[0] if topics else None
    return next((topic for topic in topics if str(topic.number) == wanted), None)


def after(topics: Sequence[Topic], topic: Topic) -> Topic | None:
    """Return the page after this one, None after the last."""
    return next((found for found in topics if found.number > topic.number), None)


def before(topics: Sequence[Topic], topic: Topic) -> Topic | None:
    """Return the page before this one, None before the first."""
    return next((found for found in reversed(topics) if found.number < topic.number), None)


def problems_on(topic: Topic, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of one page's fields."""
    return [problem for problem in problems if problem.field in topic.keys]


def page_of(topics: Sequence[Topic], key: str) -> int:
    """Return the number of the page on which a field stands, the first page's when it is on none."""
    first = topics[0].number if topics else 1
    return next((topic.number for topic in topics if key in topic.keys), first)
