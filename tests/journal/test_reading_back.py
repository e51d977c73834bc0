"""The log of views is read: a busy day of a site below, and all that was before the newest page."""

from __future__ import annotations

import html
import re

import pytest

from tests.desk.three import DAY_MS, TOWN, VILLAGE, ThreeNodes
from tests.journal.test_views import look, report


def test_a_day_of_more_rows_than_come_at_once_comes_in_turns(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hall looks at thousands of pages a day; asked for again, the rest comes, not the beginning anew."""
    monkeypatch.setattr("common.journal.service._ROWS_SENT_MAX", 100)
    three.open(VILLAGE)
    look(three, times=230)
    three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, TOWN)
    for had in (100, 200, 230):
        three.open(TOWN)
        with three.node.unit():
            three.node.views.demand(VILLAGE, 230, "admin", three.now())
        three.carry(TOWN, VILLAGE)
        three.carry(VILLAGE, TOWN)
        (day,) = three.node.views.days_below(VILLAGE)
        assert (len(day.views), day.fault) == (had, "")
        assert (f"已取 {had} 条" in three.client(TOWN, "admin").get(f"/views/site/{VILLAGE}").text) is (
            had < 230
        )


def test_the_log_can_be_read_back_to_its_beginning(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy hall fills one page in minutes; nobody above asks for the log of the county."""
    monkeypatch.setattr("common.journal.pages.SHOWN", 20)
    admin = three.client(VILLAGE, "admin")
    look(three, name="DEMO-FIRST")
    look(three, times=44)

    def read(path: str) -> list[str]:
        pages = []
        while path:
            pages.append(admin.get(path).text)
            more = re.search(r'href="(/views\?[^"]*before=[^"]*)"', pages[-1])
            path = html.unescape(more[1]) if more else ""
        return pages

    pages = read("/views")
    # What somebody looked at again and again within a minute is one row that says how often.
    told = ["20 次", "20 次", "4 次"]
    assert [re.findall(r"\d+ 次", page) for page in pages] == [[one] for one in told]
    assert "DEMO-FIRST" in pages[-1]
    assert [re.findall(r"\d+ 次", page) for page in read("/views?of=DEMO-1")] == [[one] for one in told]
    assert admin.get("/views?before=x").status_code == 200


def test_the_days_of_a_site_can_be_read_back_to_the_first(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("service", "pages"):
        monkeypatch.setattr(f"common.journal.{module}.DIGESTS_SHOWN", 3)
    three.open(VILLAGE)
    for _ in range(8):
        look(three)
        three.clock.advance(DAY_MS)
    report(three)
    three.carry(VILLAGE, TOWN)
    admin, path, days = three.client(TOWN, "admin"), f"/views/site/{VILLAGE}", list[list[str]]()
    while path:
        page = admin.get(path).text
        days.append(re.findall(r'data-label="日期">([\d-]+)<', page))
        more = re.search(r'href="(/views/site/\d+\?skip=\d+)"', page)
        path = more[1] if more else ""
    assert [len(some) for some in days] == [3, 3, 2] and days[-1][-1] == "2026-03-03"
