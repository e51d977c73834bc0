"""The browser's side of a session: one signed cookie that holds token, login and form secret, no more.

What the token stands for, and whether it still counts, only the accounts know.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeSerializer

from common.config import NodeConfig

_TOKEN, _LOGIN = "token", "login"
_KEY_BYTES = 32


def configure(app: Flask, config: NodeConfig) -> None:
    """Set the cookie up: not readable by scripts, not sent from other sites, only over TLS when there is TLS.

    The name holds the address and the kind: browsers do not tell ports apart, and sites may share a machine.
    """
    app.secret_key = load_key(config.path(config.secret_key_file))
    app.session_interface = _TimelessSessions()
    app.config.update(
        SESSION_COOKIE_NAME=f"liandong_{'practice_' * bool(config.practice)}{config.address or 'new'}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_under_tls(config),
        SESSION_REFRESH_EACH_REQUEST=False,
    )


class _TimelessSerializer(URLSafeSerializer):
    """Signs the cookie without the time of day; Flask's own refuses one older than a month, or from later."""

    def loads(self, s: str | bytes, salt: str | bytes | None = None, **_age: Any) -> Any:
        """Return what was signed, whatever its age: when a session ends only the accounts say.

        Raises:
            itsdangerous.BadSignature: it was not signed here.
        """
        return super().loads(s, salt=salt)


class _TimelessSessions(SecureCookieSessionInterface):
    """Cookies that neither a clock set forward nor one set back makes worthless."""

    def get_signing_serializer(self, app: Flask) -> Any:
        if not app.secret_key:
            return None
        return _TimelessSerializer(
            app.secret_key,
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": self.digest_method},
        )


def is_under_tls(config: NodeConfig) -> bool:
    """Say whether browsers reach this node over TLS."""
    return bool(config.tls_cert_file) or config.public_url.lower().startswith("https://")


def load_key(path: Path) -> bytes:
    """Return the key that signs cookies; it is made at the first start, readable by the owner only.

    One that a power cut left empty or cut short is made anew.
    """
    kept = _read_key(path)
    if kept:
        return kept
    key = os.urandom(_KEY_BYTES)
    descriptor, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return _put_key(Path(draft), path) or key
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _put_key(draft: Path, path: Path) -> bytes:
    """Give a new key its name; return the one that another process gave it first, empty when none did."""
    try:
        os.link(draft, path)
    except FileExistsError:
        made_meanwhile = _read_key(path)
        if made_meanwhile:
            return made_meanwhile
        os.replace(draft, path)
    return b""


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return b""
    return key if len(key) == _KEY_BYTES else b""


def begin(token: str, login: str) -> None:
    """Give the browser a new token and a new form secret; what it had before is dropped."""
    session.clear()
    session[_TOKEN], session[_LOGIN] = token, login


def token() -> str:
    """Return the browser's token, empty when it has none."""
    return str(session.get(_TOKEN, ""))


def whose() -> str:
    """Return who signed in last in this browser, however long ago; it opens nothing. Empty when nobody."""
    return str(session.get(_LOGIN, ""))


def had_one() -> bool:
    """Say whether the browser was signed in before, however long ago."""
    return _TOKEN in session


def end() -> None:
    """Take everything away from the browser."""
    session.clear()


def way_back() -> str:
    """Return where to go after signing in: this page, for a form or a part of a page the page it is on."""
    if "HX-Request" in request.headers:
        return _inside(request.headers.get("HX-Current-URL", ""))
    if request.method in ("GET", "HEAD"):
        return safe_path(request.full_path.rstrip("?"))
    return _inside(request.referrer or "")


def _inside(address: str) -> str:
    """Return path and query of an address of this site, else `/`."""
    try:
        page = urlsplit(address)
    except ValueError:
        return "/"
    if page.netloc != request.host:
        return "/"
    return safe_path(page.path + (f"?{page.query}" if page.query else ""))


def safe_path(text: str) -> str:
    """Return `text` when it is a path of this site, else `/`: signing in must not lead elsewhere."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text
    is_plain = all(ord(mark) >= 32 for mark in text) and len(text) <= 2_000
    return text if is_ours and is_plain else "/"
