"""The check list: kept as it is ticked, each person's own, and what it finds becomes the one notice."""

from __future__ import annotations

import io
import re

from flask.testing import FlaskClient

from common.casework import days
from common.casework.refusals import DayNotLookedAt
from common.casework.rules.words import Action
from common.clock import BUILT_MS
from common.days import local_day
from common.desk import check_lists
from common.desk.rules import check_list, reasons
from common.desk.rules.action_form import lacking_of
from common.people.rules.roles import Role
from tests.desk.desk_pages import HOMESTEAD
from tests.desk.three import (
    DAY_MS,
    JPEG,
    OLD_AGE,
    RELIEF,
    SUBSISTENCE,
    TOWN,
    VILLAGE,
    ThreeNodes,
    post,
    token_on,
)


def findings(three: ThreeNodes) -> tuple[dict[str, str], list[str]]:
    """Return what a checker ticks and writes, and name of a paper, label of an answer, key of the paper."""
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None
    first, second, third = item.papers[:3]
    field = item.fields[0]
    typed = {
        f"mark-paper.{first.key}": "ok",
        f"mark-paper.{second.key}": "wrong",
        f"how-paper.{second.key}": "照片<看>不清",
        f"mark-paper.{third.key}": "missing",
        f"mark-answer.{field.key}": "wrong",
        f"how-answer.{field.key}": "与户口簿不符",
        "mark-paper.nowhere": "ok",
        f"mark-answer.{item.fields[1].key}": "nonsense",
    }
    return typed, [second.name, field.label, second.key]


def test_what_a_list_finds_stands_in_the_notice_and_nothing_is_lost_on_the_way(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE, papers=2)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")
    path = f"/case/{number}/checklist"
    assert f'href="{path}"' in client.get(f"/case/{number}").text
    typed, (paper, answer, key) = findings(three)
    assert post(client, path, typed).location.startswith(path)
    page = three.client(TOWN, "checker").get(path).text
    assert "照片&lt;看&gt;不清" in page and "合格 1 项，缺或不对 3 项" in page
    kept = check_lists.marks_of(number, "checker")
    assert len(kept.keys() - {check_list.SEEN}) == 4 and "paper.nowhere" not in kept
    assert check_lists.marks_of(number, "approver") == {}, "a list is its writer's own"

    client = three.again("checker")
    seen = len(three.node.views.newest(99))
    secret = token_on(client.get("/line").text)
    told = client.post(path, data={**typed, "csrf_token": secret}, headers={"HX-Request": "true"})
    assert told.text.startswith('<p id="standing"') and "缺或不对 3 项" in told.text
    assert len(three.node.views.newest(99)) == seen, "a tick is no view"
    on = post(client, path, {**typed, "then": "send_back"})
    assert on.location == f"/case/{number}/do/send_back"
    form = client.get(on.location).text
    assert "与户口簿不符" in form and "请补交" in form
    assert form.count(" checked") == 3, "what the list found, and what nobody has brought"
    sent = {
        f"lack-{key}": "1",
        f"how-{key}": "照片<看>不清",
        "other-1-name": "填报内容更正",
        "other-1-how": f"{answer}：与户口簿不符",
        "then": "next",
    }
    assert post(client, f"/case/{number}/do/send_back", sent).location == f"/queue/next?after={number}"
    lacking = three.node.casework.case(number).lacking
    assert [one["name"] for one in lacking] == [paper, "填报内容更正"]
    assert "checklist" not in client.get(f"/case/{number}").text, "nothing is left to check here"


