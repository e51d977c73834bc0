"""`./deploy.sh pictures [DIR]`: pictures of key pages of a small county that was really founded and played.

Each page at three widths, the page of all parts also very wide, in large print and as it prints.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from common.node.demo.show import standard_error
from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from common.node.demo_data.sites import COUNTY
from tests.browser.desk import Desk, NoChromium, find_chromium, launch
from tests.browser.hands import Visit, begin, fill_in, go_on, to_papers, visit

WIDTHS = (360, 768, 1366)
VERY_WIDE = 1920
_HEIGHT = 768


@dataclass(frozen=True, slots=True)
class View:
    """A page to be pictured: the name of its files, and what opens it."""

    name: str
    open: Callable[[Desk], object]


def main() -> int:
    """Make the pictures and print their files; 1 without a browser."""
    parser = argparse.ArgumentParser(prog="./deploy.sh pictures", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="文件夹；不给就放在新的临时文件夹"
    )
    folder = parser.parse_args().folder or Path(tempfile.mkdtemp(prefix="liandong-pictures-"))
    try:
        find_chromium()
    except NoChromium as missing:
        print(missing, file=sys.stderr)
        return 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        parser.error(f"{folder} 不能用作文件夹")
    with tempfile.TemporaryDirectory(prefix="liandong-county-") as place:
        county = SmallCounty(Path(place), standard_error())
        try:
            county.found()
            county.play()
            with sync_playwright() as playwright:
                for path in make(launch(playwright), county, folder):
                    print(path, flush=True)
        finally:
            county.stop()
    return 0


def make(browser: Browser, county: SmallCounty, folder: Path) -> Iterator[Path]:
    """Make the pictures, desk after desk, and yield their files."""
    photos = folder / ".photos"
    photos.mkdir(exist_ok=True)
    coming = visit(8_800, VILLAGE, photos, papers=4)
    desks = (
        (VILLAGE, "agent", _village(coming)),
        (TOWNSHIP, "checker", _township()),
        (COUNTY, "approver", _county(coming)),
    )
    number = 0
    for address, login, views in desks:
        desk = Desk(browser, county.url(address)).sign_in(login)
        for view in views:
            number += 1
            view.open(desk)
            yield from _pictured(desk, folder, f"{number:02d}-{view.name}")
        desk.close()
    shutil.rmtree(photos)


def _village(coming: Visit) -> list[View]:
    def form(desk: Desk) -> None:
        begin(desk, coming.item.code)
        fill_in(desk.page, coming.typed)
        go_on(desk.page)
        fill_in(desk.page, coming.typed)

    def papers(desk: Desk) -> None:
        to_papers(desk.page, coming)

    def check(desk: Desk) -> None:
        give(desk, coming)

    def slip(desk: Desk) -> None:
        go_on(desk.page)

    return [
        View("village-home", lambda desk: desk.go("/")),
        View("village-items", lambda desk: desk.go("/file")),
        View("village-form", form),
        View("village-papers", papers),
        View("village-check", check),
        View("village-slip", slip),
    ]


def give(desk: Desk, coming: Visit) -> None:
    """Give the photographs and go on to the page on which all is checked."""
    for key, photo in coming.photos.items():
        desk.page.locator(f'input[type=file][name="paper-{key}"]').last.set_input_files(photo)
    go_on(desk.page)


def _first_case(desk: Desk, path: str) -> None:
    desk.go(path)
    desk.go(str(desk.page.locator("main a[href^='/case/']").first.get_attribute("href")))


def _township() -> list[View]:
    return [
        View("township-home", lambda desk: desk.go("/")),
        View("township-queue", lambda desk: desk.go("/queue")),
        View("township-case", lambda desk: _first_case(desk, "/queue")),
    ]


def _county(coming: Visit) -> list[View]:
    def search(desk: Desk) -> None:
        desk.go("/queue")
        desk.page.fill("#q", coming.person.name)
        desk.page.press("#q", "Enter")
        desk.page.wait_for_url("**/queue/find")

    return [
        View("county-home", lambda desk: desk.go("/")),
        View("county-queue", lambda desk: desk.go("/queue?view=all")),
        View("county-case", lambda desk: _first_case(desk, "/queue")),
        View("county-search", search),
        View("gallery", lambda desk: desk.go("/_gallery?form=wrong")),
    ]


def _pictured(desk: Desk, folder: Path, name: str) -> Iterator[Path]:
    is_gallery = name.endswith("gallery")
    for width in (*WIDTHS, VERY_WIDE) if is_gallery else WIDTHS:
        yield _shot(desk, folder / f"{name}-{width}.png", width)
    if is_gallery:
        desk.page.evaluate("() => { document.documentElement.dataset.size = 'large'; }")
        yield _shot(desk, folder / f"{name}-large.png", WIDTHS[2])
        desk.page.evaluate("() => { document.documentElement.dataset.size = 'normal'; }")
        desk.page.emulate_media(media="print")
        yield _shot(desk, folder / f"{name}-print.png", WIDTHS[1])
        desk.page.emulate_media(media="screen")


def _shot(desk: Desk, path: Path, width: int) -> Path:
    desk.page.set_viewport_size({"width": width, "height": _HEIGHT})
    desk.page.screenshot(path=path, full_page=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
