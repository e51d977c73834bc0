"""Every page says whom it is for, and nobody else gets in."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask

from common.web.factory import make_app, register_node_api
from common.web.guard import NODE, Guard
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile
from tests.web.pages import MENU, work


def test_every_view_has_a_guard(app: Flask) -> None:
    without = [
        name
        for name, view in app.view_functions.items()
        if not isinstance(getattr(view, "guard", None), Guard)
    ]
    assert without == []


def test_a_view_without_a_guard_is_never_served(node: FakeNode) -> None:
    """Forgetting the guard must not open a page; it must break it."""
    loose = Blueprint("loose", __name__)
    loose.add_url_rule("/loose", "loose", lambda: "secret")
    answer = Browser(make_app(node, FakeProfile(menu=MENU), [work, loose])).get("/loose")
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("", "/", 303),
        ("", "/desk", 303),
        ("", "/accounts", 303),
        ("", "/guide", 200),
        ("", "/healthz", 200),
        ("", "/sign-in", 200),
        ("", "/password", 303),
        ("", "/_gallery", 303),
        ("zhou", "/", 200),
        ("zhou", "/desk", 200),
        ("zhou", "/accounts", 403),
        ("zhou", "/guide", 200),
        ("boss", "/desk", 403),
        ("boss", "/accounts", 200),
        ("boss", "/_gallery", 200),
    ],
)
def test_each_page_lets_in_whom_it_names(browser: Browser, login: str, path: str, status: int) -> None:
    if login:
        browser.sign_in(login)
    assert browser.get(path).status_code == status


def test_who_may_not_is_told_who_may(zhou: Browser) -> None:
    zhou.get("/accounts")
    assert "由管理员办理" in zhou.page and "E226" in zhou.page


def test_one_acts_in_the_first_post_the_page_names(zhou: Browser) -> None:
    assert zhou.get("/desk").json == {"login": "zhou", "role": "CLERK", "name": "周建国"}


def test_the_menu_shows_what_one_may_open(zhou: Browser, app: Flask) -> None:
    zhou.get("/")
    assert "受理" in zhou.page and "账号管理" not in zhou.page
    assert '<a href="/" aria-current="page">首页</a>' in zhou.page
    boss = Browser(app).sign_in("boss")
    boss.get("/")
    assert "账号管理" in boss.page and '"/desk"' not in boss.page


def test_a_program_that_is_not_signed_in_gets_a_code_not_a_page(browser: Browser) -> None:
    answer = browser.get("/desk", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "E223"


def test_a_form_without_the_secret_of_its_page_changes_nothing_and_says_why(zhou: Browser) -> None:
    zhou.get("/open/c1/form")
    answer = zhou.client.post("/open/c1/form", data={"name": "王秀英", "csrf_token": "forged"})
    assert answer.status_code == 400
    assert "E220" in answer.text and "放得太久" in answer.text
    assert 'value="王秀英"' in answer.text, "what was typed comes back"


def test_every_post_of_ours_asks_for_the_secret(app: Flask, zhou: Browser) -> None:
    """Method: every route that takes a POST, with arguments filled in, without the secret."""
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) >= 4
    for rule in rules:
        path = rule.rule.replace("<case>", "c1")
        assert "E220" in zhou.client.post(path, data={}).text, path


def test_pages_for_other_nodes_need_neither_sign_in_nor_secret(app: Flask, browser: Browser) -> None:
    api = Blueprint("wire", __name__)
    api.add_url_rule("/sync/v1", "exchange", lambda: b"ok", methods=["POST"])
    register_node_api(app, api)
    assert app.view_functions["wire.exchange"].guard is NODE  # type: ignore[attr-defined]
    assert browser.client.post("/sync/v1", data=b"\x00\x01").data == b"ok"
