"""The pages of three real nodes in English: what is left in Chinese is a name, a text of the law or a paper.

Every page that links lead to is opened, for people of each tier; each Chinese word on it must stand in the
data of the county, be typed by the test, or belong to a paper.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from common.casework.rules.words import Action
from common.desk.rules import reasons
from common.people.rules.roles import Role
from tests.desk.desk_pages import Counter
from tests.desk.three import COUNTY, OLD_AGE, PEOPLE, RELIEF, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes
from tests.web.plain_forms import faults

ROOT = Path(__file__).parent.parent.parent
HAN = re.compile(r"[㐀-鿿]")
# A stretch of Chinese with the digits in it; dates of the calendar are written as they are typed there.
STRETCH = re.compile(r"[㐀-鿿〇][㐀-鿿〇0-9]*")
DATES = re.compile(r"\d+月\d+日(至(\d+月)?\d+日)?")
# What the tests type, the number of a notice, and the button to Chinese.
TYPED = (
    "王秀英 李国强 陈桂芳 鹿角坪村2组7号 通江农商银行 年纪大了，独自居住。 符合条件 已由部门核验 通民受 中文"
)
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label")
VOID = {"meta", "link", "input", "br", "img", "hr"}
SHAPES_EACH = 2


class Reading(HTMLParser):
    """Reads a page: its links, Chinese that is marked as such, Chinese that is not, and papers left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.links: list[str] = []
        self.marked: list[str] = []
        self.bare: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a tag leads, what it says, and that it is open."""
        given = {name: value or "" for name, value in attrs}
        is_chinese = given.get("lang") == "zh-CN" or any(chinese for _tag, chinese in self.open)
        # An attribute cannot say in which language it is: names may stand in it.
        self.marked += [given[name] for name in SPOKEN if given.get(name) and not is_chinese]
        if tag == "a":
            self.links.append(given.get("href", "").partition("#")[0])
        if tag not in VOID:
            self.open.append((tag, is_chinese))

    def handle_endtag(self, tag: str) -> None:
        """Close the newest element of this name."""
        while any(name == tag for name, _chinese in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text unless it is typed or on a paper."""
        names = [name for name, _chinese in self.open]
        if not HAN.search(data) or {"article", "script", "style", "textarea"} & set(names):
            return
        is_marked = bool(self.open) and self.open[-1][1]
        # A title and an option hold no elements: they are English words with names among them.
        (self.marked if is_marked or names[-1] in ("title", "option") else self.bare).append(data.strip())


