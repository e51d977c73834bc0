"""What a careless or hostile browser sends: refused in plain words, never by a fault of the program."""

from __future__ import annotations

from typing import NoReturn

import pytest
from flask import Blueprint

from common.errors import NotFound
from common.web.factory import make_app
from common.web.forms import redraws
from common.web.guard import requires
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile


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
