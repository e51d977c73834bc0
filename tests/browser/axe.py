"""axe-core on the page itself, or on many pages one after another at one reading glass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

WIDE = ViewportSize(width=1366, height=768)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
_SHEETS = "() => [...document.querySelectorAll('link[rel~=stylesheet]')].map(one => one.getAttribute('href'))"
# Root, head and body of the page become those of the glass; the sheet, which is the same, stays.
_LAY = """html => {
  const page = new DOMParser().parseFromString(html, 'text/html'), root = document.documentElement;
  page.querySelectorAll('script, noscript').forEach(one => one.remove());
  page.querySelectorAll('img[src]').forEach(one => one.setAttribute('src', 'data:,'));
  const is_sheet = one => one.matches('link[rel~=stylesheet]');
  const sheets = list => [...list.children].filter(is_sheet).map(one => one.getAttribute('href')).join();
  if (sheets(page.head) !== sheets(document.head)) return false;
  [...root.attributes].forEach(one => root.removeAttribute(one.name));
  [...page.documentElement.attributes].forEach(one => root.setAttribute(one.name, one.value));
  [...document.head.children].filter(one => !is_sheet(one)).forEach(one => one.remove());
  document.head.append(...[...page.head.children].filter(one => !is_sheet(one)));
  document.body.replaceWith(document.adoptNode(page.body));
  return true;
}"""
# How a text stands out follows from this alone: its colour, size, weight and shadow, and what lies under it.
# One text of each kind, out of all pages, is enough for the rule that looks for contrast.
_TELL = """
window.told = window.told || new Set();
window.untold = () => [...document.body.querySelectorAll('*')].filter(one => {
  const has_text = [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim());
  if (!(has_text || one.matches('input, select, textarea')) || !one.checkVisibility()) return false;
  const own = getComputedStyle(one), looks = [own.color, own.fontSize, own.fontWeight, own.textShadow];
  looks.push(one.matches(':disabled, :disabled *, [aria-disabled=true], [aria-disabled=true] *'));
  for (let under = one; under; under = under.parentElement) {
    const style = getComputedStyle(under);
    looks.push(style.backgroundColor, style.backgroundImage, style.opacity);
    if (/^rgb[(]/.test(style.backgroundColor)) break;
  }
  const look = looks.join();
  return !told.has(look) && told.add(look);
});
;0"""
_RUN = """async ([rules, of_new_looks]) => {
  const asked = {resultTypes: ['violations'], preload: false, rules};
  const found = (await axe.run(asked)).violations;
  const texts = of_new_looks ? untold() : [];
  if (texts.length) {
    const only = {resultTypes: ['violations'], preload: false, runOnly: ['color-contrast']};
    found.push(...(await axe.run({include: texts}, only)).violations);
  }
  const place = one => `${one.nodes.length}×, ${one.nodes[0].html.slice(0, 160)}`;
  return found.map(one => `${one.id}: ${one.help} (${place(one)})`);
}"""


def load_axe(page: Page) -> None:
    """Bring axe-core into a page: through the debugger, for the page itself forbids scripts of others."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "\n;0")


def found_by_axe(page: Page) -> list[str]:
    """Return what axe-core, which is there, holds against a page, one line a rule, with the first place."""
    found: list[str] = page.evaluate(_RUN, [{}, False])
    return found


class Glass:
    """A window in which pages are laid one after another, axe-core being there already.

    To load axe-core into every page takes as long as its work there. What is laid is the page as its own
    scripts have left it, under the same sheet; no script runs here and no picture is fetched. A text is
    looked at for contrast when no text of its looks was seen before in this glass.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._page = browser.new_context(base_url=url, viewport=WIDE, locale="zh-CN").new_page()
        self._page.goto("/sign-in")
        load_axe(self._page)
        self._page.evaluate(_TELL)

    def violations(self, html: str) -> list[str]:
        """Return what axe-core holds against a page that is this now."""
        assert self._page.evaluate(_LAY, html), "a page with sheets of its own cannot be laid here"
        rules: dict[str, Any] = {"color-contrast": {"enabled": False}}
        found: list[str] = self._page.evaluate(_RUN, [rules, True])
        return found

    def close(self) -> None:
        """Put it away."""
        self._page.context.close()
