"""Without scripts every action is a form with a button: every view that takes one has it in some template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.node.profile import TierProfile
from common.web.factory import make_app
from county_node.profile import PROFILE as COUNTY
from tests.architecture.source_tree import ROOT
from tests.web.fakes import FakeNode
from tests.web.plain_forms import faults
from town_node.profile import PROFILE as TOWN
from village_node.profile import PROFILE as VILLAGE

FOLDERS = ("common/web/templates", "county_node/templates", "town_node/templates", "village_node/templates")
TEMPLATES = {
    path: path.read_text(encoding="utf-8") for name in FOLDERS for path in (ROOT / name).rglob("*.html")
}
_NAMED = re.compile(r"""['"](\w+(?:\.\w+)+)['"]""")
_ACTION = re.compile(r'(?:form)?action="([^"]*)"|post_button\(url_for\(([^)]*)\)')
# Views whose form is given its address by the page: endpoint → the template with the form, by which name.
GIVEN = {
    "cases.take": ("desk/act.html", "post_to"),
    "cases.tell": ("desk/report.html", "post_to"),
    "checking.keep": ("desk/check_list.html", "post_to"),
    "packages.pack": ("desk/case.html", "post_button(package"),
}
# What scripts alone ask, and which button does the same.
BY_SCRIPT = {"filing.keep": "keeps as typed what the buttons of each page of filing keep"}


def takes_forms(folder: Path, profile: TierProfile) -> set[str]:
    """Return the views of a tier that a browser sends something to."""
    folder.mkdir()
    node = FakeNode(folder)
    app = make_app(node, profile, profile.blueprints())  # type: ignore[arg-type]
    return {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}


def test_every_view_that_takes_a_form_has_one_in_a_template(tmp_path: Path) -> None:
    """Staff, catalogue, nodes, calendars, take-overs, bulk work and all: none needs a script."""
    tiers = {"county": COUNTY, "town": TOWN, "village": VILLAGE}
    views = {view for name, tier in tiers.items() for view in takes_forms(tmp_path / name, tier)}
    found = [" ".join(words) for text in TEMPLATES.values() for words in _ACTION.findall(text)]
    named = {view for words in found for view in _NAMED.findall(words)}
    assert len(views) > 55 and views - named - set(BY_SCRIPT) == set(GIVEN)
    for template, words in GIVEN.values():
        assert words in TEMPLATES[ROOT / "common/web/templates" / template], template


def test_every_form_of_a_template_says_how_and_where_and_has_a_button() -> None:
    """Method: the source of each form; what only a page knows is looked at on the pages themselves."""
    for path, text in TEMPLATES.items():
        for form in re.finditer(r"<form\b(.*?)>(.*?)</form>", text, re.S):
            given, inside = form.groups()
            name = re.search(r'\bid="(\w+)"', given)
            beside = f'<button form="{name[1]}"' if name else "no button stands beside"
            where = (path.name, given)
            assert re.search(r'method="(get|post)"', given), where
            assert "action=" in given or path.name == "gallery.html", where
            assert 'method="get"' in given or "csrf_token()" in inside, where
            is_sent = re.search(r'<button(?![^>]*type="button")|_button\(', inside) or beside in text
            assert is_sent, where


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<form action="/x"><button>a</button></form>', "how and where"),
        ('<form method="post" action="/x"><button>a</button></form>', "no secret"),
        ('<form method="get" action="/x"><button type="button" data-print>a</button></form>', "no button"),
        ('<button type="button" class="b">a</button>', "only a script"),
        ('<button name="a">a</button>', "in no form"),
        ('<input name="a">', "in no form"),
        ('<a class="button">a</a>', "nowhere"),
        ('<a href="/x" hx-post="/y">a</a>', "by script alone"),
        ('<span hx-get="/y">a</span>', "by script alone"),
    ],
)
def test_what_needs_a_script_is_noticed(page: str, fault: str) -> None:
    assert [one for one in faults(page) if fault in one], list(faults(page))
