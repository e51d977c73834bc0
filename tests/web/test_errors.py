"""What people see when something goes wrong: what happened, what was kept, what to do; never a trace."""

from __future__ import annotations

import logging
import tracemalloc
from pathlib import Path

import pytest
from flask import Blueprint, Response

from common.store import counters
from common.web.factory import make_app, register_node_api
from common.web.limits import TYPED, TYPED_BYTES_MAX
from tests.web.browser import Browser
from tests.web.fakes import FakeNode, FakeProfile
from tests.web.pages import MENU, work


def test_a_refused_form_comes_back_with_every_problem_and_all_that_was_typed(zhou: Browser) -> None:
    zhou.get("/open/c1/form")
    typed = {"how": "bad", "name": "", "note": "第一行\n<b>第二行</b>", "living": "独居"}
    answer = zhou.post("/open/c1/form", typed)
    assert answer.status_code == 400
    assert '<a href="#f-name">姓名：请填写。</a>' in zhou.page
    assert 'id="f-name" name="name" aria-describedby="f-name-problem" aria-invalid="true"' in zhou.page
    assert "第一行\n&lt;b&gt;第二行&lt;/b&gt;</textarea>" in zhou.page
    assert 'value="独居" id="f-living" checked' in zhou.page
    assert "<title>有误" in zhou.page


@pytest.mark.parametrize(
    ("how", "status", "code"), [("rule", 409, "E002"), ("busy", 503, "E006"), ("full", 503, "E401")]
)
def test_a_form_refused_for_another_reason_loses_nothing_either(
    zhou: Browser, how: str, status: int, code: str
) -> None:
    zhou.get("/open/c1/form")
    answer = zhou.post("/open/c1/form", {"how": how, "name": "王秀英", "note": "", "living": ""})
    assert answer.status_code == status
    assert code in zhou.page and 'value="王秀英"' in zhou.page
    assert counters.last_number("taken") == 0
    assert zhou.post("/open/c1/form", {"how": "", "name": "王秀英"}).status_code == 303
    assert counters.last_number("taken") == 1


def test_a_full_disk_is_said_in_plain_words(zhou: Browser) -> None:
    zhou.get("/open/c1/form")
    zhou.post("/open/c1/form", {"how": "full"})
    assert "磁盘已满，本次没有受理任何内容。" in zhou.page
    assert "纸质表" in zhou.page


def test_a_bug_shows_a_number_to_quote_and_logs_the_rest(
    zhou: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="liandong.web"):
        answer = zhou.get("/wrong/bug")
    assert answer.status_code == 500
    assert "E225" in answer.text and "secret detail" not in answer.text and "Traceback" not in answer.text
    number = answer.headers["X-Request-ID"]
    assert number in answer.text
    assert number in caplog.text and "secret detail" in caplog.text


def test_a_bug_in_a_form_is_no_refusal(zhou: Browser) -> None:
    zhou.get("/open/c1/form")
    answer = zhou.post("/open/c1/form", {"how": "bug", "name": "王秀英"})
    assert answer.status_code == 500 and "E225" in answer.text


def test_an_unknown_table_is_a_bug_too(zhou: Browser) -> None:
    assert zhou.get("/wrong/table").status_code == 500


def test_what_sync_refuses_keeps_its_own_code(browser: Browser) -> None:
    answer = browser.get("/wrong/sync")
    assert answer.status_code == 400
    assert "S106" in answer.text and "不是发给本站" in answer.text


def test_a_sentence_with_braces_of_its_own_is_shown_as_it_is(browser: Browser) -> None:
    assert "“{x}”不能这样办。" in browser.get("/wrong/braces").text


