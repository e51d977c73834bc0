"""The queue: what waits for whom, counts, lights, filters, search; on real nodes."""

from __future__ import annotations

import re

import pytest

from common.casework import queues, records
from common.casework.jobs import write_terms
from common.casework.records import FileRow
from common.casework.search import Sought, search
from common.people.rules.roles import Role
from common.store.database import database
from tests.desk.three import (
    COUNTY,
    DAY_MS,
    ID_NUMBER,
    OLD_AGE,
    RELIEF,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    post,
)


def cases_at_the_township(three: ThreeNodes, *codes: str) -> list[str]:
    """File a case of each item at the village, and bring them to the township."""
    three.open(VILLAGE)
    numbers = [three.file(code, seed=seed) for seed, code in enumerate(codes)]
    three.carry(VILLAGE, TOWN)
    return numbers


def test_each_post_sees_what_waits_for_it_and_nothing_else(three: ThreeNodes) -> None:
    to_check, to_accept = cases_at_the_township(three, SUBSISTENCE, RELIEF)
    checker = three.client(TOWN, "checker").get("/queue").text
    assert to_check in checker and to_accept not in checker and "待初审" in checker
    clerk = three.again("clerk").get("/queue").text
    assert to_accept in clerk and to_check not in clerk and "待受理" in clerk
    reviewer = three.again("reviewer").get("/queue").text
    assert to_check not in reviewer and to_accept not in reviewer
    assert "现在没有等您办理的件" in reviewer


def test_counts_name_the_heaps_and_lead_to_them(three: ThreeNodes) -> None:
    cases_at_the_township(three, SUBSISTENCE, OLD_AGE, RELIEF)
    page = three.client(TOWN, "checker").get("/").text
    assert 'href="/queue?work=check"' in page and ">2<" in page
    assert "work=acceptance" not in page
    only = three.again("clerk").get("/queue?work=acceptance").text
    assert only.count("临时救助（小额）</b>") == 1


def test_a_light_turns_when_the_days_run_out(three: ThreeNodes) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    client = three.client(TOWN, "checker")
    assert number not in client.get("/queue?due=soon").text
    assert "light good" in client.get("/queue").text
    three.clock.advance(3 * DAY_MS)
    client = three.client(TOWN, "checker")
    page = client.get("/queue").text
    assert "light warn" in page and "快到期" in page
    shown = [number in client.get(f"/queue?due={due}").text for due in ("late", "soon", "nonsense")]
    assert shown == [False, True, True]
    three.clock.advance(6 * DAY_MS)
    page = three.client(TOWN, "checker").get("/queue").text
    assert "light bad" in page and "已超期" in page
    assert number in three.again("checker").get("/queue?due=late").text
    # What is late is counted where the day begins, not only shown in red.
    assert "超期 1 件，请先办" in three.again("checker").get("/").text
    assert "请先办" not in three.again("reviewer").get("/").text


def test_filters_narrow_the_list(three: ThreeNodes) -> None:
    low, old = cases_at_the_township(three, SUBSISTENCE, OLD_AGE)
    client = three.client(TOWN, "checker")
    page = client.get(f"/queue?item={OLD_AGE}").text
    assert old in page and low not in page
    page = client.get(f"/queue?view=all&state=RECEIVED&place={VILLAGE}").text
    assert old in page and low in page
    assert low not in client.get("/queue?view=all&state=CLOSED").text
    assert low not in client.get("/queue?view=all&place=511921126200").text


@pytest.mark.parametrize("view", ["everything", "overdue", "silent", "ALL"])
def test_no_other_word_in_the_address_lists_all_cases_beside_the_log(three: ThreeNodes, view: str) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    client = three.client(TOWN, "reviewer")
    answer = client.get(f"/queue?view={view}")
    assert (answer.status_code, answer.location) == (303, "/queue") and number not in answer.text
    assert three.node.views.newest(9) == []
    assert number in client.get("/queue?view=all").text and len(three.node.views.newest(9)) == 1


def test_the_village_sees_what_it_filed_and_how_far_it_got(three: ThreeNodes) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    client = three.client(VILLAGE, "agent")
    page = client.get("/queue?view=filed").text
    assert number in page and "本站已存" in page
    three.carry(TOWN, VILLAGE)
    assert "乡镇已收" in three.client(VILLAGE, "agent").get("/queue?view=filed").text
    three.carry(TOWN, COUNTY)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    assert "县已收齐" in three.client(VILLAGE, "agent").get("/queue?view=filed").text


