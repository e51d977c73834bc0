"""A node whose program is replaced by a newer one: what the older one could not read comes into use."""

from __future__ import annotations

from typing import Any

import pytest

from common.catalogue import service
from common.catalogue.rules.item import CatalogueError, Fault
from common.store.database import run
from tests.desk.three import COUNTY, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes


def publish(three: ThreeNodes) -> int:
    """Publish another version of an item at the county; return its number."""
    catalogue = three.open(COUNTY).catalogue
    with three.node.unit():
        before = catalogue.content_of(SUBSISTENCE, catalogue.history(SUBSISTENCE)[-1].item.version)
        return catalogue.publish({**(before or {}), "place": "县政务服务中心三楼"}, three.now()).version


def older(obj: Any) -> Any:
    """Read an item as a program does that does not know its format."""
    raise CatalogueError([Fault("format", "不认识的格式")])


def test_a_document_the_older_program_could_not_read_is_in_use_after_the_next_start(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = publish(three)
    three.carry(COUNTY, TOWN)

    with monkeypatch.context() as before:
        before.setattr(service, "read_stored", older)
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


def test_a_start_says_nothing_twice_of_what_it_cannot_use(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(three)
    three.carry(COUNTY, TOWN)
    monkeypatch.setattr(service, "parse_item", older)
    assert three.open(TOWN).peer.take_notes() == []


def test_a_damaged_document_keeps_no_node_from_starting(three: ThreeNodes) -> None:
    version = publish(three)
    run("UPDATE sync_held SET content = X'7b7d' WHERE sort = 'shelf'")
    run("UPDATE sync_doc SET content = X'7b7d'")
    found = three.open(COUNTY).catalogue.item(SUBSISTENCE)
    assert found is not None and found.version == version
