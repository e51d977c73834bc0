"""A hall's work by keyboard alone in a real browser, over a real township; and what a large upload tells."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from common.store.database import close_database
from tests.browser.chromium import running_chromium
from tests.desk.three import PASSWORD, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes

_TABS_MOST = 60


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's own Chromium; without one the tests fail and say what to install."""
    with running_chromium() as browser:
        yield browser


@contextmanager
def signed_in(three: ThreeNodes, chromium: Browser, address: str, login: str) -> Iterator[Page]:
    """Serve a node to one browser, in which somebody signs in by keys."""
    three.client(address, login)
    server = make_server("127.0.0.1", 0, three.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}", locale="zh-CN")
    try:
        page = context.new_page()
        page.goto("/sign-in")
        to(page, "[name=login]")
        page.keyboard.type(login)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        yield page
    finally:
        context.close()
        server.shutdown()
        thread.join(5)
        close_database()


def to(page: Page, selector: str) -> None:
    """Go on with Tab until what is looked for has the focus, which must be seen."""
    for _ in range(_TABS_MOST):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector} on {page.url}")


def test_a_checker_works_through_the_queue_by_keys(three: ThreeNodes, chromium: Browser) -> None:
    """From the first page to the case, through its list, forward, and on to the next; no mouse anywhere."""
    three.open(VILLAGE)
    first, second = three.file(SUBSISTENCE, seed=1), three.file(SUBSISTENCE, name="张国清", seed=2)
    three.carry(VILLAGE, TOWN)
    with signed_in(three, chromium, TOWN, "checker") as page:
        page.keyboard.press("n")
        page.wait_for_url(re.compile(f"/case/{first}"))
        page.keyboard.press("c")
        page.wait_for_url(re.compile("/check"))
        to(page, "[name^='mark-']")
        page.keyboard.press("Space")
        expect(page.locator("#standing")).to_contain_text("合格 1 项")
        page.go_back()
        page.wait_for_url(re.compile(f"/case/{first}$"))
        to(page, "a[href$='/do/forward']")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/do/forward"))
        to(page, "main form.card button[name=then]")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"/case/{second}"))
    three.open(TOWN)
    assert three.node.casework.case(first).state.value == "CHECKED"


def test_a_large_paper_tells_how_far_it_is(three: ThreeNodes, chromium: Browser, tmp_path: Path) -> None:
    """Method: Chromium's own slow net; the paper is as it came and the row says how much has gone."""
    large = tmp_path / "large.pdf"
    large.write_bytes(b"%PDF-1.4\n" + os.urandom(500_000) + b"\n%%EOF")
    with signed_in(three, chromium, VILLAGE, "agent") as page:
        page.goto("/file")
        page.locator("main form button[name=item]").first.click()
        page.wait_for_url(re.compile("/applicant"))
        page.goto(page.url.replace("/applicant", "/papers"))
        net = page.context.new_cdp_session(page)
        net.send("Network.enable")
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
        net.send("Network.emulateNetworkConditions", slow)
        row = page.locator("[data-row]").first
        row.locator("input[data-photos]").set_input_files(large)
        expect(row.locator("[role=status]").first).to_contain_text(re.compile(r"正在上传：\d+%"))
        expect(page.locator("[data-row]").first.locator(".papers li")).to_have_count(1)
