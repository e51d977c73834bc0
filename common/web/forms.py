"""Forms that lose nothing: on a refusal the page comes back with what was typed and every problem.

Draws fields from data (an item's fields or a page's own) through `_form_field.html`; checks nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, g, request
from flask_babel import gettext
from markupsafe import Markup

from common.errors import BadInput, LiandongError, NotAllowed, Problem

View = TypeVar("View", bound=Callable[..., Any])

_PROVED_AGAIN = frozenset({"password", "old_password", "new_password", "new_password_again", "csrf_token"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a page's own form; has what `_form_field.html` asks of an item's field, too.

    `kind` is one of an item's kinds, or password, file, hidden. `choices` are words, or (value, words) pairs.
    `when`: on which condition a field that is not required has to be filled in; else it is called optional.
    `is_begun_at`: whoever opens the page types here at once, without going to the field first.
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = True
    hint: str = ""
    choices: Sequence[str | tuple[str, str]] = ()
    max_length: int = 200
    autocomplete: str = "off"
    is_begun_at: bool = False
    when: str = ""


def redraws(endpoint: str) -> Callable[[View], View]:
    """Mark a view that takes a form: when it refuses, the page `endpoint` is shown again, nothing typed lost.

    `endpoint` names the view that draws the form; a leading dot means the same blueprint. It is called with
    the same path arguments, and templates find `problems`, `typed` and `failure` filled.
    """

    def mark(view: View) -> View:
        view.redraws = endpoint  # type: ignore[attr-defined]
        return view

    return mark


def redrawn(error: LiandongError) -> Any | None:
    """Return the page of the refused form once more, None when there is none to return to.

    Neither after a bug, nor for a person who may not use the form, nor before it is known who asks (a disk
    so full that no session can be read), nor when the page itself refuses.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    endpoint: str = getattr(view, "redraws", "")
    if not endpoint or "staff" not in g or error.status == 500 or isinstance(error, NotAllowed):
        return None
    if endpoint.startswith("."):
        endpoint = f"{request.blueprint}{endpoint}"
    g.problems = error.problems if isinstance(error, BadInput) else []
    g.failure = error
    g.typed = typed_values(request.form)
    try:
        return current_app.view_functions[endpoint](**(request.view_args or {}))
    except LiandongError:
        # What the form was about is gone, too, as a case that is not here: then the refusal stands alone.
        return None


def typed_values(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, to show it again; passwords are never sent back to the browser."""
    return {key: value for key, value in form.items() if key not in _PROVED_AGAIN}


def form_context() -> dict[str, Any]:
    """Return what every template may rely on: `problems`, `typed`, `failure` of the form being shown."""
    return {
        "problems": g.get("problems", []),
        "typed": g.get("typed", {}),
        "failure": g.get("failure"),
    }


def said(error: LiandongError, part: str) -> str:
    """Return one of an error's texts (`sentence`, `kept`, `advice`) in the language of the page."""
    return error.told(getattr(error, part), gettext)


def problem_of(problems: Sequence[Problem], key: str) -> str:
    """Return the sentence of the first problem with the field `key`, empty when there is none."""
    return next((problem.sentence for problem in problems if problem.field == key), "")


def options_of(choices: Sequence[str | tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (value, words) pairs for choices given as words or as pairs."""
    return [(choice, choice) if isinstance(choice, str) else (choice[0], choice[1]) for choice in choices]


def field_id(key: str) -> Markup:
    """Return the id of the field's first control, to which the error summary links."""
    return Markup("f-{}").format("".join(mark if mark.isalnum() else "-" for mark in key))
