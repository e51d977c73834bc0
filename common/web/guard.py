"""Who may see a page: said once beside each view, asked once before any of them runs.

A view without a guard is never served. The guard is data on the view (`view.guard`), so that tests can read
all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from common.errors import NotAllowed, Unavailable
from common.people.rules.roles import ROLE_NAMES, Role
from common.store.database import unit_of_work
from common.web import again, sessions
from common.web.errors import SignedOut, wants_json
from common.web.ports import current_node

View = TypeVar("View", bound=Callable[..., Any])

# What somebody who has not signed in may send: enough for every form that is open to all.
_STRANGER_BYTES = 64 * 1024
# How often a session's last use is written down; a page is no reason for a commit each time.
_TOUCH_MS = 60_000
# Stands in the address a page without scripts refreshes itself under.
REFRESHED = "refreshed"


@dataclass(frozen=True, slots=True)
class Guard:
    """Whom a view is for: `kind` is `public`, `node` (signed by a node, no browser) or `staff`.

    With `roles` empty any member of staff will do; those who must first change their password are let in
    only where `is_open_before_password_change`.
    """

    kind: str
    roles: tuple[Role, ...] = ()
    is_open_before_password_change: bool = False


PUBLIC = Guard("public")
NODE = Guard("node")


class WrongPost(NotAllowed):
    """The person holds none of the posts the page is for."""

    code = "E226"
    sentence = "这项操作由{posts}办理，您的岗位没有这项权限。"


def requires(*roles: Role) -> Callable[[View], View]:
    """Let only staff with one of `roles` in (none: any member of staff); `g.actor` acts in the first."""

    def mark(view: View) -> View:
        return guarded(view, Guard("staff", tuple(roles)))

    return mark


def public(view: View) -> View:
    """Let everybody in, signed in or not."""
    return guarded(view, PUBLIC)


def guarded(view: View, guard: Guard) -> View:
    """Put `guard` on a view."""
    view.guard = guard  # type: ignore[attr-defined]
    return view


def is_poll() -> bool:
    """Say whether a page asks by itself for a part of it that may have changed."""
    return bool(request and request.headers.get("HX-Request") and request.method == "GET")


def is_unattended() -> bool:
    """Say whether a page asks by itself: for a part, or without scripts for all of it (`REFRESHED`)."""
    return is_poll() or (request.method == "GET" and REFRESHED in request.args)


def enforce(app: Flask) -> None:
    """Ask the guard of every view of `app` before it runs."""
    app.before_request(_ask)


def _ask() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        # No such page: the answer (404, or 405) needs no session, but may show the person's menu.
        _load()
        return None
    guard: Guard | None = getattr(view, "guard", None)
    if guard is None:
        raise RuntimeError(f"the view {request.endpoint} has no guard")
    if guard.kind == "node" or request.endpoint == "static":
        return None
    _load()
    return _let_in(guard) if guard.kind == "staff" else None


def _load() -> None:
    node = current_node()
    token = sessions.token()
    moment = node.clock.moment()
    session = node.people.session_of(token, moment) if token else None
    g.staff = session.staff if session else None
    g.actor = session.staff.acting_as(Role) if session else None
    if session is None:
        # Said before anything reads the body.
        request.max_content_length = _STRANGER_BYTES
        # Nor does the server wait for it as long as for a form with photographs on a thin line.
        hurry = getattr(request.environ.get("gunicorn.socket"), "hurry", None)
        if hurry is not None:
            hurry()
    # A page that refreshes itself is no sign of a person in front of it.
    if session and not is_unattended() and session.idle_ms >= _TOUCH_MS:
        # A disk too full to note it keeps nobody from looking things up, nor from leaving.
        with suppress(Unavailable), unit_of_work():
            node.people.touch(token, moment)


def _let_in(guard: Guard) -> Response | None:
    if g.staff is None:
        return _to_sign_in()
    if g.staff.must_change and not guard.is_open_before_password_change:
        return redirect(url_for("account.password"), 303)
    if guard.roles:
        g.actor = g.staff.acting_as(guard.roles)
    if g.actor is None:
        raise WrongPost(posts="、".join(_names(guard.roles)) or "在岗工作人员")
    return None


def _to_sign_in() -> Response:
    if wants_json():
        raise SignedOut()
    way: dict[str, Any] = {"next": sessions.way_back(), "expired": int(sessions.had_one())}
    target = url_for("account.sign_in", **way)
    if request.headers.get("HX-Request"):
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = target
        return answer
    kept = again.wrapped()
    if kept:
        # The page itself, not a way to it: what was typed travels in it.
        return make_response(current_app.view_functions["account.sign_in"](again=kept), 401)
    return redirect(target if kept is not None else url_for("account.sign_in", **way, lost=1), 303)


def _names(roles: Sequence[Role]) -> list[str]:
    return [ROLE_NAMES[role] for role in roles]
