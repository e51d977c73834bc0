"""A paper handed in before is not asked for again because it has left the village meanwhile."""

from __future__ import annotations

import re

from tests.desk.desk_pages import Counter, photo
from tests.desk.three import COUNTY, OLD_AGE, RELIEF, TOWN, VILLAGE, ThreeNodes

ROUND = ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE))


def go_round(three: ThreeNodes) -> None:
    for source, target in ROUND:
        three.carry(source, target)


def gone(three: ThreeNodes) -> str:
    """File a case with an identity card, and let that leave the village once the county has it."""
    counter = Counter(three, three.client(VILLAGE, "agent"), OLD_AGE)
    counter.to_check({"paper-id_card": photo("id.jpg")}).file()
    go_round(three)
    (paper,) = (file.name for file in (three.folder / VILLAGE / "papers").glob("??/??/*"))
    three.node.blobs.claim([paper])
    with three.node.unit():
        three.node.spool.drop_blob(paper)
        assert three.node.blobs.evict(paper)
    return paper


def test_it_is_fetched_back_with_consent_and_then_used(three: ThreeNodes) -> None:
    paper = gone(three)
    counter = Counter(three, three.client(VILLAGE, "agent"), RELIEF)
    counter.to_check()
    page = counter.client.get(f"{counter.path}/papers").text
    assert "影像已移出本站" in page and f'value="back:{paper}"' in page and "again-id_card" not in page
    asked = {"then": f"back:{paper}", "consent_asked": "1"}
    refused = counter.send("papers", asked)
    assert refused.status_code == 400 and "要申请人同意" in refused.text
    assert three.node.spool.missing_blob(paper) is None
    counter.send("papers", {**asked, "consent": "1"}, leads_to="papers")
    assert "已向上级站点取回" in counter.client.get(f"{counter.path}/papers").text
    strange = counter.send("papers", {**asked, "then": f"back:{'0' * 64}", "consent": "1"})
    assert strange.status_code == 404
    go_round(three)
    go_round(three)
    client = three.client(VILLAGE, "agent")
    page = client.get(f"{counter.path}/papers").text
    assert re.search(rf'name="again-id_card" value="{paper}"', page) and "影像已移出本站" not in page
