"""What tests of a first contact need: a bundle taken in, documents published, what an exchange names."""

from __future__ import annotations

from pathlib import Path

from sync.adapters.bundle_file import export, import_file
from sync.protocol import signed
from sync.protocol.items import decode_have_docs
from sync.protocol.records import HAVE_DOCS
from sync.protocol.shelf import ShelfDoc
from tests.sync.deltas_made import items_in, lose
from tests.sync.network import COUNTY, Site


def bundled(county: Site, child: Site, folder: Path) -> None:
    """Take the county's bundle in, as at enrolment, and start the program after it."""
    assert import_file(child.engine(), export(county.engine(), child.address, folder).path).complete
    child.restart()


def publish(site: Site, *keys: str, audience: str = COUNTY) -> list[ShelfDoc]:
    return [site.publish(key, f"content of {key}".encode(), audience) for key in keys]


def keys_at(site: Site) -> set[str]:
    return {held.key.split("|")[2] for held in site.spool.all_held(signed.SHELF)}


def named(data: bytes, receiver: Site) -> list[tuple[str, ...]]:
    """Return what each item of an exchange that counts off documents says."""
    return [decode_have_docs(item) for item in items_in(data, receiver) if item.kind == HAVE_DOCS]


def gone(site: Site, doc: ShelfDoc) -> None:
    """Let a site have nothing of a document any more."""
    lose(site, doc)
    with site.unit():
        site.spool.drop_held(signed.SHELF, doc.slot)
