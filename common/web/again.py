"""A form sent after the session ended: it goes through the sign-in page and is sent again; nothing is lost.

What was typed stands, signed by this node, in the sign-in page that answers the form, and nowhere else; a
form from another site never gets that far, because its cookie does not come along. It is sent again by who
filled it in alone: another who signs in at the same PC would put their name to what they never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException

from common.web import sessions

FIELD = "again"
_SALT = "web.again"
_SECRETS = frozenset({"csrf_token", "password", "old_password", "new_password", "new_password_again"})


@dataclass(frozen=True, slots=True)
class Again:
    """A form to be sent once more: where, its fields in order, and whether files have to be chosen again."""

    path: str
    fields: list[tuple[str, str]]
    had_files: bool


def wrapped() -> str | None:
    """Return the form of this request, signed, to be sent again after signing in; "" when there is none.

    Only for a person who was signed in here before, and only for a form of this site. None for one that is
    longer than a stranger may send: what was typed is lost, and the person has to be told.
    """
    came_from = urlsplit(request.referrer or "")
    if request.method != "POST" or not sessions.had_one() or came_from.netloc != request.host:
        return ""
    try:
        fields = [[key, text] for key, text in request.form.items(multi=True) if key not in _SECRETS]
        files = int(any(file.filename for file in request.files.values()))
    except HTTPException:
        return None
    kept = [request.full_path.rstrip("?"), fields, files, sessions.whose()]
    return str(_signer().dumps(kept)) if fields or files else ""


def unwrapped(text: str, login: str) -> Again | None:
    """Return the form that `wrapped` signed for this person, None when it did not or for another."""
    try:
        path, fields, files, filled_in_by = _signer().loads(text)
    except (BadSignature, ValueError):
        return None
    if filled_in_by != login:
        return None
    return Again(sessions.safe_path(path), [(key, value) for key, value in fields], bool(files))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=_SALT)
