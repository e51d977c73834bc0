"""English: the catalogue is whole, a page is put into English to its last word, and everybody can choose.

What the pages of real nodes show is tested in tests/desk/test_english_pages.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from flask import Flask

from common.web.english import Page
from common.web.phrases import PLACE, Pattern, Phrases, pattern_of
from tests.web.browser import Browser

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from tools import english  # noqa: E402

CATALOGUE = {
    "办件": "Cases",
    "受理": "Accept",
    "退回": "Return",
    "已收件": "taken in",
    "待初审": "to be checked",
    "部门": "Department",
    "选填": "optional",
    "还剩 {days} 个工作日": "{days} working day(s) left",
    "现在可以：{part}。": "Now possible: {part}.",
    "办件现在是“{part}”，不能“{part2}”。{now}": 'The case is "{part}"; "{part2}" is not possible. {now}',
    "只能延期一次": "Only one extension",
    "，本事项最多 {days} 个工作日": "; this item at most {days} working day(s)",
    "材料 %(n)s 份": "%(n)s copy(s)",
    "由%(who)s出具": "issued by %(who)s",
    "元": "yuan",
    "没有这个站点。": "There is no such site.",
    "请重新选择。": "Choose again.",
}


@pytest.fixture(scope="module")
def gathered() -> english.Catalog:
    return english.gather()


def test_every_sentence_has_its_english_with_the_same_places(gathered: english.Catalog) -> None:
    """When this fails: `tools/english.py gather`, write what is missing, `tools/english.py compile`."""
    assert english.faults(gathered) == []


def test_the_catalogue_in_the_tree_is_the_one_gathered_and_the_compiled_one_is_of_it(
    gathered: english.Catalog,
) -> None:
    """When this fails: `tools/english.py gather`, then `tools/english.py compile`."""
    kept = english.kept()
    assert {message.id for message in kept} == {message.id for message in gathered}
    assert english.MO.read_bytes() == english.compiled(kept)


def test_no_pattern_stands_in_the_way_of_another(gathered: english.Catalog) -> None:
    """Method: each sentence with places, filled with a name or a number, must come out as its own English."""
    catalogue = {message.id: message.string for message in gathered if isinstance(message.id, str)}
    phrases = Phrases(catalogue)
    patterns = [pattern for one in catalogue.items() if (pattern := pattern_of(*one))]
    assert len(patterns) > 250
    for pattern in patterns:
        chinese, spoken = (_filled(pattern, text) for text in (pattern.source, pattern.english))
        assert "".join(piece.words for piece in phrases.pieces(chinese)) == spoken


def _filled(pattern: Pattern, text: str) -> str:
    return PLACE.sub(lambda place: "7" if pattern.is_number(place[1]) else "甲乙", text)


def test_the_check_of_the_catalogue_finds_what_is_wrong() -> None:
    wrong = english.Catalog(locale="en")
    wrong.add("没有英文", "")
    wrong.add("还剩 {days} 天", "{day} days left")
    wrong.add("%(n)s 件", "cases")
    wrong.add("写作“5月1日”", 'write "5月1日"')
    wrong.add("受理", "受理 accept")
    assert [fault.split(":")[0] for fault in english.faults(wrong)] == [
        "no English",
        "other places than the Chinese",
        "other places than the Chinese",
        "Chinese in the English",
    ]


@pytest.mark.parametrize(
    ("chinese", "spoken"),
    [
        ("已收件", "taken in"),
        ("已收件。", "taken in."),
        ("还剩 3 个工作日", "3 working day(s) left"),
        (
            "办件现在是“已收件”，不能“受理”。现在可以：退回。",
            'The case is "taken in"; "Accept" is not possible. Now possible: Return.',
        ),
        ("只能延期一次，本事项最多 20 个工作日", "Only one extension; this item at most 20 working day(s)"),
        ("受理、退回", "Accept, Return"),
        ("部门：县民政局", "Department: [县民政局]"),
        ("待初审 · 青峪镇", "to be checked · [青峪镇]"),
        ("没有这个站点。请重新选择。", "There is no such site. Choose again."),
        ("Department: 受理", "Department: Accept"),
        ("材料 2 份", "2 copy(s)"),
        # No sentence of ours, though words of ours stand in it: every letter stays.
        ("受理、退回、补正，由村里决定（3组）。", "[受理、退回、补正，由村里决定（3组）。]"),
        ("由村民委员会出具", "[由村民委员会出具]"),
        ("青峪镇3组12号", "[青峪镇3组12号]"),
    ],
)
def test_what_rules_say_is_found_whole_as_a_pattern_or_in_parts(chinese: str, spoken: str) -> None:
    pieces = Phrases(CATALOGUE).pieces(chinese)
    assert "".join(piece.words if piece.is_english else f"[{piece.words}]" for piece in pieces) == spoken


@pytest.mark.parametrize(
    ("page", "finished"),
    [
        ("<b>王秀英</b>", '<b lang="zh-CN">王秀英</b>'),
        ("<p>Hello, 王秀英</p>", '<p>Hello, <span lang="zh-CN">王秀英</span></p>'),
        (
            '<td data-label="办件"><span>已收件</span></td>',
            '<td data-label="Cases"><span>taken in</span></td>',
        ),
        ("<h1>1 copy(s), 2 copy(s), 3 case(s), 1 case(s)</h1>", "<h1>1 copy, 2 copies, 3 cases, 1 case</h1>"),
        ("<p>12.00 yuan</p>", "<p>¥12.00</p>"),
        ("<p>（选填）</p>", "<p> (optional)</p>"),
        ("<b>About:</b>Look here.See there", "<b>About:</b> Look here. See there"),
        (
            "<p>scan.PDF, paper(1).jpg; by 04-08(promised 25 day(s))</p>",
            "<p>scan.PDF, paper(1).jpg; by 04-08 (promised 25 days)</p>",
        ),
        ("<p>End.<a>Link</a></p>", "<p>End. <a>Link</a></p>"),
        ("<textarea>已收件</textarea>", "<textarea>已收件</textarea>"),
        ('<input value="已收件" placeholder="受理">', '<input value="已收件" placeholder="Accept">'),
        (
            '<article lang="zh-CN"><p>已收件</p></article><p>受理</p>',
            '<article lang="zh-CN"><p>已收件</p></article><p>Accept</p>',
        ),
        ("<del>受理</del>", '<del lang="zh-CN">受理</del>'),
        (
            '<option value="a">青峪镇<option value="b">受理',
            '<option value="a">青峪镇<option value="b">Accept',
        ),
        ("<p>王&lt;b&gt;&amp;</p>", '<p lang="zh-CN">王&lt;b&gt;&amp;</p>'),
    ],
)
def test_a_page_is_finished_without_touching_papers_or_what_was_typed(page: str, finished: str) -> None:
    assert Page(Phrases(CATALOGUE)).finished(page) == finished


def test_a_stranger_chooses_english_and_keeps_it(browser: Browser) -> None:
    browser.get("/sign-in")
    assert '<html lang="zh-CN"' in browser.page and ">English</button>" in browser.page
    answer = browser.post("/display", {"language": "en"}, headers={"Referer": "http://localhost/sign-in"})
    assert answer.location == "/sign-in"
    browser.get("/sign-in")
    assert '<html lang="en"' in browser.page and "Staff sign-in" in browser.page
    assert '<button class="plain" name="language" value="zh_CN" lang="zh-CN">中文</button>' in browser.page
    browser.post("/display", {"language": "'><script>"})
    browser.get("/sign-in")
    assert '<html lang="zh-CN"' in browser.page


def test_the_choice_belongs_to_the_account_and_is_there_in_another_browser(app: Flask, zhou: Browser) -> None:
    zhou.get("/")
    zhou.post("/display", {"language": "en"})
    zhou.post("/sign-out")
    zhou.get("/sign-in")
    assert '<html lang="en"' in zhou.page
    other = Browser(app)
    other.get("/sign-in")
    assert '<html lang="zh-CN"' in other.page
    other.sign_in("zhou").get("/")
    assert '<html lang="en"' in other.page and '<span lang="zh-CN">周建国</span>' in other.page


def test_refusals_of_a_form_are_english_too(zhou: Browser) -> None:
    zhou.get("/")
    zhou.post("/display", {"language": "en"})
    zhou.get("/password")
    answer = zhou.post("/password", {"old_password": "x", "new_password": "a", "new_password_again": "b"})
    assert answer.status_code == 400 and "The two new passwords differ." in zhou.page
    assert zhou.get("/nowhere").status_code == 404 and "There is no such page." in zhou.page


def test_chinese_pages_never_load_the_catalogue(app: Flask, zhou: Browser) -> None:
    from flask_babel import get_domain

    zhou.get("/")
    with app.test_request_context("/"):
        loaded = [locale for locale, _domain in get_domain().cache]
        assert not any(locale.startswith("en") for locale in loaded)


def test_words_by_which_a_field_is_known_are_no_sentences(gathered: english.Catalog) -> None:
    """An item's own words stay Chinese; these stand in no page of ours."""
    assert not {"出生日期", "银行账号", "银行卡号", "收款账号"} & {message.id for message in gathered}
