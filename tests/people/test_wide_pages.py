"""The pages about people between nodes, used as people would at real nodes."""

from __future__ import annotations

import re

from common.days import local_day
from common.people.rules.challenge import read_answer
from common.people.rules.roles import Role
from tests.desk.three import COUNTY, PASSWORD, TOWN, VILLAGE, ThreeNodes, post

NEW = "Xin-mima2027"


def report(three: ThreeNodes) -> None:
    with three.node.unit():
        three.node.staffing.report()


def test_an_account_added_on_the_page_is_told_upward_at_once(three: ThreeNodes) -> None:
    admin = three.client(VILLAGE, "admin")
    page = admin.get("/accounts/new").text
    assert "政务服务中心" in page and 'list="departments"' in page
    new = {"login": "wu", "name": "吴芳", "department": "妇女之家", "new_password": NEW, "roles": "AGENT"}
    assert post(admin, "/accounts/new", new, "/accounts/new").status_code == 303
    three.carry(VILLAGE, TOWN)
    page = three.client(TOWN, "admin").get(f"/staff-below/site/{VILLAGE}").text
    assert "吴芳" in page and "妇女之家" in page and "代办员" in page


def test_a_department_is_changed_and_free_words_are_allowed(three: ThreeNodes) -> None:
    admin = three.client(TOWN, "admin")
    page = admin.get("/accounts/clerk").text
    names = re.findall(r'<option value="([^"]+)">', page)
    assert names[0] == "政务服务中心" and len(names) > 2
    told = "不填的不分部门，各部门的件都能看到全部内容"
    assert told in admin.get("/accounts/clerk").text and told in admin.get("/accounts/new").text
    where = "/accounts/clerk/department"
    assert post(admin, where, {"department": "综合窗口"}, "/accounts/clerk").status_code == 303
    assert 'value="综合窗口"' in admin.get("/accounts/clerk").text
    answer = post(admin, where, {"department": "长" * 61}, "/accounts/clerk")
    assert answer.status_code == 400 and "最多 60 个字" in answer.text


