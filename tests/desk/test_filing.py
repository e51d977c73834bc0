"""Taking a case in through the pages: real database, catalogue and casework; nothing typed is ever lost."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from werkzeug.test import TestResponse

from common.casework import lists
from common.desk.records import Draft, FiledDraft
from common.desk.rules.drafts import Part, Step
from common.desk.service import DraftNotFound
from common.node.demo_data.people import fill, resident_for
from common.store.database import DiskFull, UnitMisuse, close_database, database, run, unit_of_work
from tests.desk.village import COUNTY, TOWNSHIP, VILLAGE, DeskNode, desk_app, item
from tests.web.browser import Browser
from tests.web.fakes import NOW

OLD_AGE, RELIEF = "DEMO-511921-0503", "DEMO-511921-0501"
JPEG = b"\xff\xd8\xff\xe0" + b"p" * 200
DAY_MS = 86_400_000


class Desk(Browser):
    """An agent at the desk; `path` is where the pages of the draft being worked on are."""

    path = ""

    def begin(self, code: str = OLD_AGE, **more: str) -> Desk:
        self.get("/file")
        answer = self.post("/file/begin", {"item": code, **more})
        assert answer.status_code == 303, answer.text
        self.path = answer.location.rpartition("/")[0]
        return self

    def fill_in(self, node: DeskNode, code: str = OLD_AGE, seed: int = 1) -> Desk:
        """Go through all pages up to the check, as the pages lead."""
        self.begin(code)
        found = node.catalogue.item(code)
        person = resident_for(found, seed, VILLAGE)
        self.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
        self.send("form", fill(found, person, Random(seed)), leads_to="papers")
        self.send("papers", {"paper-id_card": paper("id.jpg")}, leads_to="check")
        return self

    def send(self, page: str, data: dict[str, Any], leads_to: str = "") -> TestResponse:
        """Open a page of the draft and send its form; `leads_to` is the page it must go on to."""
        assert self.get(f"{self.path}/{page}").status_code == 200
        answer = self.post(f"{self.path}/{page}", data)
        if leads_to:
            assert (answer.status_code, answer.location) == (303, f"{self.path}/{leads_to}"), answer.text
        return answer

    @property
    def draft(self) -> str:
        return self.path.rpartition("/")[2]


def paper(name: str, content: bytes = JPEG) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def problems_on(page: str) -> list[str]:
    return re.findall(r'<p class="problem"[^>]*>([^<]+)</p>', page)


def cases() -> list[str]:
    return [line.case for line in lists.newest()]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[DeskNode]:
    yield DeskNode(tmp_path)
    close_database()


@pytest.fixture
def desk(node: DeskNode) -> Desk:
    return Desk(desk_app(node)).sign_in("zhou")  # type: ignore[return-value]


@pytest.mark.parametrize("table", [Draft, FiledDraft], ids=lambda table: table.__name__)
def test_the_migrated_schema_is_what_the_tables_say(node: DeskNode, table: Any) -> None:
    columns = {row[1] for row in run(f"PRAGMA table_info({table._meta.table_name})")}
    assert columns == {field.column_name for field in table._meta.sorted_fields}


def test_a_draft_of_an_earlier_program_goes_on(node: DeskNode, desk: Desk) -> None:
    """Loads a row by plain SQL, as it was left on the disk."""
    values = (
        "a1",
        "zhou",
        OLD_AGE,
        1,
        "form",
        '{"name":"赵大贵"}',
        '{"bank_name":"农商行"}',
        "{}",
        "[]",
        1,
        NOW,
    )
    with unit_of_work():
        run(f"INSERT INTO draft VALUES ({', '.join('?' for _ in values)})", values)
    assert "赵大贵" in desk.get("/").text
    assert 'value="农商行"' in desk.get("/file/a1/form").text


def test_a_case_is_filed_page_by_page_and_its_slip_says_it_is_not_accepted(
    node: DeskNode, desk: Desk
) -> None:
    desk.fill_in(node)
    assert "高龄津贴申请审批表" in desk.get(f"{desk.path}/check").text
    answer = desk.post(f"{desk.path}/check")
    (case,) = cases()
    assert (answer.status_code, answer.location) == (303, f"/file/slip/{case}")
    slip = desk.get(answer.location).text
    assert case in slip and "收件不是受理" in slip and "<svg" in slip and "申请人居民身份证" in slip
    kind, body, blobs = node.outbox.acts[0]
    assert (kind, body["item"], body["place"], body["to"]) == ("case.filed", OLD_AGE, VILLAGE, [COUNTY])
    assert [entry["key"] for entry in body["data"]["papers"]] == ["id_card"]
    assert node.papers.is_here(blobs[0]) and blobs[0].type == "image/jpeg"
    assert node.wakes == 1
    assert "roll" in desk.get(f"/file/slip/{case}?paper=narrow").text


def test_an_instant_item_is_settled_at_once(node: DeskNode, desk: Desk) -> None:
    code = next(found.code for found in node.catalogue.items_for("village") if found.is_instant)
    desk.fill_in(node, code)
    wrong = desk.post(f"{desk.path}/check", {"result_number": "第1号", "valid_until": "2026-02-30"})
    assert wrong.status_code == 400 and problems_on(wrong.text) == ["有效期至：没有这一天。"]
    assert 'value="第1号"' in wrong.text and cases() == []
    answer = desk.post(f"{desk.path}/check", {"result_number": "第1号", "valid_until": ""})
    (case,) = cases()
    state = node.casework.case(case)
    assert (state.state, state.result["number"]) == ("APPROVED", "第1号")
    assert "办结凭证" in desk.get(answer.location).text


def test_all_problems_are_shown_at_once_and_everything_typed_is_kept(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    typed = {
        "name": "",
        "id_number": "51192119480307214X",
        "phone": "12",
        "address": "三组<b>",
        "place": VILLAGE,
    }
    answer = desk.send("applicant", typed)
    assert answer.status_code == 400
    assert [line.partition("：")[0] for line in problems_on(answer.text)] == [
        "申请人姓名",
        "身份证号码",
        "联系电话",
    ]
    assert 'href="#f-id-number"' in answer.text
    assert 'value="51192119480307214X"' in answer.text and 'value="三组&lt;b&gt;"' in answer.text
    again = desk.get(f"{desk.path}/applicant").text
    assert 'value="12"' in again and problems_on(again) == []


def test_every_field_of_a_form_is_judged_together(node: DeskNode, desk: Desk) -> None:
    desk.begin(RELIEF)
    answer = desk.send("form", {"cause": "下雨", "family_size": "零", "spent": "-1", "account": "难" * 801})
    required = [spec.label for spec in node.catalogue.item(RELIEF).fields if spec.required]
    assert [line.partition("：")[0] for line in problems_on(answer.text)] == required
    assert "难" * 801 in answer.text


def test_what_is_not_right_yet_cannot_be_filed_but_leads_to_the_field(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    page = desk.get(f"{desk.path}/check").text
    assert f"{desk.path}/applicant#f-name" in page and f"{desk.path}/form#f-bank-account" in page
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 400 and cases() == [] and node.outbox.acts == []


def test_only_photographs_and_documents_are_papers_and_the_good_ones_stay(node: DeskNode, desk: Desk) -> None:
    """A script named like a picture, an empty file, one too large, beside a good PDF and a good picture."""
    desk.begin()
    files = {
        "paper-application": [paper("form.jpg", b"<script>alert(1)</script>"), paper("empty.jpg", b"")],
        "paper-id_card": [paper("id.pdf", b"%PDF-1.4 x")],
        "paper-household_register": [paper("big.jpg", JPEG[:4] + b"x" * 70_000), paper("ok.jpg")],
    }
    answer = desk.send("papers", files)
    assert answer.status_code == 400
    for name in ("form.jpg", "empty.jpg", "big.jpg"):
        assert f"文件“{name}”没有收取" in answer.text
    kept = node.drafts.draft(desk.draft, "zhou").papers
    assert [(paper.key, paper.file, paper.type) for paper in kept] == [
        ("id_card", "id.pdf", "application/pdf"),
        ("household_register", "ok.jpg", "image/jpeg"),
    ]


def test_the_thirteenth_paper_is_refused_and_twelve_are_kept(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    thirteen = [paper(f"{n}.jpg", JPEG + bytes([n])) for n in range(13)]
    answer = desk.send("papers", {"paper-other": thirteen})
    assert answer.status_code == 400 and "“12.jpg”没有收取。一次最多附 12 份" in answer.text
    assert len(node.drafts.draft(desk.draft, "zhou").papers) == 12
    assert 'type="file"' not in desk.get(f"{desk.path}/papers").text
    removed = re.search(r'name="paper" value="([^"]+)"', desk.page)
    assert removed
    assert desk.post(f"{desk.path}/papers/remove", {"paper": removed[1]}).status_code == 303
    assert len(node.drafts.draft(desk.draft, "zhou").papers) == 11


def test_a_paper_of_a_draft_is_shown_as_what_it_is_and_to_its_owner_alone(node: DeskNode, desk: Desk) -> None:
    desk.begin().send("papers", {"paper-id_card": paper("id.jpg"), "then": "stay"}, leads_to="papers")
    found = re.search(r'src="(/file/\w+/paper/\w+)"', desk.get(f"{desk.path}/papers").text)
    assert found
    shown = desk.get(found[1])
    assert (shown.data, shown.mimetype) == (JPEG, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert desk.get(f"{desk.path}/paper/{'0' * 64}").status_code == 404
    assert Desk(desk_app(node)).sign_in("wang").get(found[1]).status_code == 404


def test_sending_the_form_twice_files_one_case(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    first, second = (desk.post(f"{desk.path}/check") for _ in range(2))
    assert first.location == second.location == f"/file/slip/{cases()[0]}"
    assert len(cases()) == len(node.outbox.acts) == 1
    # Going back in the browser leads to the slip, not into an empty form.
    assert desk.get(f"{desk.path}/applicant").location == first.location


def test_two_presses_at_the_same_moment_file_one_case(node: DeskNode, desk: Desk) -> None:
    """Two threads send the same form; both have read the draft before either files."""
    desk.fill_in(node)
    both = threading.Barrier(2)
    original = node.drafts.find

    def together(*wanted: str) -> Any:
        found = original(*wanted)
        if not database.in_transaction():
            both.wait(timeout=20)
        return found

    hands = [Desk(desk_app(node)).sign_in("zhou") for _ in range(2)]
    for hand in hands:
        hand.get("/file")
    node.drafts.find = together  # type: ignore[method-assign]
    places: list[str] = []
    threads = [threading.Thread(target=_press, args=(hand, desk.path, places)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cases()) == 1 and places == [f"/file/slip/{cases()[0]}"] * 2


def _press(hand: Browser, path: str, places: list[str]) -> None:
    answer = hand.post(f"{path}/check")
    places.append(answer.location or answer.text)
    close_database()


def test_a_draft_survives_the_process_and_goes_on_where_it_stopped(node: DeskNode, tmp_path: Path) -> None:
    """A second application over the same folder stands for the node after a power cut."""
    desk: Any = Desk(desk_app(node)).sign_in("zhou")
    desk.begin()
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.post(f"{desk.path}/keep/form", {"bank_name": "半截", "unknown": "x"})
    close_database()
    later = Desk(desk_app(node)).sign_in("zhou")
    home = later.get("/").text
    assert person.name in home and f'href="{desk.path}/form"' in home
    assert 'value="半截"' in later.get(f"{desk.path}/form").text
    assert "unknown" not in node.drafts.draft(desk.draft, "zhou").form


def test_leaving_keeps_what_is_wrong_too(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    answer = desk.send("applicant", {"name": "赵", "id_number": "1", "then": "leave"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert node.drafts.draft(desk.draft, "zhou").applicant["id_number"] == "1"
    assert "已保存为草稿" in desk.get("/").text


def test_an_item_withdrawn_meanwhile_is_said_and_the_applicant_goes_on_elsewhere(
    node: DeskNode, desk: Desk
) -> None:
    desk.fill_in(node)
    name = node.drafts.draft(desk.draft, "zhou").applicant["name"]
    node.publish(item(OLD_AGE, version=2, more={"withdrawn": 1}))
    for page in ("applicant", "form", "papers", "check"):
        shown = desk.get(f"{desk.path}/{page}")
        assert shown.status_code == 409 and "已停办" in shown.text and name in shown.text
    assert desk.post(f"{desk.path}/check").status_code == 409
    assert cases() == [] and "事项已停办" in desk.get("/").text
    old = desk.draft
    desk.begin(RELIEF, **{"from": old})
    assert f'value="{name}"' in desk.get(f"{desk.path}/applicant").text


def test_an_item_withdrawn_between_reading_and_filing_files_nothing(node: DeskNode, desk: Desk) -> None:
    """The item ends after the page has read it and before the unit of work that files."""
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    original = node.unit

    def ending() -> Any:
        node.unit = original  # type: ignore[method-assign]
        node.publish(item(OLD_AGE, version=2, more={"withdrawn": 1}))
        return original()

    node.unit = ending  # type: ignore[method-assign]
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 404 and "已停办" in answer.text
    assert cases() == [] and node.drafts.draft(desk.draft, "zhou")


def test_a_newer_item_is_looked_at_again_before_it_is_filed(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node)
    desk.get(f"{desk.path}/check")
    node.publish(item(OLD_AGE, version=2, fee_fen=100))
    answer = desk.post(f"{desk.path}/check")
    assert (answer.status_code, answer.location) == (303, f"{desk.path}/form") and cases() == []
    assert "事项内容已经更新" in desk.get(answer.location).text
    typed = node.drafts.draft(desk.draft, "zhou").form
    desk.send("form", dict(typed), leads_to="check")
    assert desk.post(f"{desk.path}/check").status_code == 303
    assert node.casework.case(cases()[0]).item_version == 2


def test_a_full_disk_refuses_clearly_leaves_no_half_case_and_loses_no_draft(
    node: DeskNode, desk: Desk
) -> None:
    """SQLite itself is told that no page may be added, so the failure is its own; the case needs some."""
    desk.fill_in(node, RELIEF)
    desk.send("papers", {"paper-other": [paper(f"{n}.jpg", JPEG + bytes([n])) for n in range(11)]})
    desk.send("form", {**node.drafts.draft(desk.draft, "zhou").form, "account": "难" * 800})
    pages = run("PRAGMA page_count").fetchone()[0]
    node.database.pragma("max_page_count", pages, permanent=True)
    desk.get(f"{desk.path}/check")
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 503 and "磁盘已满" in answer.text and "E401" in answer.text
    assert cases() == [] and _rows("case_event") == _rows("case_paper") == _rows("filed_draft") == 0
    assert node.drafts.draft(desk.draft, "zhou").step is Step.CHECK
    close_database()
    node.database.pragma("max_page_count", 1_000_000, permanent=True)
    assert desk.post(f"{desk.path}/check").status_code == 303
    assert len(cases()) == 1


def _rows(table: str) -> int:
    return int(run(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def test_a_disk_that_fills_up_during_upload_keeps_the_papers_before(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    taken = node.papers.take_in

    def once(stream: Any) -> Any:
        node.papers.take_in = _no_room  # type: ignore[method-assign]
        return taken(stream)

    node.papers.take_in = once  # type: ignore[method-assign]
    answer = desk.send("papers", {"paper-id_card": [paper("1.jpg"), paper("2.jpg", JPEG + b"2")]})
    assert answer.status_code == 503 and "磁盘已满" in answer.text
    assert [kept.file for kept in node.drafts.draft(desk.draft, "zhou").papers] == ["1.jpg"]


def _no_room(stream: Any) -> Any:
    raise DiskFull()


def test_a_draft_is_thrown_away_only_after_a_question(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    assert "删除后不能恢复" in desk.get(f"{desk.path}/discard").text
    assert node.drafts.draft(desk.draft, "zhou")
    assert desk.post(f"{desk.path}/discard").status_code == 303
    with pytest.raises(DraftNotFound):
        node.drafts.draft(desk.draft, "zhou")
    assert desk.get(f"{desk.path}/form").status_code == 404


def test_somebody_elses_draft_is_as_if_it_were_not_there(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    other = Desk(desk_app(node)).sign_in("wang")
    assert other.get(f"{desk.path}/applicant").status_code == 404
    assert other.post(f"{desk.path}/discard").status_code == 404
    assert "未填姓名" not in other.get("/").text
    assert node.drafts.draft(desk.draft, "zhou")


def test_those_who_take_no_cases_in_see_no_filing(node: DeskNode) -> None:
    assert Desk(desk_app(node)).sign_in("boss").get("/file").status_code == 403


def test_drafts_untouched_for_thirty_days_go_and_others_stay(node: DeskNode, desk: Desk) -> None:
    found = node.catalogue.item(OLD_AGE)
    with unit_of_work():
        old = node.drafts.begin("zhou", found, NOW - 31 * DAY_MS)
        new = node.drafts.begin("zhou", found, NOW - 29 * DAY_MS)
        assert node.drafts.sweep(NOW) == 1
    assert [draft.id for draft in node.drafts.of("zhou")] == [new.id]
    assert old.id != new.id


def test_two_windows_on_one_draft_lose_nothing_and_bring_nothing_back(node: DeskNode, desk: Desk) -> None:
    """Both windows hold the draft as it was when their pages were made."""
    desk.begin()
    stale = node.drafts.draft(desk.draft, "zhou")
    desk.send("applicant", {"name": "赵大贵"})
    with unit_of_work():
        node.drafts.keep(stale, Part.FORM, {"bank_name": "农商行"}, NOW)
    now = node.drafts.draft(desk.draft, "zhou")
    assert (now.applicant["name"], now.form["bank_name"]) == ("赵大贵", "农商行")
    with unit_of_work():
        node.drafts.discard(now, NOW)
    with pytest.raises(DraftNotFound), unit_of_work():
        node.drafts.keep(stale, Part.FORM, {"bank_name": "农商行"}, NOW)
    assert node.drafts.of("zhou") == []


def test_drafts_are_written_only_inside_a_unit_of_work(node: DeskNode) -> None:
    with pytest.raises(UnitMisuse):
        node.drafts.begin("zhou", node.catalogue.item(OLD_AGE), NOW)


def test_the_home_page_counts_how_far_cases_have_got(node: DeskNode, desk: Desk) -> None:
    desk.fill_in(node).post(f"{desk.path}/check")
    instant = next(found.code for found in node.catalogue.items_for("village") if found.is_instant)
    desk.fill_in(node, instant, seed=2).post(f"{desk.path}/check")
    page = desk.get("/").text
    counts = re.findall(r"(本站已存|乡镇已收|县已收齐|已决定)</span>\s*</dt><dd><b>(\d+) 件", page)
    assert counts == [("本站已存", "1"), ("乡镇已收", "0"), ("县已收齐", "0"), ("已决定", "1")]
    assert "待送达" in page


def test_items_are_found_by_initials_and_an_empty_catalogue_says_what_to_do(
    tmp_path: Path, desk: Desk
) -> None:
    found = desk.get("/file?q=gljt").text
    assert "高龄津贴申领" in found and "临时救助" not in found
    assert "没有找到" in desk.get("/file?q=zzzz").text
    with unit_of_work():
        run("DELETE FROM item_version")
    assert "与上级站点联系一次" in desk.get("/file").text
    assert desk.post("/file/begin", {"item": OLD_AGE}).status_code == 404


def test_a_township_hall_files_for_its_villages(tmp_path: Path) -> None:
    node = DeskNode(tmp_path, TOWNSHIP)
    desk: Any = Desk(desk_app(node)).sign_in("zhou")
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin()
    refused = desk.send("applicant", {**person.as_applicant(), "place": "511999999999", "hand_over": "5119"})
    assert len(problems_on(refused.text)) == 2
    typed = {**person.as_applicant(), "place": VILLAGE, "hand_over": VILLAGE}
    desk.send("applicant", typed, leads_to="form")
    desk.send("form", fill(node.catalogue.item(OLD_AGE), person, Random(1)), leads_to="papers")
    desk.send("papers", {}, leads_to="check")
    assert desk.post(f"{desk.path}/check").status_code == 303
    state = node.casework.case(cases()[0])
    assert (state.place, state.parties["origin"], state.parties["hand_over"]) == (VILLAGE, TOWNSHIP, VILLAGE)
    close_database()
