"""Finds the pages of a site by following its own links, with the ids that are really there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from common.node.demo.browser import Answer, Refused
from common.node.demo.clerk import Clerk
from common.node.profile import TierProfile
from common.web.factory import make_app
from tests.web.fakes import FakeNode

_BADGE = re.compile(r'<span class="badge[^"]*">([^<]+)</span>')
# Every step and every report has a form of its own under one view: the last part of its address is its name.
STEP_FORMS = ("cases.ask", "cases.ask_report")
# What a page says to whoever may only see how far a case got.
_PROGRESS = "<h1>办理进度"
_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody's links lead to: the view behind it, what makes it one of a kind, whether it is drawn."""

    path: str
    endpoint: str
    kind: str
    is_drawn: bool


class Routes:
    """The views of one tier, as its own profile lists them."""

    def __init__(self, node: FakeNode, profile: TierProfile) -> None:
        self._app: Flask = make_app(node, profile, profile.blueprints())  # type: ignore[arg-type]
        self._map = self._app.url_map.bind("127.0.0.1")

    def views(self) -> set[str]:
        """Return every endpoint that answers GET."""
        return {
            rule.endpoint
            for rule in self._app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint != "static"
        }

    def endpoint(self, path: str) -> str:
        """Return the view that answers a path, "" for none."""
        try:
            return str(self._map.match(path.partition("?")[0])[0])
        except (HTTPException, RequestRedirect):
            return ""


def crawl(clerk: Clerk, routes: Routes, seen: Set[str], *more: str) -> Iterator[Found]:
    """Yield the pages that links lead this person to, beginning at the first page and at `more`.

    Kinds that are among `seen` are not opened.
    """
    waiting, known, seen = ["/", *more], {"/", *more}, set(seen)
    while waiting:
        path = waiting.pop(0)
        endpoint = routes.endpoint(path)
        if not endpoint or endpoint == "static" or _kind(endpoint, path) in seen:
            continue
        answer = _opened(clerk, path)
        if answer is None:
            continue
        # A page that led on to another is that other page.
        endpoint = routes.endpoint(answer.path)
        kind = _kind(endpoint, answer.path) + _state(endpoint, answer.text)
        # Ids differ, pages do not: one of a kind is looked at by each person.
        if kind not in seen:
            seen.add(kind)
            yield Found(answer.path, endpoint, kind, answer.body[:15].lower() == b"<!doctype html>")
        for link in map(html.unescape, _LINK.findall(answer.text)):
            if link not in known:
                known.add(link)
                waiting.append(link)


def _kind(endpoint: str, path: str) -> str:
    """Return what makes a page one of a kind: its view, and the names of what its address asks."""
    asked = sorted(part.partition("=")[0] for part in path.partition("?")[2].split("&") if part)
    last = path.partition("?")[0].rpartition("/")[2] if endpoint in STEP_FORMS else ""
    return " ".join([endpoint, last, *asked])


def _state(endpoint: str, page: str) -> str:
    """Return the state of the case a page shows, and whether only its progress: each is another page."""
    found = _BADGE.search(page) if endpoint == "cases.show" else None
    progress = " progress" if endpoint == "cases.show" and _PROGRESS in page else ""
    return (f" {found[1]}" if found else "") + progress


def _opened(clerk: Clerk, path: str) -> Answer | None:
    try:
        return clerk.browser.get(path)
    except Refused:
        return None
