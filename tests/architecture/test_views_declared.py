"""Each page about one person's case, paper or letter says that it shows personal data: so it is logged."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask

from common.casework.pages import whole_case
from common.journal.rules import What
from common.web.guard import public, requires
from common.web.watched import shows
from tests.architecture.source_tree import NODES, modules

# What stands in an address of such a page: a case by either name, a paper, a letter of authority.
NAMES = {"number", "case", "blob", "letter"}
# Endpoint → why nobody's data is seen though the address names something.
NOTHING_OF_OTHERS = {
    "filing.paper": "a paper of one's own draft, which nobody else can open",
}

# Kinds of views that give of a case more than how far it is.
OF_A_CASE = {What.CASE, What.PAPER, What.SLIP, What.NOTICE, What.LETTER}
# Endpoint → how it asks who needs to know, or why it need not.
ASKS_OTHERWISE = {
    "cases.show": "shows the progress alone instead of a refusal",
    "papers.show": "asks for each case that names the paper",
    "filing.known.paper": "gives papers alone of cases that one may see whole",
    "letters.show": "asks for the department that entered the letter",
    "letters.photo": "asks for the department that entered the letter, or for the case filed under it",
    "letters.printed": "asks for the department that entered the letter, or for the case filed under it",
    "packages.not_checked": "leads back to the case",
}


def unasked(app: Flask) -> Iterator[str]:
    """Pages that show of a case more than its progress to whoever has the post."""
    for endpoint, view in app.view_functions.items():
        if getattr(view, "shows", None) in OF_A_CASE and not hasattr(view, "needs_whole"):
            yield endpoint


def undeclared(app: Flask) -> Iterator[str]:
    """Pages that are read (GET), name a case, and do not say `shows`."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_read = "GET" in (rule.methods or ())
        if is_read and NAMES & rule.arguments and not hasattr(view, "shows"):
            yield rule.endpoint


def app_of(node: str) -> Flask:
    """An application with the pages of a tier, none while it has no profile."""
    app = Flask(node)
    if f"{node}.profile" in {module.name for module in modules(node)}:
        for page in importlib.import_module(f"{node}.profile").PROFILE.blueprints():
            app.register_blueprint(page)
    return app


@pytest.mark.parametrize("node", NODES)
def test_every_page_about_a_person_says_so(node: str) -> None:
    assert sorted(set(undeclared(app_of(node))) - set(NOTHING_OF_OTHERS)) == []


@pytest.mark.parametrize("node", NODES)
def test_every_page_of_a_case_asks_who_needs_to_know(node: str) -> None:
    assert sorted(set(unasked(app_of(node))) - set(ASKS_OTHERWISE)) == []


def test_every_exception_is_needed() -> None:
    found = {endpoint for node in NODES for endpoint in undeclared(app_of(node))}
    assert set(NOTHING_OF_OTHERS) <= found
    assert set(ASKS_OTHERWISE) <= {endpoint for node in NODES for endpoint in unasked(app_of(node))}


def test_a_page_that_keeps_silent_is_noticed() -> None:
    app, pages = Flask("tier"), Blueprint("pages", "tier")

    @pages.get("/case/<number>")
    @requires()
    def silent(number: str) -> str:
        return number

    @pages.get("/slip/<case>")
    @requires()
    @shows(What.SLIP, of="case")
    def declared(case: str) -> str:
        return case

    @pages.get("/help/<subject>")
    @public
    def about_nobody(subject: str) -> str:
        return subject

    @pages.get("/notice/<case>")
    @requires()
    @shows(What.NOTICE, of="case")
    @whole_case(of="case")
    def asked(case: str) -> str:
        return case

    app.register_blueprint(pages)
    assert list(undeclared(app)) == ["pages.silent"]
    assert list(unasked(app)) == ["pages.declared"]
    assert app.view_functions["pages.declared"].guard  # type: ignore[attr-defined]
