"""The pages themselves: sizes, no other host, nothing inline, words for everything a colour says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from common.people.rules.roles import Role
from common.web import words
from common.web.factory import make_app
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile

STATIC = Path(words.__file__).parent / "static"
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """Collects tags, ids, attributes; notes a tag closed in the wrong place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one opened tag."""
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note one closed tag."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


PAGES = ["/_gallery", "/_gallery?form=wrong", "/", "/password", "/sign-in", "/nowhere"]
PAGES += ["/preferences", "/shortcuts"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed_and_every_label_and_link_has_its_end(zhou: Browser, path: str) -> None:
    zhou.get(path)
    outline = Outline(zhou.page)
    assert outline.wrong == [] and outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    for tag, given in outline.tags:
        for name in ("for", "aria-describedby"):
            for target in (given.get(name) or "").split():
                assert target in outline.ids, f"{tag} {name}={target}"
        if (given.get("href") or "").startswith("#f-"):
            assert str(given["href"])[1:] in outline.ids


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host_and_holds_no_script_or_style(zhou: Browser, path: str) -> None:
    zhou.get(path)
    for tag, given in Outline(zhou.page).tags:
        for name in ("src", "href", "action"):
            assert not re.match(r"(https?:)?//", given.get(name) or ""), (tag, given)
        assert "style" not in given and not any(name.startswith("on") for name in given)
        assert tag != "style" and (tag != "script" or given.get("src"))


@pytest.mark.parametrize("path", PAGES)
def test_every_control_has_a_name_a_screen_reader_can_say(zhou: Browser, path: str) -> None:
    zhou.get(path)
    outline = Outline(zhou.page)
    labelled = {given.get("for") for tag, given in outline.tags if tag == "label"}
    for tag, given in outline.tags:
        if tag in ("select", "textarea") or (
            tag == "input" and given.get("type") not in ("hidden", "radio", "checkbox")
        ):
            assert given.get("id") in labelled, given


def test_first_load_and_later_pages_stay_within_their_budget(zhou: Browser) -> None:
    sheet, script = (STATIC / name for name in ("liandong.css", "htmx.min.js"))
    assert sheet.stat().st_size <= 26_000
    page = len(zhou.get("/_gallery").data)
    assert page <= 30_000
    assert page + sheet.stat().st_size + script.stat().st_size <= 100_000


def test_static_files_are_kept_by_browsers_under_an_address_that_changes_with_them(zhou: Browser) -> None:
    zhou.get("/")
    found = re.search(r'href="(/static/liandong\.css\?v=[0-9a-f]{10})"', zhou.page)
    assert found
    answer = zhou.get(found[1])
    assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_the_sheet_names_no_other_host_and_no_font_file() -> None:
    sheet = (STATIC / "liandong.css").read_text(encoding="utf-8")
    assert (
        "http" not in sheet and "@import" not in sheet and "url(" not in sheet and "@font-face" not in sheet
    )


def test_what_a_colour_says_is_said_in_words_or_shape_too(zhou: Browser) -> None:
    zhou.get("/_gallery")
    for spoken in ("本站已存", "乡镇已收", "县已收齐", "已决定"):
        assert spoken in zhou.page
    sheet = (STATIC / "liandong.css").read_text(encoding="utf-8")
    assert (
        len(
            {
                re.search(rf'\.light\.{light}::before{{content:"(.)"', sheet)[1]
                for light in ("good", "warn", "bad")
            }
        )
        == 3
    )  # type: ignore[index]


def test_large_print_is_one_click_and_stays(zhou: Browser) -> None:
    zhou.get("/")
    assert 'data-size="normal"' in zhou.page
    answer = zhou.post("/display", {"size": "large"}, headers={"Referer": "http://localhost/desk?x=1"})
    assert answer.location == "/desk?x=1"
    zhou.get("/")
    assert 'data-size="large"' in zhou.page and "标准字" in zhou.page
    zhou.post("/display", {"size": "'><script>"})
    zhou.get("/")
    assert 'data-size="normal"' in zhou.page


def test_the_header_says_how_the_line_is(node: FakeNode, zhou: Browser) -> None:
    zhou.get("/")
    assert "线路正常，待发 3 件" in zhou.page and "青峪口村便民服务室" in zhou.page
    node.line = None
    zhou.get("/")
    assert 'class="line' not in zhou.page


def test_on_a_narrow_screen_the_rest_of_the_menu_is_in_a_fold_and_leaving_is_not(zhou: Browser) -> None:
    zhou.get("/")
    head, menu = zhou.page.split("<nav")[0], zhou.page.split("<nav")[1].split("</nav>")[0]
    assert "退出" in head and "退出" not in menu
    fold = menu.split("<details>")[1].split("</details>")[0]
    assert menu.count("<summary>") == 1 and 'href="/preferences"' in fold and "大字" in fold
    far = re.findall(r'class="far"><a href="([^"]+)"', menu)
    assert far == [path for path in re.findall(r'href="([^"]+)"', fold) if path != "/preferences"]
    sheet = (STATIC / "liandong.css").read_text(encoding="utf-8")
    assert ".far{display:none}" in sheet.split("max-width:900px")[1]


def test_the_form_draws_each_kind_of_field(zhou: Browser) -> None:
    zhou.get("/_gallery?form=wrong")
    page = zhou.page
    assert re.search(r'id="f-id-number" name="id_number"[^>]*value="511921194803051"', page)
    assert re.search(r'id="f-income" name="income"[^>]*inputmode="decimal"[^>]*value="620\.50"', page)
    assert re.search(r'name="living" value="独居" id="f-living-2" checked', page)
    assert re.search(r'<select id="f-place" name="place"[^>]*aria-invalid="true"', page)
    assert re.search(
        r'id="f-papers" name="papers"[^>]*type="file" multiple accept="image/jpeg,image/png', page
    )
    assert page.count("（选填）") == 2


def test_times_and_amounts_are_written_the_local_way() -> None:
    assert words.local_time(1_772_672_400_000) == "2026-03-05 09:00"
    assert words.local_date(1_772_639_999_000) == "2026-03-04"
    assert (words.yuan(123_456), words.yuan(-5)) == ("1,234.56", "-0.05")


def test_numbers_phones_and_names_are_masked_by_filters(app: Flask) -> None:
    drawn = app.jinja_env.from_string(
        "{{ '511921194803050021'|id_masked }} {{ '12345'|id_masked }} {{ '13812341234'|phone_masked }}"
        " {{ '王小明'|name_masked }}"
    ).render()
    assert drawn == "5119**********0021 ***** 138****1234 王*明"


@pytest.mark.parametrize(
    ("passed", "spoken"),
    [
        (-90_000_000, "不知多久前"),
        (-5, "刚刚"),
        (59_999, "刚刚"),
        (60_000, "1 分钟前"),
        (7_200_000, "2 小时前"),
        (180_000_000, "2 天前"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(node: FakeNode, passed: int, spoken: str) -> None:
    with make_app(node, FakeProfile(), []).test_request_context("/sign-in"):
        assert words.ago(1_000_000, 1_000_000 + passed) == spoken


def test_every_post_has_a_person_it_can_be_shown_to(node: FakeNode) -> None:
    assert {role for staff in node.people.staff() for role in staff.roles} <= set(Role)