@pytest.mark.parametrize(("path", "status", "code"), [("/nowhere", 404, "E222"), ("/sign-out", 405, "E224")])
def test_a_wrong_address_is_explained(zhou: Browser, path: str, status: int, code: str) -> None:
    answer = zhou.get(path)
    assert answer.status_code == status
    assert code in answer.text and "返回首页" in answer.text
    assert "周建国" in answer.text, "the frame knows who is signed in"
    # A number alone is a case's; and who is shown a refusal wants help with it, not with buttons.
    assert f"日志号 {answer.headers['X-Request-ID']}" in answer.text and "编号 " not in answer.text
    assert "为什么没有办成" in answer.text.partition("本页说明：")[2]


def test_programs_get_json(zhou: Browser) -> None:
    answer = zhou.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.json["error"]["code"] == "E222"
    zhou.get("/open/c1/form")
    answer = zhou.post("/open/c1/form", {"how": "bad"}, headers={"Accept": "application/json"})
    assert answer.json["error"]["problems"] == [
        {"field": "name", "code": "required", "sentence": "姓名：请填写。"}
    ]


def test_an_upload_beyond_the_limit_is_refused_in_words(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, form_bytes_max=2_000_000)
    zhou = Browser(make_app(node, FakeProfile(menu=MENU), [work])).sign_in("zhou")
    zhou.get("/open/c1/form")
    files = {"content_type": "multipart/form-data"}
    assert zhou.post("/open/c1/form", {"note": "x" * 300_000}, **files).status_code < 400
    answer = zhou.post("/open/c1/form", {"note": "x" * 2_000_001}, **files)
    assert answer.status_code == 413
    assert "E221" in answer.text


def test_a_form_without_files_takes_little_memory_however_it_is_made(zhou: Browser) -> None:
    """Method: the worst that fits, a field for every other byte; one byte more; one that hides its length."""
    zhou.get("/open/c1/form")
    typed = {"content_type": TYPED}
    worst = b"a&" * (TYPED_BYTES_MAX // 2)
    tracemalloc.start()
    assert zhou.client.post("/open/c1/form", data=worst, **typed).status_code == 400
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000
    hidden = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    assert zhou.client.post("/open/c1/form", data=worst, environ_overrides=hidden, **typed).status_code == 411
    answer = zhou.client.post("/open/c1/form", data=worst + b"b", **typed)
    assert answer.status_code == 413 and "E228" in answer.text and "超过 256 KB" in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/wrong/bug", "/desk", "/healthz"])
def test_every_answer_carries_the_headers_that_keep_it_safe(zhou: Browser, path: str) -> None:
    headers = zhou.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src" in headers["Content-Security-Policy"]
    assert len(headers["X-Request-ID"]) == 12
    if headers["Content-Type"].startswith("text/html"):
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("blueprint", ["node_line", "other"])
def test_only_what_nodes_read_goes_without_the_headers_for_browsers(tmp_path: Path, blueprint: str) -> None:
    pages = Blueprint(blueprint, __name__)

    @pages.get("/x/<int:status>")
    def answer(status: int) -> Response:
        return Response(b"sealed", status, content_type="application/octet-stream")

    app = make_app(FakeNode(tmp_path), FakeProfile(menu=MENU), [])
    register_node_api(app, pages)
    for status in (200, 422):
        headers = app.test_client().get(f"/x/{status}").headers
        is_short = blueprint == "node_line" and status == 200
        assert set(headers.keys()) == {"Content-Type", "Content-Length"} or not is_short
        assert ("X-Content-Type-Options" in headers) is not is_short


def test_health_says_that_the_database_answers(browser: Browser) -> None:
    assert browser.get("/healthz").json == {"status": "ok", "address": "511921108203"}


def test_every_refusal_says_what_was_kept_what_to_do_and_its_code(zhou: Browser) -> None:
    """Also one whose error has no words of its own for that."""
    zhou.get("/")
    for answer in (zhou.post("/boss", {}), zhou.post("/nowhere", {})):
        assert answer.status_code >= 400
        for heading in ("保留了什么", "现在怎么办", "错误代码"):
            assert heading in answer.text, answer.text[:300]
