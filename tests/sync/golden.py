"""The golden files of wire version 1: how each is named, read and made. Once landed none is ever edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sync.protocol.frame import Frame, Wrap, restore
from sync.protocol.records import Item
from sync.protocol.signed import Statement

FOLDER = Path(__file__).parent / "frames" / "v1"
DICTIONARY = (
    b'{"actor":{"name":"","role":"AGENT"},"case":"511921108203-A1","action":"file","state":"RECEIVED"'
)


def frame_fields(frame: Frame) -> dict[str, Any]:
    """Return a frame as it stands in a golden file."""
    return {
        "header": frame.header_bytes.decode(),
        "body": frame.body.hex(),
        "signature": frame.signature.hex(),
        "wraps": [[wrap.key_id, wrap.sealed.hex()] for wrap in frame.wraps],
        "act": frame.act,
        "hash": frame.hash.hex(),
    }


def frame_from(fields: dict[str, Any]) -> Frame:
    """Return the frame of a golden file."""
    wraps = tuple(Wrap(key_id, bytes.fromhex(sealed)) for key_id, sealed in fields["wraps"])
    body, signature = bytes.fromhex(fields["body"]), bytes.fromhex(fields["signature"])
    return restore(fields["header"].encode(), body, signature, wraps)


def item_fields(item: Item) -> dict[str, Any]:
    """Return an item as it stands in a golden file."""
    return {"kind": item.kind, "text": item.text.hex(), "raw": item.raw.hex()}


def item_from(fields: dict[str, Any]) -> Item:
    """Return the item of a golden file."""
    return Item(fields["kind"], bytes.fromhex(fields["text"]), bytes.fromhex(fields["raw"]))


def statement_fields(statement: Statement) -> dict[str, Any]:
    """Return a statement as it stands in a golden file."""
    signatures = [[key_id, signature.hex()] for key_id, signature in statement.signatures]
    return {"sort": statement.sort, "payload": statement.payload.decode(), "signatures": signatures}


def statement_from(fields: dict[str, Any]) -> Statement:
    """Return the statement of a golden file."""
    signatures = tuple((key_id, bytes.fromhex(signature)) for key_id, signature in fields["signatures"])
    return Statement(fields["sort"], fields["payload"].encode(), signatures)


def read(name: str) -> Any:
    """Return what a golden file says."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def names(prefix: str) -> list[str]:
    """Return the golden files whose names begin so."""
    return sorted(path.name for path in FOLDER.glob(f"{prefix}-*.json"))
