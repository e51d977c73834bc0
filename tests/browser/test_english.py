"""English and large print: what the program itself says is English, and a narrow screen holds all of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ViewportSize

from common.node.demo.accounts import accounts_of
from common.node.demo.small import TOWNSHIP, VILLAGE
from common.node.demo_data.sites import COUNTY
from tests.browser.axe import Glass
from tests.browser.conftest import Sit
from tests.browser.desk import Desk

# What the program says, beside names of people, places and items, which stay as they are.
_SAID = "nav, .help, .foot a, h2, th, legend, label, button, summary, .hint, .tabs, .button"
_CHINESE = re.compile("[一-鿿]{2,}")
_NAMES = re.compile(
    r"(?:镇|村|县|局|中心|申领|审批|认定|确认|核发|登记|认证|救助|许可|办公室|书|证|表|照片|材料)"
)
_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_WIDTHS = (ViewportSize(width=360, height=740), ViewportSize(width=1366, height=740))
_SEEN = f"""() => ({{
  language: document.documentElement.lang,
  size: document.documentElement.dataset.size,
  said: [...document.querySelectorAll('{_SAID}')].filter(one => !one.closest('[lang]:not(html)'))
    .map(one => one.innerText || ''),
  split: [...document.querySelectorAll('.stack td')].filter(one => [...one.childNodes]
    .filter(part => part.nodeType !== 3 || part.textContent.trim()).length > 1).map(one => one.innerText),
  html: document.documentElement.outerHTML,
}})"""
# What the menu measures and an entry of it, and so the bar above with the buttons that stand in it.
_MENU = """() => {
  const menu = document.querySelector('nav.menu > ul'), bar = document.querySelector('header.site .bar');
  return {menu: menu.offsetHeight, entry: menu.querySelector('a').offsetHeight,
          bar: bar.offsetHeight, tools: bar.querySelector('.tools').offsetHeight};
}"""
# By how much the register scrolls, and the narrowest of its columns: of items, by the letters that have room.
_LEDGER = """() => {
  const all = document.querySelector('.ledger'), item = all.querySelector('td:nth-child(6)');
  return {hidden: all.scrollWidth - all.clientWidth,
          letters: item.clientWidth / parseFloat(getComputedStyle(item).fontSize)};
}"""
DESKS = [(VILLAGE, "agent"), (TOWNSHIP, "clerk"), (COUNTY, "clerk")]


def choose(desk: Desk, **wanted: str) -> None:
    """Choose one's preferences on their page."""
    page = desk.go("/preferences")
    for name, value in wanted.items():
        page.check(f'input[name="{name}"][value="{value}"]')
    page.click("main form button")
    page.wait_for_url(re.compile("/preferences"))


def chinese_of(said: list[str]) -> list[str]:
    """Return what a page says in Chinese though it should be English."""
    return sorted({line for text in said for line in text.splitlines() if _CHINESE.search(line)})


@pytest.mark.parametrize(("address", "login"), DESKS, ids=["village", "township", "county"])
def test_menu_pages_are_english_and_fit_in_large_print(
    sit: Sit, glass: Glass, address: str, login: str
) -> None:
    """Method: every page of the menu in English and large print, also at 360 px, with axe-core."""
    desk = sit(address, login)
    people = {one.name for one in accounts_of(address)}
    choose(desk, language="en", large_print="1")
    try:
        paths = desk.page.locator("nav.menu a").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        wrong, widths = [], _WIDTHS
        for path in dict.fromkeys([*paths, "/preferences", "/shortcuts"]):
            page = desk.go(path)
            seen = page.evaluate(_SEEN)
            assert (seen["language"], seen["size"]) == ("en", "large")
            said = [line for line in chinese_of(seen["said"]) if line not in people]
            wrong += [f"{path}: {line}" for line in said if not _NAMES.search(line)]
            wrong += [f"{path}: {one}" for one in glass.violations(seen["html"])]
            # On a telephone the parts of a cell stand side by side: words cut in two by a name are one part.
            wrong += [f"{path}: a cell in pieces: {one}" for one in seen["split"]]
            for width in widths:
                page.set_viewport_size(width)
                wide = page.evaluate(_WIDE)
                wrong += [f"{path}: {wide} px too wide at {width['width']}"] if wide > 0 else []
            # The next page begins at the width that this one ends with.
            widths = widths[::-1]
        assert not wrong, "\n".join(wrong)
    finally:
        choose(desk, language="zh_CN", large_print="0")


def test_a_telephone_shows_whose_site_it_is_how_the_line_is_and_all_of_a_long_badge(sit: Sit) -> None:
    """Method: in Chinese at 360 px, in large print, with the longest words the header has."""
    for address, login, path in ((VILLAGE, "agent", "/line"), (COUNTY, "approver", "/items")):
        page = sit(address, login, viewport=_WIDTHS[0]).go(path)
        page.evaluate("document.documentElement.dataset.size = 'large'")
        for line in page.locator(".tools .line").all():
            line.evaluate("one => { one.textContent = '线路不通，已存本站，线路恢复后自动发送，待发 12 件' }")
            assert line.evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing of it is cut off"
        assert page.locator(".brand span").is_visible() and page.evaluate(_WIDE) <= 0
        leave = page.get_by_role("button", name="退出").bounding_box()
        # Above the header is the band of practice.
        head = page.locator("header.site").bounding_box()
        assert leave and head and leave["y"] - head["y"] < 60 and leave["x"] + leave["width"] <= 360


@pytest.mark.parametrize(("address", "login"), [(VILLAGE, "agent"), (TOWNSHIP, "admin"), (COUNTY, "admin")])
def test_the_menu_and_the_bar_are_one_line_at_every_desk(sit: Sit, address: str, login: str) -> None:
    """Method: those with most entries, in both languages, at the widths of an old screen and a common one.

    The first page shows its own entry in bold, another one the field for finding cases in its bar.
    """
    desk = sit(address, login)
    for language in ("en", "zh_CN"):
        desk.context.add_cookies([{"name": "language", "value": language, "url": desk.url}])
        for width in (1366, 1024):
            desk.page.set_viewport_size({"width": width, "height": 740})
            for path in ("/", "/preferences"):
                seen = desk.go(path).evaluate(_MENU)
                assert seen["menu"] < 2 * seen["entry"], (path, language, width)
                assert seen["bar"] < 2 * seen["tools"], (path, language, width)


def test_an_old_screen_shows_the_whole_register(sit: Sit) -> None:
    """Method: 1024 px, both languages; no column is out of sight, and none is a letter wide."""
    desk = sit(VILLAGE, "agent", viewport=ViewportSize(width=1024, height=740))
    for language in ("en", "zh_CN"):
        desk.context.add_cookies([{"name": "language", "value": language, "url": desk.url}])
        seen = desk.go("/register").evaluate(_LEDGER)
        assert seen["hidden"] <= 0 and seen["letters"] >= 5, (language, seen)
