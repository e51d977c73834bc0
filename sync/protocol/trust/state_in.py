"""What an exchange says of its sender, as it comes in: holdings, wishes, documents. Decides nothing of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.protocol.documents import HAVE_DOCS_MAX
from sync.protocol.errors import TooLarge
from sync.protocol.exchange import Head
from sync.protocol.frame import StreamId
from sync.protocol.items import (
    Hello,
    decode_have_docs,
    decode_hello,
    decode_vector,
    decode_want_acts,
    decode_want_blobs,
    decode_want_docs,
)
from sync.protocol.records import HAVE_DOCS, HELLO, VECTOR, WANT_ACTS, WANT_BLOBS, WANT_DOCS, Item
from sync.protocol.shelf import ShelfDoc
from sync.protocol.signed import Statement
from sync.protocol.spool import Part
from sync.protocol.wants import WANTS_MAX

VECTOR_LINES_MAX = 50_000


@dataclass(slots=True)
class StateIn:
    """The state parts of one exchange as they come in, record by record."""

    head: Head
    hello: Hello | None = None
    vector: dict[StreamId, Part] = field(default_factory=dict)
    wanted_acts: tuple[str, ...] = ()
    wanted_blobs: tuple[tuple[str, int], ...] = ()
    wanted_docs: tuple[str, ...] = ()
    held_docs: set[str] | None = None
    complete: bool = False
    is_learned: bool = False
    untrusted: int = 0
    refused: list[Statement] = field(default_factory=list)
    given_up: int = 0
    docs: list[ShelfDoc] = field(default_factory=list)
    fetched: int = 0


def gather(state: StateIn, item: Item) -> None:
    """Take one item of what the sender says of itself; any other kind is passed over.

    Raises:
        BadRecord, BadFrame: the item cannot be read.
        TooLarge: its parts together are more than an exchange may say.
    """
    if item.kind == HELLO:
        state.hello = decode_hello(item)
    elif item.kind == VECTOR:
        _add_lines(state, decode_vector(item))
    elif item.kind == WANT_ACTS:
        state.wanted_acts = decode_want_acts(item)
    elif item.kind == WANT_BLOBS:
        state.wanted_blobs = decode_want_blobs(item)
    elif item.kind == WANT_DOCS:
        state.wanted_docs = decode_want_docs(item)[:WANTS_MAX]
    elif item.kind == HAVE_DOCS:
        _add_held(state, decode_have_docs(item))


def _add_lines(state: StateIn, lines: dict[StreamId, Part]) -> None:
    if len(state.vector) + len(lines) > VECTOR_LINES_MAX:
        raise TooLarge("vector")
    state.vector.update(lines)


def _add_held(state: StateIn, names: tuple[str, ...]) -> None:
    known = state.held_docs or set()
    if len(known) + len(names) > HAVE_DOCS_MAX:
        raise TooLarge("documents held")
    state.held_docs = known.union(names)
