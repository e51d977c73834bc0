"""Makes the web application of a node out of its profile and blueprints; the same at every tier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel import Locale
from flask import Blueprint, Flask, g, redirect, request, url_for
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from common.store.database import close_database
from common.web import english, errors, forms, guard, headers, limits, sessions, words
from common.web.account import account
from common.web.gallery import gallery
from common.web.health import health
from common.web.own_work import own_work
from common.web.ports import MenuEntry, NodeLike, ProfileLike, current_node, current_profile

_HERE = Path(__file__).parent
# Named in full: what "zh_CN" is short for stands in tables of all the world, 3 MB once they are opened.
_LOCALES = {"zh_CN": ("zh", "CN", "Hans"), "en": ("en",)}
LANGUAGES = tuple(_LOCALES)
DATA_SIZES = ("normal", "large")


def make_app(node: NodeLike, profile: ProfileLike, blueprints: Sequence[Blueprint]) -> Flask:
    """Return the application that serves `node`: sign-in, guard, headers, error pages and `blueprints`."""
    app = Flask("common.web", root_path=str(_HERE))
    app.extensions["node"] = node
    app.extensions["profile"] = profile
    _configure(app, node)
    headers.register(app)
    limits.register(app)
    guard.enforce(app)
    errors.register(app)
    words.register(app)
    Babel(app, locale_selector=lambda: Locale(*_LOCALES[_language()]))
    words.keep_text_text(app)
    app.extensions["csrf"] = CSRFProtect(app)
    app.context_processor(forms.form_context)
    app.context_processor(_frame)
    english.register(app)
    app.teardown_appcontext(lambda _: close_database())
    for blueprint in (account, health, gallery, own_work, *blueprints):
        app.register_blueprint(blueprint)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "home", guard.requires()(_home))
    guard.guarded(app.view_functions["static"], guard.PUBLIC)
    return app


def register_node_api(app: Flask, blueprint: Blueprint) -> None:
    """Add pages that other nodes call: each request is signed, so no sign-in, no form secret."""
    before = set(app.view_functions)
    app.register_blueprint(blueprint)
    for endpoint in set(app.view_functions) - before:
        view = app.view_functions[endpoint]
        guard.guarded(view, guard.NODE)
        app.extensions["csrf"].exempt(view)


def behind_proxies(app: Flask) -> Callable[..., Any]:
    """Return what gunicorn serves: `app`, believing exactly as many proxies as the settings name."""
    hops = app.extensions["node"].config.proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _home() -> Response:
    """Lead to the page that the tier names as its first."""
    return redirect(url_for(current_profile().home), 303)


def _configure(app: Flask, node: NodeLike) -> None:
    sessions.configure(app, node.config)
    app.config.update(
        MAX_CONTENT_LENGTH=node.config.form_bytes_max,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        BABEL_DEFAULT_LOCALE=LANGUAGES[0],
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        # The form secret lives as long as the session: a form may stay open over a long talk with a resident.
        WTF_CSRF_TIME_LIMIT=None,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset,
        field_id=forms.field_id,
        is_practice=bool(node.config.practice),
        options_of=forms.options_of,
        problem_of=forms.problem_of,
        said=forms.said,
    )


@lru_cache(maxsize=32)
def _mark_of(name: str) -> str:
    return sha256((_HERE / "static" / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file's content, so browsers may keep it."""
    return url_for("static", filename=name, v=_mark_of(name))


def _language() -> str:
    chosen = request.cookies.get("language") if request else None
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def _frame() -> dict[str, Any]:
    """Return what the frame of every page shows: site, person, menu, line, size of letters."""
    staff = g.get("staff")
    node = current_node()
    size = request.cookies.get("size", "")
    return {
        "site_name": node.site_name(),
        "site_title": current_profile().title,
        "staff": staff,
        "menu": _menu_for(staff),
        "line": node.line_state() if staff else None,
        "data_size": size if size in DATA_SIZES else DATA_SIZES[0],
        "language": _language(),
        "layout": "part.html" if guard.is_poll() else "base.html",
        "now_ms": g.get("now_ms", 0),
        "request_id": g.get("request_id", ""),
    }


def _menu_for(staff: Any) -> list[MenuEntry]:
    if staff is None:
        return []
    return [
        entry
        for entry in current_profile().menu
        if not entry.roles or staff.acting_as(entry.roles) is not None
    ]
