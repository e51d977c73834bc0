"""A web application over a fake node, and a browser to use it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from common.store.database import close_database
from common.web.factory import make_app
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile
from tests.web.pages import MENU, work


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    yield FakeNode(tmp_path)
    close_database()


@pytest.fixture
def app(node: FakeNode) -> Flask:
    return make_app(node, FakeProfile(menu=MENU), [work])


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Someone who has not signed in."""
    return Browser(app)


@pytest.fixture
def zhou(app: Flask) -> Browser:
    """The agent and clerk, signed in."""
    return Browser(app).sign_in("zhou")
