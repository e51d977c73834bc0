"""Sessions where the database takes no word of them: people still look things up, and still leave."""

from __future__ import annotations

import pytest

from common.store.database import run
from tests.web.browser import Browser
from tests.web.fakes import FakeNode

MINUTE = 60_000


@pytest.fixture
def full(zhou: Browser) -> Browser:
    """The agent, signed in before the disk was full."""
    zhou.get("/")
    run(
        "CREATE TRIGGER no_room BEFORE UPDATE ON sign_in_session"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    return zhou


def test_pages_are_shown_though_their_use_cannot_be_noted(node: FakeNode, full: Browser) -> None:
    node.clock.advance(2 * MINUTE)
    assert full.get("/desk").status_code == 200
    node.clock.advance(29 * MINUTE)
    assert full.get("/desk").status_code == 303, "what is not noted was no use: the session ends the sooner"


def test_who_leaves_is_out_of_this_browser_at_least(node: FakeNode, full: Browser) -> None:
    """The PC is used by many: whoever sits down next must not go on under the name of who left."""
    node.clock.advance(2 * MINUTE)
    answer = full.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert full.get("/desk").status_code == 303
    full.get("/sign-in")
    assert "您已退出登录" in full.page
    with full.client.session_transaction() as left:
        assert "token" not in left and "login" not in left
