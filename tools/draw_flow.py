"""Draws the flow table into ARCHITECTURE.md: `.venv/bin/python tools/draw_flow.py`. A test asks for it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from common.casework.rules.drawing import BEGIN, END, drawing  # noqa: E402

PAGE = ROOT / "ARCHITECTURE.md"


def drawn(text: str) -> str:
    """Return the page with the drawing as the table has it now."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + drawing() + tail


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
