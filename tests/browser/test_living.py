"""Pages that refresh themselves in a real browser: never while nobody looks, and nothing typed is lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from common.node.demo.small import TOWNSHIP, VILLAGE
from tests.browser.conftest import Sit

_SEEN = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def polls_of(page: Page) -> list[str]:
    """Return the list that fills with what the page asks for by itself from now on."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "hx-request" in one.headers else None)
    return asked


def test_a_home_page_asks_again_only_while_somebody_looks(sit: Sit) -> None:
    page = sit(TOWNSHIP, "checker").go("/")
    asked = polls_of(page)
    page.fill("#q", "王秀")
    page.evaluate(_SEEN, True)
    page.evaluate("htmx.trigger(document.body, 'refresh')")
    page.wait_for_timeout(300)
    assert asked == []
    page.evaluate("document.getElementById('list').dataset.old = '1'")
    page.evaluate(_SEEN, False)
    page.wait_for_selector("#list:not([data-old])")
    assert len(asked) == 1
    expect(page.locator("#q")).to_have_value("王秀")


def test_what_is_scanned_where_papers_are_checked_is_checked(sit: Sit) -> None:
    page = sit(VILLAGE, "agent").page
    page.goto("/v")
    page.locator("h1").click()
    page.keyboard.type("https://zw.example/v#AAAA")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert page.url.endswith("/v")
