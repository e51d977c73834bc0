"""What the roster slice of a package says of revoked keys: what still counts, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.protocol.frame import Frame
from sync.protocol.roster import Roster

_STREAMS_TOLD = 3


def is_cut(roster: Roster, key_id: str, frame: Frame) -> bool:
    """Say whether a frame by this key lies beyond what was left of the key when it was revoked."""
    src, stream = frame.header.stream.src, str(frame.header.stream)
    return any(
        frame.act not in one.get("ids", ()) and frame.header.seq > one.get("cut", {}).get(stream, 0)
        for one in _revocations(roster, src, key_id)
    )


def is_within_by_number(roster: Roster, key_id: str, frame: Frame) -> bool:
    """Say whether a frame by a revoked key counts by its place alone, and not by the id of its act."""
    gone = _revocations(roster, frame.header.stream.src, key_id)
    return any(frame.act not in one.get("ids", ()) for one in gone)


def is_revoked(roster: Roster, author: str) -> bool:
    """Say whether any key of an address was revoked: only acts of such a one can be struck out."""
    return author in roster.entries and bool(roster.entries[author].revoked)


def manifest_fault(roster: Roster, address: str, key_id: str) -> str:
    """Return what is wrong with a manifest by this key because the key was revoked, "" when it was not.

    A manifest has no place in a stream, so no cut covers it: whoever holds a revoked key could have signed it
    at any time.
    """
    found = _revocations(roster, address, key_id)
    if not found:
        return ""
    version = roster.entries[address].version
    told = f"名册中该站点条目第 {version} 版已将其作废，{_left(found[-1])}"
    return f"清单由已作废的密钥签名：{told}；清单不在认可的范围内"


def _revocations(roster: Roster, address: str, key_id: str) -> list[Mapping[str, Any]]:
    entry = roster.entries.get(address)
    return [one for one in entry.revoked if one.get("key") == key_id] if entry else []


def _left(revocation: Mapping[str, Any]) -> str:
    """Return in words up to where the frames of a revoked key still count."""
    cut, ids = revocation.get("cut", {}), revocation.get("ids", ())
    told = [f"{stream} 第 {seq} 号" for stream, seq in sorted(cut.items())]
    more = f"等 {len(told)} 条线" if len(told) > _STREAMS_TOLD else ""
    parts = [f"报文认到 {'、'.join(told[:_STREAMS_TOLD])}{more}"] if told else []
    parts += [f"另按编号认 {len(ids)} 份"] if ids else []
    return "，".join(parts) or "它的报文一份也不认"