def test_a_scanned_number_leads_straight_to_the_case(three: ThreeNodes) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    client = three.client(TOWN, "checker")
    answer = client.get("/queue", query_string={"q": f" {number.lower()} "})
    assert answer.status_code == 303 and answer.location == f"/case/{number}"
    answer = post(client, "/queue/find", {"q": f" {number.lower()} "}, "/queue")
    assert answer.status_code == 303 and answer.location == f"/case/{number}"


@pytest.mark.parametrize("typed", ["王秀英", "name not here"])
def test_search_by_name_shows_whom_it_finds_or_says_what_to_do(three: ThreeNodes, typed: str) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    page = post(three.client(TOWN, "checker"), "/queue/find", {"q": typed}, "/queue").text
    assert f'value="{typed}"' in page
    assert (number in page) == (typed == "王秀英")
    assert ("没有找到" in page) == (typed != "王秀英")


def test_an_id_number_searched_for_stands_in_no_address(three: ThreeNodes) -> None:
    """Every search form posts; an address made by hand finds nobody, and what is found polls no address."""
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    client = three.client(TOWN, "checker")
    for path in ("/", "/queue"):
        form = re.search(r'<form class="search"[^>]*>', client.get(path).text)
        assert form and 'method="post"' in form[0] and 'action="/queue/find"' in form[0]
    found = post(client, "/queue/find", {"q": ID_NUMBER}, "/queue")
    assert found.status_code == 200 and number in found.text
    assert "hx-get" not in found.text
    # What stands in the box is what was typed; nowhere in an address does it stand.
    assert not re.search(rf'(href|action|hx-get)="[^"]*{ID_NUMBER}', found.text)
    by_hand = client.get("/queue", query_string={"q": ID_NUMBER, "view": "filed"})
    assert by_hand.status_code == 200 and number not in by_hand.text and "没有符合条件" in by_hand.text
    seen = [(view.login, view.what, view.object, view.fields) for view in three.node.views.newest(9)]
    assert seen == [("checker", "search", "", "contact")], "who looks somebody up is written down, not whom"
    assert client.get("/queue/find").location == "/queue"
    assert post(client, "/queue/find", {"q": "  "}, "/queue").location == "/queue"


def test_a_search_needs_its_secret_and_somebody_signed_in(three: ThreeNodes) -> None:
    client = three.client(TOWN, "checker")
    assert client.post("/queue/find", data={"q": ID_NUMBER}).status_code == 400
    stranger = three.app.test_client().post("/queue/find", data={"q": ID_NUMBER})
    assert stranger.status_code == 303 and ID_NUMBER not in stranger.location


