"""What every answer carries: the number of the request, and what a browser may do with the page."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from common.web import packing
from common.web.ports import current_node

# Everything from this site alone, no script or style inside a page, no page inside another's frame.
_PAGE_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_FILE_POLICY = "default-src 'none'; frame-ancestors 'self'"
_ASSET_SECONDS = 31_536_000
NODE_LINE = "node_line"


def register(app: Flask) -> None:
    """Number every request of `app` and put the headers on every answer."""
    app.before_request(_number)
    app.after_request(_finish)
    packing.register(app)


def _number() -> None:
    g.request_id = secrets.token_hex(6)
    g.now_ms = current_node().clock.now_ms()


def _finish(response: Response) -> Response:
    headers = response.headers
    if request.blueprint == NODE_LINE and response.status_code == 200:
        # Sealed bytes for a program, in answer to a POST: no browser shows them and no cache keeps them. On a
        # thin line every header is paid for with every exchange.
        return response
    headers["X-Request-ID"] = g.get("request_id", "")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "geolocation=(), microphone=(), payment=()"
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _PAGE_POLICY
        headers["X-Frame-Options"] = "DENY"
    elif response.mimetype != "application/pdf":
        # A browser's own PDF viewer is an object of the page and would be stopped by a policy.
        headers.setdefault("Content-Security-Policy", _FILE_POLICY)
    if request.endpoint == "static":
        headers["Cache-Control"] = f"public, max-age={_ASSET_SECONDS}, immutable"
    else:
        # Pages show people's papers, and the PC in the room is used by many.
        headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
