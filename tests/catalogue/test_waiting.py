"""The form of an item whose newest version waits for its date."""

from __future__ import annotations

from tests.catalogue.forms import form_on
from tests.catalogue.test_pages import EDIT, HOMESTEAD, begun, published, shipped, take
from tests.desk.three import COUNTY, DAY_MS, ThreeNodes, post


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


def test_a_waiting_version_that_will_never_come_is_not_said_to(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    published(client, begun(client), visits="2", effective_from="2026-03-05")
    seen = take(client, {**shipped(), "place": "县政务服务中心三楼"})
    assert "第 2 版等到 2026-03-05 才生效" in seen.text and "第 2 版不会生效" in seen.text
    assert client.post("/items/publish", data=form_on(seen.text, "/items/publish")).status_code == 303
    page = client.get(f"/items/{HOMESTEAD}/versions").text
    assert "到那一天它不会生效" in page and "2026-03-05 起" not in page
    later = take(client, {**shipped(), "visits": 3, "effective_from": "2026-04-01"})
    assert "不会生效" not in later.text


def test_an_end_that_is_set_is_said_whatever_was_published_since(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    path = f"/items/{HOMESTEAD}/withdraw"
    assert post(client, path, {"effective_from": "2026-03-20"}, path).status_code == 303
    published(client, begun(client), place="县政务服务中心三楼")
    assert "2026-03-20 停办" in client.get(f"/items/{HOMESTEAD}").text
    page = client.get(f"/items/{HOMESTEAD}/versions").text
    assert "2026-03-20 起" in page and "不会生效" not in page
