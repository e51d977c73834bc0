"""What a peer works with, and what it has to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sync.protocol.blob_store import BlobStore
from sync.protocol.signing import KeyPair, Suite
from sync.protocol.spool import Spool


class Note(NamedTuple):
    """Something a person or a log may want to know: stable code, who it concerns, no personal data."""

    code: str
    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class Means:
    """What a peer works with, handed in by whoever runs it.

    `random` gives fresh random bytes; `keys` are the node's own key pairs by
    id, former ones included; `roster_key` is held by the top alone;
    `dictionaries` are preset dictionaries by name, `dictionary` the one to
    write with ("" for none).
    """

    spool: Spool
    blobs: BlobStore
    suite: Suite
    random: Callable[[int], bytes]
    keys: Mapping[str, KeyPair]
    roster_key: KeyPair | None = None
    dictionaries: Mapping[str, bytes] = field(default_factory=dict)
    dictionary: str = ""