def test_an_administrator_above_puts_a_login_out_and_back_on_the_page(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    report(three)
    three.carry(VILLAGE, TOWN)
    admin = three.client(TOWN, "admin")
    assert "在用账号" in admin.get("/staff-below").text
    where = f"/staff-below/site/{VILLAGE}"
    assert post(admin, f"{where}/bar", {"login": "agent"}, where).status_code == 303
    assert "已被上级停用" in admin.get(where).text
    wrong = post(admin, f"{where}/bar", {"login": "A B"}, where)
    assert wrong.status_code == 400 and "账号的写法不对" in wrong.text
    three.carry(TOWN, VILLAGE)
    client = three.client(VILLAGE, "admin")
    assert "已被上级停用" in client.get("/accounts").text
    refused = post(three.app.test_client(), "/sign-in", {"login": "agent", "password": PASSWORD}, "/sign-in")
    assert refused.status_code == 403 and "已被上级" in refused.text
    admin = three.client(TOWN, "admin")
    assert post(admin, f"{where}/unbar", {"login": "agent"}, where).status_code == 303
    three.carry(TOWN, VILLAGE)
    assert three.client(VILLAGE, "agent")


def test_pages_about_nodes_that_are_not_below_are_refused(three: ThreeNodes) -> None:
    admin = three.client(TOWN, "admin")
    for address in (COUNTY, TOWN, "511921108203", "nonsense", "0"):
        assert admin.get(f"/staff-below/site/{address}").status_code == 403
    clerk = three.again("clerk")
    for path in ("/staff-below", "/staff-below/answer", f"/staff-below/site/{VILLAGE}", "/views"):
        assert clerk.get(path).status_code == 403
    assert clerk.get("/away").status_code == 200


def test_a_forgotten_password_goes_by_the_pages_alone(three: ThreeNodes) -> None:
    three.client(VILLAGE, "agent")
    stranger = three.app.test_client()
    assert "管理员忘记密码" in stranger.get("/sign-in").text
    assert post(stranger, "/forgotten", {}, "/forgotten").status_code == 303
    page = stranger.get("/forgotten").text
    challenge = re.search(r'class="code digits">([^<]+)<', page)
    assert challenge and VILLAGE in page
    admin = three.client(TOWN, "admin")
    asked = {"node": VILLAGE, "challenge": challenge[1], "login": "admin"}
    wrong = post(
        admin, "/staff-below/answer", {**asked, "challenge": "0000 0000 0000 0000"}, "/staff-below/answer"
    )
    assert wrong.status_code == 400 and "重置码或站点代码不对" in wrong.text
    answered = post(admin, "/staff-below/answer", asked, "/staff-below/answer")
    lines = re.findall(r"<li>([0-9A-Z ]{20,})</li>", answered.text)
    assert "<svg" in answered.text and read_answer("\n".join(lines)).login == "admin"
    file = post(admin, "/staff-below/answer", {**asked, "as": "file"}, "/staff-below/answer")
    assert "attachment" in file.headers["Content-Disposition"] and file.text.strip() == "\n".join(lines)
    three.client(VILLAGE, "agent")
    stranger = three.app.test_client()
    typed = {"answer": file.text, "new_password": NEW, "new_password_again": NEW}
    differs = post(stranger, "/forgotten/answer", {**typed, "new_password_again": "x"}, "/forgotten")
    assert differs.status_code == 400 and NEW not in differs.text and lines[0] in differs.text
    short = post(
        stranger, "/forgotten/answer", {**typed, "new_password": "x", "new_password_again": "x"}, "/forgotten"
    )
    assert short.status_code == 400
    assert post(stranger, "/forgotten/answer", {**typed, "answer": "0" * 99}, "/forgotten").status_code == 400
    assert post(stranger, "/forgotten/answer", typed, "/forgotten").status_code == 303
    replay = three.app.test_client().post("/forgotten/answer")
    assert replay.status_code == 400, "no form secret"
    post(stranger, "/forgotten", {}, "/forgotten")
    assert post(stranger, "/forgotten/answer", typed, "/forgotten").status_code == 400
    answer = post(stranger, "/sign-in", {"login": "admin", "password": NEW}, "/sign-in")
    assert answer.status_code == 303 and stranger.get("/").location == "/password"


def test_an_agent_arranges_their_own_absence_and_everybody_sees_it_at_home(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    page = agent.get("/away").text
    assert "请青峪镇代办" in page or "代办" in page
    wish = {"absent": f"{VILLAGE}/agent", "acting": "admin", "from_day": "2026-03-03", "to_day": "2026-03-05"}
    assert post(agent, "/away", {**wish, "to_day": "x"}, "/away").status_code == 400
    assert post(agent, "/away", {**wish, "absent": ""}, "/away").status_code == 403
    assert post(agent, "/away", {**wish, "absent": f"{TOWN}/clerk"}, "/away").status_code == 403
    assert post(agent, "/away", wish, "/away").status_code == 303
    home = agent.get("/").text
    assert "今日代岗" in home and "周代办" in home and "孙管理" in home
    admin = three.again("admin")
    assert "为群众办事" in admin.get("/").text, "the lent post opens the desk"
    ended = re.search(r'action="(/away/[0-9a-f]+/off)"', admin.get("/away").text)
    assert ended and post(admin, ended[1], {}, "/away").status_code == 303
    for nobody in ("///", "/agent", "x/agent", "5119/agent"):
        assert post(admin, "/away", {**wish, "absent": nobody}, "/away").status_code in (400, 403)
    assert "今日代岗" not in agent.get("/").text


def test_a_village_sends_its_work_to_the_hall_and_the_hall_shows_it(three: ThreeNodes) -> None:
    agent = three.client(VILLAGE, "agent")
    wish = {"absent": f"{VILLAGE}/agent", "acting": "@", "from_day": "2026-03-03", "to_day": "2026-03-05"}
    assert post(agent, "/away", wish, "/away").status_code == 303
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    home = clerk.get("/").text
    assert "今日代岗" in home and "看该村等办的件" in home
    admin = three.again("admin")
    assert "看该村等办的件" not in admin.get("/").text, "an administrator takes nothing in"
    chosen = {**wish, "acting": "clerk"}
    assert post(admin, "/away", chosen, "/away").status_code == 303
    assert "李窗口" in clerk.get("/").text


def test_each_look_at_a_case_is_written_down(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file()
    agent = three.client(VILLAGE, "agent")
    assert agent.get(f"/case/{number}").status_code == 200
    assert agent.get(f"/file/slip/{number}").status_code == 200
    paper = re.search(r"/paper/([0-9a-f]{64})", agent.get(f"/case/{number}").text)
    assert paper and agent.get(f"/paper/{paper[1]}").status_code == 200
    assert agent.get("/case/unknown").status_code in (303, 404)
    assert agent.get("/queue").status_code == 200
    day = local_day(three.now())
    for view in ("filed", "filed&state=CLOSED", "all", "filed"):
        assert agent.get(f"/queue?view={view}").status_code == 200
    lists = [(view.what, view.object) for view in three.node.views.newest(2)]
    assert lists == [("register", f"{day} below"), ("register", f"{day} own")], "once an hour each"
    seen = [(view.login, view.what, view.object) for view in three.node.views.newest(9)][::-1][:4]
    assert seen == [
        ("agent", "case", number),
        ("agent", "slip", number),
        ("agent", "case", number),
        ("agent", "paper", paper[1]),
    ]
    admin = three.again("admin")
    for typed in (number, number.lower()):
        page = admin.get(f"/views?of={typed}").text
        assert page.count(f'<span class="number">{number}</span>') == 4, "the case, and a paper of it"
    page = admin.get("/views").text
    assert paper[1] not in page and three.node.paper_names([paper[1]])[paper[1]][1] in page
    assert page.count("周代办") == 6 and page.count(f'<span class="number">{number}</span>') == 4
    assert three.app.test_client().get(f"/case/{number}").status_code == 303
    assert len(three.node.views.newest(9)) == 6, "who was not let in saw nothing"


def test_a_look_at_a_paper_of_several_cases_is_put_down_to_none_of_them_alone(three: ThreeNodes) -> None:
    """A paper used again, or a blank form: the log must not say that another person's case was looked at."""
    three.open(VILLAGE)
    first, second = three.file("DEMO-511921-0501"), three.file("DEMO-511921-0504")
    both = [{kept[0] for kept in three.node.casework.case(one).papers.values()} for one in (first, second)]
    shared = (both[0] & both[1]).pop()
    assert three.client(VILLAGE, "agent").get(f"/paper/{shared}").status_code == 200
    for asked in ("/views", f"/views?of={first}", f"/views?of={second}"):
        page = three.again("admin").get(asked).text
        assert "、".join(sorted((first, second))) in page and "（2 件共用的一份）" in page


def test_digests_and_rows_of_a_village_are_seen_above(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file()
    three.client(VILLAGE, "agent").get(f"/case/{number}")
    three.clock.advance(86_400_000)
    report(three)
    three.carry(VILLAGE, TOWN)
    admin = three.client(TOWN, "admin")
    where = f"/views/site/{VILLAGE}"
    page = admin.get(where).text
    assert "2026-03-03" in page and "周代办（agent） 1 次" in page and "连续" in page
    assert post(admin, f"{where}/demand", {"upto": "1"}, where).status_code == 303
    assert post(admin, f"{where}/demand", {"upto": "x"}, where).status_code == 404
    assert post(admin, "/views/site/5/demand", {"upto": "1"}, where).status_code == 403
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    assert number in three.client(TOWN, "admin").get(where).text


def test_the_hall_that_stands_in_sees_and_does_what_waits_at_the_village(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file()
    agent = three.client(VILLAGE, "agent")
    wish = {"absent": f"{VILLAGE}/agent", "acting": "@", "from_day": "2026-03-03", "to_day": "2026-03-05"}
    where = f"/queue?view=stood-in&site={VILLAGE}"
    assert agent.get(where).status_code == 303, "the village does its own work in its own queue"
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    assert clerk.get(where).status_code == 303 and "代岗：" not in clerk.get("/queue").text
    three.move(number, "send_back", Role.CHECKER, lacking=[{"key": "pledge", "name": "承诺书"}])
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    assert post(agent, "/away", wish, "/away").status_code == 303
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    assert "代岗：" in clerk.get("/").text
    page = clerk.get(where).text
    assert number in page and 'aria-current="page">代岗：' in page
    assert number not in clerk.get("/queue").text
    assert clerk.get("/queue?view=stood-in&site=511921126205").status_code == 303
    assert "papers_brought" in clerk.get(f"/case/{number}").text
    assert three.again("reviewer").get(where).status_code == 303


def test_an_only_agent_is_not_offered_to_stand_in_for_herself(three: ThreeNodes) -> None:
    page = three.client(VILLAGE, "agent").get("/away").text
    acting = page.split('name="acting"')[1].split("</fieldset>")[0].split("</select>")[0]
    assert "孙管理" in acting and "周代办" not in acting


def test_only_those_who_may_arrange_have_the_tab(three: ThreeNodes) -> None:
    for address, login, is_there in (
        (VILLAGE, "agent", 1), (TOWN, "admin", 1), (TOWN, "clerk", 0), (COUNTY, "admin", 0)
    ):  # fmt: skip
        assert ("外出代岗" in three.client(address, login).get("/queue").text) == bool(is_there)


def test_a_login_that_nobody_below_has_is_not_put_out_of_service(three: ThreeNodes) -> None:
    where = f"/staff-below/site/{VILLAGE}"
    three.open(VILLAGE)
    report(three)
    three.carry(VILLAGE, TOWN)
    admin = three.client(TOWN, "admin")
    refused = post(admin, f"{where}/bar", {"login": "nobody"}, where)
    assert refused.status_code == 404 and "没有账号 nobody" in refused.text
    assert three.node.staff_below.roster(VILLAGE).barred == {}
    assert post(admin, f"{where}/bar", {"login": "agent"}, where).status_code == 303
    row = admin.get("/staff-below").text.split(where)[1].split("</tr>")[0]
    assert 'data-label="在用账号">1<' in row and 'data-label="上级停用">1<' in row


def test_only_agents_of_a_village_can_be_away_and_only_who_is_here_acts(three: ThreeNodes) -> None:
    """What those above cannot read would keep every stand-in of this hall from them."""
    three.open(VILLAGE)
    report(three)
    three.carry(VILLAGE, TOWN)
    admin = three.client(TOWN, "admin")
    days = {"from_day": "2026-03-03", "to_day": "2026-03-05", "acting": "clerk"}
    for nobody in ("admin", "nobody", "x" * 100):
        answer = post(admin, "/away", {**days, "absent": f"{VILLAGE}/{nobody}"}, "/away")
        assert answer.status_code == 400 and "只有代办员外出才安排代岗" in answer.text
    upward = post(admin, "/away", {**days, "absent": f"{VILLAGE}/agent", "acting": "@"}, "/away")
    assert upward.status_code == 400 and "请选择代岗人" in upward.text


def test_an_account_is_never_called_as_a_page_is(three: ThreeNodes) -> None:
    """The page of whoever is called `new` is that on which accounts are added: nobody could dismiss them."""
    admin = three.client(VILLAGE, "admin")
    new = {"login": "new", "name": "吴芳", "department": "", "new_password": NEW, "roles": "AGENT"}
    answer = post(admin, "/accounts/new", new, "/accounts/new")
    assert answer.status_code == 400 and "不能用作账号" in answer.text
