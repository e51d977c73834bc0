"""The page that gives out codes: a good one is kept until somebody gives it up; one place among hundreds."""

from __future__ import annotations

import re

from common.node.enrolling.enrolment import VALID_MS
from tests.desk.three import COUNTY, TOWN, ThreeNodes, post

CODE, SHEETS = "/nodes/code", "/nodes/sheets"
SHOWN = re.compile(r'<p class="code digits">([^<]+)<')
OTHER, THIRD = "511921126200", "511921126201"
FIRST = "再发一次，它手里的登记单就作废"


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_a_good_code_is_kept_until_somebody_gives_up_that_very_one(three: ThreeNodes) -> None:
    """Method: the form sent once, sent again as by F5, answered, and its answer sent again as by F5."""
    client = three.client(TOWN, "admin")
    assert SHOWN.search(post(client, CODE, {"address": OTHER, "name": "石村"}, "/nodes").text)
    mark = three.node.enrolment.mark()
    three.clock.advance(60_000)
    asked = post(client, CODE, {"address": OTHER, "name": "石村"}, "/nodes").text
    assert FIRST in asked and not SHOWN.search(asked) and three.node.enrolment.mark() == mark
    for wrong in ("", "1", str(three.now())):
        again = post(client, CODE, {"address": OTHER, "void": wrong}, "/nodes").text
        assert FIRST in again and three.node.enrolment.mark() == mark, wrong
    said = {name: _hidden(asked, name) for name in ("address", "name", "void")}
    assert said["name"] == "石村"
    assert SHOWN.search(post(client, CODE, said, "/nodes").text)
    newer = three.node.enrolment.mark()
    assert newer != mark
    assert FIRST in post(client, CODE, said, "/nodes").text and three.node.enrolment.mark() == newer
    # What has lapsed or was never given out is not asked about.
    assert SHOWN.search(post(client, CODE, {"address": THIRD}, "/nodes").text)
    three.clock.advance(VALID_MS + 1)
    assert SHOWN.search(post(three.again("admin"), CODE, {"address": OTHER}, "/nodes").text)


def test_sheets_in_one_go_leave_good_codes_alone_unless_told_otherwise(three: ThreeNodes) -> None:
    client = three.client(TOWN, "admin")
    post(client, CODE, {"address": OTHER}, "/nodes")
    three.clock.advance(60_000)
    waiting = {row.address: row.issued_at for row in three.node.enrolment.issued()}
    seen = _hidden(client.get(SHEETS).text, "seen")
    asked = post(client, SHEETS, {"under": TOWN, "seen": seen}, SHEETS).text
    assert "其中 1 个站点发过码还没有用" in asked and "青龙石村" in asked and not SHOWN.search(asked)
    said = {"under": _hidden(asked, "under"), "seen": _hidden(asked, "seen")}
    others = re.search(r"只发其余 (\d+) 张", asked)
    assert others and "作废这 1 张，全部重发" in asked
    page = post(client, SHEETS, said | {"good": "keep"}, SHEETS).text
    assert len(SHOWN.findall(page)) == int(others[1])
    rows = {row.address: row.issued_at for row in three.node.enrolment.issued()}
    assert rows[OTHER] == waiting[OTHER] and rows[THIRD] == three.now()
    # Now all have one: nothing is left for who would keep them.
    seen = _hidden(client.get(SHEETS).text, "seen")
    mark = three.node.enrolment.mark()
    asked = post(client, SHEETS, {"under": TOWN, "seen": seen, "good": "keep"}, SHEETS).text
    assert "只发其余" not in asked and "全部重发" in asked and three.node.enrolment.mark() == mark
    page = post(client, SHEETS, {"under": TOWN, "seen": seen, "good": "void"}, SHEETS).text
    assert len(SHOWN.findall(page)) == int(others[1]) + 1


def test_a_place_is_found_among_hundreds_by_name_letters_or_code(three: ThreeNodes) -> None:
    """The drop-down stands in groups by township, and holds what was looked for alone; it needs no script."""
    client = three.client(COUNTY, "admin")
    page = client.get("/nodes").text
    groups = re.findall(r'<optgroup label="([^"]+)">', page)
    assert len(groups) == len(set(groups)) > 20 and "青峪镇" in groups
    listed = re.findall(r'<option value="(\d+)"', page)
    part = page[page.index('<optgroup label="青峪镇">') :].partition("</optgroup>")[0]
    assert all(one.startswith(TOWN) for one in re.findall(r'<option value="(\d+)"', part))
    assert f'<option value="{TOWN}">青峪镇（已登记）</option>' in part
    for typed in ("青龙石", "qyzqls", "QYZQLS", OTHER, " 青峪镇青龙石村 "):
        found = client.get("/nodes", query_string={"q": typed}).text
        assert re.findall(r'<option value="(\d+)"', found) == [OTHER], typed
        assert f'<option value="{OTHER}" selected>' in found and "找到 1 个站点" in found, typed
    whole = client.get("/nodes", query_string={"q": TOWN}).text
    assert 1 < len(re.findall(r'<option value="(\d+)"', whole)) < len(listed)
    none = client.get("/nodes", query_string={"q": "<没有>"}).text
    assert "没有找到“&lt;没有&gt;”" in none and "发入网码并打印" not in none
    # Refused, the form comes back with what was looked for.
    answer = post(client, f"{CODE}?q=qyzqls", {"address": ""}, "/nodes")
    assert answer.status_code == 400 and re.findall(r'<option value="(\d+)"', answer.text) == [OTHER]
    # One township needs no groups.
    assert "<optgroup" not in three.client(TOWN, "admin").get("/nodes").text
