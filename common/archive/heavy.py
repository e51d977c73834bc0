"""PDFs in a package that would hang whoever opens them: the packer put them in, and may be anybody."""

from __future__ import annotations

from common.papers.looks import looks_of
from common.papers.rules import PAPER_BYTES_MAX, PaperBomb

_PDF = "application/pdf"


def is_heavy(pdf: bytes) -> bool:
    """Say whether a PDF unfolds to more than any real one, or is longer than papers are."""
    if len(pdf) > PAPER_BYTES_MAX:
        return True
    try:
        looks_of(_PDF, pdf)
    except PaperBomb:
        return True
    return False
