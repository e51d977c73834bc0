"""A revocation as a person has looked at it: of a stream that came only afterwards nothing counts.

Who holds a stolen key can open streams at any time, and nobody has seen what they say. What of them is the
owner's is held back, not lost: a person looks at it and lets it count. Never does it cut what was looked at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from common.node.trust import Trust
from sync.durable import put_file
from sync.protocol.frame import StreamId
from sync.protocol.revocation import Line, Revocation

_FILE = "revoke-shown.json"


def lines_with(trust: Trust, address: str, keys: set[str]) -> list[Line]:
    """Return the streams begun with these keys; what a key signed that is revoked already was cut then."""
    return [line for line in trust.lines(address) if trust.key_of(line.stream) in keys]


def revoke_as_seen(trust: Trust, wanted: Revocation, login: str) -> list[StreamId]:
    """Revoke keys whose streams a person has looked at, each named in `cut`; return those nobody had seen.

    Shown again instead, it would never come to an end while a thief opens streams. Within a unit.

    Raises:
        NotAllowedInRoster: nothing to revoke there; nothing was changed.
    """
    good = {key.id for key in trust.with_key(wanted.address).good_keys}
    lines = lines_with(trust, wanted.address, good & set(wanted.keys) if wanted.keys else good)
    unseen = [line.stream for line in lines if line.stream not in wanted.cut]
    trust.revoke(replace(wanted, cut={**wanted.cut, **dict.fromkeys(unseen, 0)}), login)
    return unseen


class Shown:
    """What the console has said last that a revocation would do, kept until it is done.

    Args:
        keys: those that were named, none for all the site has.
    """

    def __init__(self, folder: Path, address: str, keys: tuple[str, ...]) -> None:
        self._file = folder / _FILE
        self._about = {"address": address, "keys": sorted(keys)}

    def keep(self, places: Mapping[StreamId, int]) -> None:
        """Keep up to where each stream was said to count; what was kept before is forgotten."""
        told = {"|".join(stream): place for stream, place in places.items()}
        put_file(self._file, json.dumps({**self._about, "places": told}).encode())

    def recall(self, known: Mapping[StreamId, int]) -> dict[StreamId, int]:
        """Return what was said of this site and these keys; without it how far streams are known."""
        with suppress(FileNotFoundError, ValueError, KeyError, AttributeError, TypeError):
            kept = json.loads(self._file.read_bytes())
            if {name: kept[name] for name in self._about} == self._about:
                return {StreamId(*name.split("|")): int(place) for name, place in kept["places"].items()}
        return dict(known)

    def forget(self) -> None:
        """Forget it: it is done."""
        self._file.unlink(missing_ok=True)
