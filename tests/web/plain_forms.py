"""Reads the forms of a page as a browser without scripts sees them, and says what it could not do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict

Attributes = dict[str, str]
# Buttons that only scripts answer, and what does the same without them.
WITHOUT = {
    "data-print": "the keys of the browser, named at the foot of every page",
    "data-camera-open": "hidden until a script finds a camera; a file or the phone's own camera beside it",
    "data-snap": "stands in the window that a script opens",
    "data-switch": "stands in the window that a script opens",
    "data-close": "stands in the window that a script opens",
    "data-view": "hidden without scripts; the picture opens by its link",
    "data-sign": "hidden without scripts; the photograph of the signed paper beside it",
}
_CONTROLS = ("input", "select", "textarea", "button")
_TICKED = ("checkbox", "radio")


@dataclass
class Form:
    """One form: its attributes, what it sends as it stands, what else may be chosen, what sends it."""

    given: Attributes
    values: MultiDict[str, str] = field(default_factory=MultiDict)
    choices: dict[str, str] = field(default_factory=dict)
    buttons: list[Attributes] = field(default_factory=list)

    @property
    def action(self) -> str:
        """Where it goes."""
        return self.given.get("action", "")


class Page(HTMLParser):
    """All forms of a page, and everything that acts outside of any."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.outside: list[Attributes] = []
        self.elements: list[tuple[str, Attributes]] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str, list[tuple[str, bool]]] | None = None
        self._area: tuple[Form, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag begins."""
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        if tag == "form":
            self._open = Form(given)
            self.forms.append(self._open)
            self._by_id[given.get("id", "")] = self._open
        elif tag in _CONTROLS:
            form = self._by_id.get(given["form"]) if "form" in given else self._open
            if form is None:
                self.outside.append({"tag": tag, **given})
            else:
                self._control(form, tag, given)
        elif tag == "option" and self._select:
            self._select[2].append((given.get("value", ""), "selected" in given))

    def _control(self, form: Form, tag: str, given: Attributes) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "submit" if tag == "button" else "text")
        if kind == "submit":
            form.buttons.append(given)
        elif tag == "select":
            self._select = (form, name, [])
        elif tag == "textarea":
            self._area = (form, name)
            form.values.add(name, "")
        elif name and kind in _TICKED and "checked" not in given:
            form.choices.setdefault(name, value)
        elif name and kind not in ("file", "button"):
            form.values.add(name, value)

    def handle_data(self, data: str) -> None:
        """Take what stands in a long field."""
        if self._area:
            form, name = self._area
            form.values[name] += data

    def handle_endtag(self, tag: str) -> None:
        """Close what a tag began."""
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select" and self._select:
            form, name, options = self._select
            first = options[0][0] if options else ""
            form.values.add(name, next((value for value, is_chosen in options if is_chosen), first))
            form.choices[name] = next((value for value, _is_chosen in options if value), "")
            self._select = None


def faults(text: str) -> Iterator[str]:
    """Yield what a browser without scripts could not do on a page."""
    yield from faults_of(Page(text))


def faults_of(page: Page) -> Iterator[str]:
    """Yield the same of a page that has been read."""
    for form in page.forms:
        yield from _of_form(form)
    for given in page.outside:
        if given["tag"] != "button" or given.get("type", "submit") == "submit":
            yield f"a {given['tag']} {given.get('name', '')} stands in no form"
    for tag, given in page.elements:
        if tag == "button" and given.get("type") == "button" and not WITHOUT.keys() & given.keys():
            yield f"a button that only a script answers: {given}"
        if tag == "a" and not given.get("href"):
            yield f"a link that leads nowhere: {given}"
        if "hx-post" in given and (tag != "form" or given.get("action") != given["hx-post"]):
            yield f"{tag} sends to {given['hx-post']} by script alone"
        if "hx-get" in given and tag not in ("a", "div"):
            yield f"{tag} fetches {given['hx-get']} by script alone"


def _of_form(form: Form) -> Iterator[str]:
    method = form.given.get("method", "").lower()
    if method not in ("get", "post") or not form.action.startswith("/"):
        yield f"a form says not how and where: {form.given}"
    if method == "post" and not form.values.get("csrf_token"):
        yield f"the form to {form.action} has no secret"
    if not form.buttons:
        yield f"the form to {form.action} has no button that sends it"
