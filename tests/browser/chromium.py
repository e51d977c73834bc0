"""The system's own Chromium for a folder or a file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import NoChromium, find_chromium, launch


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Give a browser and close it; without one the test that asks fails and says what to install."""
    try:
        find_chromium()
    except NoChromium as missing:
        pytest.fail(str(missing), pytrace=False)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
