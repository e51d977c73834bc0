"""What people choose for themselves, the keys, the help on every page, and pages packed on their way."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from peewee import SqliteDatabase
from playhouse.migrations import Migration

from common.people.records.preferences import Preference
from common.people.rules.preferences import Preferences, read_preferences
from common.store import migrate as migration
from common.store.database import close_database, open_database, run
from common.web.help import help_of
from common.web.shortcuts import KEYS, SHORTCUTS
from tests.web.browser import Browser
from tests.web.fakes import FakeNode

PACKED = {"Accept-Encoding": "gzip"}


def test_a_choice_is_kept_with_the_account_and_worn_at_the_next_browser(node: FakeNode, app: Flask) -> None:
    here = Browser(app).sign_in("zhou")
    here.get("/preferences")
    assert here.post("/preferences", {"large_print": "1", "language": "en", "sounds": "1"}).status_code == 303
    assert node.people.preferences("zhou") == Preferences(1, "en", 1)
    there = Browser(app).sign_in("zhou")
    there.get("/password")
    assert 'data-size="large"' in there.page and 'lang="en"' in there.page and 'data-sounds="1"' in there.page
    # Somebody else at the same browser gets what they chose, or the usual.
    other = Browser(app).sign_in("boss")
    other.get("/password")
    assert 'data-size="normal"' in other.page and 'lang="zh-CN"' in other.page
    written = run("SELECT actor, action FROM audit ORDER BY pos DESC LIMIT 5").fetchall()
    assert ("zhou", "people.prefer") in [(str(who), str(what)) for who, what in written]


def test_one_click_in_the_header_changes_only_what_it_says(node: FakeNode, zhou: Browser) -> None:
    zhou.get("/preferences")
    zhou.post("/preferences", {"large_print": "0", "language": "en", "sounds": "1"})
    zhou.post("/display", {"size": "large"})
    assert node.people.preferences("zhou") == Preferences(1, "en", 1)
    zhou.post("/display", {"language": "zh_CN"})
    assert node.people.preferences("zhou") == Preferences(1, "zh_CN", 1)


@pytest.mark.parametrize("strange", ["", "fr", "../en", "<b>", "en\n"])
def test_what_the_form_does_not_offer_is_not_chosen(strange: str) -> None:
    assert read_preferences(strange, strange, strange) == Preferences()


def test_a_stranger_has_no_preferences_page_but_may_read_the_keys(browser: Browser) -> None:
    assert browser.get("/preferences").status_code == 303
    assert browser.get("/shortcuts").status_code == 200
    for one in SHORTCUTS:
        assert f"<kbd>{one.key}</kbd>" in browser.page


def test_migration_0021_leaves_accounts_alone_and_makes_the_table_as_it_is_used(tmp_path: Path) -> None:
    db: SqliteDatabase = open_database(tmp_path / "old.sqlite")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    for name in ("0002_store", "0003_people", "0010_people"):
        scripts[name].load().up(None, db)
    run("INSERT INTO staff VALUES ('zhou', '周建国', 'AGENT', '', 'x', 1, 0, 5)")
    before = run("SELECT * FROM staff").fetchall()
    scripts["0021_preferences"].load().up(None, db)
    assert run("SELECT * FROM staff").fetchall() == before
    columns = [row[1] for row in run("PRAGMA table_info(preference)").fetchall()]
    assert columns == list(Preference._meta.fields)
    assert run("SELECT count(*) FROM preference").fetchone() == (0,)
    close_database()


def test_help_is_two_sentences_on_every_page(zhou: Browser, app: Flask) -> None:
    views = {rule.endpoint for rule in app.url_map.iter_rules()} | {None, "filing.terms.promise", "no.such"}
    for view in views:
        assert len(re.findall("[。！？]", help_of(view))) == 2, view
    for path in ("/", "/password", "/preferences", "/shortcuts", "/nowhere", "/_gallery"):
        zhou.get(path)
        assert zhou.page.count("本页说明：") == 1, path
    # Drawn again after a refusal, a page is still helped with in its own words.
    assert "管理员忘记密码" in help_of("account.enter") and "密码只有您" in help_of("account.change")


def test_words_of_the_menu_carry_their_keys() -> None:
    assert KEYS["queue.index"] == "q" and KEYS["home.index"] == "h"
    assert all(len(one.key) == 1 and one.key.islower() for one in SHORTCUTS if one.endpoint)


def test_pages_and_files_go_out_packed_to_who_can_unpack_them(zhou: Browser) -> None:
    plain = zhou.get("/_gallery")
    packed = zhou.client.get("/_gallery", headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert "页面部件" in gzip.decompress(packed.data).decode() and len(packed.data) < len(plain.data) / 3
    assert "Content-Encoding" not in plain.headers
    sheet = re.search(r'href="(/static/liandong\.css[^"]*)"', plain.text)
    assert sheet
    first = zhou.client.get(sheet[1], headers=PACKED)
    assert gzip.decompress(first.data) == zhou.client.get(sheet[1]).data and len(first.data) < 8_000
    assert "immutable" in first.headers["Cache-Control"]


def test_the_size_of_a_packed_page_tells_nothing(zhou: Browser) -> None:
    """The same page again and again has many sizes, also when the secret on it is the same."""
    sizes = {len(zhou.client.get("/nowhere", headers=PACKED).data) for _ in range(30)}
    assert len(sizes) > 8


def test_what_is_small_or_packed_already_is_left_alone(zhou: Browser) -> None:
    assert "Content-Encoding" not in zhou.client.get("/healthz", headers=PACKED).headers
    assert "Content-Encoding" not in zhou.client.get("/static/icon.svg", headers=PACKED).headers
    assert "Content-Encoding" not in zhou.client.get("/_gallery", headers={"Accept-Encoding": "br"}).headers
