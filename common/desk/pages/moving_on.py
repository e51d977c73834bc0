"""How filing goes from page to page: what stood on a page is kept as typed, then judged, then it goes on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.catalogue.rules.applicant import APPLICANT_FIELDS
from common.catalogue.rules.form import FormResult
from common.catalogue.rules.item import ServiceItem
from common.desk.pages.open_draft import Entry, left
from common.desk.rules import terms, windows
from common.desk.rules.applicants import APPLICANT_KEYS, REPRESENTATIVE
from common.desk.rules.drafts import RESULT_FIELDS, RESULT_SPECS, Draft, Part, Step
from common.desk.rules.windows import Merged
from common.errors import BadInput
from common.web.ports import current_node

STEPS = tuple(Step)
_WINDOW_BYTES = 6


def keys_of(part: Part, item: ServiceItem) -> tuple[str, ...]:
    """Return the fields of one part of a draft."""
    return {
        Part.APPLICANT: APPLICANT_KEYS,
        Part.FORM: tuple(spec.key for spec in item.fields),
        Part.RESULT: RESULT_FIELDS,
        Part.TERMS: terms.TERM_KEYS,
    }[part]


def drawn(page: str, entry: Entry, **parts: Any) -> str:
    """Return one page of filing."""
    shared = {"draft": entry.draft, "item": entry.item, "place": STEPS.index(Step(page)) + 1}
    return render_template(f"desk/filing_{page}.html", **shared, **parts)


def page_fields(draft: Draft, shown: Mapping[str, str], keys: tuple[str, ...]) -> dict[str, str]:
    """Return the hidden fields by which a page says what it knew; `shown` is what stands in its fields."""
    # A page that came back with its problems is the same window with the same knowledge.
    again = {key: request.form[key] for key in windows.PAGE_KEYS if key in request.form}
    return again or {
        windows.WINDOW: secrets.token_hex(_WINDOW_BYTES),
        windows.REV: str(draft.rev),
        windows.WAS: windows.was_of(shown, keys),
    }


def typed_of(keys: tuple[str, ...]) -> dict[str, str]:
    """Return what was typed into these fields, "" where nothing came."""
    return {key: request.form.get(key, "") for key in keys}


def kept(draft: Draft, part: Part, typed: Mapping[str, str], item: ServiceItem) -> Draft:
    """Keep a part as typed in a unit of its own, and tell where another window wrote the same fields."""
    node = current_node()
    with node.unit():
        draft, merge = node.drafts.keep_page(draft, part, typed, g.now_ms, windows.page_mark(request.form))
    for sentence in told(merge, part, item):
        flash(sentence, "warn")
    return draft


def told(merge: Merged, part: Part, item: ServiceItem) -> list[str]:
    """Return what people are told of fields that two windows wrote."""
    said = []
    if merge.won:
        names = _names(merge.won, part, item)
        said.append(_("另一个窗口里也填了“%(names)s”，已改用这一页的。", names=names))
    if merge.yielded:
        names = _names(merge.yielded, part, item)
        said.append(_("“%(names)s”在另一个窗口里改过，保留那边的；这一页没有动过它。", names=names))
    return [str(sentence) for sentence in said]


def _names(keys: tuple[str, ...], part: Part, item: ServiceItem) -> str:
    specs = {
        Part.APPLICANT: (*APPLICANT_FIELDS, REPRESENTATIVE),
        Part.FORM: item.fields,
        Part.RESULT: RESULT_SPECS,
        Part.TERMS: terms.first_fields(item),
    }[part]
    labels = {spec.key: spec.label for spec in specs}
    return "、".join(dict.fromkeys(labels.get(key, str(_("其他选项"))) for key in keys))


def went_on(entry: Entry, result: FormResult, following: Step) -> Response:
    """Leave, refuse, or go on; the page is kept already.

    Raises:
        BadInput: something on the page cannot be filed as it stands.
    """
    if request.form.get("then") == "leave":
        return left(entry.draft)
    if result.problems:
        raise BadInput(problems=result.problems)
    return on_to(entry, following)


def on_to(entry: Entry, following: Step) -> Response:
    """Go to the next page; who was at the last one already goes back there."""
    node = current_node()
    reached = max(following, entry.draft.step, key=STEPS.index)
    with node.unit():
        node.drafts.reach(entry.draft, reached, g.now_ms)
    page = Step.CHECK if is_back(entry) else following
    return redirect(url_for(f"filing.{page}", draft=entry.draft.id), 303)


def is_back(entry: Entry) -> bool:
    """Say whether the person was at the last page and came back from it to change something."""
    return entry.draft.step is Step.CHECK and not entry.is_outdated
