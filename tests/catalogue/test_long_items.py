"""An item whose texts are long: what can be signed goes through its pages, what cannot is refused at once."""

from __future__ import annotations

import json

from sync.protocol import canonical
from tests.catalogue.forms import form_on
from tests.catalogue.test_pages import HOMESTEAD, shipped, take
from tests.desk.three import COUNTY, ThreeNodes


def test_an_item_too_long_to_be_signed_is_refused_before_it_is_previewed(three: ThreeNodes) -> None:
    """Method: the longest that can be signed, of signs that take most room in a form; then a little more."""
    client = three.client(COUNTY, "admin")
    obj = shipped() | {"questions": [{"q": f"问{place}", "a": "答" * 990} for place in range(17)]}
    seen = take(client, json.dumps(obj, ensure_ascii=False, indent=4).encode())
    assert len(canonical.dumps(obj)) > 57_000 and seen.status_code == 200
    form = form_on(seen.text, "/items/publish")
    assert client.post("/items/publish", data=form).status_code == 303
    assert len(three.node.catalogue.item(HOMESTEAD).questions) == 17
    obj["questions"].append(obj["questions"][0])
    refused = take(client, obj)
    assert refused.status_code == 400 and "最多 59 KB" in refused.text and "S112" not in refused.text
