"""The private keys of a node: one file for its owner alone, never in the database nor in a backup of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from common.errors import LiandongError
from sync.durable import put_file
from sync.protocol.signing import KeyPair, Suite

FILE = "keys.json"
ROOT, ROSTER, ROSTER_NEXT = "root", "roster", "roster-next"


class KeyFileFault(LiandongError):
    """The key file is damaged: without its keys the node cannot act."""

    code = "E411"
    status = 500
    sentence = (
        "本站钥匙文件（keys.json）已损坏：有另存的副本就放回去；"
        "没有的，把它移走，再用新的入网码登记（enrol join）。"
    )


class KeyFile(Mapping[str, KeyPair]):
    """The node's key pairs by id, former ones included; at the top also the roster key and the root key."""

    def __init__(self, path: Path, suite: Suite) -> None:
        self._path = path
        self._suite = suite
        self._pairs: dict[str, KeyPair] = {}
        self._special: dict[str, KeyPair] = {}
        self._read_at = 0
        if path.exists():
            self._load()

    def _load(self) -> None:
        read_at = self._written()
        try:
            stored = json.loads(self._path.read_text())
            pairs = [self._suite.pair(bytes.fromhex(seed)) for seed in stored["node"]]
            special = {
                name: self._suite.pair(bytes.fromhex(seed)) for name, seed in stored["special"].items()
            }
        except (ValueError, KeyError, TypeError) as problem:
            raise KeyFileFault from problem
        # Whole at once: other threads look keys up meanwhile.
        self._pairs, self._special, self._read_at = {pair.id: pair for pair in pairs}, special, read_at

    def _catch_up(self) -> None:
        """Another process of this node may have changed the file: nothing it took out may be written back."""
        if self._written() not in (0, self._read_at):
            self._load()

    def __getitem__(self, key_id: str) -> KeyPair:
        if key_id not in self._pairs:
            self._catch_up()
        return self._pairs[key_id]

    def _written(self) -> int:
        return self._path.stat().st_mtime_ns if self._path.exists() else 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def special(self, name: str) -> KeyPair | None:
        """Return the roster or root key, if this node keeps it."""
        return self._special.get(name)

    def add(self, random: bytes) -> KeyPair:
        """Grow a new key pair of the node from 64 random bytes, write it durably, and return it."""
        self._catch_up()
        pair = self._suite.pair(random)
        self._pairs[pair.id] = pair
        self._write()
        return pair

    def add_special(self, name: str, random: bytes) -> KeyPair:
        """Grow the roster or root key, write it durably, and return it."""
        self._catch_up()
        self._special[name] = self._suite.pair(random)
        self._write()
        return self._special[name]

    def forget_special(self, name: str) -> None:
        """Remove the roster or root key from the file, durably."""
        self._catch_up()
        self._special.pop(name, None)
        self._write()

    def promote(self, roster_key: str) -> None:
        """Let the next roster key be the roster key once the appointment in force names it."""
        coming = self._special.get(ROSTER_NEXT)
        if coming is not None and coming.id == roster_key:
            self._special[ROSTER] = self._special.pop(ROSTER_NEXT)
            self._write()

    def forget(self, key_ids: Iterable[str]) -> None:
        """Remove node keys from the file, durably; one that is not there is passed over."""
        self._catch_up()
        for key_id in key_ids:
            self._pairs.pop(key_id, None)
        self._write()

    def _write(self) -> None:
        text = json.dumps(
            {
                "node": [_seed(pair) for pair in self._pairs.values()],
                "special": {name: _seed(pair) for name, pair in self._special.items()},
            }
        )
        # On the disk before the first commit that is signed with the new key.
        put_file(self._path, text.encode())
        self._read_at = self._written()


def _seed(pair: KeyPair) -> str:
    return (pair.sign_private + pair.seal_private).hex()
