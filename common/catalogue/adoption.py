"""Takes documents that the top has published off the shelf into use: the same for items and calendars."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from common.store.database import require_unit
from sync.protocol.address import Tree
from sync.protocol.shelf import ShelfDoc

log = logging.getLogger(__name__)


class Unusable(Exception):
    """A document cannot be used; `code` is the error's, `detail` says why, for the line page."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Adopter:
    """How documents of one kind are taken into use.

    `tree` is asked for each document, since an exchange may bring roster and documents together; `note` is
    told `(code, address, detail)` of one that cannot be used; `stranger` is the code for one that is not from
    the top. `take` stores a document that is from the top, if it is not stored yet, or raises `Unusable`.
    """

    kind: str
    tree: Callable[[], Tree]
    note: Callable[[str, str, str], None]
    stranger: str
    take: Callable[[ShelfDoc], None]

    def adopt(self, docs: Iterable[ShelfDoc]) -> set[str]:
        """Take those of the kind into use; return the wake keys they bring.

        Those are `doc:<kind>/<key>/<version>` and `doc:<statement hash>` of each. Others are passed over;
        of what cannot be used a note is made.

        Raises:
            UnitMisuse: no unit of work is open.
        """
        require_unit()
        return {key for doc in docs if doc.kind == self.kind and self._is_taken(doc) for key in _keys(doc)}

    def _is_taken(self, doc: ShelfDoc) -> bool:
        try:
            if doc.author != self.tree().top:
                raise Unusable(self.stranger, "not from the top")
            self.take(doc)
        except Unusable as fault:
            self.note(fault.code, doc.author, f"{doc.key}: {fault.detail}")
            return False
        return True


def published_at(doc: ShelfDoc) -> int:
    """Return when a document says it was published, UTC milliseconds; 0 when it does not say."""
    at = doc.statement.fields().get("at", 0)
    return at if type(at) is int else 0


def next_mark(mark: str, doc: ShelfDoc, what: str = "") -> str:
    """Return what names a table, named `mark` till now, that took a document in, or did `what` with it."""
    return sha256(f"{mark}\n{doc.statement.hash}\n{what or doc.content_hash}".encode()).hexdigest()


def logged(code: str, address: str, detail: str) -> None:
    """Tell of what cannot be used where nobody else is told."""
    log.warning("%s from %s: %s", code, address, detail)


def _keys(doc: ShelfDoc) -> tuple[str, str]:
    return f"doc:{doc.kind}/{doc.key}/{doc.version}", f"doc:{doc.statement.hash}"
