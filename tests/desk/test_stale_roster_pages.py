"""Pages of the county's roster that lay open while somebody else did something: no more than meant."""

from __future__ import annotations

import re

from tests.desk.test_revoke_pages import PAGE, SURE, asked, filed, hidden, join_anew
from tests.desk.three import COUNTY, VILLAGE, ThreeNodes, cuts_on, post

HELD = "/roster/held"


def test_a_page_checked_before_a_site_joined_anew_does_not_revoke_its_new_key(three: ThreeNodes) -> None:
    """Two have looked at the same; one revokes, the site joins anew, and the other presses the button."""
    filed(three, 1)
    client = three.client(COUNTY, "admin")
    shown = post(client, f"{PAGE}/check", {**asked(client), **SURE}).text
    assert post(client, PAGE, {**hidden(shown), **cuts_on(shown)}).status_code == 303
    key = join_anew(three)
    client = three.client(COUNTY, "admin")
    again = post(client, PAGE, {**hidden(shown), **cuts_on(shown)})
    assert again.status_code == 409 and "要作废的钥匙已经作废" in again.text
    assert [one.id for one in three.node.trust.entry(VILLAGE).good_keys] == [key]


def test_what_somebody_has_struck_out_is_not_let_through_by_a_page_drawn_before(three: ThreeNodes) -> None:
    """Two look through the same acts: one finds them forged, the other lets all that the page shows count."""
    filed(three, 2)
    client = three.client(COUNTY, "admin")
    cuts = dict.fromkeys(asked(client), "0")
    assert post(client, PAGE, {**cuts, **SURE}).status_code == 303
    acts = re.findall(r'name="act" value="(\w+)"', client.get(HELD).text)
    assert len(acts) >= 2
    forged = {"act": acts[0], "shown": acts, "why": "冒用", "do": "strike"}
    assert post(client, HELD, forged).status_code == 303
    late = {"all": "1", "shown": acts, "why": "打电话核实", "do": "release"}
    assert post(three.again("admin"), HELD, late).status_code == 303
    struck = [one.row.id for one in three.node.trust.held_back(99) if one.is_struck]
    assert struck == [acts[0]] and three.node.trust.waiting() == 0
    alone = {"act": acts[0], "shown": acts, "why": "打电话核实", "do": "release"}
    assert post(client, HELD, alone).status_code == 303
    told = client.get(HELD).text
    assert "有 1 份已经有人剔除，没有放行" in told and "已放行 0 份" not in told
    # From the list of what was struck out it is let through, as that page offers it.
    assert post(client, HELD, {"act": acts[0], "why": "剔除错了", "do": "release"}).status_code == 303
    assert not three.node.trust.held_back(99)
