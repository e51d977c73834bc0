"""Pictures made smaller, or turned, by a bounded process; for browsers that did not do it themselves.

Where Pillow cannot be loaded (a processor without its build) a picture stays as it was handed in.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

# A picture below this is sent as it is: a page photographed well has about half of it.
SHRINK_ABOVE_BYTES = 3_000_000
# No telephone's picture is longer.
TAKEN_MAX_BYTES = 64 * 1024 * 1024
_WAIT_S = 30
_one_at_a_time = threading.Lock()


class Change(StrEnum):
    """What is done to a picture: made smaller, much smaller, or smaller and turned clockwise by a quarter."""

    SHRINK = "shrink"
    SMALL = "small"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed picture as JPEG, and what a person should look at (keys of `looks.NOTE_WORDS`)."""

    data: bytes
    notes: tuple[str, ...]


def is_installed() -> bool:
    """Say whether pictures can be decoded at this node."""
    return find_spec("PIL") is not None


def changed(data: bytes, change: Change) -> Changed | None:
    """Return a picture changed, None when it cannot be decoded within the bounds, or not at this node."""
    if not is_installed() or len(data) > TAKEN_MAX_BYTES:
        return None
    with _one_at_a_time:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "common.papers.picture_child", change.value],
                input=data,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_WAIT_S,
                cwd=Path(__file__).parents[2],
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    head, _sep, picture = done.stdout.partition(b"\n")
    if done.returncode or not picture:
        return None
    return Changed(picture, tuple(json.loads(head)["notes"]))
