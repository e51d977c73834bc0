"""Signing in and out, and all the ways a session ends."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from common.config import NodeConfig
from common.store import audit
from common.store.database import run, unit_of_work
from common.web.factory import make_app
from common.web.sessions import is_under_tls, load_key, safe_path
from tests.web.browser import Browser
from tests.web.fakes import NOW, PASSWORD, FakeNode, FakeProfile
from tests.web.pages import work

MINUTE = 60_000


def test_who_is_not_signed_in_is_asked_to_and_comes_back(browser: Browser) -> None:
    answer = browser.get("/desk?day=1")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/desk?day%3D1&expired=0"
    browser.get(answer.location)
    assert 'name="next" value="/desk?day=1"' in browser.page
    answer = browser.post("/sign-in", {"login": "zhou", "password": PASSWORD, "next": "/desk?day=1"})
    assert (answer.status_code, answer.location) == (303, "/desk?day=1")
    assert browser.get("/desk").json["login"] == "zhou"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)", "x", "/a\nb"],
)
def test_signing_in_never_leads_to_another_site(browser: Browser, target: str) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"login": "zhou", "password": PASSWORD, "next": target})
    assert answer.location == "/"
    assert safe_path("/cases?x=1") == "/cases?x=1"


def test_a_wrong_password_keeps_the_login_but_never_the_password(browser: Browser) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"login": "zhou", "password": "Wrong-2026x", "next": "/desk"})
    assert answer.status_code == 401
    assert "账号或密码不正确" in browser.page and "E201" in browser.page
    assert 'value="zhou"' in browser.page and 'name="next" value="/desk"' in browser.page
    assert "Wrong-2026x" not in browser.page


def test_whoever_opens_the_page_types_at_once(browser: Browser) -> None:
    """The pages whose first field is the only thing to do begin there; what went wrong is read first."""
    browser.get("/sign-in")
    assert re.findall(r'id="([^"]+)"[^>]* autofocus', browser.page) == ["f-login"]
    browser.post("/sign-in", {"login": "zhou", "password": "x"})
    assert browser.page.index(" autofocus") < browser.page.index('id="f-login"')


def test_empty_boxes_are_named(browser: Browser) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"login": " ", "password": ""})
    assert answer.status_code == 400
    assert 'href="#f-login"' in browser.page and 'href="#f-password"' in browser.page


def test_guessing_is_paused_and_said_so(browser: Browser) -> None:
    browser.get("/sign-in")
    for _ in range(5):
        assert browser.post("/sign-in", {"login": "zhou", "password": "Wrong-2026x"}).status_code == 401
    answer = browser.post("/sign-in", {"login": "zhou", "password": PASSWORD})
    assert answer.status_code == 429
    assert "请 15 分钟后再试" in browser.page


def test_the_token_is_new_at_every_sign_in_and_the_old_one_is_dead(app: Flask, browser: Browser) -> None:
    """An attacker who planted a cookie before the sign-in holds nothing after it."""
    browser.sign_in("zhou")
    with browser.client.session_transaction() as before:
        old = before["token"]
    browser.get("/")
    browser.post("/sign-in", {"login": "zhou", "password": PASSWORD})
    with browser.client.session_transaction() as after:
        assert after["token"] != old
    thief = Browser(app)
    with thief.client.session_transaction() as planted:
        planted["token"] = old
    assert thief.get("/").status_code == 303


def test_a_cookie_is_closed_to_scripts_and_other_sites(browser: Browser) -> None:
    header = browser.get("/sign-in").headers["Set-Cookie"]
    assert header.startswith("liandong_511921108203=")
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Secure" not in header


def test_under_tls_the_cookie_is_for_tls_alone(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, public_url="https://qingyu.example")
    header = Browser(make_app(node, FakeProfile(), [])).get("/sign-in").headers["Set-Cookie"]
    assert "Secure" in header
    assert is_under_tls(NodeConfig(data_dir=tmp_path, tls_cert_file="cert.pem"))
    assert is_under_tls(NodeConfig(data_dir=tmp_path, public_url="HTTPS://qingyu.example"))


def test_idle_people_are_signed_out_and_told_why(node: FakeNode, zhou: Browser) -> None:
    node.clock.advance(29 * MINUTE)
    assert zhou.get("/").status_code == 200
    node.clock.advance(29 * MINUTE)
    assert zhou.get("/").status_code == 200
    node.clock.advance(30 * MINUTE)
    answer = zhou.get("/desk")
    assert answer.location == "/sign-in?next=/desk&expired=1"
    zhou.get(answer.location)
    assert "登录已过期" in zhou.page


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(node: FakeNode, zhou: Browser) -> None:
    for _ in range(30):
        node.clock.advance(MINUTE)
        answer = zhou.get("/desk", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=/&")
    # Back leads to the page the part stands on, and to nowhere else.
    for page, way in (
        ("http://localhost/queue?view=mine#x", "/queue?view%3Dmine"),
        ("http://elsewhere/queue", "/"),
        ("http://localhost//elsewhere", "/"),
        ("http://[", "/"),
    ):
        answer = zhou.get("/desk", headers={"HX-Request": "true", "HX-Current-URL": page})
        assert answer.headers["HX-Redirect"].startswith(f"/sign-in?next={way}&"), page


def test_a_page_that_refreshes_itself_without_scripts_keeps_nobody_signed_in_either(
    node: FakeNode, zhou: Browser
) -> None:
    for _ in range(15):
        node.clock.advance(2 * MINUTE)
        answer = zhou.get("/?refreshed=1")
    assert answer.status_code == 303


def test_a_working_day_ends_every_session(node: FakeNode, zhou: Browser) -> None:
    for _ in range(12 * 3):
        assert zhou.get("/").status_code == 200
        node.clock.advance(20 * MINUTE)
    assert zhou.get("/").status_code == 303


def test_a_form_sent_after_the_session_ended_waits_for_the_sign_in_and_is_sent_again(
    node: FakeNode, zhou: Browser
) -> None:
    """A wrong password in between, a forged form, and one that came from another site."""
    zhou.get("/open/c1/form")
    node.clock.advance(31 * MINUTE)
    here = {"Referer": "http://localhost/open/c1/form"}
    typed = {"how": "full", "name": "王秀英<b>", "note": "\n两行\n", "living": "", "password": "geheim"}
    answer = zhou.post("/open/c1/form", typed, headers=here)
    assert answer.status_code == 401 and "刚才填的内容还在" in answer.text and "geheim" not in answer.text
    kept = re.search(r'name="again" value="([^"]+)"', answer.text)
    assert kept
    wrong = zhou.post("/sign-in", {"login": "zhou", "password": "Falsch-2026x", "again": kept[1]})
    assert wrong.status_code != 303 and kept[1] in wrong.text
    signed_in = zhou.post("/sign-in", {"login": "zhou", "password": PASSWORD, "again": kept[1]})
    assert 'action="/open/c1/form"' in signed_in.text and "王秀英&lt;b&gt;" in signed_in.text
    fields = dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', signed_in.text, re.S))
    assert fields["note"] == "\n两行\n" and "password" not in fields
    assert zhou.post("/open/c1/form", {**typed, "name": "王秀英"}).status_code != 401
    zhou.post("/sign-out")
    zhou.get("/sign-in")
    forged = zhou.post("/sign-in", {"login": "zhou", "password": PASSWORD, "again": kept[1][:-2] + "xx"})
    assert forged.status_code == 303


def test_a_form_from_elsewhere_after_the_session_ended_is_not_kept(node: FakeNode, zhou: Browser) -> None:
    zhou.get("/open/c1/form")
    node.clock.advance(31 * MINUTE)
    answer = zhou.post("/open/c1/form", {}, headers={"Referer": "http://evil.example/x"})
    assert answer.location == "/sign-in?next=/&expired=1"


def test_a_text_too_long_to_be_kept_past_the_session_is_said_to_be_lost(
    node: FakeNode, zhou: Browser
) -> None:
    zhou.get("/open/c1/form")
    node.clock.advance(31 * MINUTE)
    here = {"Referer": "http://localhost/open/c1/form"}
    answer = zhou.post("/open/c1/form", {"note": "长" * 9_000}, headers=here)
    assert answer.location == "/sign-in?next=/open/c1/form&expired=1&lost=1"
    zhou.get(answer.location)
    assert "没有留住" in zhou.page and "还在：" not in zhou.page


def test_signing_out_ends_the_session_here_and_at_the_node(app: Flask, zhou: Browser) -> None:
    with zhou.client.session_transaction() as before:
        token = before["token"]
    zhou.get("/")
    assert zhou.post("/sign-out").location == "/sign-in"
    zhou.get("/sign-in")
    assert "您已退出登录" in zhou.page
    thief = Browser(app)
    with thief.client.session_transaction() as planted:
        planted["token"] = token
    assert thief.get("/").status_code == 303
    assert "people.sign_out" in [row.action for row in audit.rows("zhou")]


def test_who_loses_their_posts_is_out_with_the_next_click(node: FakeNode, zhou: Browser) -> None:
    with unit_of_work():
        node.people.set_roles("zhou", frozenset(), "boss", NOW)
    assert zhou.get("/").status_code == 303


def test_a_forged_cookie_counts_for_nothing(zhou: Browser) -> None:
    name = "liandong_511921108203"
    signed = zhou.client.get_cookie(name)
    assert signed is not None
    zhou.client.set_cookie(name, signed.value[:-4] + "AAAA")
    assert zhou.get("/").status_code == 303


def test_a_first_password_must_be_changed_before_anything_else(node: FakeNode, browser: Browser) -> None:
    first = node.people.first_password("zhou", "Lin-shi2026")
    with unit_of_work():
        node.people.reset_password(first, "boss", NOW)
    browser.get("/sign-in")
    browser.post("/sign-in", {"login": "zhou", "password": "Lin-shi2026"})
    assert browser.get("/desk").location == "/password"
    browser.get("/password")
    assert "初始密码" in browser.page
    wrong = {"old_password": "Lin-shi2026", "new_password": "abc", "new_password_again": "abc"}
    assert browser.post("/password", wrong).status_code == 400
    assert "密码应有 10 至 128 个字符" in browser.page and "Lin-shi2026" not in browser.page
    differs = {"old_password": "Lin-shi2026", "new_password": "Xin-mima2027", "new_password_again": "x"}
    browser.post("/password", differs)
    assert "两次输入的新密码不一样" in browser.page
    browser.post("/password", differs | {"new_password": "abc"})
    assert "两次输入的新密码不一样" in browser.page and "密码应有 10 至 128 个字符" in browser.page
    right = {
        "old_password": "Lin-shi2026",
        "new_password": "Xin-mima2027",
        "new_password_again": "Xin-mima2027",
    }
    assert browser.post("/password", right).location == "/"
    assert browser.get("/").status_code == 200
    assert "密码已修改" in browser.page


def test_guessing_the_old_password_at_an_open_desk_is_paused(zhou: Browser) -> None:
    zhou.get("/password")
    new = {"new_password": "Xin-mima2027", "new_password_again": "Xin-mima2027"}
    for _ in range(5):
        assert zhou.post("/password", {**new, "old_password": "Wrong-2026x"}).status_code == 400
    answer = zhou.post("/password", {**new, "old_password": PASSWORD})
    assert answer.status_code == 429 and "请 15 分钟后再试" in answer.text
    assert 'name="old_password"' in answer.text and PASSWORD not in answer.text


def test_use_is_written_down_at_most_once_a_minute(node: FakeNode, zhou: Browser) -> None:
    """A commit for each page would cost a village PC's disk more than the page."""
    node.clock.advance(30_000)
    zhou.get("/")
    assert run("SELECT max(seen_at) FROM sign_in_session").fetchone()[0] == NOW
    node.clock.advance(30_000)
    zhou.get("/")
    assert run("SELECT max(seen_at) FROM sign_in_session").fetchone()[0] == NOW + MINUTE


def test_the_key_of_the_cookies_is_made_once_and_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    assert load_key(path) == load_key(path)
    assert len(load_key(path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["", "ab", "ab" * 31, "nothing of the kind\n"])
def test_a_key_that_a_power_cut_left_unfinished_is_made_anew(tmp_path: Path, left: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(left, encoding="ascii")
    made = load_key(path)
    assert len(made) == 32 and load_key(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starting:
        keys = set(starting.map(load_key, [tmp_path / "secret.key"] * 64))
    assert keys == {load_key(tmp_path / "secret.key")}


def test_another_site_on_the_same_machine_keeps_its_own_cookie(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = make_app(FakeNode(tmp_path / "b", address="511921108"), FakeProfile(), [work])
    assert Browser(other).get("/sign-in").headers["Set-Cookie"].startswith("liandong_511921108=")
