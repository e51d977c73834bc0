"""The register, its export, call-backs that are due, and archiving many cases at once; on real nodes."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest

from common.casework.jobs import do_what_days_bring
from common.days import local_day
from common.desk import register as reads
from common.desk.rules import register as rules
from common.desk.rules.receiver import IN_FOLDER
from common.journal.rules import What
from common.people.rules.roles import Role
from common.store import audit
from common.store.database import run
from tests.desk.three import DAY_MS, ID_NUMBER, RELIEF, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, made, post

SETTLED = "DEMO-511921-2003"  # settled on the spot where it is filed


def exported(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def hand_over(three: ThreeNodes, number: str, address: str = VILLAGE, login: str = "agent") -> None:
    client = three.client(address, login)
    told = {"receiver.name": "王秀英", "receiver.id_number": ID_NUMBER, "receiver.how": "本人领取"}
    told["receiver.signed"] = IN_FOLDER
    assert post(client, f"/case/{number}/report/handed_over", told).status_code == 303


def closed(three: ThreeNodes, relief: str) -> str:
    """The case of `relief`, its result handed over at the village and closed by the township."""
    three.move(relief, "not_accept", Role.CLERK, note="不符合条件")
    three.carry(TOWN, VILLAGE)
    hand_over(three, relief)
    three.carry(VILLAGE, TOWN)
    return relief


def test_the_register_shows_this_months_cases_and_the_days_of_their_steps(
    three: ThreeNodes, relief: str
) -> None:
    closed(three, relief)
    three.carry(TOWN, VILLAGE)
    page = three.client(VILLAGE, "agent").get("/register").text
    row = page[page.index(relief) :]
    cells = re.findall(r"<td[^>]*>(?:<a[^>]*>|<span>)([^<]*)", row[: row.index("</tr>")])
    assert cells[:3] == ["03-03", "王秀英", f"5119{'*' * 10}{ID_NUMBER[-4:]}"]
    by_name = dict(zip(rules.HEADINGS[2:], cells, strict=True))
    assert by_name["办理"] == by_name["送达"] == by_name["上报"] == "03-03"
    assert by_name["委托"] == by_name["受理"] == by_name["归档"] == by_name["回访"] == "—"
    assert ID_NUMBER not in page


def test_months_items_and_standings_leave_out(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    first = three.file(RELIEF)
    three.clock.advance(40 * DAY_MS)
    second = three.file(SUBSISTENCE, seed=1)
    client = three.client(VILLAGE, "agent")
    now = client.get("/register").text
    assert second in now and first not in now
    before = client.get("/register?month=2026-03").text
    assert first in before and second not in before
    assert first not in client.get(f"/register?month=2026-03&item={SUBSISTENCE}").text
    assert first in client.get("/register?month=2026-03&standing=open").text
    assert first not in client.get("/register?month=2026-03&standing=done").text
    for odd in ("?month=2026-13", "?month=%27%3B--", "?month=0000-00", "?standing=x", "?item=%3Cb%3E"):
        answer = client.get(f"/register{odd}")
        assert answer.status_code == 200 and "<b>" not in answer.text.split("<h1")[1].split("<aside")[0]


@pytest.mark.parametrize(
    ("month", "since", "before"),
    [("2026-03", 1_772_294_400_000, 1_774_972_800_000), ("2026-12", 1_796_054_400_000, 1_798_732_800_000)],
)
def test_a_month_begins_and_ends_at_local_midnight(month: str, since: int, before: int) -> None:
    assert rules.bounds(month) == (since, before)
    assert rules.months(date(2026, 2, 1))[:3] == ["2026-02", "2026-01", "2025-12"]


def test_the_export_is_masked_unless_the_desk_asks_and_each_one_is_written_down(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(RELIEF, name="=HYPERLINK(王,1)")
    agent = three.client(VILLAGE, "agent")
    march = {"month": "2026-03"}
    answer = made(agent, "/register/export", march)
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    heads, row = exported(answer.text)
    assert heads == list(rules.HEADINGS) and row[1] == number
    assert row[3] == "'=HYPERLINK(王,1)" and ID_NUMBER not in answer.text
    whole = exported(made(agent, "/register/export", {**march, "numbers": "1"}).text)[1]
    assert whole[4] in (ID_NUMBER, f"'{ID_NUMBER}")
    admin = three.again("admin")
    assert ID_NUMBER not in made(admin, "/register/export", {**march, "numbers": "1"}).text
    assert "numbers" not in admin.get("/register").text
    logged = run("SELECT login, what, fields FROM view_log ORDER BY pos").fetchall()
    exports = [(who, What.EXPORT.value, "contact") for who in ("agent", "agent", "admin")]
    assert logged == [*exports, ("admin", What.REGISTER.value, "contact")]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert rules.plain(cell) == f"'{cell}"
    assert rules.plain("王秀英") == "王秀英" and rules.plain("2026-03-03") == "2026-03-03"


def test_a_file_with_commas_quotes_and_lines_is_read_back_as_it_was() -> None:
    rows = [["1", '他说,"好"\n', "第二\r\n行"]]
    assert exported(rules.as_csv(rows))[1][1:] == ['他说,"好"\n', "第二\r\n行"]


def test_only_those_with_a_part_in_it_see_the_register(three: ThreeNodes) -> None:
    assert three.client(TOWN, "checker").get("/register").status_code == 403
    assert three.again("clerk").get("/register").status_code == 200
    admin = three.again("admin")
    assert admin.get("/register").status_code == 200
    assert admin.get("/register/calls").status_code == admin.get("/register/archive").status_code == 403


def test_a_call_is_due_three_days_after_the_hand_over_and_once(three: ThreeNodes, relief: str) -> None:
    closed(three, relief)
    three.carry(TOWN, VILLAGE)
    assert relief not in three.client(VILLAGE, "agent").get("/register/calls").text
    three.clock.advance(3 * DAY_MS)
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/register/calls").text
    form = f"/case/{relief}/report/called_back"
    assert form in page and "3 天前送达" in page
    home = agent.get("/").text
    assert "待回访" in home and "/register/calls" in home
    assert post(agent, form, {"note": "电话，满意，没有收费"}, page=form).status_code == 303
    assert relief not in agent.get("/register/calls").text and "待回访" not in agent.get("/").text
    assert post(agent, form, {"note": "又打"}, page="/line").status_code == 303
    assert relief in agent.get("/register?standing=done").text
    assert relief not in agent.get("/register?standing=uncalled").text
    assert reads.due_calls([TOWN], three.now()) == []


def test_calls_come_in_the_order_of_the_hand_overs(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=seed) for seed in range(2)]
    three.carry(VILLAGE, TOWN)
    for number in cases:
        three.move(number, "not_accept", Role.CLERK, note="不符合")
    three.carry(TOWN, VILLAGE)
    for number in reversed(cases):
        hand_over(three, number)
        three.clock.advance(60_000)
    three.clock.advance(4 * DAY_MS)
    assert [call.number for call in reads.due_calls([VILLAGE], three.now())] == cases[::-1]
    assert reads.count_due_calls([VILLAGE], three.now()) == 2


def test_many_are_archived_at_once_and_one_that_cannot_be_holds_up_none(
    three: ThreeNodes, relief: str
) -> None:
    closed(three, relief)
    three.open(VILLAGE)
    three.carry(VILLAGE, TOWN)
    open_one = three.open(TOWN) and three.file(RELIEF, seed=7)
    client = three.client(TOWN, "clerk")
    page = client.get("/register/archive").text
    assert relief in page and open_one not in page
    typed = {"case": [open_one, relief, "511921-A1-XXXXX", "<script>"]}
    answer = post(client, "/register/archive", typed, page="/register/archive")
    assert answer.status_code == 303
    told = client.get("/register/archive").text
    assert "已归档 1 件" in told and "没有归档" in told and open_one in told and "<script>" not in told
    assert three.node.casework.case(relief).state == "ARCHIVED"
    assert three.node.casework.case(open_one).state == "RECEIVED"
    again = post(client, "/register/archive", {"case": relief}, page="/line")
    assert again.status_code == 303 and "没有归档" in client.get("/register/archive").text
    post(client, "/register/archive", {"case": ["x" * 9000]}, page="/line")
    told = client.get("/register/archive").text
    assert "没有归档" in told and "x" * 40 in told and "x" * 41 not in told
    none = post(client, "/register/archive", {}, page="/line")
    assert none.status_code == 303 and "没有勾选" in client.get("/register/archive").text


def test_a_village_archives_what_it_settled_itself(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(SETTLED)
    actor_role = Role.AGENT
    three.move(number, "settle", actor_role, result={"name": "登记表"})
    hand_over(three, number)
    assert three.node.casework.case(number).state == "CLOSED"
    agent = three.client(VILLAGE, "agent")
    assert post(agent, "/register/archive", {"case": number}, page="/register/archive").status_code == 303
    assert three.node.casework.case(number).state == "ARCHIVED"
    assert post(agent, "/register/archive", {"case": number}, page="/line").status_code == 303
    cells = exported(made(agent, "/register/export", {"month": "2026-03"}).text)[1]
    assert cells[rules.HEADINGS.index("归档")] == "2026-03-03"


def test_in_a_day_in_doubt_many_are_archived_once_somebody_says_that_it_is_today(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(SETTLED)
    three.move(number, "settle", Role.AGENT, result={"name": "登记表"})
    hand_over(three, number)
    do_what_days_bring(three.node.casework, three.node.unit, "c", three.now())
    three.clock.set_wall(three.now() + 26_000 * DAY_MS)
    today, path = local_day(three.now()), "/register/archive"
    agent = three.client(VILLAGE, "agent")
    assert f"今天是 {today} 吗" in agent.get(path).text
    for some in ({"case": number}, {"case": [number, *map(str, range(30))], "day_seen": "2026-03-03"}):
        refused = post(agent, path, some, page=path)
        assert refused.status_code == 400 and "请核对今天的日期" in refused.text
        assert (
            f'value="{number}" checked' in refused.text and three.node.casework.case(number).state == "CLOSED"
        )
    assert post(agent, path, {"case": number, "day_seen": today}, page=path).status_code == 303
    assert three.node.casework.case(number).state == "ARCHIVED"
    assert (audit.rows(number)[-1].actor, audit.rows(number)[-1].action) == ("agent", "case.look_at_day")


def test_each_case_is_one_line_in_the_order_of_filing(three: ThreeNodes) -> None:
    """Method: several events each, so that a join that loses or doubles one would show."""
    three.open(VILLAGE)
    cases = []
    for seed in range(5):
        cases.append(three.file(SETTLED, seed=seed))
        three.move(cases[-1], "settle", Role.AGENT, result={"name": "登记表"})
        three.clock.advance(60_000)
    found = reads.lines(VILLAGE, *rules.bounds("2026-03"))
    assert [line.number for line in found] == cases
    assert {line.agent for line in found} == {"周代办"}
    assert {line.steps["办理"] for line in found} == {"2026-03-03"}


def test_a_hall_lists_its_own_intake_and_to_overseers_all_below(three: ThreeNodes, received: str) -> None:
    own, everything = "/register", "/register?scope=below"
    admin = three.client(TOWN, "admin")
    assert received not in admin.get(own).text and "只列本站自己收的件" in admin.get(own).text
    page = admin.get(everything).text
    assert received in page and "全镇（乡）" in page
    clerk = three.again("clerk")
    assert received not in clerk.get(everything).text and "全镇" not in clerk.get(own).text


@pytest.mark.parametrize(("typed", "numbers"), [({}, "masked"), ({"numbers": "1"}, "full")])
def test_the_name_of_the_file_says_whether_numbers_are_whole(
    three: ThreeNodes, typed: dict[str, str], numbers: str
) -> None:
    three.open(VILLAGE)
    three.file(RELIEF)
    answer = made(three.client(VILLAGE, "agent"), "/register/export", {"month": "2026-03", **typed})
    assert answer.headers["Content-Disposition"].endswith(f'-2026-03-{numbers}.csv"')
    assert (ID_NUMBER in answer.text) is (numbers == "full")


def test_a_month_with_names_is_a_view_of_personal_data_and_an_empty_one_is_none(
    three: ThreeNodes, relief: str
) -> None:
    """The log tells which month of whose cases, and its reader reads it in words; no name stands in it."""
    admin = three.client(TOWN, "admin")
    assert "王秀英" not in admin.get("/register").text
    assert three.node.views.newest(9) == []
    assert "王秀英" in admin.get("/register?scope=below").text
    assert "王秀英" not in admin.get("/register?scope=below&month=2026-01").text
    seen = [(one.login, one.what, one.object, one.fields) for one in three.node.views.newest(9)]
    assert seen == [("admin", What.REGISTER.value, "2026-03 below", "contact")]
    page = admin.get("/views").text
    assert "台账" in page and "2026-03" in page and "本站和下级站点收件" in page and "王秀英" not in page
