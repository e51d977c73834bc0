"""Pages and the files beside them go out packed (gzip) to browsers that say they can unpack it.

Only what browsers read as text: photographs, PDF and what nodes send each other are packed already.
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache

from flask import Flask, Response, request

_TEXT = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}
# Below this, the few bytes won are not worth the work.
_WORTH_BYTES = 1_000
_NAME_BYTES_MAX = 64
_QUICK, _BEST = 5, 9


def register(app: Flask) -> None:
    """Pack the answers of `app`."""
    app.after_request(_packed)


def _packed(response: Response) -> Response:
    if response.mimetype not in _TEXT or response.status_code in (204, 304):
        return response
    if response.is_streamed and request.endpoint != "static":
        # A long file that is given piece by piece would be read whole, into memory, before a byte is sent.
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) < _WORTH_BYTES or "Range" in request.headers:
        return response
    response.set_data(_asset(plain) if request.endpoint == "static" else _page(plain))
    response.headers["Content-Encoding"] = "gzip"
    # The bytes differ from those the tag was made for; the address of a file changes with its content anyway.
    response.headers.pop("ETag", None)
    return response


@lru_cache(maxsize=32)
def _asset(plain: bytes) -> bytes:
    return gzip.compress(plain, _BEST, mtime=0)


def _page(plain: bytes) -> bytes:
    """Pack a page under a name of random length, so that its size says nothing of what stands on it.

    A page holds the secret of its forms beside what others may have typed: whoever could count bytes might
    guess the one through the other.
    """
    packed = io.BytesIO()
    length = 1 + secrets.randbelow(_NAME_BYTES_MAX)
    with gzip.GzipFile("a" * length, "wb", _QUICK, packed, mtime=0) as file:
        file.write(plain)
    return packed.getvalue()
