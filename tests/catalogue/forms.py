"""Reads the form of a page as a browser would send it back unchanged."""

from __future__ import annotations

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Reader(HTMLParser):
    """Collects the values of the form whose action is given."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.values: MultiDict[str, str] = MultiDict()
        self._action = action
        self._inside = False
        self._select = ""
        self._chosen: str | None = None
        self._first: str | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._inside = given.get("action", "").partition("#")[0] == self._action
        if not self._inside or (not given.get("name") and tag != "option"):
            return
        if tag == "input":
            if "checked" in given or given.get("type") not in ("checkbox", "radio", "file"):
                self.values.add(given["name"], given.get("value", ""))
        elif tag == "select":
            self._select, self._chosen, self._first = given["name"], None, None
        elif tag == "option":
            self._first = given["value"] if self._first is None else self._first
            self._chosen = given["value"] if "selected" in given else self._chosen
        elif tag == "textarea":
            self._area = given["name"]
            self.values.add(self._area, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            self.values.add(self._select, (self._first if self._chosen is None else self._chosen) or "")
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def form_on(text: str, action: str) -> MultiDict[str, str]:
    """Return what a browser would send of the form with this action on a page."""
    reader = _Reader(action)
    reader.feed(text)
    assert reader.values, f"no form for {action}"
    return reader.values
