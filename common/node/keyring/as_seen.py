"""A revocation as a person has looked at it: of a stream that came only afterwards nothing counts.

Who holds a stolen key can open streams at any time, and nobody has seen what they say. What of them is the
owner's is held back, not lost: a person looks at it and lets it count. Never does it cut what was looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from common.node.keyring.trust import Trust
from sync.durable import put_file
from sync.protocol.entries import Entry
from sync.protocol.frame import StreamId
from sync.protocol.trust.revocation import Line, Revocation

# So long what the console said is still what a person goes by.
SHOWN_MS_MAX = 86_400_000


def lines_with(trust: Trust, address: str, keys: set[str]) -> list[Line]:
    """Return the streams begun with these keys; what a key signed that is revoked already was cut then."""
    return [line for line in trust.lines(address) if trust.key_of(line.stream) in keys]


def revoke_as_seen(trust: Trust, wanted: Revocation, login: str, why: str = "") -> list[StreamId]:
    """Revoke keys whose streams a person has looked at, each named in `cut`; return those nobody had seen.

    Shown again instead, it would never come to an end while a thief opens streams. Within a unit.

    Raises:
        NotAllowedInRoster, NoReason: as `Trust.revoke`; nothing was changed.
    """
    good = {key.id for key in trust.with_key(wanted.address).good_keys}
    lines = lines_with(trust, wanted.address, good & set(wanted.keys) if wanted.keys else good)
    unseen = [line.stream for line in lines if line.stream not in wanted.cut]
    trust.revoke(replace(wanted, cut={**wanted.cut, **dict.fromkeys(unseen, 0)}), login, why)
    return unseen


def account() -> str:
    """Return the account of the machine that somebody signed in with, whoever `sudo` has made of them."""
    try:
        return os.getlogin()
    except OSError:
        # Nobody signed in, as in a job or a container.
        return str(os.getuid())


class Shown:
    """What the console has said last to one person that revoking keys of one site would do.

    It is kept when it is done, too: by then the site's entry is another one, and a second person who had
    read the same list must not revoke by it a key that joined since.

    Args:
        entry: the site's as it stands now.
        keys: ids of those that are to be revoked.
        reader: who reads it; what one person was told another one has not looked at.
    """

    def __init__(self, folder: Path, entry: Entry, keys: Collection[str], reader: str) -> None:
        self._folder, self._begin = folder, f"revoke-shown-{entry.address}-"
        self._file = folder / f"{self._begin}{sha256(reader.encode()).hexdigest()[:16]}.json"
        self._about = {"entry": entry.statement.hash, "keys": sorted(keys)}

    def keep(self, places: Mapping[StreamId, int], now_ms: int) -> None:
        """Keep up to where each stream was said to count; what was said to them before is forgotten."""
        told = {"|".join(stream): place for stream, place in places.items()}
        put_file(self._file, json.dumps({**self._about, "at": now_ms, "places": told}).encode())

    def recall(self, known: Mapping[StreamId, int], now_ms: int) -> dict[StreamId, int] | None:
        """Return what was said; where nobody was ever told of this site, how far its streams are known.

        None: it was said of another entry or other keys, longer than a day ago, or to others alone.
        """
        try:
            kept = json.loads(self._file.read_bytes())
            is_so = {name: kept[name] for name in self._about} == self._about
            if is_so and 0 <= now_ms - kept["at"] <= SHOWN_MS_MAX:
                return {StreamId(*name.split("|")): int(place) for name, place in kept["places"].items()}
        except FileNotFoundError:
            is_told = any(self._folder.glob(f"{self._begin}*.json"))
            return None if is_told else dict(known)
        except (ValueError, KeyError, AttributeError, TypeError):
            return None
        return None
