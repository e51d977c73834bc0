"""One draft in two windows, and every field kept as it is typed."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from common.desk.rules.topics import topics_of
from common.desk.rules.windows import PageMark, merged, page_mark, print_of, was_of
from common.node.demo_data.people import fill, resident
from tests.desk.filing.agent import OLD_AGE, RELIEF, Desk, cases
from tests.desk.filing.village import VILLAGE, DeskNode, desk_app

PERSON = resident(5, VILLAGE)


def hidden(page: str) -> dict[str, str]:
    """Return what a page says it knew when it was made."""
    return dict(re.findall(r'name="(_window|_rev|_was)" value="([^"]*)"', page))


@pytest.mark.parametrize(
    ("typed", "mark", "value", "won", "yielded"),
    [
        ("new", None, "new", (), ()),
        ("new", (1, "b"), "new", (), ()),  # touched before the page was made
        ("new", (9, "a"), "new", (), ()),  # touched since, by this very window
        ("new", (9, "b"), "new", ("k",), ()),  # both touched it: the page sent later wins
        ("shown", (9, "b"), "stored", (), ("k",)),  # this page never touched it
        ("stored", (9, "b"), "stored", (), ()),  # both say the same
    ],
)
def test_of_each_field_the_page_that_changed_it_later_wins(
    typed: str, mark: tuple[int, str] | None, value: str, won: tuple[str, ...], yielded: tuple[str, ...]
) -> None:
    page = PageMark("a", 5, {"k": print_of("shown")})
    found = merged({"k": "stored"}, {"k": typed}, page, {"k": mark} if mark else {})
    assert (found.values["k"], found.won, found.yielded) == (value, won, yielded)


def test_what_a_page_says_of_itself_is_read_back_and_nonsense_is_nothing() -> None:
    typed = {"_window": "w", "_rev": "7", "_was": was_of({"a": "x\r\ny"}, ["a", "b"])}
    assert page_mark(typed) == PageMark("w", 7, {"a": print_of("x\ny"), "b": print_of("")})
    for wrong in (
        {},
        {"_window": "w", "_rev": "-1"},
        {"_window": "", "_rev": "1"},
        {"_rev": "٣", "_window": "w"},
    ):
        assert page_mark(wrong) is None


def test_two_windows_keep_both_changes_and_are_told(node: DeskNode, desk: Desk) -> None:
    """Both pages are open; one changes the telephone, the other the address and, later, the telephone too."""
    desk.begin()
    first = {**PERSON.as_applicant(), "place": VILLAGE, "phone": "15400000001"}
    desk.send("applicant", first, leads_to="form")
    one, two = (hidden(desk.get(f"{desk.path}/applicant").text) for _ in range(2))
    desk.post(f"{desk.path}/applicant", {**first, **one, "phone": "15400000002"})
    answer = desk.post(f"{desk.path}/applicant", {**first, **two, "address": "鹿角坪村2组9号"})
    assert answer.status_code == 303
    kept = node.drafts.draft(desk.draft, "zhou").applicant
    assert (kept["phone"], kept["address"]) == ("15400000002", "鹿角坪村2组9号")
    assert "“联系电话”在另一个窗口里改过，保留那边的" in desk.get(answer.location).text
    desk.post(f"{desk.path}/applicant", {**first, **two, "phone": "15400000003"})
    assert node.drafts.draft(desk.draft, "zhou").applicant["phone"] == "15400000003"
    assert "另一个窗口里也填了“联系电话”" in desk.get(answer.location).text


def test_each_field_is_kept_as_typed_and_the_page_learns_what_it_has_to_know(
    node: DeskNode, desk: Desk
) -> None:
    """What filing.js sends: the page's form while it is being filled in, twice, beside another window."""
    desk.begin()
    mine = hidden(desk.get(f"{desk.path}/applicant").text)
    other = hidden(desk.get(f"{desk.path}/applicant").text)
    said: Any = desk.post(f"{desk.path}/keep/applicant", {**mine, "name": "王", "phone": ""}).json
    assert said["told"] == [] and said["others"] == {}
    desk.post(f"{desk.path}/keep/applicant", {**other, "name": "", "phone": "15400000009"})
    mine |= {"_rev": said["_rev"], "_was": said["_was"]}
    again: Any = desk.post(f"{desk.path}/keep/applicant", {**mine, "name": "王秀英", "phone": ""}).json
    assert again["others"] == {"phone": "15400000009"} and "联系电话" in again["told"][0]
    kept = node.drafts.draft(desk.draft, "zhou").applicant
    assert (kept["name"], kept["phone"]) == ("王秀英", "15400000009")
    assert desk.post(f"{desk.path}/keep/nothing", mine).status_code == 404


