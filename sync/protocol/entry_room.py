"""An entry travels in one record: how many ids of valid acts it may list beside its cuts."""

from __future__ import annotations

from typing import Any

from sync.protocol import canonical, signed
from sync.protocol.entries import Entry
from sync.protocol.items import encode_statement
from sync.protocol.records import fits_one_record
from sync.protocol.signed import Statement

# Left free for what may be added to the entry later: keys, a new parent, another cut.
ROOM_BYTES = 3_000
_VERSION_MAX = 10**9


def fits(former: Entry, fields: dict[str, Any]) -> bool:
    """Say whether the next version of an entry fits one record and leaves room for what may come.

    Args:
        former: the version before, for what is not in `fields`.
        fields: what the next version says.
    """
    whole = {"v": 1, **fields, "version": _VERSION_MAX, "prev": former.statement.hash}
    statement = Statement(signed.ENTRY, canonical.dumps(whole), former.statement.signatures)
    return fits_one_record(encode_statement(statement, b""), ROOM_BYTES)


def shorten(former: Entry, fields: dict[str, Any]) -> list[str]:
    """Take ids out of the revocations of an entry until it fits one record, the oldest first; return them.

    Args:
        former: the version before, for what is not in `fields`.
        fields: what the next version says; its `revoked` is replaced.
    """
    left: list[str] = []
    fields["revoked"] = [{**one, "ids": list(one.get("ids", ()))} for one in fields["revoked"]]
    while not fits(former, fields):
        longest = max(fields["revoked"], key=lambda one: len(one["ids"]))
        count = len(longest["ids"]) // 8 + 1
        if not longest["ids"]:
            break
        left += longest["ids"][:count]
        longest["ids"] = longest["ids"][count:]
    return left
