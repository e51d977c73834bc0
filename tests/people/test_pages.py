"""The administrator's pages, used as a person would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.people.pages import accounts
from common.people.rules.roles import Role
from common.store.database import close_database
from common.web.factory import make_app
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile

NEW = {
    "login": "wu",
    "name": "吴芳",
    "department": "便民服务室",
    "new_password": "Chu-shi2026",
    "roles": ["AGENT"],
}


@pytest.fixture
def boss(tmp_path: Path) -> Iterator[Browser]:
    """The administrator, signed in."""
    yield Browser(make_app(FakeNode(tmp_path), FakeProfile(), [accounts])).sign_in("boss")
    close_database()


def test_a_person_is_added_and_must_choose_a_password_of_their_own(boss: Browser) -> None:
    boss.get("/accounts/new")
    assert boss.post("/accounts/new", NEW).location == "/accounts"
    boss.get("/accounts")
    assert "已添加 吴芳" in boss.page and "待改密码" in boss.page
    fresh = Browser(boss.client.application).sign_in("wu", "Chu-shi2026")
    assert fresh.get("/accounts").location == "/password"


def test_a_refused_person_comes_back_as_typed_without_the_password(boss: Browser) -> None:
    boss.get("/accounts/new")
    answer = boss.post("/accounts/new", {**NEW, "login": "吴", "new_password": "too-5"})
    assert answer.status_code == 400
    assert 'value="吴芳"' in boss.page and "too-5" not in boss.page
    assert "密码不会留在页面上，请重新输入" in boss.page and "您填写的内容仍保留" not in boss.page
    assert 'value="AGENT" id="f-roles" checked' in boss.page
    assert 'href="#f-login"' in boss.page and 'href="#f-new-password"' in boss.page
    answer = boss.post("/accounts/new", {**NEW, "roles": []})
    assert 'href="#f-roles"' in boss.page


def test_a_post_this_kind_of_site_does_not_have_is_never_given(boss: Browser) -> None:
    boss.get("/accounts/new")
    assert "批准人" not in boss.page
    boss.post("/accounts/new", {**NEW, "roles": ["AGENT", "APPROVER"]})
    staff = boss.client.application.extensions["node"].people.staff()
    assert {person.login: person.roles for person in staff}["wu"] == {Role.AGENT}


def test_posts_change_and_an_account_goes_out_of_service(boss: Browser) -> None:
    boss.get("/accounts/zhou")
    assert boss.post("/accounts/zhou/roles", {"roles": ["CLERK"]}).location == "/accounts/zhou"
    boss.get("/accounts/zhou")
    assert 'value="CLERK" id="f-roles-2" checked' in boss.page and 'id="f-roles" checked' not in boss.page
    boss.post("/accounts/zhou/roles", {})
    boss.get("/accounts")
    assert "已停用" in boss.page


def test_a_page_that_was_open_for_long_brings_nobody_back_who_has_left(boss: Browser) -> None:
    """Two administrators: one takes a person out of service, the other saves the posts seen before."""
    boss.get("/accounts/zhou")
    seen = re.search(r'name="seen" value="([^"]*)"', boss.page)
    assert seen and seen[1] == "AGENT,CLERK"
    assert boss.post("/accounts/zhou/roles", {"seen": seen[1]}).status_code == 303
    late = boss.post("/accounts/zhou/roles", {"seen": seen[1], "roles": ["AGENT", "CLERK"]})
    assert late.status_code == 409 and "刚被别人改过，没有保存" in boss.page
    assert 'name="seen" value=""' in boss.page and "checked" not in boss.page
    people = boss.client.application.extensions["node"].people
    assert not people.member("zhou").is_active
    assert boss.post("/accounts/zhou/roles", {"seen": "", "roles": ["CLERK"]}).status_code == 303


def test_the_last_administrator_cannot_be_taken_away(boss: Browser) -> None:
    boss.get("/accounts/boss")
    answer = boss.post("/accounts/boss/roles", {"roles": ["CLERK"]})
    assert answer.status_code == 409
    assert "至少要保留一名" in boss.page


def test_a_forgotten_password_is_reset(boss: Browser) -> None:
    boss.get("/accounts/zhou")
    assert boss.post("/accounts/zhou/password", {"new_password": "x"}).status_code == 400
    assert "密码应有 10 至 128 个字符" in boss.page
    boss.post("/accounts/zhou/password", {"new_password": "Lin-shi2026"})
    zhou = Browser(boss.client.application).sign_in("zhou", "Lin-shi2026")
    assert zhou.get("/").location == "/password"


def test_nobody_else_manages_accounts(boss: Browser) -> None:
    zhou = Browser(boss.client.application).sign_in("zhou")
    for path in ("/accounts", "/accounts/new", "/accounts/boss"):
        assert zhou.get(path).status_code == 403
    for path in ("/accounts/new", "/accounts/boss/roles", "/accounts/boss/password"):
        assert zhou.post(path, NEW).status_code == 403
    assert boss.get("/accounts/nobody").status_code == 404


def test_without_a_page_of_its_own_the_first_address_leads_home(boss: Browser) -> None:
    assert boss.get("/").location == "/password"
