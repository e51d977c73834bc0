"""A checker at work: papers zoomed, turned and changed beside what is typed; a list kept as it is ticked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from common.node.demo.small import TOWNSHIP
from tests.browser.conftest import Sit

_PICTURE = ".viewer .sheet img"


def width(page: Page) -> float:
    """How wide the picture is drawn, in pixels."""
    return float(page.locator(_PICTURE).evaluate("one => one.getBoundingClientRect().width"))


def open_case(page: Page) -> None:
    """Open the first case of the queue with more than one paper."""
    page.goto("/queue?work=check")
    for href in [one.get_attribute("href") for one in page.locator("table.cases td a").all()]:
        page.goto(str(href))
        if page.locator(".paper-list li").count() > 1 and page.locator(_PICTURE).count():
            return
    pytest.fail("no case with papers waits for a check")


def test_a_paper_is_looked_at_beside_what_is_typed(sit: Sit) -> None:
    desk = sit(TOWNSHIP, "checker")
    page = desk.page
    open_case(page)
    page.click("text=对照清单审材料")
    page.wait_for_selector(".viewer .sheet.moving .frame")
    page.locator("input[value=wrong]").first.check()
    expect(page.locator("#standing")).to_contain_text("缺或不对 1 项")
    typed = page.locator("form.checks input[name^=how-]").first
    typed.fill("第二页看不清")

    page.locator("h1").click()
    whole = width(page)
    page.keyboard.press("+")
    page.wait_for_selector(".sheet.large")
    assert width(page) > whole * 1.3
    page.keyboard.press("0")
    page.wait_for_selector(".sheet:not(.large)")
    tall = page.locator(".frame").evaluate("one => one.offsetHeight > one.offsetWidth")
    page.keyboard.press("r")
    page.wait_for_function(
        "was => { const one = document.querySelector('.frame'); "
        "return one.offsetHeight > one.offsetWidth !== was; }",
        arg=tall,
    )
    first = page.locator(_PICTURE).get_attribute("src")
    page.keyboard.press("j")
    page.wait_for_function(
        f"was => document.querySelector('{_PICTURE}').getAttribute('src') !== was", arg=first
    )
    expect(typed).to_have_value("第二页看不清")

    # What was written is kept when the field is left; another day it still stands there.
    typed.press("Tab")
    page.wait_for_timeout(800)
    page.reload()
    expect(page.locator("form.checks input[name^=how-]").first).to_have_value("第二页看不清")
    page.click("text=按清单写")
    expect(page.locator("input[name^=how-]").first).to_have_value("第二页看不清")
    assert desk.violations() == []


def test_without_scripts_the_same_by_buttons(sit: Sit) -> None:
    desk = sit(TOWNSHIP, "checker", java_script_enabled=False)
    page = desk.page
    open_case(page)
    page.click("text=对照清单审材料")
    # A picture has a size, and so is seen, only once it has come: that may be after its page.
    expect(page.locator(_PICTURE)).to_be_visible()
    expect(page.locator("[data-tools]")).to_be_hidden()
    page.locator("input[value=ok]").nth(1).check()
    page.click("text=保存清单")
    expect(page.locator("main")).to_contain_text("清单已保存")
    expect(page.locator("input[value=ok]").nth(1)).to_be_checked()
