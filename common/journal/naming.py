"""What a row of the log of views is called for people: cases by number, papers and people by name.

The log names a paper by its hash and a person by login alone, and so gives nothing away; names are looked up
where the log is read, by those who may read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from common.journal.rules import FIELD_NAMES, WHAT_NAMES, Fields, View, What

_WHATS = {what.value: name for what, name in WHAT_NAMES.items()}
_FIELDS = {fields.value: name for fields, name in FIELD_NAMES.items()}
assert set(_WHATS) == {what.value for what in What} and set(_FIELDS) == {one.value for one in Fields}


def shown_rows(
    views: Sequence[View], people: Mapping[str, str], papers: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return views as pages show them.

    Args:
        people: login → name; a login without one is shown alone.
        papers: hash → (case number, name of the paper); one without is none of a case that is here.
    """
    return [_shown(view, people.get(view.login, ""), papers) for view in views]


def _shown(view: View, name: str, papers: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    number, said = view.object, ""
    if view.what == What.PAPER:
        number, said = papers.get(view.object, ("", str(_("不在本站的材料"))))
    return {
        "at": view.at,
        "login": view.login,
        "name": name,
        "what": _(_WHATS.get(view.what, view.what)),
        "number": number,
        "said": said,
        "fields": _(_FIELDS.get(view.fields, view.fields)),
    }