def test_a_field_kept_after_the_session_ended_is_told_in_json_and_nothing_is_written(
    node: DeskNode, desk: Desk
) -> None:
    desk.begin()
    node.clock.advance(31 * 60_000)
    answer = desk.post(f"{desk.path}/keep/applicant", {"name": "王"}, headers={"Accept": "application/json"})
    assert answer.status_code == 401 and "请先登录" in answer.json["error"]["sentence"]  # type: ignore[index]
    assert "name" not in node.drafts.draft(desk.draft, "zhou").applicant


def test_a_page_sent_after_the_session_ended_goes_on_where_it_was(node: DeskNode, desk: Desk) -> None:
    """Sign in, press once more, and the next page of the draft is there with everything typed."""
    desk.begin(OLD_AGE)
    page = f"{desk.path}/applicant"
    desk.get(page)
    node.clock.advance(31 * 60_000)
    typed = {**PERSON.as_applicant(), "place": VILLAGE}
    sign_in = desk.post(page, typed, headers={"Referer": f"http://localhost{page}"})
    kept = re.search(r'name="again" value="([^"]+)"', sign_in.text)
    assert sign_in.status_code == 401 and kept
    again = desk.post("/sign-in", {"login": "zhou", "password": "Qing-yu2026", "again": kept[1]})
    fields = dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', again.text, re.S))
    assert f'action="{page}"' in again.text and fields["name"] == PERSON.name
    answer = desk.post(page, fields)
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/form")
    assert node.drafts.draft(desk.draft, "zhou").applicant["id_number"] == PERSON.id_number


def test_an_open_window_goes_on_after_somebody_signed_in_anew(node: DeskNode, desk: Desk) -> None:
    """Its form carries the old secret: the page comes back with everything typed and the new one."""
    desk.begin()
    old = desk.secret
    newer = Desk(desk_app(node))
    newer.client = desk.client
    newer.sign_in("zhou")
    answer = desk.client.post(f"{desk.path}/applicant", data={"csrf_token": old, "name": "王秀英"})
    assert answer.status_code == 400 and 'value="王秀英"' in answer.text


@pytest.mark.parametrize("number", ["2", "9"])
def test_a_page_from_before_its_topics_were_put_on_other_pages_erases_no_answer(
    node: DeskNode, desk: Desk, number: str
) -> None:
    """Method: the first page is sent under the number of another, as after a new grouping of topics."""
    item = node.catalogue.item(RELIEF)
    assert item is not None
    first, second = (topic.keys for topic in topics_of(item, {})[:2])
    desk.begin(RELIEF)
    desk.send("applicant", {**PERSON.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(item, PERSON, Random(5)), leads_to="papers")
    before = node.drafts.draft(desk.draft, "zhou").form
    assert any(before[key] for key in second)
    mark = hidden(desk.get(f"{desk.path}/form?topic=1").text)
    text = next(spec.key for spec in item.fields if spec.key in first and spec.kind in ("text", "textarea"))
    typed = {**{key: before[key] for key in first}, text: "改过的"}
    desk.get(f"{desk.path}/form?topic=1")
    answer = desk.post(f"{desk.path}/form", {**typed, **mark, "topic": number})
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/form")
    assert node.drafts.draft(desk.draft, "zhou").form == {**before, text: "改过的"}


def test_what_another_window_changed_is_looked_at_before_it_is_filed(node: DeskNode, desk: Desk) -> None:
    """The page of the check lies open while the other window corrects the account the money goes to."""
    desk.fill_in(node)
    seen = _seen(desk.get(f"{desk.path}/check").text)
    other = Desk(desk_app(node)).sign_in("zhou")
    other.path = desk.path
    form = {**node.drafts.draft(desk.draft, "zhou").form, "bank_account": "6217001234567890123"}
    other.send("form", form, leads_to="check")
    refused = desk.post(f"{desk.path}/check", {"_seen": seen})
    assert refused.status_code == 400 and cases() == []
    assert "在另一个窗口里改过" in refused.text and "6217001234567890123" in refused.text
    again = _seen(refused.text)
    assert again != seen and desk.post(f"{desk.path}/check", {"_seen": again}).status_code == 303
    assert node.casework.page(cases()[0]).form["bank_account"] == "6217001234567890123"


def test_what_is_said_on_the_page_of_the_check_itself_is_no_change(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    seen = _seen(desk.get(f"{desk.path}/check").text)
    said = {"overrule": "另一户", "namesakes_seen": "1", "no_papers": ""}
    assert desk.post(f"{desk.path}/keep/result", said).status_code == 200
    assert desk.post(f"{desk.path}/check", {"_seen": seen, **said}).status_code == 303


def _seen(page: str) -> str:
    (found,) = re.findall(r'name="_seen" value="([^"]+)"', page)
    return str(found)
