"""What the desk clears away by itself: drafts nobody touched for long, and papers that came to nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from common.casework import days, lists
from common.desk import check_lists

_HOUR_MS = 3_600_000
_log = logging.getLogger(__name__)


def sweep(node: Any) -> None:
    """Take out old drafts, then the papers that no draft, case or act names; called about every hour.

    No draft goes while the date is in doubt.

    Two units of work: the second must not remove a paper of a draft whose going is not on the disk yet.
    """
    now = node.clock.now_ms()
    # By a wrong clock everything is old: what people typed waits until one of them has said what day it is.
    if days.doubt(now) is None:
        with node.unit():
            node.drafts.sweep(now)
            check_lists.sweep(now)
    before = now - node.config.unused_paper_hours * _HOUR_MS
    with node.unit():
        named = (lambda blobs: _named_for_good(node, blobs)), lambda blobs: node.drafts.papers()
        removed = node.papers.clear_unnamed(before, node.clock.mono_ms(), named)
    if removed:
        _log.info("removed %d papers nothing names", removed)


def _named_for_good(node: Any, blobs: Sequence[str]) -> set[str]:
    """Return the papers a case or a letter of authority names, that an act here names, or that are wanted."""
    spool = node.spool
    held = lists.named_papers(blobs) | node.letters.photographs() | set(spool.have_blobs(blobs))
    return held | {blob for blob in blobs if blob not in held and spool.missing_blob(blob) is not None}
