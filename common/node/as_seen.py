"""A revocation as a person has looked at it: of a stream that came only afterwards nothing counts.

Who holds a stolen key can open streams at any time, and nobody has seen what they say. What of them is the
owner's is held back, not lost: a person looks at it and lets it count. Never does it cut what was looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from common.node.trust import Trust
from sync.durable import put_file
from sync.protocol.entries import Entry
from sync.protocol.frame import StreamId
from sync.protocol.revocation import Line, Revocation

# So long what the console said is still what a person goes by.
SHOWN_MS_MAX = 86_400_000


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
    """What the console has said last that revoking keys of one site would do.

    It is kept when it is done, too: by then the site's entry is another one, and a second person who had
    read the same list must not revoke by it a key that joined since.

    Args:
        entry: the site's as it stands now.
        keys: ids of those that are to be revoked.
    """

    def __init__(self, folder: Path, entry: Entry, keys: Collection[str]) -> None:
        self._file = folder / f"revoke-shown-{entry.address}.json"
        self._about = {"entry": entry.statement.hash, "keys": sorted(keys)}

    def keep(self, places: Mapping[StreamId, int], now_ms: int) -> None:
        """Keep up to where each stream was said to count; what was said before of this site is forgotten."""
        told = {"|".join(stream): place for stream, place in places.items()}
        put_file(self._file, json.dumps({**self._about, "at": now_ms, "places": told}).encode())

    def recall(self, known: Mapping[StreamId, int], now_ms: int) -> dict[StreamId, int] | None:
        """Return what was said; where nothing ever was of this site, how far its streams are known.

        None: it was said of another entry or other keys, or longer than a day ago.
        """
        try:
            kept = json.loads(self._file.read_bytes())
            is_so = {name: kept[name] for name in self._about} == self._about
            if is_so and 0 <= now_ms - kept["at"] <= SHOWN_MS_MAX:
                return {StreamId(*name.split("|")): int(place) for name, place in kept["places"].items()}
        except FileNotFoundError:
            return dict(known)
        except (ValueError, KeyError, AttributeError, TypeError):
            return None
        return None
