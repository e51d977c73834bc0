"""One small county of three real sites, and one browser, for all tests of this folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from common.node.demo.accounts import accounts_of
from common.node.demo.show import Show
from common.node.demo.small import SmallCounty
from common.node.demo_data.sites import COUNTY
from tests.browser.axe import Glass
from tests.browser.chromium import running_chromium
from tests.browser.desk import Desk
from tests.soak.residents import QuickAlbum

_PHOTO = (800, 600)
Sit = Callable[..., Desk]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's own Chromium; without one every test here fails and says what to install."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def county(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCounty]:
    """The three sites, founded and played: some cases are through, some wait at each desk."""
    small = SmallCounty(tmp_path_factory.mktemp("county"), Show(io.StringIO()))
    # One photograph for all papers: to draw each takes as long as all the work on the cases.
    small.network.album = QuickAlbum(small.network.folder / "album", _PHOTO)
    try:
        small.found()
        small.play()
        yield small
    finally:
        small.stop()


@pytest.fixture(scope="package")
def glass(chromium: Browser, county: SmallCounty) -> Iterator[Glass]:
    """Where pages are laid for axe-core."""
    made = Glass(chromium, county.url(COUNTY))
    yield made
    made.close()


@pytest.fixture
def sit(chromium: Browser, county: SmallCounty) -> Iterator[Sit]:
    """Sit down at a site (as a person signed in, with a login); in the end nothing may have been amiss.

    To sign in on the page, use the desk's own method: a story does it once at each tier.
    """
    desks: list[Desk] = []

    def sit_down(address: str, login: str = "", **options: object) -> Desk:
        desk = Desk(chromium, county.url(address), **options)
        desks.append(desk)
        if login:
            account = next(one for one in accounts_of(address) if one.login == login)
            desk.sit_as(county.network.signed_in(address, account).browser.cookies)
        return desk

    yield sit_down
    for desk in desks:
        desk.close()
    assert [trouble for desk in desks for trouble in desk.troubles] == []
