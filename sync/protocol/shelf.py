"""The shelf: signed documents published for an address and all below it; the newest version is in force."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sync.protocol import signed
from sync.protocol.address import Tree, is_address
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, Suite

CONTENT_BYTES_MAX = 60_000
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,47}")


@dataclass(frozen=True, slots=True)
class ShelfDoc:
    """One version of one published document.

    `audience` is the address whose subtree may read it; `author` published
    it; `prev` is the statement hash of the version before; `content` fits
    `content_hash` (64 hex digits).
    """

    author: str
    kind: str
    key: str
    version: int
    prev: str
    audience: str
    content_hash: str
    content: bytes
    statement: Statement

    @property
    def slot(self) -> str:
        """What the newest version is kept under."""
        return f"{self.author}|{self.kind}|{self.key}"

    def may_go_to(self, address: str, tree: Tree) -> bool:
        """Say whether `address` may hold this document: it is in the audience, or above it on the way.

        Nobody, while its author does not stand above the audience: who moved away would not believe it.
        """
        readers = tree.up(self.audience)
        return self.author in readers and (self.audience in tree.up(address) or address in readers)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published: everything but author, hash and signature."""

    kind: str
    key: str
    version: int
    prev: str
    audience: str
    content: bytes
    at: int


def publish(draft: Draft, author: str, key: KeyPair, suite: Suite) -> ShelfDoc:
    """Return the signed document of a draft.

    Raises:
        BadRoster: the draft is malformed or too large.
    """
    fields = {
        "author": author,
        "kind": draft.kind,
        "key": draft.key,
        "version": draft.version,
        "prev": draft.prev,
        "audience": draft.audience,
        "content": hashlib.sha256(draft.content).hexdigest(),
        "at": draft.at,
    }
    return read_doc(signed.make(signed.SHELF, fields, (key,), suite), draft.content)


def read_doc(statement: Statement, content: bytes) -> ShelfDoc:
    """Return the document of a statement and its content; whoever stores it checks the signature.

    Raises:
        BadRoster: a field is malformed or the content has another hash.
    """
    try:
        fields = statement.fields()
        doc = ShelfDoc(
            author=fields["author"],
            kind=fields["kind"],
            key=fields["key"],
            version=fields["version"],
            prev=fields["prev"],
            audience=fields["audience"],
            content_hash=fields["content"],
            content=content,
            statement=statement,
        )
        good = (
            is_address(doc.author)
            and is_address(doc.audience)
            and _KIND.fullmatch(doc.kind)
            and type(doc.key) is str
            and 1 <= len(doc.key) <= 64
            and "|" not in doc.key
            and 1 <= doc.version < 10**9
            and len(content) <= CONTENT_BYTES_MAX
            and hashlib.sha256(content).hexdigest() == doc.content_hash
        )
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadRoster("shelf document") from None
    if not good:
        raise BadRoster("shelf document")
    return doc
