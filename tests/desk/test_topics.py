"""The form of an item as pages: few of them, whatever the item; small topics share one, in their order."""

from __future__ import annotations

import pytest

from common.catalogue.rules.item import ServiceItem, parse_item
from common.catalogue.service import shipped_items
from common.desk.rules.drafts import Step
from common.desk.rules.topics import SHARED_FIELDS_MOST, Topic, after, before, page_of, pages_of, topics_of

PAGES_MOST = 6
ITEMS = [parse_item({**obj, "version": 1}) for obj in shipped_items()]
AT_VILLAGES = [item for item in ITEMS if item.may_be_filed_at("village")]


def pages_to_file(item: ServiceItem) -> int:
    """Count the pages from finding the item to its slip: that of the form is as many as it has."""
    return 1 + len(Step) - 1 + len(pages_of(item))


@pytest.mark.parametrize("item", AT_VILLAGES, ids=lambda item: item.name)
def test_every_item_of_a_village_is_filed_over_six_pages_at_most(item: ServiceItem) -> None:
    assert item.papers and pages_to_file(item) <= PAGES_MOST
    # Whatever is answered, no page more is asked.
    assert len(topics_of(item, {})) <= len(pages_of(item))


def test_the_villages_have_eleven_items() -> None:
    assert len(AT_VILLAGES) == 11


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_sharing_leaves_every_field_under_its_heading_and_in_its_order(item: ServiceItem) -> None:
    pages = pages_of(item)
    assert [part for page in pages for part in page] == item.topics()
    for page in pages:
        count = sum(len(fields) for _name, fields in page)
        assert len(page) == 1 or (count <= SHARED_FIELDS_MOST and len(item.topics()) > 2)
    topics: list[Topic] = topics_of(item, {})
    for topic, following in zip(topics, [*topics[1:], None], strict=True):
        assert after(topics, topic) == following
        assert following is None or before(topics, following) == topic
        assert {page_of(topics, key) for key in topic.keys} == {topic.number}
