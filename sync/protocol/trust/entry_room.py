"""An entry travels in one record: how many keys, cuts and ids of valid acts it may list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sync.protocol import canonical, signed
from sync.protocol.entries import Entry
from sync.protocol.errors import EntryFull
from sync.protocol.items import encode_statement
from sync.protocol.records import fits_one_record
from sync.protocol.signed import Statement

# Left free for what may be added to the entry later: keys, a new parent, another cut.
ROOM_BYTES = 3_000
# What one more key leaves free beside the room to revoke every key without a cut.
_KEY_ROOM_BYTES, _SINCE_MAX = 400, 10**13
_VERSION_MAX = 10**9


def fits(former: Entry, fields: dict[str, Any], spare: int = 0) -> bool:
    """Say whether the next version of an entry fits one record and leaves room for what may come.

    Args:
        former: the version before, for what is not in `fields`.
        fields: what the next version says.
        spare: how many bytes are to be left; 0: as many as a revocation leaves.
    """
    whole = {"v": 1, **fields, "version": _VERSION_MAX, "prev": former.statement.hash}
    statement = Statement(signed.ENTRY, canonical.dumps(whole), former.statement.signatures)
    is_short = len(statement.payload) <= signed.STATEMENT_BYTES_MAX
    return is_short and fits_one_record(encode_statement(statement, b""), spare or ROOM_BYTES)


def check_room(former: Entry, fields: dict[str, Any]) -> None:
    """Refuse one more key if then there were no room to revoke all of them.

    Raises:
        EntryFull: so it is.
    """
    good = {key["id"] for key in fields["keys"]} - {one["key"] for one in fields["revoked"]}
    why = {"cut": {}, "ids": [], "reason": "not_ours", "since": _SINCE_MAX}
    more = [{"key": key, **why} for key in sorted(good)]
    if not fits(former, {**fields, "revoked": [*fields["revoked"], *more]}, _KEY_ROOM_BYTES):
        raise EntryFull(former.address)


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


def cut_short(former: Entry, fields: dict[str, Any], new: Sequence[dict[str, Any]]) -> None:
    """Take streams out of the cuts of new revocations, the last ones first, until an entry with them fits.

    A thief opens any number of streams. What stands in one that is not named is held back, for people to
    release. Ids are not counted: they make room before any stream has to.
    """

    def is_too_long() -> bool:
        bare = [{**one, "ids": []} for one in (*fields["revoked"], *new)]
        return not fits(former, {**fields, "revoked": bare})

    while is_too_long():
        longest = max(new, key=lambda one: len(one["cut"]))["cut"]
        if not longest:
            break
        for stream in list(longest)[-(len(longest) // 8 + 1) :]:
            del longest[stream]
