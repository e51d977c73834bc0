"""A network that holds a document, its next versions, and what of them goes over a line."""

from __future__ import annotations

from typing import Any

from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.exchange import Opener, read_head
from sync.protocol.items import decode_hello
from sync.protocol.records import DOC_DELTA, HELLO, STATEMENT, Item, unpack_record
from sync.protocol.shelf import ShelfDoc, read_doc
from tests.sync.network import (
    COUNTY,
    SUITE,
    Site,
    make_network,
    settle,
)

SHELF_SORT = bytes((signed.SORTS.index(signed.SHELF),))
TEXT = "".join(f'"{n}":"第{n}条：{n * 7919 % 1000}元以下的，由村民委员会出具证明。",' for n in range(120))


def made(spool: Any = MemorySpool) -> dict[str, Site]:
    """A network in which all hold version 1 and all is acknowledged."""
    sites = make_network(spool=spool)
    put(sites[COUNTY], 1)
    settle(sites, 4)
    return sites


def text(n: int) -> bytes:
    return TEXT.replace("第60条", f"第60条（第{n}版）").encode()


def put(county: Site, n: int) -> ShelfDoc:
    return county.publish("item", text(n), COUNTY)


def items_in(data: bytes, receiver: Site) -> list[Item]:
    head, used = read_head(data)  # type: ignore[misc]
    plains = Opener(head, receiver.key, SUITE).feed(data[used:])
    return [item for plain in plains for item in unpack_record(plain, b"")]


def docs_in(data: bytes, receiver: Site) -> list[int]:
    """Return the kinds of the items in an exchange that carry a document."""
    found = items_in(data, receiver)
    is_doc = {STATEMENT: SHELF_SORT, DOC_DELTA: b""}
    return [i.kind for i in found if i.kind in is_doc and i.text.startswith(is_doc[i.kind])]


def poll(child: Site, parent: Site) -> tuple[list[int], list[int]]:
    """One exchange as over HTTP; return how documents went up and down."""
    up = child.out(parent.address)
    parent.take(up)
    down = parent.out(child.address)
    child.take(down)
    return docs_in(up, parent), docs_in(down, child)


def content_of(site: Site) -> bytes:
    (held,) = site.spool.all_held(signed.SHELF)
    return held.content


def says(site: Site, neighbour: Site) -> str:
    """How a site says that it takes documents from a neighbour."""
    said = items_in(site.out(neighbour.address), neighbour)
    return decode_hello(next(item for item in said if item.kind == HELLO)).docs


def lose(site: Site, doc: ShelfDoc) -> None:
    if isinstance(site.spool, MemorySpool):
        del site.spool._docs[doc.statement.hash]
    else:
        site.spool._database.execute_sql("DELETE FROM sync_doc WHERE hash = ?", (doc.statement.hash,))


def first(county: Site) -> ShelfDoc:
    docs = [read_doc(*county.spool.doc(name)) for name in county.spool.doc_names()]
    return next(doc for doc in docs if doc.version == 1)
