"""What the update of one item costs on the wire from township to village, counted over real exchanges."""

from __future__ import annotations

from common.catalogue.service import shipped_items
from sync.adapters.bundle_file import export
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes

# The document travels whole, deflated with the preset dictionary; an exchange without news has 600 bytes.
UPDATE_BYTES_MAX = 5_000
ITEM = "DEMO-511921-0101"


def test_the_update_of_one_item_costs_one_document(three: ThreeNodes) -> None:
    """Not the whole catalogue again: bytes of the exchange after a change, less those of one without news."""
    for source, target in ((TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN)):
        three.carry(source, target)
    quiet = exchange_bytes(three)
    node = three.open(COUNTY)
    obj = next(obj for obj in shipped_items() if obj["code"] == ITEM)
    with node.unit():
        node.catalogue.publish({**obj, "visits": 2}, three.now(), "admin")
    three.carry(COUNTY, TOWN)
    changed = exchange_bytes(three)
    assert quiet < 1_000
    assert quiet < changed <= UPDATE_BYTES_MAX
    three.carry(TOWN, VILLAGE)
    assert three.node.catalogue.item(ITEM).version == 2
    three.carry(VILLAGE, TOWN)
    assert exchange_bytes(three) < 1_000


def exchange_bytes(three: ThreeNodes) -> int:
    """Return the size of the exchange the township would send to the village now."""
    done = export(three.open(TOWN).engine, VILLAGE, three.folder)
    done.path.unlink()
    return done.size
