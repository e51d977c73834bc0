"""Filing by keyboard alone: how many pages and keystrokes it takes beyond the data itself."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from tests.browser.conftest import Sit
from tests.browser.hands import STILL_ALIVE, Visit, begin, fill_in, go_on, visit

PAGES_MOST, STROKES_MOST = 6, 25
# A way that never ends is a dead end, too.
_TABS_MOST = 60


class Keys:
    """A keyboard that counts the keys beside the data, and the pages they lead over."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.strokes: list[str] = []
        self.pages: list[str] = []

    def press(self, *keys: str) -> None:
        """Press keys that are no data."""
        for key in keys:
            self.strokes.append(key)
            self.page.keyboard.press(key)

    def arrive(self, pattern: str) -> None:
        """Wait for the next page and count it."""
        self.page.wait_for_url(re.compile(pattern))
        self.settle()
        self.pages.append(self.page.url)

    def settle(self) -> None:
        """Wait until the page takes keys: Chromium does so once it has painted it."""
        self.page.wait_for_load_state()
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => setTimeout(done, 50))))"
        )

    def at(self) -> dict[str, str]:
        """Return what has the focus: tag, type, name, value."""
        found: dict[str, str] = self.page.evaluate(
            "() => { const one = document.activeElement; return Object.fromEntries("
            "['tagName', 'type', 'name', 'value'].map(key => [key, String(one[key] ?? '')])) }"
        )
        return found

    def to(self, name: str) -> None:
        """Go on with Tab until the field of this name has the focus."""
        for _ in range(_TABS_MOST):
            if self.at()["name"] == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {name} on {self.page.url}")

    def answer(self, name: str, value: str) -> None:
        """Give a field its value, which is data; a choice is the key of its place."""
        self.to(name)
        if self.at()["type"] == "radio":
            while not self.page.locator(f'[name="{name}"][value="{value}"]').is_checked():
                self.page.keyboard.press("ArrowDown" if self._is_chosen(name) else "Space")
        elif self.at()["tagName"] == "SELECT":
            self.page.keyboard.type(
                self.page.locator(f'[name="{name}"] option[value="{value}"]').inner_text()
            )
        else:
            self.page.keyboard.type(value)

    def _is_chosen(self, name: str) -> bool:
        return self.page.locator(f'[name="{name}"]:checked').count() > 0


def fill_page(keys: Keys, coming: Visit) -> None:
    """Answer what the page needs and does not know yet, in order; an answer may bring a further question."""
    answered: set[str] = set()
    while open_now := [name for name in _open(keys.page) if name in coming.typed and name not in answered]:
        keys.answer(open_now[0], coming.typed[open_now[0]])
        answered.add(open_now[0])


def _open(page: Page) -> list[str]:
    names: list[str] = page.evaluate(
        "() => [...new Set([...document.querySelectorAll('main .field [name]:not([type=hidden])')]"
        ".filter(one => one.offsetParent && !one.closest('.field').querySelector('.optional'))"
        ".filter(one => one.type === 'radio' ? !one.form.elements[one.name].value : !one.value)"
        ".map(one => one.name))]"
    )
    return names


def give(keys: Keys, coming: Visit) -> None:
    """Choose the photograph of each paper in the browser's own window."""
    for key, photo in coming.photos.items():
        keys.to(f"paper-{key}")
        with keys.page.expect_file_chooser() as chooser:
            keys.press("Enter")
        chooser.value.set_files(photo)
        # Photographs are made smaller first.
        expect(keys.page.locator("[data-go]")).to_be_enabled()


def test_an_item_with_two_papers_is_filed_by_keyboard_in_few_keys(sit: Sit, tmp_path: Path) -> None:
    """Method: nothing but the keyboard from the first page to the slip; letters of data are not counted."""
    coming = visit(7_300, VILLAGE, tmp_path, code=STILL_ALIVE)
    agent = sit(VILLAGE, "agent")
    agent.page.add_init_script("window.print = () => { document.title += ' printed'; };")
    agent.go("/")
    keys = Keys(agent.page)
    keys.press("s")
    keys.arrive("/file$")
    keys.press(*"zgrz", "Enter")
    # The same page, with what was found on it.
    agent.page.wait_for_url(re.compile("[?]q=zgrz"))
    keys.settle()
    keys.press("Enter")
    keys.arrive("/applicant")
    while "/papers" not in agent.page.url:
        fill_page(keys, coming)
        before = agent.page.url
        keys.press("Control+Enter")
        agent.page.wait_for_url(lambda address, before=before: address != before)
        keys.arrive("/(form|papers)")
    give(keys, coming)
    keys.press("Control+Enter")
    keys.arrive("/check")
    fill_page(keys, coming)
    keys.press("Control+Enter")
    agent.page.wait_for_url(re.compile("/file/slip/"))
    expect(agent.page.locator("svg.qr")).to_be_visible()
    # The window for printing opens by itself, and not again when the page is loaded again.
    expect(agent.page).to_have_title(re.compile("printed$"))
    agent.page.reload()
    agent.page.wait_for_load_state("load")
    assert "printed" not in agent.page.title()
    assert len(keys.pages) <= PAGES_MOST, keys.pages
    assert len(keys.strokes) <= STROKES_MOST, keys.strokes


