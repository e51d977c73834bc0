"""What the catalogue does with documents that come from the shelf; it applies no acts."""

from __future__ import annotations

from collections.abc import Sequence

from common.catalogue.service import Catalogue
from sync.protocol.shelf import ShelfDoc


def adopt(catalogue: Catalogue, docs: Sequence[ShelfDoc]) -> set[str]:
    """Take those of `docs` that are items into use, in the open unit; return the wake keys they bring.

    Raises nothing for what the documents say; see `Catalogue.adopt`.
    """
    return catalogue.adopt(docs)
