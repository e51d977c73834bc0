"""A person's real browser at one site, watched: what it asks of other hosts and complains of is kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from common.node.demo.accounts import PASSWORD
from tests.browser.axe import WIDE, found_by_axe, load_axe

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing but this machine resolves: a page that asks for another host is caught and gets nothing.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
# What the browser does beside showing pages: for every window it draws two more of its own, to suggest
# addresses. This stands in the place of the driver's own list, so what asks other hosts or holds up paint is
# here, too.
_FEATURES_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    "AimEnabled", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PreconnectToSearch", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "PaintHolding",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose",
)  # fmt: skip
# A page of its own may be slow on a machine that does other work beside; it must never hang.
PATIENCE_MS = 30_000


class NoChromium(RuntimeError):
    """There is no browser to test with; the message says what to install."""


def find_chromium() -> str:
    """Return the browser to use.

    Raises:
        NoChromium: there is none.
    """
    named = os.environ.get("LIANDONG_CHROMIUM")
    for name in (named,) if named else CANDIDATES:
        found = shutil.which(name)
        if found:
            return found
    raise NoChromium("浏览器测试需要 Chromium：apt-get install chromium，或用 LIANDONG_CHROMIUM 指明另一个")


def launch(playwright: Playwright) -> Browser:
    """Start the browser."""
    # Words of the browser's own, as on the button of a file field, in the language of the desks.
    spoken = {**os.environ, "LANGUAGE": "zh_CN"}
    arguments = [*_ARGUMENTS, f"--disable-features={','.join(_FEATURES_OFF)}"]
    return playwright.chromium.launch(executable_path=find_chromium(), args=arguments, env=spoken)


class Desk:
    """One person's browser at the site that answers at `url`.

    `troubles` gathers, in words: requests for another host, complaints on the console, errors of scripts,
    answers of the site that are no good.
    """

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.troubles: list[str] = []
        self.is_closed = False
        self.context: BrowserContext = browser.new_context(
            base_url=url, **{"locale": "zh-CN", "viewport": WIDE, **options}
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.page: Page = self.context.new_page()
        # Heard from the beginning: a listener that comes with the first window comes too late for it.
        self.page.on("filechooser", lambda chooser: None)

    def sign_in(self, login: str) -> Desk:
        """Sign in as one of the site's staff."""
        self.page.goto("/sign-in")
        self.page.fill("#f-login", login)
        self.page.fill("#f-password", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)
        return self

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(path)
        return self.page

    def sit_as(self, cookies: Mapping[str, str]) -> Desk:
        """Go on as whoever these cookies belong to, and nobody else."""
        self.context.clear_cookies()
        self.context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )
        return self

    def violations(self) -> list[str]:
        """Return what axe-core holds against the page shown now, one line a rule, with the first place."""
        if not self.page.evaluate("() => 'axe' in window"):
            load_axe(self.page)
        return found_by_axe(self.page)

    def close(self) -> None:
        """Close the browser's windows; what they held is forgotten. Closing twice does no harm."""
        if not self.is_closed:
            self.is_closed = True
            self.context.close()

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc and not request.url.startswith("data:"):
            self.troubles.append(f"another host: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} {response.url}")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console: {message.text}")
