"""What no file may contain: paths of one machine, registry hosts, loose ends, references to other hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, assert_none

# Made by tools or by node data folders; .gitignore keeps all of them out of the repository.
NOT_OURS = {".git", ".venv", "__pycache__", "wheels", "nodes", "demo-data", "build", "dist", "output"}
NOT_OURS |= {".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
TEXT = {"", ".py", ".sh", ".md", ".toml", ".in", ".lock", ".txt", ".json", ".html", ".css", ".js", ".svg"}

# Written so that no pattern matches its own line.
# fmt: off
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:root|home|work|Users|opt/pypi)/"),
    "a package registry":    re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|index[-]url"),
    "a loose end":           re.compile(r"\b(?:TO[D]O|FIX[M]E|X{3}|HA[C]K)\b"),
    "a test that is not run": re.compile(r"mark[.](?:skip|xfail)|pytest[.](?:skip|xfail|importorskip)\("),
    "a merge left open":     re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
# fmt: on
# One word for one thing: what is to be said, and what people would take for something else. A passphrase
# opens a volume and is another thing than the password of an account, so it is named in full.
# fmt: off
OTHER_WORDS = {
    "密码 (of an account) or 备用口令 (of a volume)": re.compile("(?<!备用)口" + "令"),
    "重置":                                           re.compile("重" + "设"),
    "收件站点 or 领取地点":                              re.compile("(?:收件|领取)" + "点"),
    "网络指纹":                                        re.compile("根" + "指纹"),
    "登记单":                                         re.compile("入网" + "单"),
    "所在村（社区）":                                  re.compile("服务" + "地点"),
    "等我办理":                                        re.compile("待我" + "处理"),
}
# fmt: on
OTHER_HOST = re.compile(
    r"""(?:(?:src|href|action|hx-\w+)\s*=|url\()\s*["']?\s*(?:https?:)?//|@import""", re.IGNORECASE
)


def text_files(*suffixes: str) -> Iterator[Path]:
    """Every text file of ours, with one of the suffixes when any is given."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        wanted = path.suffix in (suffixes or TEXT)
        if wanted and not NOT_OURS.intersection(parts) and ".min." not in path.name and path.is_file():
            yield path


def bad_words(text: str) -> Iterator[str]:
    for what, pattern in FORBIDDEN.items():
        for match in pattern.finditer(text):
            yield f"line {text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group()}"


def test_no_file_speaks_of_one_machine_or_leaves_a_loose_end():
    assert_none(
        f"{path.relative_to(ROOT)} {found}"
        for path in text_files()
        for found in bad_words(path.read_text(encoding="utf-8", errors="replace"))
    )


def test_pages_and_sheets_ask_no_other_host():
    """A room without a line must get its whole page from its own node."""
    assert_none(
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in text_files(".html", ".css")
        for match in OTHER_HOST.finditer(path.read_text(encoding="utf-8"))
    )


def test_one_thing_has_one_word():
    """A clerk who reads two words looks for two things."""
    assert_none(
        f"{path.relative_to(ROOT)}: say {said}, not {match.group()}"
        for path in text_files()
        for said, pattern in OTHER_WORDS.items()
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    )


def test_the_files_looked_at_are_the_ones_meant():
    """The search finds this very file, the start script and the locks, and nothing of the environment."""
    found = {str(path.relative_to(ROOT)) for path in text_files()}
    assert {"deploy.sh", ".ci/run", "requirements/base.lock", "tests/architecture/test_wording.py"} <= found
    assert not any(name.startswith((".venv", ".git/")) for name in found)


@pytest.mark.parametrize(
    "text",
    [
        "data = '/ho" + "me/someone/data'",
        "see https://py" + "pi.org/simple",
        "--ind" + "ex-url",
        "# TO" + "DO later",
        "@pytest.mark.x" + "fail",
        "pytest.sk" + "ip('no browser')",
        "<<<<" + "<<< HEAD",
    ],
)
def test_a_bad_word_is_noticed(text):
    assert list(bad_words(f"fine\n{text}\n")), text


@pytest.mark.parametrize(
    "text",
    ['<script src="https://cdn.example/x.js">', "<a href='//x.example'>", "url(http://x/y)", "@import 'x'"],
)
def test_another_host_is_noticed(text):
    assert OTHER_HOST.search(text)
    assert not OTHER_HOST.search('<link rel="stylesheet" href="/static/liandong.css">')
