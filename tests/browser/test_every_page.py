"""Every page of every tier, found by its links, in a real browser: axe-core, console, hosts, size, width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Route, ViewportSize

from common.node.demo.accounts import accounts_of
from common.node.demo.clerk import BEFORE, CHECK, FORM, PAPERS
from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from common.node.demo_data.sites import COUNTY
from common.people.rules.roles import Role
from county_node.profile import PROFILE as COUNTY_PROFILE
from tests.browser.axe import WIDE, Glass
from tests.browser.conftest import Sit
from tests.browser.desk import Desk
from tests.browser.routes import STEP_FORMS, Found, Routes, crawl
from tests.web.fakes import FakeNode
from town_node.profile import PROFILE as TOWN_PROFILE
from village_node.profile import PROFILE as VILLAGE_PROFILE

TIERS = {VILLAGE: VILLAGE_PROFILE, TOWNSHIP: TOWN_PROFILE, COUNTY: COUNTY_PROFILE}
FIRST_LOAD_BYTES, LATER_BYTES = 100 * 1024, 30 * 1024
# Pages that only a state of the story shows; other tests open them. Everything else must be found by links.
ELSEWHERE = {
    "account.sign_in": "opened by whoever has not signed in",
    "forgotten.index": "opened by whoever has not signed in",
    "health.healthz": "speaks to programs",
    "queue.find_again": "leads to the queue",
    "queue.following": "leads to a case",
    "letters.find_again": "leads to the list",
    "letters.show": "no letter was signed in this county",
    "letters.printed": "no letter was signed in this county",
    "letters.photo": "no letter was signed in this county",
    "receipts.sheets": "its form leads there, see test_receipts",
    "line.sheet": "its form leads there, see test_audit",
    "line.former_sheet": "leads to the line page",
    "own_work.state": "a part of a page",
    "own_work.fetch": "a file",
    "roster_keys.index": "shown while a key waits for its owner to be named, see test_roster_keys",
    "roster_keys.show": "shown while a key waits for its owner to be named, see test_roster_keys",
    "days.show": "shown where a date is in doubt",
    "not_back.show": "shown at a node that was put back, see test_not_back",
    "filing.known.people": "a part of a page",
    "filing.known.paper": "a file, offered where a paper of one's own was handed in before, see test_known",
    "stick.state": "a part of a page",
    "stick.fetch": "a file",
    "packages.not_checked": "leads back to the page of the form",
}
# What the browser reports of the page it shows: bytes of the page itself, of all it needs, of photographs.
_WEIGHT = """() => {
  const page = performance.getEntriesByType('navigation')[0];
  const rest = performance.getEntriesByType('resource');
  const papers = rest.filter(one => /\\/papers?\\//.test(one.name));
  const kept = rest.filter(one => one.name.includes('/static/'));
  const bytes = list => list.reduce((sum, one) => sum + one.encodedBodySize, 0);
  return {first: page.encodedBodySize + bytes(rest) - bytes(papers),
          later: page.encodedBodySize + bytes(rest) - bytes(papers) - bytes(kept)};
}"""
_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SEEN = f"""() => ({{
  weight: ({_WEIGHT})(),
  wide: {_WIDE},
  title: document.title,
  headings: document.querySelectorAll('h1').length,
  html: document.documentElement.outerHTML,
}})"""
_WIDTHS = (WIDE, ViewportSize(width=360, height=740))


class Stopped(Exception):
    """The agent leaves the draft as it is."""


def leave_drafts(county: SmallCounty, address: str) -> list[str]:
    """Begin a case at a site up to each page of filing, leave it there, and return pages of a draft."""
    clerk = county.network.clerk(address, Role.AGENT if address == VILLAGE else Role.CLERK)
    offered = clerk.browser.get("/file").text
    entries = [one for one in county.docket.entries if f'value="{one.errand.item.code}"' in offered]
    mine = [one for one in entries if one.errand.given and not one.errand.item.is_instant]

    def stop() -> None:
        raise Stopped

    # The county itself takes in nothing that anybody here comes for.
    for place, page in enumerate((FORM, PAPERS, CHECK) if mine else ()):
        with pytest.raises(Stopped):
            clerk.take_in(mine[place % len(mine)].errand, {BEFORE + page: stop})
    drafts = sorted(set(re.findall(r"/file/(\w+)/check", clerk.browser.get("/file").text)))
    pages = ("applicant", "form", "papers", "authority", "promise")
    return [f"/file/{draft}/{page}" for draft in drafts[:1] for page in pages]


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of one site: who opens which, and every view the tier has."""

    pages: dict[str, list[Found]]
    views: set[str]


@pytest.fixture(scope="module")
def sites(county: SmallCounty, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Site]:
    """All pages of all sites, by address."""
    found, forms = {}, set[str]()
    for address, profile in TIERS.items():
        routes = Routes(FakeNode(tmp_path_factory.mktemp("fake")), profile)
        found[address] = Site(_pages(county, address, routes, forms), routes.views())
    return found


def _pages(county: SmallCounty, address: str, routes: Routes, forms: set[str]) -> dict[str, list[Found]]:
    """Return who opens which pages of a site; a page of one kind is opened by the first who can.

    Forms of steps are the same at every tier: those among `forms` are left out, and new ones are put there.
    """
    # Of sites in the roster the first is looked at: the county itself, whose keys nobody revokes.
    more = ["/_gallery", "/_gallery?form=wrong", f"/roster/{VILLAGE}/revoke", *leave_drafts(county, address)]
    found: dict[str, list[Found]] = {}
    known: set[str] = set(forms)
    done: dict[tuple[tuple[Role, ...], str], set[str]] = {}
    for account in accounts_of(address):
        # Whoever has the posts of somebody before, in the same office, has other cases and nothing else.
        post = account.roles, account.department
        same = {kind for kind in done.get(post, ()) if not kind.startswith(("home.", "queue."))}
        for page in crawl(county.network.signed_in(address, account), routes, same, *more):
            done.setdefault(post, set()).add(page.kind)
            if page.kind not in known or page.endpoint == "home.index" or page.path == "/queue":
                known.add(page.kind)
                if page.endpoint in STEP_FORMS:
                    forms.add(page.kind)
                found.setdefault(account.login, []).append(page)
    return found


def test_forms_of_steps_and_what_others_see_of_a_case_are_among_the_pages(sites: dict[str, Site]) -> None:
    """Else all forms count as one, and the page for whoever has no part in a case as the case itself."""
    kinds = [page.kind for site in sites.values() for pages in site.pages.values() for page in pages]
    forms = [kind for kind in kinds if kind.startswith("cases.ask")]
    assert len(forms) >= 12 and len(set(forms)) == len(forms)
    assert any(kind.startswith("cases.show ") and kind.endswith(" progress") for kind in kinds)


def test_links_lead_to_every_page_there_is(sites: dict[str, Site]) -> None:
    """What no link leads to at any tier is either dead or named above with the reason."""
    found = {page.endpoint for site in sites.values() for pages in site.pages.values() for page in pages}
    views = {view for site in sites.values() for view in site.views}
    assert views - found - set(ELSEWHERE) == set()


class Visitor:
    """Somebody who looks at pages, each at two widths and through a glass, and says what is wrong."""

    def __init__(self, desk: Desk, glass: Glass) -> None:
        self.desk = desk
        self._glass = glass
        self._at, self._next = _WIDTHS

    def faults_of(self, path: str) -> Iterator[str]:
        """Open a page and yield what is wrong with it."""
        desk = self.desk
        desk.troubles.clear()
        page = desk.go(path)
        seen = page.evaluate(_SEEN)
        if seen["weight"]["first"] > FIRST_LOAD_BYTES:
            yield f"{seen['weight']['first']} bytes at the first load"
        if seen["weight"]["later"] > LATER_BYTES:
            yield f"{seen['weight']['later']} bytes later"
        if seen["headings"] != 1 or not seen["title"]:
            yield f"{seen['headings']} headings, title {seen['title']!r}"
        yield from self._too_wide(seen["wide"])
        # The next page begins at this width.
        self._at, self._next = self._next, self._at
        page.set_viewport_size(self._at)
        yield from self._too_wide(page.evaluate(f"() => {_WIDE}"))
        yield from desk.troubles
        yield from self._glass.violations(seen["html"])
        desk.troubles.clear()

    def _too_wide(self, pixels: int) -> Iterator[str]:
        if pixels > 0:
            yield f"{pixels} px too wide at {self._at['width']}"


@pytest.mark.parametrize("address", [VILLAGE, TOWNSHIP, COUNTY], ids=["village", "township", "county"])
def test_every_page_of_a_tier_is_sound(
    sites: dict[str, Site], county: SmallCounty, sit: Sit, glass: Glass, address: str
) -> None:
    """Method: links from the first page on, as every member of staff; each kind of page once."""
    wrong, visitor = [], Visitor(sit(address), glass)
    for account in accounts_of(address):
        visitor.desk.sit_as(county.network.signed_in(address, account).browser.cookies)
        for page in sites[address].pages.get(account.login, ()):
            if page.is_drawn:
                wrong += [f"{account.login} {page.path}: {fault}" for fault in visitor.faults_of(page.path)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", [VILLAGE, COUNTY], ids=["village", "county"])
def test_what_a_stranger_sees_is_sound(sit: Sit, glass: Glass, address: str) -> None:
    """Method: the pages that need no sign-in, by their own links, and a page that is not there."""
    desk = sit(address)
    visitor = Visitor(desk, glass)
    paths = ["/sign-in", "/v", "/shortcuts", "/sign-in?expired=1&next=/queue"]
    page = desk.go("/sign-in")
    paths += page.locator("main a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    wrong = [f"{path}: {fault}" for path in paths for fault in visitor.faults_of(path)]
    desk.go("/nowhere")
    wrong += [f"/nowhere: {fault}" for fault in desk.violations()]
    # The browser itself complains of an answer 404.
    desk.troubles.clear()
    assert not wrong, "\n".join(wrong)


def test_each_fault_is_noticed(sit: Sit, glass: Glass) -> None:
    """Method: a sound page is spoilt on its way to the browser, in every way that is looked for."""
    desk = sit(VILLAGE)
    spoilt = (
        '<h1>twice</h1><img src="/static/none.png"><input name="bare"><font color="#cccccc">pale</font>'
        '<script src="http://elsewhere.example/x.js"></script>'
        f"<pre>{'wide ' * 400}</pre><!--{'heavy' * 25_000}-->"
    )

    def spoil(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{spoilt}</main>"))

    desk.context.route("**/v", spoil)
    wrong = "\n".join(Visitor(desk, glass).faults_of("/v"))
    for fault in (
        *("at the first load", "bytes later", "2 headings", "too wide at 1366", "too wide at 360"),
        *("another host: http://elsewhere.example", "console: ", "image-alt", "label: ", "color-contrast"),
    ):
        assert fault in wrong, f"{fault} not in {wrong}"
    desk.troubles.clear()
