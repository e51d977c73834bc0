"""Every route of a county and a village with hostile words in its path, its questions and its form.

Whatever comes, it is no fault of the program, nothing typed is run (script, template, statement), and no
file is given that was not asked for by its name in a case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from common.people.rules.staff import NewStaff
from common.store.database import database
from tests.architecture.source_tree import ROOT
from tests.desk.three import COUNTY, NOW, PASSWORD, VILLAGE, ThreeNodes, token_on

# 94011 shows when somebody has worked it out.
WORDS = "\"'><script>alert(31337*3)</script>{{31337*3}}${31337*3}{0.__class__}%(x)s' OR '1'='1"
CLIMBS = "../../../../keys.json"
HUGE = "9" * 400
ODD = "\x00\r\nX-Evil: 1\u202e\ufffe١２"
_ASKED = re.compile(r"(?:args|form|values|typed)\.(?:get|getlist)\(\s*\"([a-z_]+)\"")
# They end the session, or are for nodes.
_LEFT_OUT = {"account.leave", "account.enter", "static", "node_line.exchange", "node_line.enrolment"}


def names_asked() -> list[str]:
    """Return every name by which a page asks for something of a form or a question."""
    sources = [*ROOT.glob("common/**/*.py"), *ROOT.glob("*_node/**/*.py")]
    found = {name for path in sources for name in _ASKED.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 40
    return sorted(found)


def addresses(rules: Iterator[Rule], word: str, case: str) -> Iterator[tuple[Rule, str]]:
    """Return the routes of our pages with their paths filled in; a case's number is a true one."""
    for rule in rules:
        if rule.endpoint not in _LEFT_OUT:
            path = re.sub(r"<int:[^>]+>", "7", rule.rule)
            path = re.sub(r"<(?:number|case)>", case, path)
            yield rule, re.sub(r"<[^>]+>", quote(word, safe=""), path)


def harmless(answer: TestResponse, seed: str, what: tuple[str, str]) -> int:
    """Check an answer; return 1 where it shows what was typed, as text."""
    text = answer.data.decode("utf-8", "replace")
    assert answer.status_code < 500, (what, answer.status_code)
    assert "<script>alert" not in text and "94011" not in text and seed not in text, what
    assert "/sign-in" not in answer.headers.get("Location", ""), what
    assert "X-Evil" not in answer.headers and "&lt;class" not in text, what
    assert not answer.headers.get("Location", "").startswith(("//", "http://", "https://")), what
    return int("&lt;script&gt;alert" in text)


@pytest.mark.parametrize(
    ("address", "rounds"), [(COUNTY, ((WORDS,), (CLIMBS, HUGE, ODD))), (VILLAGE, ((WORDS, HUGE, WORDS),))]
)
def test_hostile_words_break_nothing_run_nothing_and_open_nothing(
    three: ThreeNodes, address: str, rounds: tuple[tuple[str, ...], ...]
) -> None:
    three.open(VILLAGE)
    case = three.file(name="<b>王</b>{{7*7}}")
    three.carry(VILLAGE, COUNTY)
    client, seed = everywhere(three, address), seed_of(three.folder / address)
    secret, names = token_on(client.get("/line").text), names_asked()
    tables, shown = set(database.get_tables()), 0
    for words in rounds:
        typed, word = dict(zip(names, cycle(words), strict=False)), words[0]
        for rule, path in addresses(three.app.url_map.iter_rules(), word, case):
            if "GET" in (rule.methods or ()):
                shown += harmless(client.get(path, query_string=typed), seed, (rule.rule, word))
            if "POST" in (rule.methods or ()):
                answer = client.post(path, data={**typed, "csrf_token": secret})
                shown += harmless(answer, seed, (rule.rule, word))
                assert "错误代码 E220" not in answer.text, "stopped before anybody looked at it"
    assert set(database.get_tables()) == tables and shown > 5
    page = client.get(f"/case/{case}").text
    assert "&lt;b&gt;王&lt;/b&gt;{{7*7}}" in page


def everywhere(three: ThreeNodes, address: str) -> FlaskClient:
    """Return a browser of somebody who may do all there is to do."""
    client = three.client(address, "admin" if address == COUNTY else "agent")
    people, roles = three.node.people, frozenset(three.node.profile.roles)
    ready = people.ready(NewStaff("all", "万能", roles, "", PASSWORD))
    with three.node.unit():
        people.add_staff(ready, "", NOW)
    client = three.again("all")
    return client


def seed_of(folder: Path) -> str:
    return str(json.loads((folder / "keys.json").read_text())["node"][0])


def test_no_file_of_the_node_is_reached_by_a_path(three: ThreeNodes) -> None:
    """Plain, encoded once and twice, with the other slash, and as a whole path."""
    client, seed = three.client(VILLAGE, "agent"), seed_of(three.folder / VILLAGE)
    for start in ("/static/", "/paper/", "/papers/", "/case/", "/file/", "/"):
        for way in ("../", "%2e%2e/", "..%2f", "%252e%252e%252f", "..\\", "....//", "/etc/"):
            answer = client.get(f"{start}{way * 6}{three.folder / VILLAGE}/keys.json")
            assert answer.status_code in (301, 303, 308, 404), (start, way)
            assert seed not in answer.text
