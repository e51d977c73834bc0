"""What the folder of printed notices needs by itself: what a killed process left half-written goes."""

from __future__ import annotations

from typing import Any

from common.notices.shelf import FOLDER, PdfShelf

# Printing takes seconds; another process of the node may be at it this moment.
OLD_MS = 3_600_000


def sweep(node: Any) -> int:
    """Take away old half-written notices and return how many there were; safe to repeat."""
    return PdfShelf(node.config.path(FOLDER)).sweep(node.clock.now_ms() - OLD_MS)
