"""What a careless or hostile browser sends: refused in plain words, never by a fault of the program."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import NoReturn

import pytest
from flask import Blueprint, Flask, render_template_string

from common.errors import NotFound
from common.web.factory import make_app
from common.web.forms import redraws
from common.web.guard import requires
from tests.architecture.source_tree import ROOT
from tests.web.browser import Browser
from tests.web.fakes import PASSWORD, FakeNode, FakeProfile

_MARKUP = re.compile(r"\|\s*safe\b|Markup\(|autoescape|render_template_string|from_string\(|\|\s*tojson")
# Drawings of our own libraries, the style of notices, a name of a field made of letters alone, a space.
OURS = [
    "common/notices/pages.py: Markup(",
    "common/notices/pages.py: Markup(",
    "common/people/pages/below.py: Markup(",
    "common/web/forms.py: Markup(",
    "common/web/qr.py: Markup(",
    "common/web/qr.py: Markup(",
    "common/web/templates/desk/guide_form.html: |safe",
]


@pytest.fixture
def lost(node: FakeNode) -> Browser:
    """A browser of a site whose one form is about something that is gone."""
    gone = Blueprint("gone", __name__)

    @gone.get("/gone")
    @requires()
    def ask() -> NoReturn:
        raise NotFound()

    @gone.post("/gone")
    @requires()
    @redraws(".ask")
    def take() -> NoReturn:
        raise NotFound()

    browser = Browser(make_app(node, FakeProfile(), [gone]))
    browser.sign_in("zhou").get("/password")
    return browser


def test_a_form_about_something_gone_says_so(lost: Browser) -> None:
    """Its page cannot be shown again either; that is no fault of the program."""
    answer = lost.post("/gone", {})
    assert answer.status_code == 404
    assert "E005" in answer.text


def test_an_expired_form_about_something_gone_says_so(lost: Browser) -> None:
    answer = lost.client.post("/gone", data={})
    assert answer.status_code == 400
    assert "E220" in answer.text


def test_who_has_not_signed_in_cannot_send_much(browser: Browser) -> None:
    """A stranger's upload would fill the disk on which cases are taken in."""
    much = {"login": "x" * 70_000}
    assert browser.client.post("/sign-in", data=much).status_code == 413


def test_guessing_passwords_from_behind_invented_addresses_is_paused_all_the_same(browser: Browser) -> None:
    """Where the settings name no proxy, nobody is believed who says for whom they ask."""
    browser.get("/sign-in")
    for guess in range(100):
        headers = {"X-Forwarded-For": f"10.0.0.{guess}", "X-Real-IP": f"10.1.0.{guess}"}
        form = {"login": f"nobody{guess}", "password": "wrong"}
        if browser.post("/sign-in", form, headers=headers).status_code == 429:
            break
    else:
        pytest.fail("who really asks was never paused")
    answer = browser.post("/sign-in", {"login": "zhou", "password": PASSWORD})
    assert answer.status_code == 429 and "E202" in answer.text


def form_that_waits(node: FakeNode, zhou: Browser) -> str:
    """Send a form after the session has ended; return what the page for the sign-in keeps of it."""
    zhou.get("/open/c1/form")
    node.clock.advance(node.config.session_idle_s * 1000 + 1)
    here = {"Referer": "http://localhost/open/c1/form"}
    page = zhou.post("/open/c1/form", {"how": "full", "name": "王秀英"}, headers=here).text
    kept = re.search(r'name="again" value="([^"]+)"', page)
    assert kept
    return kept[1]


def test_nobody_puts_their_name_to_a_form_that_another_filled_in(node: FakeNode, zhou: Browser) -> None:
    """It waited for the sign-in at a PC that several use, or was carried there."""
    kept = form_that_waits(node, zhou)
    other = zhou.post("/sign-in", {"login": "boss", "password": PASSWORD, "again": kept})
    assert other.status_code == 303 and "王秀英" not in other.text
    assert "没有送出" in zhou.get("/password").text
    zhou.get("/sign-in")
    again = zhou.post("/sign-in", {"login": " ZHOU ", "password": PASSWORD, "again": kept})
    assert "王秀英" in again.text


def test_a_strangers_form_is_not_waited_for_as_long_as_a_clerks(app: Flask, zhou: Browser) -> None:
    """Eight that trickle, one for each thread, kept every page from everybody for two minutes each time."""
    hurried: list[str] = []
    for who in (app.test_client(), zhou.client):
        line = SimpleNamespace(hurry=lambda: hurried.append("told"))
        who.get("/sign-in", environ_overrides={"gunicorn.socket": line})
        hurried.append("next")
    assert hurried == ["told", "next", "next"]


def test_what_waited_for_the_sign_in_is_shown_before_it_is_sent(node: FakeNode, zhou: Browser) -> None:
    """Whoever sits down at a PC whose user has left can fill in what that one will be asked to send on."""
    kept = form_that_waits(node, zhou)
    zhou.get("/sign-in")
    again = zhou.post("/sign-in", {"login": "zhou", "password": PASSWORD, "again": kept}).text
    seen = re.sub(r"<textarea.*?</textarea>", "", again, flags=re.DOTALL)
    assert all(f"<dd>{one}</dd>" in seen for one in ("/open/c1/form", "full", "王秀英"))
    # Enter, still pressed from the password, sends nothing.
    assert "autofocus" not in seen


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1"])
def test_the_name_by_which_a_page_is_asked_for_leads_nowhere(browser: Browser, host: str) -> None:
    """Neither a link nor a redirect nor a code on paper is made of it."""
    answer = browser.client.get("/", headers={"Host": host})
    assert "evil" not in answer.headers.get("Location", "") and "evil" not in answer.text
    assert answer.status_code in (303, 400)


def test_no_template_and_no_page_lets_what_was_typed_be_markup() -> None:
    """What is passed through as markup is our own drawing, style or a space, and stands in this list."""
    passed = [
        f"{path.relative_to(ROOT)}: {found}"
        for folder in ("common", "county_node", "town_node", "village_node")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html")
        for found in _MARKUP.findall(path.read_text(encoding="utf-8"))
    ]
    assert sorted(passed) == OURS


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_signed_word_that_is_looked_up_for_its_english_is_text(app: Flask, language: str) -> None:
    words = ["<b onclick=1>&", "100%", "%(x)s", "", "名册"]
    template = "{% for word in words %}{{ _(word) }}|{% endfor %}{{ _('%(words)s 次', words='<i>') }}"
    with app.test_request_context(headers={"Cookie": f"language={language}"}):
        shown = render_template_string(template, words=words).split("|")
    assert shown[:4] == ["&lt;b onclick=1&gt;&amp;", "100%", "%(x)s", ""]
    assert shown[4] == ("Roster" if language == "en" else "名册") and "&lt;i&gt;" in shown[5]