def test_who_does_not_check_has_no_list_and_strange_words_lead_nowhere(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(HOMESTEAD)
    three.carry(VILLAGE, TOWN)
    path = f"/case/{number}/checklist"
    client = three.client(TOWN, "admin")
    assert client.get(path).status_code == 403 and "checklist" not in client.get(f"/case/{number}").text
    clerk = three.again("clerk")
    assert post(clerk, path, {"then": "//evil.example/x"}).location == path
    assert clerk.get("/case/511921-A1-AAAAA/checklist").status_code == 404
    with three.node.unit():
        assert check_lists.sweep(three.now() + 91 * DAY_MS) == 1


def test_what_was_kept_by_a_clock_without_its_battery_goes_at_no_ones_surprise(three: ThreeNodes) -> None:
    """As with drafts: when the date is right again nothing of that day is ninety days old."""
    three.open(VILLAGE)
    with three.node.unit():
        check_lists.keep("511921-A1-AAAAA", "checker", {"name": ("ok", "")}, DAY_MS)
        assert check_lists.sweep(BUILT_MS + DAY_MS) == 0
        assert check_lists.sweep(BUILT_MS + 92 * DAY_MS) == 1


def test_reasons_begin_with_a_text_that_can_be_changed(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "clerk")
    path = f"/case/{number}/do/not_accept"
    assert "?reason=not_ours#" in client.get(path).text
    # Relief is no licence: the licensing law is gone by, not applied, and its first item says nothing here.
    assert (
        "参照行政许可法第三十二条第一款第二项，不予受理；请向〔行政机关〕申请。</textarea>"
        in client.get(f"{path}?reason=not_ours").text
    )
    assert "no_licence" not in client.get(path).text
    assert reasons.first_note(Action.NOT_ACCEPT, "01", "no_licence")["note"].startswith(
        "所申请的事项依法不需要"
    )
    assert reasons.first_note(Action.NOT_ACCEPT, "05", "no_licence") == {}
    unknown = client.get(f"{path}?reason=<b>").text
    assert re.search(r'name="note"[^>]*></textarea>', unknown)
    assert "理由范文" not in client.get(f"/case/{number}/do/accept").text


def test_the_next_case_is_one_of_the_part_worked_through(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    old, low, old_too = (three.file(code, seed=n) for n, code in enumerate((OLD_AGE, SUBSISTENCE, OLD_AGE)))
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")
    assert client.get(f"/queue/next?after={old}").location == f"/case/{low}"
    client.get(f"/queue?item={OLD_AGE}")
    assert client.get(f"/queue/next?after={old}").location == f"/case/{old_too}"
    three.move(old, "forward", Role.CHECKER)
    three.move(old_too, "forward", Role.CHECKER)
    assert client.get("/queue/next").location == "/queue"
    assert "办完了" in client.get("/queue").text and client.get("/queue/next").location == f"/case/{low}"


def refused_before_the_first(three: ThreeNodes, client: FlaskClient, number: str) -> None:
    """Nothing ticked, or a date in doubt: nothing is forwarded, what was ticked stays, each at its field."""
    none = post(client, "/together", {}, "/together")
    assert none.status_code == 400 and none.text.count("请先勾选要转报的办件") == 2
    with three.node.unit():
        days.confirm(three.now() + 90 * DAY_MS, "console")
    unseen = post(client, "/together", {"case": [number]}, "/together")
    assert unseen.status_code == DayNotLookedAt.status and unseen.text.count(DayNotLookedAt.sentence) >= 2
    assert re.findall(r'value="([^"]+)"(?: id="f-case")? checked', unseen.text) == [number]
    today = {"day_seen": local_day(three.now())}
    assert post(client, "/together", today, "/together").text.count(" checked") == 1, "the date stays ticked"
    assert three.node.casework.case(number).state.value == "RECEIVED"
    with three.node.unit():
        days.confirm(three.now(), "console")


def test_only_lists_gone_through_to_the_end_are_forwarded_together(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None
    whole = [three.file(SUBSISTENCE, papers=99, seed=seed) for seed in (1, 2, 3)]
    short = three.file(SUBSISTENCE, papers=1, seed=4)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")
    every = {f"mark-paper.{paper.key}": "ok" for paper in item.papers}
    for number in (whole[0], whole[1], short):
        post(client, f"/case/{number}/checklist", every)
    post(client, f"/case/{whole[2]}/checklist", {**every, f"mark-paper.{item.papers[0].key}": "wrong"})
    page = client.get("/together").text
    assert [number in page for number in (*whole, short)] == [True, True, False, False]
    assert "/together" in client.get("/queue").text
    assert page.count(" checked") == 0 and client.get("/together?tick=all").text.count(" checked") == 2

    refused_before_the_first(three, client, whole[0])
    ticked = {"case": [whole[0], whole[2], short, "511921-A1-AAAAA"]}
    assert post(client, "/together", ticked, "/together").location == "/together"
    told = client.get("/together").text
    assert "已转报 1 件" in told and "没有转报" in told and whole[2] in told and whole[1] in told
    states = [three.node.casework.case(number).state.value for number in (*whole, short)]
    assert states == ["CHECKED", "RECEIVED", "RECEIVED", "RECEIVED"]
    post(client, "/together", {"case": ["x" * 9000 + str(n) for n in range(9)]}, "/together")
    told = client.get("/together").text
    assert "没有转报" in told and "x" * 40 in told and "x" * 41 not in told
    assert three.again("clerk").get("/together").status_code == 403


def test_a_mark_says_nothing_of_a_copy_that_came_later(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None
    number = three.file(SUBSISTENCE, papers=99)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")
    every = {f"mark-paper.{paper.key}": "ok" for paper in item.papers}
    post(client, f"/case/{number}/checklist", every)
    assert number in client.get("/together").text
    lacking = [{"key": item.papers[0].key, "name": "甲", "how": "乙"}]
    three.move(number, "send_back", Role.CHECKER, lacking=lacking)
    three.carry(TOWN, VILLAGE)
    agent = three.client(VILLAGE, "agent")
    newer = {f"paper-{item.papers[0].key}": (io.BytesIO(JPEG + b"newer"), "n.jpg"), "note": ""}
    assert post(agent, f"/case/{number}/report/papers_brought", newer).status_code == 303
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "checker")
    three.move(number, "resume", Role.CHECKER)
    assert number not in client.get("/together").text
    post(client, f"/case/{number}/checklist", every)
    assert number in client.get("/together").text


def test_no_wrong_answer_is_left_out_of_the_one_notice() -> None:
    """What it does not name may never be asked for again (行政许可法 32), however much is wrong."""
    lines = [check_list.Line(f"answer.f{n}", f"第{n}栏", False) for n in range(16)]
    marks = {line.key: (check_list.WRONG, f"{line.name}" + "请按户口簿改" * 12) for line in lines}
    typed = check_list.as_lacking(lines, marks)
    found, problems = lacking_of(typed, ())
    assert not problems and [one["name"] for one in found] == [
        "填报内容更正", "填报内容更正（2）", "填报内容更正（3）",
    ]  # fmt: skip
    assert len({one["key"] for one in found}) == 3
    said = "；".join(one["how"] for one in found)
    assert said == "；".join(f"{line.name}：{marks[line.key][1]}" for line in lines)
    assert all(len(one["how"]) <= check_list.HOW_MAX for one in found[:-1])
    few = check_list.as_lacking(lines[:1], marks)
    assert [key for key in few if key.endswith("-name")] == ["other-1-name"]
