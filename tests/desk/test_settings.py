"""The page of settings: all of them, with units; no password of a proxy; nobody but administrators."""

from __future__ import annotations

from dataclasses import replace

from common.config import SETTINGS
from tests.desk.three import TOWN, ThreeNodes


def test_every_setting_is_shown_as_it_is_in_force(three: ThreeNodes) -> None:
    client = three.client(TOWN, "admin")
    three.node.config = replace(
        three.node.config, sync_proxy="http://me:topsecret@10.0.0.1:80", sync_interval_s=45, site_name="<b>"
    )
    page = client.get("/settings").text
    assert all(setting.name in page for setting in SETTINGS)
    assert "<b>45 秒</b>" in page and "20 MB" in page and "&lt;b&gt;" in page
    assert "topsecret" not in page and "http://***@10.0.0.1:80" in page
    assert page.count("已改") >= 3
    for address in ("http://me:p@top/sec@ret@10.0.0.1:80", "me:top/sec@ret@10.0.0.1:80"):
        three.node.config = replace(three.node.config, sync_proxy=address)
        page = client.get("/settings").text
        assert "***@10.0.0.1:80" in page and not any(part in page for part in ("me:", "top", "sec@", "ret@"))
    assert three.again("clerk").get("/settings").status_code == 403
