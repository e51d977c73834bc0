"""What people hand in and type that is no good: each is answered with a sentence that says what to do."""

from __future__ import annotations

import io
import re
import zlib
from typing import Any

import pytest
from PIL import Image

from common.node.demo_data.people import resident
from common.papers import pictures
from common.store.database import close_database, run
from tests.desk.filing.agent import OLD_AGE, Desk, cases, paper
from tests.desk.filing.village import VILLAGE, DeskNode

PERSON = resident(7, VILLAGE)
BOMB = b"%PDF-1.4 7 0 obj<</Filter/FlateDecode>>stream\n" + zlib.compress(b"\0" * 110_000_000, 9)


def photograph(width: int, height: int, quality: int) -> bytes:
    """Return a picture that does not pack well, as photographs do not."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


WRONG = (
    ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + b"x" * 50, "兼容性最佳"),
    ("表.docx", b"PK\x03\x04" + b"x" * 50, "另存为 PDF"),
    ("<img src=x onerror=alert(1)>.jpg", b"<svg onload=alert(1)>", "重新上传"),
    ("😀🀄.png", b"", "这个文件是空的"),
    ("bomb.pdf", BOMB, "重新扫描"),
    ("..\\..\\etc\\passwd", b"root:x", "重新上传"),
)


def test_each_wrong_file_is_named_and_told_what_to_do(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    files = [paper(name, content) for name, content, _sentence in WRONG]
    answer = desk.send("papers", {"paper-id_card": [*files, paper("good.jpg")]})
    told = re.findall(r'<li><a href="#f-paper-id-card">(.*?)</a></li>', answer.text)
    assert answer.status_code == 400 and len(told) == len(WRONG)
    for sentence, (_name, _content, wanted) in zip(told, WRONG, strict=True):
        assert wanted in sentence and "没有收取" in sentence
    assert "<img src=x" not in answer.text and "..\\" not in answer.text
    assert [kept.file for kept in node.drafts.draft(desk.draft, "zhou").papers] == ["good.jpg"]


def test_a_photograph_too_large_is_shrunk_here_where_pictures_can_be_and_refused_in_words_where_not(
    node: DeskNode, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No script in the browser: 8 MB against a limit of 3 MB stand for 40 MB against 20."""
    node.papers._bytes_max = 3_000_000
    large = photograph(3400, 2600, 95)
    assert len(large) > 3_000_000
    desk.begin()
    monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    refused = desk.send("papers", {"paper-id_card": paper("40MB.jpg", large)})
    assert refused.status_code == 400 and "分辨率" in refused.text
    monkeypatch.undo()
    desk.send("papers", {"paper-id_card": paper("40MB.jpg", large), "then": "stay"}, leads_to="papers")
    (kept,) = node.drafts.draft(desk.draft, "zhou").papers
    assert kept.size < 3_000_000 and kept.type == "image/jpeg"
    # Turned by hand, without a script: another picture in its place.
    value = re.findall(r'form="turn"[^>]*value="([^"]+)"', desk.get(f"{desk.path}/papers").text)[0]
    assert desk.post(f"{desk.path}/papers/turn", {"paper": value}).status_code == 303
    (turned,) = node.drafts.draft(desk.draft, "zhou").papers
    assert turned.hash != kept.hash and turned.file == kept.file
    assert desk.post(f"{desk.path}/papers/turn", {"paper": "id_card/" + "0" * 64}).status_code == 404


def test_pages_of_a_document_and_what_to_look_at_are_shown(node: DeskNode, desk: Desk) -> None:
    small = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(small, "PNG")
    desk.begin()
    files = {
        "paper-application": paper("form.pdf", b"%PDF-1.4 <</Type/Pages/Count 3>>"),
        "paper-id_card": paper("id.png", small.getvalue()),
    }
    desk.send("papers", {**files, "then": "stay"}, leads_to="papers")
    page = desk.get(f"{desk.path}/papers").text
    assert "3 页" in page and "照片很小，可能看不清" in page
    assert [kept.pages for kept in node.drafts.draft(desk.draft, "zhou").papers] == [3, 1]


NAMES = ("𰻝𰻝㐂", "王😀秀英", "<script>alert(1)</script>", "{{ 7*7 }}", 'O\'Brien & "Söhne"')


def test_a_name_of_rare_signs_or_of_a_script_is_kept_and_shown_as_it_was_typed(
    node: DeskNode, desk: Desk
) -> None:
    """Whether the name will do or not: nothing runs, and nothing that was typed is lost."""
    desk.begin()
    for name in NAMES:
        answer = desk.send("applicant", {**PERSON.as_applicant(), "place": VILLAGE, "name": name})
        assert answer.status_code in (303, 400)
        assert node.drafts.draft(desk.draft, "zhou").applicant["name"] == name
        for page in (f"{desk.path}/applicant", f"{desk.path}/check", "/"):
            text = desk.get(page).text
            assert "<script>alert" not in text and ">49<" not in text


@pytest.mark.parametrize("place", ["5119211082034", "中国", "0", "\U0001f600" * 90])
def test_a_place_that_is_none_is_refused_and_the_pages_of_the_draft_still_open(
    node: DeskNode, desk: Desk, place: str
) -> None:
    desk.fill_in(node)
    answer = desk.post(f"{desk.path}/applicant", {**PERSON.as_applicant(), "place": place})
    assert answer.status_code == 400 and "申请人所在的村（社区）：请从列表中选择" in answer.text
    desk.post(f"{desk.path}/keep/applicant", {"place": place})
    for page in ("applicant", "form", "papers", "check"):
        assert desk.get(f"{desk.path}/{page}").status_code == 200
    assert desk.post(f"{desk.path}/check").status_code == 400 and cases() == []


def test_a_full_disk_while_typing_is_told_and_the_page_keeps_what_was_typed(
    node: DeskNode, desk: Desk
) -> None:
    """SQLite itself is told that no page may be added; what filing.js shows is the sentence of the answer."""
    desk.begin(OLD_AGE)
    desk.get(f"{desk.path}/form?topic=1")
    pages = run("PRAGMA page_count").fetchone()[0]
    node.database.pragma("max_page_count", pages, permanent=True)
    typed = {"bank_name": "难" * 3_900, "bank_account": "难" * 3_900}
    answer: Any = desk.post(f"{desk.path}/keep/form", typed, headers={"Accept": "application/json"})
    assert answer.status_code == 503 and "磁盘已满" in answer.json["error"]["sentence"]
    refused = desk.post(f"{desk.path}/form", {"topic": "1", **typed})
    assert refused.status_code == 503 and "难" * 3_900 in refused.text
    close_database()
    node.database.pragma("max_page_count", 1_000_000, permanent=True)
    assert desk.post(f"{desk.path}/keep/form", typed).status_code == 200 and cases() == []
