"""How much a form may bring: what is typed is short; what carries files may be long."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import LengthRequired

# A form without files is unpacked in memory at once, at about 75 bytes for each that was sent. The longest
# there is, a service item with every part filled, takes a tenth of this.
TYPED_BYTES_MAX = 256 * 1024
TYPED = "application/x-www-form-urlencoded"


def register(app: Flask) -> None:
    """Hold every form without files that `app` is sent to `TYPED_BYTES_MAX`, before anything reads it."""
    app.before_request(_limit)


def _limit() -> None:
    if request.mimetype != TYPED:
        return
    if request.content_length is None:
        # Browsers always say; one that does not would be cut at the limit and taken for whole.
        raise LengthRequired
    request.max_content_length = min(request.max_content_length or TYPED_BYTES_MAX, TYPED_BYTES_MAX)
