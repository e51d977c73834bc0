"""Items published by an earlier or a later program: read, kept and ended, but not published anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.catalogue.messages import adopt
from common.catalogue.rules.item import CatalogueError
from common.catalogue.service import KIND
from common.store.database import unit_of_work
from sync.protocol import canonical
from tests.catalogue.sample import an_item
from tests.catalogue.shelf import NOW, Shelf, county


def test_a_version_of_another_programs_time_goes_on_and_can_be_ended(file: Path) -> None:
    """A key of a later program, an agreement by silence of an earlier one: read, ended, not published."""
    shelf = Shelf()
    obj = {**an_item(), "type_code": "02", "quota": 3}
    with pytest.raises(CatalogueError), unit_of_work():
        county(shelf).publish(obj, NOW)
    doc = shelf.publish(KIND, obj["code"], canonical.dumps(obj))
    top = county(shelf)
    with unit_of_work():
        assert adopt(top, [doc])
    assert top.item(obj["code"]).joint[0].deemed
    assert top.content_of(obj["code"], 1)["quota"] == 3
    with unit_of_work():
        top.withdraw(obj["code"], NOW)
    assert top.item(obj["code"]) is None and top.version(obj["code"], 1) is not None
