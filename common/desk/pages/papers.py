"""The papers of cases, to be looked at: only what a case of this node names, never what a browser runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, flash, g, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import lists
from common.casework.pages import check_paper
from common.errors import BadInput, NotFound
from common.journal.rules import Fields, What
from common.papers.rules import HEAD_BYTES, PaperDamaged, media_type
from common.web.guard import requires
from common.web.ports import current_node
from common.web.sessions import safe_path
from common.web.watched import shows
from sync.protocol.frame import BlobRef

papers = Blueprint("papers", __name__, url_prefix="/paper")

_HASH = re.compile(r"[0-9a-f]{64}")
_POLICY = "default-src 'none'; sandbox; frame-ancestors 'self'"
UNKNOWN = "application/octet-stream"


class NoSuchPaper(NotFound):
    """No case of this node names a paper with that hash."""

    code = "E241"
    sentence = "本站的办件中没有这份材料。"


@papers.get("/<blob>")
@requires()
@shows(What.PAPER, of="blob", fields=Fields.PAPERS)
def show(blob: str) -> Response:
    """Give one paper of a case of this node."""
    named = lists.paper(blob) if _HASH.fullmatch(blob) else None
    if named is None:
        raise NoSuchPaper()
    check_paper(blob)
    return served(named)


@papers.post("/<blob>/fetch")
@requires()
def fetch(blob: str) -> Response:
    """Ask the nodes above for a paper of a case of this node that has left it, or has not come yet."""
    node = current_node()
    if not _HASH.fullmatch(blob) or lists.paper(blob) is None:
        raise NoSuchPaper()
    check_paper(blob)
    with node.unit():
        asked = node.ask_back(blob, g.staff.login, g.now_ms)
    node.wake()
    flash(_("已向上级站点取回这份材料，传到后自动显示。") if asked else _("这份材料已在本站。"))
    return redirect(safe_path(request.form.get("back", "")), 303)


def served(paper: BlobRef) -> Response:
    """Return a paper as the picture or document its first bytes say it is; nothing in it is ever run.

    What the act that brought it calls its type was written elsewhere and is not believed.

    Raises:
        PaperNotHere, PaperDamaged: no byte of it is given. A damaged one is asked for.
    """
    node = current_node()
    try:
        pieces = node.papers.content(paper)
    except PaperDamaged:
        node.ask_for_damaged(paper.hash)
        raise
    first = next(pieces, b"")
    found = _type_of(first)
    response = Response(_all(first, pieces), mimetype=found)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if found != "application/pdf":
        response.headers["Content-Security-Policy"] = _POLICY
    if found == UNKNOWN:
        response.headers["Content-Disposition"] = f'attachment; filename="{paper.hash[:16]}.bin"'
    return response


def _type_of(first: bytes) -> str:
    try:
        return media_type(first[:HEAD_BYTES])
    except BadInput:
        return UNKNOWN


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    return chain([first], rest)
