"""What may come out of a parser: the project's own refusals, and the HTTP errors of the web library."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from werkzeug.exceptions import HTTPException

from common.errors import LiandongError
from sync.protocol.errors import SyncError

REFUSALS = (SyncError, LiandongError, HTTPException)


def refused_or(read: Callable[..., object], *given: object) -> None:
    """Read; a refusal is as good as an answer."""
    with suppress(*REFUSALS):
        read(*given)
