"""A node whose program is replaced by a newer one: what the older one could not read comes into use."""

from __future__ import annotations

from typing import Any

import pytest

from common.catalogue import service
from common.catalogue.rules.item import CatalogueError, Fault
from tests.desk.three import COUNTY, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes


def publish(three: ThreeNodes) -> int:
    """Publish another version of an item at the county; return its number."""
    catalogue = three.open(COUNTY).catalogue
    with three.node.unit():
        before = catalogue.content_of(SUBSISTENCE, catalogue.history(SUBSISTENCE)[-1].item.version)
        return catalogue.publish({**(before or {}), "place": "县政务服务中心三楼"}, three.now()).version


def test_a_document_the_older_program_could_not_read_is_in_use_after_the_next_start(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish(three)
    three.carry(COUNTY, TOWN)

    def older(obj: Any) -> Any:
        raise CatalogueError([Fault("format", "不认识的格式")])

    with monkeypatch.context() as before:
        before.setattr(service, "parse_item", older)
        three.carry(TOWN, VILLAGE)
        found = three.node.catalogue.item(SUBSISTENCE)
        assert found is not None and found.version < version
    found = three.open(VILLAGE).catalogue.item(SUBSISTENCE)
    assert found is not None and found.version == version


def test_a_start_takes_nothing_into_use_twice(three: ThreeNodes) -> None:
    publish(three)
    three.carry(COUNTY, TOWN)
    rows = three.node.catalogue.history(SUBSISTENCE)
    mark = three.node.calendars.mark()
    three.open(TOWN)
    assert three.node.catalogue.history(SUBSISTENCE) == rows
    assert three.node.calendars.mark() == mark
