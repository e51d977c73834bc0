"""Drafts: kept page by page, gone on with later, their owner's alone, lost by nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.migrations import Migration

from common.desk.records import Draft, FiledDraft
from common.desk.rules.drafts import Part
from common.desk.service import DraftNotFound
from common.node.demo_data.people import resident_for
from common.store import migrate as migration
from common.store.database import UnitMisuse, close_database, run, unit_of_work
from tests.desk.filing.agent import DAY_MS, OLD_AGE, Desk, cases
from tests.desk.filing.village import VILLAGE, DeskNode, desk_app, item
from tests.web.fakes import NOW


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
    columns = "id, login, item, version, step, applicant, form, result, papers, created_at, updated_at"
    with unit_of_work():
        run(f"INSERT INTO draft ({columns}) VALUES ({', '.join('?' for _ in values)})", values)
    assert "赵大贵" in desk.get("/").text
    assert 'value="农商行"' in desk.get("/file/a1/form?topic=1").text


def test_drafts_of_earlier_tables_say_nothing_of_terms_and_windows(tmp_path: Path) -> None:
    """Method: the table as it was first made, a row in it, then the newer migrations."""
    scripts = {script.name: script.load() for script in Migration.load_directory(str(migration.DIRECTORY))}
    old = peewee.SqliteDatabase(str(tmp_path / "old.sqlite3"))
    scripts["0007_drafts"].up(None, old)
    row = ("a1", "zhou", OLD_AGE, 1, "form", "{}", "{}", "{}", "[]", 1, 2)
    old.execute_sql(f"INSERT INTO draft VALUES ({', '.join('?' for _ in row)})", row)
    scripts["0017_draft_terms"].up(None, old)
    scripts["0020_draft_windows"].up(None, old)
    assert old.execute_sql("SELECT * FROM draft").fetchall() == [(*row, "{}", 0, "{}")]
    old.close()


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
    assert 'value="半截"' in later.get(f"{desk.path}/form?topic=1").text
    assert "unknown" not in node.drafts.draft(desk.draft, "zhou").form


def test_leaving_keeps_what_is_wrong_too(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    answer = desk.send("applicant", {"name": "赵", "id_number": "1", "then": "leave"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert node.drafts.draft(desk.draft, "zhou").applicant["id_number"] == "1"
    assert "已保存为草稿" in desk.get("/").text


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


def test_a_text_as_long_as_an_item_may_ask_for_is_kept_and_filed_whole(node: DeskNode, desk: Desk) -> None:
    long = {"kind": "textarea", "max_length": 10_000}
    fields = [one | long if one["key"] == "bank_name" else one for one in item(OLD_AGE)["fields"]]
    node.publish(item(OLD_AGE, version=2, fields=fields))
    text = "山高路远，" * 2_000
    desk.fill_in(node)
    typed = dict(node.drafts.draft(desk.draft, "zhou").form)
    refused = desk.send("form", {**typed, "bank_name": text * 2})
    assert refused.status_code == 400 and "最多 10000 个字" in refused.text
    desk.send("form", {**typed, "bank_name": text}, leads_to="check")
    assert desk.post(f"{desk.path}/check").status_code == 303
    assert node.casework.page(cases()[0]).form["bank_name"] == text


def test_drafts_are_written_only_inside_a_unit_of_work(node: DeskNode) -> None:
    with pytest.raises(UnitMisuse):
        node.drafts.begin("zhou", node.catalogue.item(OLD_AGE), NOW)


def test_an_answer_of_the_form_is_no_word_on_the_letter_of_authority(node: DeskNode, desk: Desk) -> None:
    """Items may name their fields as the letter does: whose relation was asked would stand in the other."""
    fields = [
        {**spec, "key": spec["key"].replace("bank_name", "relation")} for spec in item(OLD_AGE)["fields"]
    ]
    node.publish(item(OLD_AGE, version=2, fields=fields))
    desk.begin(OLD_AGE)
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.get(f"{desk.path}/form")
    assert desk.post(f"{desk.path}/keep/form", {"relation": "父母"}).status_code == 200
    draft = node.drafts.draft(desk.draft, "zhou")
    assert draft.form["relation"] == "父母" and "relation" not in draft.terms


def test_what_a_field_waits_for_is_told_to_the_page_as_it_is_typed(node: DeskNode, desk: Desk) -> None:
    """The page hides by it what is not asked; 1 is 是 where yes or no is asked, and 1 where a number is."""
    first = {"key": "owners", "label": "共有人数", "kind": "number", "required": 1, "group": "情况"}
    yes = {"key": "alone", "label": "是否独居", "kind": "yesno", "required": 1, "group": "情况"}
    after = [
        {**first, "key": f"after_{key}", "kind": "text", "show_if": {"field": key, "equals": 1}}
        for key in ("owners", "alone")
    ]
    node.publish(item(OLD_AGE, version=2, fields=[first, yes, *after]))
    desk.begin(OLD_AGE)
    page = desk.get(f"{desk.path}/form").text
    assert re.findall(r'data-when="(\w+)" data-equals="([^"]+)"', page) == [("owners", "1"), ("alone", "是")]
