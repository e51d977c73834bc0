"""The list of items at the county tells where nobody could do the work."""

from __future__ import annotations

from common.catalogue.service import shipped_items
from tests.desk.three import COUNTY, ThreeNodes, post


def test_the_list_tells_for_which_departments_nobody_could_sign_in(three: ThreeNodes) -> None:
    told = "本县没有“"
    admin = three.client(COUNTY, "admin")
    before = admin.get("/items").text.count(told)
    decided_here = [obj for obj in shipped_items() if obj["route"]["competent"] == "county"]
    assert before == len(decided_here)
    where = "/accounts/approver/department"
    assert post(admin, where, {"department": "县民政局"}, "/accounts/approver").status_code == 303
    civil = [obj for obj in decided_here if obj["route"]["department"] == "县民政局"]
    page = admin.get("/items").text
    assert civil and page.count(told) == before - len(civil)
    # By its name as cases are given to it, which is not how the item names the organ to residents.
    assert "本县没有“县林业局”的账号" in page and "“通江县林业局”" not in page
