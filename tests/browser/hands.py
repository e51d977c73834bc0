"""What hands do at a desk: fill a page in, press its button, look whether something has come."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from playwright.sync_api import Locator, Page

from common.catalogue.rules.item import ServiceItem, parse_item
from common.catalogue.service import shipped_items
from common.node.demo_data.people import Resident, fill, resident_for
from common.node.demo_data.photos import photograph
from tests.browser.desk import Desk

OLD_AGE, STILL_ALIVE = "DEMO-511921-0503", "DEMO-511921-2001"
# An exchange is due every second; on a machine with other work it may take a while.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What somebody comes for: item, person, answers to the form, photographs by paper."""

    item: ServiceItem
    person: Resident
    form: Mapping[str, str]
    photos: Mapping[str, Path]

    @property
    def typed(self) -> dict[str, str]:
        """Everything that is typed on any page of filing."""
        whole = {**self.person.as_applicant(), "place": self.person.village, **self.form}
        return {**whole, "result_number": "演示〔2026〕7301号"}


def visit(seed: int, village: str, folder: Path, papers: int = 2, code: str = OLD_AGE) -> Visit:
    """Return a visit for an item by a person nobody else is, with so many photographs."""
    item = next(one for one in map(parse_item, shipped_items()) if one.code == code)
    person = resident_for(item, seed, village)
    wanted = [paper for paper in item.papers if paper.required][:papers]
    photos = {}
    for place, paper in enumerate(wanted):
        photos[paper.key] = folder / f"{seed}-{paper.key}.jpg"
        photos[paper.key].write_bytes(photograph(paper.name, person, place))
    return Visit(item, person, fill(item, person, Random(seed)), photos)


def fill_in(page: Page, values: Mapping[str, str]) -> int:
    """Fill the fields of the page that have a value; return how many there were."""
    filled = 0
    for key, value in values.items():
        fields = page.locator(f'main [name="{key}"]:not([type=hidden])')
        if fields.count() and _put(fields, value):
            filled += 1
    return filled


def _put(fields: Locator, value: str) -> bool:
    first = fields.first
    kind = first.evaluate("one => one.tagName === 'INPUT' ? one.type : one.tagName")
    if kind == "radio":
        first.page.locator(f'main [name="{first.get_attribute("name")}"][value="{value}"]').check()
    elif kind == "checkbox":
        first.check()
    elif not first.is_visible():
        return False
    elif kind == "SELECT":
        first.select_option(value)
    else:
        first.fill(value)
    return True


def begin(desk: Desk, code: str) -> None:
    """Choose an item on the page of items."""
    page = desk.go("/file")
    page.locator(f'button[name=item][value="{code}"]').last.click()
    page.wait_for_url(re.compile("/file/.+/applicant"))


def go_on(page: Page) -> None:
    """Press the button that leads to the next page of filing."""
    before = page.url
    page.locator("[data-go]").click()
    page.wait_for_url(lambda address: address != before)


def to_papers(page: Page, coming: Visit) -> None:
    """Fill in every page from the one shown to the papers."""
    while not page.url.endswith("/papers"):
        fill_in(page, coming.typed)
        go_on(page)


def finish(page: Page, coming: Visit) -> str:
    """Give the papers, check, file, and return the number on the slip."""
    for key, photo in coming.photos.items():
        page.locator(f'input[type=file][name="paper-{key}"]').last.set_input_files(photo)
    go_on(page)
    page.wait_for_url(re.compile("/check"))
    go_on(page)
    page.wait_for_url(re.compile("/file/slip/"))
    return page.url.rpartition("/")[2].partition("?")[0]


def step(desk: Desk, number: str, name: str, **values: str) -> None:
    """Take a step on a case (or send a report about it) through the page that its own page links to."""
    page = desk.page
    come(desk, f"/case/{number}", lambda: page.locator(f'a[href$="/{name}"]').count() > 0, name)
    desk.go(str(page.locator(f'a[href$="/{name}"]').first.get_attribute("href")))
    fill_in(page, values)
    page.locator("main form.card .actions button").first.click()
    page.wait_for_url(lambda address: not address.endswith(f"/{name}"))


def come(desk: Desk, path: str, is_there: Callable[[], bool], what: str) -> None:
    """Open a page again and again until what is waited for is on it."""
    limit = time.monotonic() + PATIENCE_S
    while True:
        desk.go(path)
        if is_there():
            return
        assert time.monotonic() < limit, f"{what} never came at {path}: {desk.page.inner_text('main')[:600]}"
        time.sleep(0.5)