def test_every_field_that_may_stay_empty_says_so(sit: Sit, tmp_path: Path) -> None:
    """What is not required is marked, what is required is announced as such."""
    coming = visit(7_301, VILLAGE, tmp_path)
    agent = sit(VILLAGE, "agent")
    begin(agent, coming.item.code)
    for page in ("applicant", "form"):
        assert page in agent.page.url
        unmarked = agent.page.evaluate(
            "() => [...document.querySelectorAll('main .field')].filter(one => one.offsetParent"
            " && !one.querySelector('.optional') && !one.querySelector('[aria-required], [type=radio]'))"
            ".map(one => one.innerText)"
        )
        assert unmarked == []
        fill_in(agent.page, coming.typed)
        go_on(agent.page)


def test_keys_lead_where_their_list_says_and_can_be_turned_off(sit: Sit) -> None:
    """The list opens over the page on `?`, works with Escape, and keys are silent where one types."""
    agent = sit(VILLAGE, "agent")
    page = agent.go("/")
    page.keyboard.press("?")
    box = page.locator("dialog[open]")
    expect(box).to_contain_text("快捷键")
    assert agent.violations() == []
    page.keyboard.press("q")
    page.wait_for_timeout(300)
    assert page.url.endswith("/"), "no key works through an open window"
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("q")
    page.wait_for_timeout(300)
    assert page.locator("#q").input_value() == "q" and page.url.endswith("/")
    page.locator("main").focus()
    page.keyboard.press("q")
    page.wait_for_url(re.compile("/queue"))
    page.keyboard.press("?")
    page.locator("dialog[open] button.second").click()
    page.locator("main").focus()
    page.keyboard.press("h")
    page.wait_for_timeout(300)
    assert "/queue" in page.url
    agent.go("/shortcuts")
    assert page.locator("kbd").count() > 5


def test_a_scanner_is_heard_wherever_one_is(sit: Sit, county: SmallCounty) -> None:
    """A scanner types a whole number and Enter faster than hands can; nothing needs the focus for it."""
    number = next(one.number for one in county.docket.of(VILLAGE) if one.number)
    agent = sit(VILLAGE, "agent")
    page = agent.go("/line")
    page.evaluate(
        "line => [...line, 'Enter'].forEach(key =>"
        " document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true})))",
        number,
    )
    page.wait_for_url(re.compile(f"/case/{number}"))


def test_a_list_refreshes_itself_and_takes_nothing_away(sit: Sit) -> None:
    """Method: the refresh that comes every half minute is called for; focus, typing and place stay."""
    checker = sit(TOWNSHIP, "checker")
    page = checker.go("/queue?view=all")
    refresh = "() => { document.body.dispatchEvent(new Event('refresh')); }"
    link = page.locator("#list a[href^='/case/']").nth(1)
    href = link.get_attribute("href")
    page.fill("#q", "王")
    link.focus()
    page.evaluate("() => { document.getElementById('list').dataset.old = '1'; }")
    page.evaluate(refresh)
    expect(page.locator("#list:not([data-old])")).to_be_visible()
    expect(page.locator(f'#list a[href="{href}"]').first).to_be_focused()
    assert page.locator("#q").input_value() == "王"
    # Something opened or ticked inside the list: it waits until that is done with.
    page.evaluate(
        "() => { const list = document.getElementById('list'); list.dataset.old = '1';"
        " list.insertAdjacentHTML('beforeend', '<input type=checkbox aria-label=x>');"
        " list.querySelector('input[type=checkbox]').checked = true; }"
    )
    with page.expect_response(re.compile("/queue")):
        page.evaluate(refresh)
    page.wait_for_timeout(300)
    assert page.locator("#list[data-old] input:checked").count() == 1


def test_any_part_that_refreshes_itself_keeps_the_focus(sit: Sit) -> None:
    """Method: a part of work that goes on, put into its page; its next state comes from the test."""
    page = sit(TOWNSHIP, "checker").go("/made")
    states = [
        '<div id="still"><a href="/made">look</a></div>',
        '<div id="over"><a href="/made/x">fetch</a></div>',
    ]
    page.route("**/made/state", lambda route: route.fulfill(body=states.pop(0), content_type="text/html"))
    page.evaluate(
        "() => { const jobs = document.getElementById('jobs');"
        " jobs.innerHTML = '<p><a href=\"/made\">look</a></p>'; jobs.querySelector('a').focus(); }"
    )
    ask = "() => { htmx.ajax('GET', '/made/state', '#jobs'); }"
    page.evaluate(ask)
    expect(page.locator("#still a")).to_be_focused()
    # What it led to is over: the focus is on what is there now, not at the top of the page.
    page.evaluate(ask)
    expect(page.locator("#over a")).to_be_focused()
