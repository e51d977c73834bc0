"""Publishing a year on the page and on the command line, and its way down to a village."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.calendar import records
from common.days import local_date
from common.node.cli import main
from county_node.profile import PROFILE as COUNTY_PROFILE
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes, post
from village_node.profile import PROFILE as VILLAGE_PROFILE

# An arrangement made up for the test.
FORM = {
    "year": "2027",
    "kind": "official",
    "off": "1月1日（周五）至4日\n2月5日至11日\n4月3日至5日\n5月1日至5日\n6月9日、9月15日\n10月1日至7日",
    "work": "1月9日（周六）、2月13日、5月8日、9月26日、10月9日",
    "source": "示例通知（测试用）",
}
MONDAY = date(2027, 1, 4)
PAGE = "/calendar/2027"


def checked(client: FlaskClient, **parts: str) -> Any:
    return post(client, "/calendar/check", {**FORM, **parts}, PAGE)


def hidden(page: str) -> dict[str, str]:
    """What a browser would send from the page where the year is checked."""
    return dict(re.findall(r'type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', page))


def test_a_year_is_typed_checked_published_and_counts_at_the_village(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    # Each holiday of the year has a line, and none is out of sight.
    field = re.search(r'<textarea[^>]*name="off"[^>]*rows="(\d+)"[^>]*>([^<]*)<', client.get(PAGE).text)
    assert field and int(field[1]) > len(field[2].split("\n")) > 4
    page = client.get("/calendar").text
    assert page.index("2027年") < page.index("2026年") and "暂定" in page and "发布2027年日历" in page
    answer = checked(client)
    assert answer.status_code == 200 and "2月5日（周五）至2月11日（周四），共 7 天" in answer.text
    assert records.mark() == ""
    done = post(client, "/calendar", hidden(answer.text), PAGE)
    assert done.status_code == 303 and "已发布2027年日历第 1 版" in client.get("/calendar").text
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    calendar = three.node.casework.ctx.calendar()
    assert not calendar.is_working_day(MONDAY) and 2027 in calendar.years
    assert three.node.calendars.years()[-1].days.source == FORM["source"]


def test_from_december_the_administrator_is_told_that_the_next_year_is_wanting(three: ThreeNodes) -> None:
    said = "2027年的放假安排还没有发布"
    three.clock.advance((date(2026, 11, 30) - local_date(three.now())).days * DAY_MS)
    assert said not in three.client(COUNTY, "admin").get("/").text
    three.clock.advance(DAY_MS)
    client = three.client(COUNTY, "admin")
    assert said in client.get("/").text
    assert post(client, "/calendar", hidden(checked(client).text), PAGE).status_code == 303
    assert "放假安排还没有发布" not in client.get("/").text
    three.clock.advance(400 * DAY_MS)
    assert "2028年的放假安排还没有发布" in three.client(COUNTY, "admin").get("/").text
    assert "放假安排" not in three.client(COUNTY, "clerk").get("/").text


def test_the_list_of_years_reads_as_the_notice_does(three: ThreeNodes) -> None:
    page = three.client(COUNTY, "admin").get("/calendar").text
    assert "1月1日至3日、2月15日至23日、4月4日至6日" in page and "1月4日、2月14日、2月28日" in page


def test_a_refused_year_comes_back_with_everything_typed(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    wrong = {"year": "20x7", "kind": "", "off": "1月1日\n五一三天", "work": "3月1日", "source": ""}
    answer = checked(client, **wrong)
    assert answer.status_code == 400
    for said in ("四位年份", "正式安排或暂定", "“五一三天”"):
        assert said in answer.text
    for typed in ("20x7", "1月1日\n五一三天", "3月1日"):
        assert typed in answer.text
    answer = checked(client, off="1月1日", work="3月1日", source=" ")
    for said in ("缺少法定节日", "不是周六、周日", "文号"):
        assert said in answer.text
    assert records.mark() == ""


def test_publishing_checks_again_what_the_browser_sends(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    assert post(client, "/calendar", {**FORM, "off": "1月1日"}, PAGE).status_code == 400
    answer = post(client, "/calendar", {**FORM, "year": "2026", "kind": "provisional"}, PAGE)
    assert answer.status_code in (400, 409) and records.mark() == ""


def test_an_official_year_does_not_become_provisional_again(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    assert post(client, "/calendar", FORM, PAGE).status_code == 303
    answer = post(client, "/calendar", {**FORM, "kind": "provisional"}, PAGE)
    assert answer.status_code == 409 and "不能改回暂定" in answer.text
    assert post(client, "/calendar", FORM, PAGE).status_code == 303
    assert "没有重复发布" in client.get("/calendar").text


def test_a_form_opened_before_a_correction_does_not_undo_it_unseen(three: ThreeNodes) -> None:
    """Every due date of the county goes by it; two administrators may have the year open at one time."""
    client = three.client(COUNTY, "admin")
    assert post(client, "/calendar", hidden(checked(client).text), PAGE).status_code == 303
    opened = checked(client, **hidden(client.get(PAGE).text), source="示例通知，脚注已改").text
    right = {"work": FORM["work"].replace("10月9日", "10月10日")}
    assert post(client, "/calendar", {**FORM, **right}, PAGE).status_code == 303
    late = post(client, "/calendar", hidden(opened), PAGE)
    assert late.status_code == 409 and "刚刚有人发布过" in late.text and "脚注已改" in late.text
    assert "10-10" in three.node.calendars.years()[-1].days.work
    # Told of it, whoever looks again and still means it may.
    again = checked(client, **hidden(late.text), source="示例通知，脚注已改")
    assert post(client, "/calendar", hidden(again.text), PAGE).status_code == 303


def test_a_forgotten_working_weekend_is_pointed_out(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    assert "与平常不同" not in checked(client).text
    assert "与平常不同" in checked(client, work="1月9日").text


def test_going_back_keeps_what_was_typed_and_the_form_begins_with_what_is_known(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    page = client.get("/calendar/2027").text
    assert "2月5日至8日" in page and "放假办法" not in page and " checked" not in page
    page = client.get("/calendar/2026").text
    assert "2月15日至23日" in page and "国办发明电〔2025〕7号" in page and " checked" in page
    assert client.get("/calendar/2031").status_code == 200
    for path in ("check", "20x1", "1999", "02027", "２０２７"):
        assert client.get(f"/calendar/{path}").status_code == 404
    answer = post(client, "/calendar/again", hidden(checked(client).text), PAGE)
    assert "2月5日至11日" in answer.text and "示例通知（测试用）" in answer.text


def test_the_page_is_for_administrators_of_the_county(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "clerk")
    assert client.get("/calendar").status_code == 200 and "更正2026年" not in client.get("/calendar").text
    assert client.get("/calendar/2027").status_code == 403
    for path in ("/calendar", "/calendar/check", "/calendar/again"):
        assert post(client, path, FORM).status_code == 403
    admin = three.again("admin")
    assert admin.post("/calendar", data=FORM).status_code in (400, 403)
    assert records.mark() == ""


def test_the_command_line_publishes_a_file_and_shows_it(
    three: ThreeNodes, tmp_path: Path, capsys: Any
) -> None:
    data = ["--data", str(three.folder / COUNTY)]
    file = tmp_path / "2027.json"
    off = ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03", "01-04"]
    file.write_text(json.dumps({"2027": {"off": off, "work": ["01-09"], "source": "示例通知"}}))
    assert main(COUNTY_PROFILE, ["calendar", "publish", str(file), *data]) == 0
    assert "2027年 第 1 版" in capsys.readouterr().out
    assert main(COUNTY_PROFILE, ["calendar", "publish", str(file), *data]) == 0
    assert "没有重复发布" in capsys.readouterr().out
    assert main(COUNTY_PROFILE, ["calendar", "show", "--json", *data]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [row["year"] for row in shown] == [2024, 2025, 2026, 2027]
    assert (shown[-1]["version"], shown[-1]["provisional"], shown[-1]["work"]) == (1, 0, ["01-09"])
    assert main(COUNTY_PROFILE, ["calendar", "show", *data]) == 0
    assert "2026  正式  248 个工作日  随程序" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 100_000, "JSON"),
        (b" " * 200_001, "200 KB"),
        (b"[]", "年份"),
        (b'{"2027": {"off": ["01-01"], "off": []}}', "“off”写了两次"),
        (b'{"2027": {"off": [], "work": [], "source": ""}}', "缺少法定节日"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_a_sentence(
    three: ThreeNodes, tmp_path: Path, capsys: Any, content: bytes, said: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_bytes(content)
    assert main(COUNTY_PROFILE, ["calendar", "publish", str(file), "--data", str(three.folder / COUNTY)]) == 2
    told = capsys.readouterr().err
    assert "E331" in told and said in told and "Traceback" not in told


def test_a_village_shows_but_does_not_publish(three: ThreeNodes, tmp_path: Path, capsys: Any) -> None:
    data = ["--data", str(three.folder / VILLAGE)]
    file = tmp_path / "calendar.json"
    days = {"off": ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"], "work": [], "source": "示例"}
    file.write_text(json.dumps({"2027": days}))
    assert main(VILLAGE_PROFILE, ["calendar", "publish", str(file), *data]) == 2
    assert "E332" in capsys.readouterr().err
    assert main(VILLAGE_PROFILE, ["calendar", "publish", *data]) == 2
    assert "calendar publish" in capsys.readouterr().err
    assert main(VILLAGE_PROFILE, ["calendar", "publish", str(tmp_path / "none.json"), *data]) == 2
    assert "none.json" in capsys.readouterr().err
    assert main(VILLAGE_PROFILE, ["calendar", "show", "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["provisional"] == 1


def test_a_paragraph_of_the_notice_pasted_whole_makes_no_working_day_a_day_off(three: ThreeNodes) -> None:
    client = three.client(COUNTY, "admin")
    off = FORM["off"].replace(
        "1月1日（周五）至4日", "1月1日（周五）至4日放假调休，共4天。1月9日（周六）上班。"
    )
    answer = checked(client, off=off, work=FORM["work"].removeprefix("1月9日（周六）、"))
    assert answer.status_code == 400 and "“1月9日（周六）上班”里有上班的日期" in answer.text
    answer = checked(client, work=f"{FORM['work']}上班。9月15日放假")
    assert answer.status_code == 400 and "里有放假的日期，请填到“放假日期”" in answer.text
    assert checked(client, off=FORM["off"].replace("至4日", "至4日放假调休，共4天。")).status_code == 200
