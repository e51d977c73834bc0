"""Small things that people stumbled on: what is hidden in a fold, asked for twice, or named by a number."""

from __future__ import annotations

import re

from common.people.rules.roles import Role
from tests.desk.three import COUNTY, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def test_the_page_of_a_case_says_what_it_holds_and_refusals_lead_back_to_it(three: ThreeNodes) -> None:
    three.open(TOWN)
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None
    number = three.file(SUBSISTENCE, papers=3)
    page = three.client(TOWN, "clerk").get(f"/case/{number}").text
    # The slip stands in the open, and the papers in the order of the item's list.
    slip = f"/file/slip/{number}"
    folds = re.findall(r"<details class=\"off-paper\">.*?</details>", page, re.S)
    assert slip in page and folds and not [fold for fold in folds if slip in fold]
    listed = re.findall(r"\d\. ([^<]+)</a>", page.split('class="paper-list"')[1].split("</ol>")[0])
    assert listed == [spec.name for spec in item.papers[:3]]
    checker = three.again("checker")
    assert "内部记录" in checker.get(f"/case/{number}/do/forward").text
    assert "申请人会看到这段文字" in checker.get(f"/case/{number}/do/send_back").text
    # The refusal says who reads the reason as the form does.
    internal, told = (post(checker, f"/case/{number}/do/{one}", {}).text for one in ("expedite", "return"))
    assert "请写明理由。" in internal and "内部记录" in internal and "申请人会看到" not in internal
    assert "请写明理由，申请人会看到这段文字。" in told
    three.move(number, "forward", Role.CHECKER)
    refused = post(checker, f"/case/{number}/do/forward", {})
    assert refused.status_code in (403, 409) and f'href="/case/{number}"' in refused.text


def test_sites_are_called_by_their_names_and_no_help_leads_nowhere(three: ThreeNodes) -> None:
    three.client(COUNTY, "admin")
    told = three.app.test_client().get("/forgotten").text
    assert "本站没有上级站点" in told and "生成重置码" not in told
    admin = three.client(TOWN, "admin")
    where = f"/staff-below/site/{VILLAGE}"
    assert post(admin, f"{where}/bar", {"login": "agent"}, where).status_code == 303
    three.carry(TOWN, VILLAGE)
    three.client(VILLAGE, "admin")
    stranger = three.app.test_client()
    assert "生成重置码" in stranger.get("/forgotten").text
    refused = post(stranger, "/sign-in", {"login": "agent", "password": "Qing-yu2026"}, "/sign-in")
    assert refused.status_code == 403 and "青峪镇" in refused.text and f"（{TOWN}）" not in refused.text
