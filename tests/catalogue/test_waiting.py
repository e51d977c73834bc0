"""The form of an item whose newest version waits for its date."""

from __future__ import annotations

from tests.catalogue.test_pages import EDIT, HOMESTEAD, begun, published
from tests.desk.three import COUNTY, DAY_MS, ThreeNodes


def test_a_correction_does_not_bring_what_waits_into_force_early(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    published(client, begun(client), visits="2", effective_from="2026-03-05")
    assert "2026-03-05 才生效" in client.get(EDIT).text
    published(client, begun(client), place="县政务服务中心三楼")
    now = three.node.catalogue.item(HOMESTEAD)
    assert now is not None and now.visits != 2
    three.clock.advance(2 * DAY_MS)
    then = three.node.catalogue.item(HOMESTEAD)
    assert then is not None and (then.visits, then.place) == (2, "县政务服务中心三楼")
    client = three.client(COUNTY, "admin")
    assert "才生效" not in client.get(EDIT).text and begun(client)["effective_from"] == ""
