"""What a frame says as far as it can be read here; its author may be a thief. It judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import PLAIN, Frame


def body_of(frame: Frame) -> Mapping[str, Any]:
    """Return what an act says, nothing when it cannot be read."""
    try:
        body = canonical.loads(frame.content) if frame.header.enc == PLAIN and frame.body else {}
    except NotCanonical:
        return {}
    return body if type(body) is dict else {}