def test_a_list_shows_the_id_number_to_nobody_whole_and_a_script_as_text(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file(name="<script>alert(1)</script>")
    page = three.client(VILLAGE, "agent").get("/queue?view=filed").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert three.node.people.staff() and "511921126204" in page


def test_a_long_queue_has_pages_that_meet_without_gap_or_repeat(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    numbers = []
    for seed in range(35):
        three.clock.advance(1_000 * (seed % 2))  # several share one millisecond
        numbers.append(three.file(RELIEF, papers=0, seed=seed))
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "clerk")
    first = client.get("/queue").text
    following = first.split('href="/queue?')[-1].split('"')[0].replace("&amp;", "&")
    assert following.startswith("at=")
    second = client.get(f"/queue?{following}").text
    seen = [(f'"/case/{number}"' in first, f'"/case/{number}"' in second) for number in numbers]
    assert all(one != other for one, other in seen)
    assert sum(one for one, _ in seen) == 30
    assert "下一页" in first and "下一页" not in second
    for odd in ("endpoint=x", "_external=1", "_scheme=ftp", "_method=X", "q=x"):
        page = client.get(f"/queue?work=acceptance&{odd}")
        assert page.status_code == 200 and 'href="/queue?work=acceptance&amp;at=' in page.text, odd
    # What a thin line must carry for one page, style and script being there already.
    assert len(first.encode()) <= 30_000


def test_next_goes_to_the_longest_waiting_case_but_not_back_to_the_same(three: ThreeNodes) -> None:
    first, second = cases_at_the_township(three, SUBSISTENCE, OLD_AGE)
    client = three.client(TOWN, "checker")
    assert client.get("/queue/next").location == f"/case/{first}"
    # Where the key for it is listed, it is on the page: from where the day begins.
    for path in ("/", "/queue", f"/case/{first}"):
        assert 'data-key="n"' in client.get(path).text, path
    assert client.get(f"/queue/next?after={first}").location == f"/case/{second}"
    three.move(first, "forward", Role.CHECKER)
    assert client.get(f"/queue/next?after={second}").location == "/queue"


def test_anybody_is_found_by_start_letters_last_four_and_what_else_is_known(three: ThreeNodes) -> None:
    """One township, three people; each question finds exactly those it should, by itself and narrowed."""
    three.open(VILLAGE)
    wang = three.file(SUBSISTENCE, name="王秀英", seed=1)
    three.clock.advance(3 * DAY_MS)
    shan = three.file(OLD_AGE, name="单玥", seed=2)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")

    def found(**typed: str) -> set[str]:
        text = post(client, "/queue/find", typed, "/queue").text
        return {number for number in (wang, shan) if f'"/case/{number}"' in text}

    assert found(q="王") == found(q="王秀") == found(q="wxy") == found(q="WX") == {wang}
    assert found(q="sy") == found(q="dy") == {shan}, "a surname of two readings is found by either"
    assert found(q=ID_NUMBER[-4:].lower()) == found(q=ID_NUMBER) == {wang, shan}
    assert found(q=ID_NUMBER[-4:], item=OLD_AGE) == found(item=OLD_AGE) == {shan}
    assert found(q="sy", item=OLD_AGE) == {shan}
    assert found(q="sy", item=SUBSISTENCE) == found(q="王", state="CLOSED") == found(q="秀英") == set()
    assert found(since="2026-03-05") == found(since="2026-03-06", until="2026-03-06") == {shan}
    assert found(until="2026-03-03", place=VILLAGE, state="RECEIVED") == {wang}
    assert found(until="2026-03-02") == found(q="王", since="2026-99-99", item="x") == set()
    assert found(q="王%") == found(q="' OR 1=1 --") == found(q="\x00") == set()
    assert "至少输两个" in post(client, "/queue/find", {"q": "w"}, "/queue").text
    assert three.node.views.newest(1)[0].object == "", "what was searched stands in no log"


def test_a_name_put_right_is_found_by_its_new_letters_alone(three: ThreeNodes) -> None:
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    row = queues.find(number)[0]
    whole = row._replace(applicant="黄秀英", id_number=ID_NUMBER)
    with three.node.unit():
        records.update_files([FileRow(*whole)])
    assert [line.case for line in search(Sought("hxy"))] == [number] and search(Sought("wxy")) == []
    # Written anew from the rows alone, as at the first start of this program.
    with three.node.unit():
        database.execute_sql("DELETE FROM case_term")
        database.execute_sql("DELETE FROM case_mark WHERE name = 'terms'")
    write_terms(three.node.unit)
    assert [line.case for line in search(Sought("hxy"))] == [number]


def test_a_list_is_narrowed_to_items_that_may_come_here(three: ThreeNodes) -> None:
    """A village is offered no item that only the county takes in."""
    offered = {}
    for address, login in ((VILLAGE, "agent"), (TOWN, "clerk"), (COUNTY, "clerk")):
        page = three.client(address, login).get("/queue").text
        chosen = page.partition('name="item"')[2].partition("</select>")[0]
        offered[address] = set(re.findall(r'value="([\w-]+)"', chosen))
    here = three.node.catalogue.items_for("village")
    assert offered[VILLAGE] == {item.code for item in here} < offered[TOWN] < offered[COUNTY]
    assert offered[COUNTY] == {item.code for item in three.node.catalogue.all_items()}


def test_a_case_of_which_somebody_reminds_stands_first_and_says_so(three: ThreeNodes) -> None:
    """The word of it stood on the case alone, which nobody opened before its turn came."""
    first, second = cases_at_the_township(three, RELIEF, RELIEF)
    clerk = three.client(TOWN, "clerk")
    page = clerk.get("/queue").text
    assert page.index(first) < page.index(second) and "有人催办" not in page
    agent = three.client(VILLAGE, "agent")
    assert post(agent, f"/case/{second}/report/remind", {"note": "家里急用"}).status_code == 303
    three.carry(VILLAGE, TOWN)
    clerk = three.client(TOWN, "clerk")
    page = clerk.get("/queue").text
    assert page.index(second) < page.index(first)
    assert (page.count("有人催办"), page.count(f">{second}<")) == (1, 1)
    assert clerk.get("/queue/next").location == f"/case/{second}"
    three.move(second, "accept", Role.CLERK)
    assert "有人催办" not in three.again("reviewer").get("/queue").text


def test_a_step_of_the_township_is_not_shown_to_be_at_the_county_before_it_is(three: ThreeNodes) -> None:
    """The village keeps the township's stream to itself alone, and that one ends there."""
    (number,) = cases_at_the_township(three, SUBSISTENCE)
    three.move(number, "forward", Role.CHECKER)
    three.carry(TOWN, VILLAGE)
    # With what the village writes next goes its own receipt.
    three.carry(VILLAGE, TOWN)
    page = three.client(VILLAGE, "agent").get(f"/case/{number}").text
    assert "已初审" in page and "县已收齐" not in page and "乡镇已收" in page