@pytest.fixture(scope="module")
def county_words() -> str:
    """All texts of the county's data: items, places, calendars, words of papers, and what the tests type."""
    texts: list[str] = [TYPED, *(name for name, _posts in PEOPLE.values())]
    # What a reason may begin with goes into papers word for word.
    of_types = [reasons.of(action, code) for action in Action for code in ("01", "")]
    texts += [text for known in of_types for _key, _name, text in known]
    for part in ("catalogue", "places", "casework"):
        for file in (ROOT / "common" / part).rglob("*.json"):
            texts += _texts(json.loads(file.read_text(encoding="utf-8")))
    return "\n".join(texts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _pages(three: ThreeNodes, address: str, login: str) -> Iterator[tuple[str, str, Reading]]:
    """Open every page that links lead to from the first one, two of each kind."""
    client = three.client(address, login)
    client.set_cookie("language", "en")
    waiting, seen = ["/", "/preferences", "/nowhere"], dict[str, int]()
    opened: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        shape = re.sub(r"=[^&]*", "=", re.sub(r"[0-9a-fA-F]{6}[0-9a-zA-Z-]*", "#", path))
        if path in opened or seen.get(shape, 0) >= SHAPES_EACH:
            continue
        opened.add(path)
        seen[shape] = seen.get(shape, 0) + 1
        answer = client.get(path)
        if answer.mimetype == "text/html" and not answer.location:
            assert answer.status_code < 500, path
            reading = Reading(answer.text)
            yield path, answer.text, reading
            waiting += [link for link in reading.links if link.startswith("/") and "_gallery" not in link]


@cache
def _is_known(text: str, words: str) -> bool:
    return any(
        all(stretch in words or _is_place(stretch, words) for stretch in STRETCH.findall(form))
        for form in (text, DATES.sub(" ", text))
    )


def _is_place(name: str, words: str) -> bool:
    """A village is called with its township before it: each of the two is in the data."""
    return any(name[:cut] in words and name[cut:] in words for cut in range(2, len(name) - 1))


def _assert_english(three: ThreeNodes, address: str, login: str, words: str) -> int:
    opened = 0
    for path, page, reading in _pages(three, address, login):
        opened += 1
        assert '<html lang="en"' in page, path
        assert not list(faults(page)), f"{login} {path}: {list(faults(page))[:5]}"
        assert not reading.bare, f"{login} {path}: Chinese that is not marked as such: {reading.bare[:5]}"
        left = [text for text in reading.marked if HAN.search(text) and not _is_known(text, words)]
        assert not left, f"{login} {path}: Chinese that is no name and no text of the law: {left[:5]}"
    return opened


def test_every_page_of_each_tier_is_english_but_for_names_and_the_law(
    three: ThreeNodes, county_words: str
) -> None:
    """When this fails, a sentence has no English: CONTRIBUTING says how one is added."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    three.file(RELIEF, "李国强")
    three.file(OLD_AGE, "陈桂芳", papers=0)
    assert _assert_english(three, VILLAGE, "agent", county_words) >= 25
    three.carry(VILLAGE, TOWN)
    assert _assert_english(three, TOWN, "checker", county_words) >= 20
    assert _assert_english(three, TOWN, "admin", county_words) >= 10
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    assert _assert_english(three, COUNTY, "clerk", county_words) >= 25
    three.move(case, "accept", Role.CLERK)
    three.move(case, "review", Role.REVIEWER, note="符合条件")
    assert _assert_english(three, COUNTY, "approver", county_words) >= 15
    assert _assert_english(three, COUNTY, "admin", county_words) >= 15


def test_papers_are_the_same_in_both_languages(three: ThreeNodes) -> None:
    """Slip, blank form, blank letter and notice: what prints is Chinese, what stands round it English."""
    three.open(VILLAGE)
    case = three.file(SUBSISTENCE)
    client = three.client(VILLAGE, "agent")
    for path in (f"/file/slip/{case}", f"/guide/{SUBSISTENCE}/form", "/letters/blank"):
        papers = []
        for language in ("zh_CN", "en"):
            client.set_cookie("language", language)
            page = client.get(path).text
            found = re.search(r'<article[^>]* lang="zh-CN">.*?</article>', page, re.S)
            assert found, path
            papers.append(re.sub(r"<svg.*?</svg>", "", found[0], flags=re.S))
            assert (">Print<" in page) == (language == "en")
        assert papers[0] == papers[1], path


def test_what_an_item_asks_stays_in_its_own_words(three: ThreeNodes) -> None:
    """Else the fields that happen to be called as one of ours would be English among Chinese ones."""
    counter = Counter(three, three.client(VILLAGE, "agent"), OLD_AGE)
    counter.send("applicant", counter.applicant(), leads_to="form")
    counter.client.set_cookie("language", "en")
    item = three.node.catalogue.item(OLD_AGE)
    assert item is not None
    page = counter.client.get(f"{counter.path}/form").text
    for spec in item.fields:
        assert f'<span lang="zh-CN">{spec.label}</span>' in page, spec.label
        assert all(f'lang="zh-CN">{choice}<' in page for choice in spec.choices)
    assert "<span>Yes</span>" in page and "(optional)" in page
    counter.client.set_cookie("language", "zh_CN")
    counter.on_from_form(counter.all_papers())
    counter.client.set_cookie("language", "en")
    page = counter.client.get(f"{counter.path}/check").text
    assert all(f'<dt lang="zh-CN">{spec.label}</dt>' in page for spec in item.fields if spec.required)
