"""What one changed service item costs on a quiet line: real items, the real preset dictionary, both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.protocol import canonical
from sync.protocol.records import dictionary_name
from tests.sync.network import COUNTY, Site, make_network, settle

ROOT = Path(__file__).parents[2] / "common"
ITEMS = ROOT / "catalogue/data/items"
DICTIONARY = (ROOT / "node/data/zdict-v1.bin").read_bytes()
# The figure is 2,000 bytes with HTTP, whose two heads take less than 400 (`./deploy.sh bench catalogue`).
BYTES_MAX = 2_000 - 400


def phone(item: dict[str, Any]) -> None:
    item["contact"]["consult_phone"] = "0827-7210386（示例）"


def paper(item: dict[str, Any]) -> None:
    own = {"key": "guardian_consent", "name": "监护人同意书", "how": "监护人当面签名，写明与申请人的关系"}
    item["papers"].append({**item["papers"][-1], **own})


def limit(item: dict[str, Any]) -> None:
    item["promised"]["days"] += 1


@pytest.fixture(scope="module")
def sites() -> dict[str, Site]:
    sites = make_network()
    for site in sites.values():
        site.dictionaries = {dictionary_name(DICTIONARY): DICTIONARY}
        site.dictionary = dictionary_name(DICTIONARY)
        site.restart()
    return sites


def cost(child: Site, parent: Site) -> int:
    up = child.out(parent.address)
    parent.take(up)
    down = parent.out(child.address)
    child.take(down)
    return len(up) + len(down)


# The shortest file, one in the middle, the longest.
@pytest.mark.parametrize("change", [phone, paper, limit])
@pytest.mark.parametrize("place", [0, 32, 63])
def test_one_changed_item_travels_for_less_than_2000_bytes_a_hop(
    sites: dict[str, Site], place: int, change: Callable[[dict[str, Any]], None]
) -> None:
    county, town, village = sites.values()
    path = sorted(ITEMS.glob("*.json"), key=lambda file: file.stat().st_size)[place]
    item = json.loads(path.read_text(encoding="utf-8"))
    county.publish(item["code"], canonical.dumps(item), COUNTY, "catalogue.item")
    settle(sites, 4)
    quiet = cost(town, county), cost(village, town)
    change(item)
    county.publish(item["code"], canonical.dumps({**item, "version": 2}), COUNTY, "catalogue.item")
    carrying = cost(town, county), cost(village, town)
    assert max(carrying) <= BYTES_MAX
    assert max(carrying) - min(quiet) < 500
    assert village.application.docs[-1].content == canonical.dumps({**item, "version": 2})
    assert abs(cost(town, county) - quiet[0]) <= 8 and abs(cost(village, town) - quiet[1]) <= 8
